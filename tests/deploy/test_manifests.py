"""What stands in deploy/ is valid, and calls the loader by commands and options that there are."""

from __future__ import annotations

import configparser
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import typer
import yaml
from typer.core import TyperGroup

from firehose_loader import __version__
from firehose_loader.cli import application
from tests.checkout import ROOT

DEPLOY = ROOT / "deploy"
KUBERNETES = "1.34"


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            yield f"{path.name}:{document['kind']}", document


DOCUMENTS = [pytest.param(document, id=name) for name, document in documents()]


def pod_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the pod that a document makes, if it makes one."""
    if document["kind"] == "CronJob":
        yield document["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    elif document["kind"] == "Deployment":
        yield document["spec"]["template"]["spec"]


PODS = [pytest.param(pod, id=name) for name, document in documents() for pod in pod_of(document)]


def understood(words: list[str]) -> None:
    """Fail unless there is such a command with such options."""
    group = typer.main.get_command(application())
    assert isinstance(group, TyperGroup)
    command = group.commands[words[0]]
    command.make_context(words[0], list(words[1:]))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_manifest_is_valid_to_the_letter(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


def no_needless_rights(pod: dict[str, Any]) -> None:
    """Fail if a pod might do more than it must."""
    (container,) = pod["containers"]
    security = container["securityContext"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert security["readOnlyRootFilesystem"]
    assert not security["allowPrivilegeEscalation"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert not pod["enableServiceLinks"]
    assert container["resources"]["limits"]["memory"]
    mounted = {one["mountPath"] for one in container["volumeMounts"]}
    assert {"/tmp", "/data"} <= mounted  # noqa: S108 - what the image declares
    assert {one["name"] for one in container["volumeMounts"]} == {
        one["name"] for one in pod["volumes"]
    }


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_has_no_rights_that_it_does_not_need(pod: dict[str, Any]) -> None:
    no_needless_rights(pod)


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_calls_the_loader_by_what_it_knows(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]

    understood(container["args"])
    assert container["image"] == f"firehose-loader:{__version__}"


def test_two_jobs_are_never_wanted_at_once() -> None:
    (job,) = (document for _, document in documents() if document["kind"] == "CronJob")

    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert job["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 0


def test_the_systemd_units_call_the_loader_by_what_it_knows() -> None:
    units = {}
    for path in (DEPLOY / "systemd").iterdir():
        unit = configparser.RawConfigParser()
        unit.read_string(path.read_text("utf-8"))
        units[path.suffix] = unit

    service = units[".service"]["Service"]
    program, *words = shlex.split(service["ExecStart"])
    understood(words)
    assert Path(program).name == "firehose-loader"
    assert service["NoNewPrivileges"] == "true"
    assert units[".timer"]["Timer"]["OnCalendar"] == "*:03/15"


def test_the_crontab_calls_the_loader_by_what_it_knows() -> None:
    lines = (DEPLOY / "crontab").read_text("utf-8").splitlines()
    jobs = [line.split(maxsplit=5)[5] for line in lines if line[:1].isdigit()]

    assert len(jobs) == 2
    for job in jobs:
        words = shlex.split(job.partition("2>")[0])
        understood(words[1:])


def test_the_dockerfile_passes_its_linter() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert linter

    done = subprocess.run(
        [linter, str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_has_the_version_of_the_loader_in_its_labels() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")

    assert f'org.opencontainers.image.version="{__version__}"' in text


def test_the_image_takes_the_pins_that_it_wants_with_all_their_hashes(tmp_path: Path) -> None:
    wanted = ["typing_extensions", "DuckDB"]
    report = {"install": [{"metadata": {"name": one}, "is_direct": False} for one in wanted]}
    report["install"].append({"metadata": {"name": "firehose-loader"}, "is_direct": True})
    (tmp_path / "wanted.json").write_text(json.dumps(report))

    done = pins(tmp_path, (ROOT / "constraints.txt").read_text("utf-8"))

    assert done.returncode == 0, done.stderr
    chosen = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert [line.partition("==")[0] for line in chosen] == ["duckdb", "typing-extensions"]
    assert done.stdout.count("--hash=sha256:") > 2
    unpinned = pins(tmp_path, "duckdb==1 \\\n    --hash=sha256:0\n")
    assert unpinned.returncode == 1
    assert "does not pin typing-extensions" in unpinned.stderr


def pins(folder: Path, constraints: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEPLOY / "pins.py"), str(folder / "wanted.json")],
        input=constraints,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_image_gets_every_file_that_the_build_names() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    copied = {
        word
        for line in text.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }

    assert copied
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored
