"""The Terraform modules parse, allow no more than they must, and keep secrets in the store."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import ROOT
from tests.deploy.test_manifests import understood
from tests.rigs.deploy_tools import asked

MODULES = ROOT / "deploy" / "terraform"
CLOUDS = ("aws", "azure", "google")
NEVER_IN_PART = {"ecr:GetAuthorizationToken"}
"""Actions that Amazon knows without a resource only."""

NOBODY = """
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


@pytest.fixture(scope="module")
def parsed() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Each module's main.tf and variables.tf, as python-hcl2 reads them."""
    files = [MODULES / cloud / f"{name}.tf" for cloud in CLOUDS for name in ("main", "variables")]
    answers = asked(*(("hcl", str(path)) for path in files))
    return {
        cloud: (answers[2 * number], answers[2 * number + 1]) for number, cloud in enumerate(CLOUDS)
    }


def main_of(cloud: str) -> str:
    text = (MODULES / cloud / "main.tf").read_text("utf-8")
    return re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)


def kinds_of(main: dict[str, Any]) -> list[str]:
    return [kind.strip('"') for block in main["resource"] for kind in block]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_variable_is_described_typed_and_used(
    parsed: dict[str, tuple[dict[str, Any], dict[str, Any]]], cloud: str
) -> None:
    declared = {
        name.strip('"'): body
        for block in parsed[cloud][1]["variable"]
        for name, body in block.items()
    }

    assert set(re.findall(r"\bvar\.(\w+)", main_of(cloud))) == set(declared)
    for body in declared.values():
        assert body["description"].strip('"').endswith(".") or "may be" in body["description"]
        assert body["type"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_loader_runs_once_at_a_time_by_what_it_knows(cloud: str) -> None:
    text = main_of(cloud)
    (words,) = re.findall(r"(?:args|command)\s+= (\[.*\])", text)

    understood(ast.literal_eval(words))
    once = {
        "aws": [r"task_count\s+= 1\n", r"maximum_retry_attempts = 0"],
        "azure": [r"parallelism\s+= 1\n", r"replica_completion_count = 1", r"retry_limit = 0"],
        "google": [r"parallelism = 1\n", r"task_count\s+= 1\n", r"max_retries = 0"],
    }[cloud]
    assert all(re.search(pattern, text) for pattern in once)


def test_amazon_allows_no_action_on_everything() -> None:
    blocks = re.findall(
        r"actions\s+= (\[.*?\])\n\s+resources = (.*?)\n", main_of("aws"), flags=re.DOTALL
    )

    assert len(blocks) == 8
    for actions, resources in blocks:
        assert "*" not in actions
        if resources == '["*"]':
            assert set(json.loads(actions)) <= NEVER_IN_PART
    assert '"s3:DeleteObject"' not in main_of("aws")


def test_google_and_azure_give_narrow_roles_on_one_thing_each(
    parsed: dict[str, tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    granted = [kind for kind in kinds_of(parsed["google"][0]) if "_iam_" in kind]
    google = re.findall(r'role\s+= "(.*)"', main_of("google"))
    azure = re.findall(r'role_definition_name = "(.*)"', main_of("azure"))
    scopes = re.findall(r"scope\s+= (.*)", main_of("azure"))

    assert granted
    assert not [kind for kind in granted if "project" in kind]
    assert google == [
        "roles/storage.objectViewer",
        "roles/secretmanager.secretAccessor",
        "roles/run.invoker",
    ]
    assert azure == ["Storage Blob Data Reader", "Key Vault Secrets User", "AcrPull"]
    assert scopes == ["var.container_id", "each.value.resource_id", "var.registry_id"]


@pytest.mark.parametrize(
    ("cloud", "reference"),
    [
        ("aws", "valueFrom = arn"),
        ("azure", "key_vault_secret_id = secret.value.uri"),
        ("google", "secret_key_ref {"),
    ],
)
def test_secrets_come_from_the_store_and_never_as_values(cloud: str, reference: str) -> None:
    text = main_of(cloud)

    assert reference in text
    assert not re.search(r"secret_version|secret_string|secret_data|plain_text", text)
    assert not re.search(r'(?i)(password|secret_key|token)\s+= "', text)


def terraform(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        pytest.skip("terraform: not on this machine")
    return subprocess.run(
        [program, *words], capture_output=True, text=True, check=False, cwd=cwd, timeout=300
    )


def test_terraform_itself_reads_and_forms_them_so() -> None:
    done = terraform("fmt", "-check", "-recursive", "-list=true", str(MODULES))

    assert (done.returncode, done.stdout) == (0, "")


def test_terraform_plans_the_module_of_amazon_as_the_docs_call_it(tmp_path: Path) -> None:
    (shown,) = re.findall(
        r"```hcl\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text("utf-8"), re.DOTALL
    )
    shutil.copytree(MODULES, tmp_path / "deploy" / "terraform")
    (tmp_path / "main.tf").write_text(NOBODY + shown)
    begun = terraform("init", "-backend=false", "-input=false", "-no-color", cwd=tmp_path)
    # A mirror is named by TF_CLI_ARGS_init=-plugin-dir=... Whatever else is wrong is the module's.
    if "query available provider packages" in begun.stderr:
        pytest.skip("terraform: the provider of Amazon is out of reach")
    assert begun.returncode == 0, begun.stderr

    done = terraform("plan", "-input=false", "-no-color", "-out=plan", cwd=tmp_path)
    plan = json.loads(terraform("show", "-json", "plan", cwd=tmp_path).stdout)

    assert done.returncode == 0, done.stderr
    planned = [one for one in plan["resource_changes"] if one["mode"] == "managed"]
    assert {tuple(one["change"]["actions"]) for one in planned} == {("create",)}
    assert {one["type"] for one in planned} == {
        "aws_cloudwatch_log_group",
        "aws_ecs_task_definition",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_scheduler_schedule",
    }
    (task,) = (one for one in planned if one["type"] == "aws_ecs_task_definition")
    (container,) = json.loads(task["change"]["after"]["container_definitions"])
    assert container["logConfiguration"]["options"]["awslogs-region"] == "eu-west-1"
    assert container["readonlyRootFilesystem"]
