"""The fewest rights that do, for exactly one configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firehose_loader import checks
from firehose_loader.config import Config, Source
from tests.command import call


def a_source(**settings: object) -> Source:
    source = {"name": "s", **settings}
    return Config.model_validate({"warehouse": {"url": "e.duckdb"}, "source": [source]}).source[0]


def statements(source: Source) -> dict[str, dict[str, Any]]:
    document: Any = checks.policy(source).document
    return {one["Sid"]: one for one in document["Statement"]}


def test_a_bucket_that_is_kept_needs_two_rights() -> None:
    found = statements(a_source(url="s3://b/in", region="eu-west-1"))

    assert found == {
        "ListDrops": {
            "Sid": "ListDrops",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": "arn:aws:s3:::b",
            "Condition": {"StringLikeIfExists": {"s3:prefix": ["in/*"]}},
        },
        "ReadDrops": {
            "Sid": "ReadDrops",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": "arn:aws:s3:::b/in/*",
        },
    }


def test_archiving_asks_for_writing_where_the_archive_is_and_nowhere_else() -> None:
    key = "arn:aws-cn:kms:cn-north-1:1:key/k"
    archive = {"after": "archive", "archive": "/done/{yyyy}/{key}"}
    found = statements(a_source(url="s3://b/in", region="cn-north-1", kms_key=key, **archive))

    assert found["RemoveLoadedDrops"]["Resource"] == "arn:aws-cn:s3:::b/in/*"
    assert found["ArchiveLoadedDrops"]["Resource"] == "arn:aws-cn:s3:::b/done/*"
    assert "s3:PutObject" in found["ArchiveLoadedDrops"]["Action"]
    assert found["ListDrops"]["Condition"]["StringLikeIfExists"]["s3:prefix"] == ["in/*", "done/*"]
    assert found["UseKey"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert found["UseKey"]["Resource"] == key


def test_a_queue_is_named_by_its_arn() -> None:
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/dd-events"

    found = statements(a_source(url="s3://b/in", notify=url))

    assert found["ReadNotifications"] == {
        "Sid": "ReadNotifications",
        "Effect": "Allow",
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
        "Resource": "arn:aws:sqs:eu-west-1:123456789012:dd-events",
    }


def test_deleting_asks_for_no_right_to_write() -> None:
    found = statements(a_source(url="s3://b", after="delete"))

    assert found.keys() == {"ListDrops", "ReadDrops", "RemoveLoadedDrops"}
    assert "Condition" not in found["ListDrops"]


@pytest.mark.parametrize(
    ("after", "rights", "sas"),
    [
        ("keep", {"read"}, "sp=rl,"),
        ("delete", {"read", "delete"}, "sp=rld,"),
        ("archive", {"read", "delete", "write"}, "sp=rlwd,"),
    ],
)
def test_an_azure_role_has_the_data_actions_that_it_takes(
    after: str, rights: set[str], sas: str
) -> None:
    archive = {"archive": "done/{key}"} if after == "archive" else {}
    key = {"auth": "account_key", "account_key": "a2V5"}
    found = checks.policy(a_source(url="azure://acct/drops/in", after=after, **key, **archive))
    document: Any = found.document
    (scope,) = document["AssignableScopes"]

    assert {action.rpartition("/")[2] for action in document["DataActions"]} == rights
    assert scope.endswith("/storageAccounts/acct/blobServices/default/containers/drops")
    assert any(sas in step for step in found.steps)


def test_a_server_is_read_only_unless_drops_leave_it() -> None:
    server = {"url": "sftp://box@files.example.com/out", "password": "p"}
    server["host_key"] = "SHA256:" + "A" * 43

    kept = " ".join(checks.policy(a_source(**server)).steps)
    left = " ".join(checks.policy(a_source(**server, after="delete")).steps)

    assert "Match User box, ForceCommand internal-sftp -R" in kept
    assert "Write permission" not in kept
    assert "internal-sftp -R" not in left
    assert "Write permission on the folders below /out/" in left


def test_a_google_role_has_the_permissions_that_it_takes() -> None:
    def permissions(**settings: object) -> set[str]:
        document: Any = checks.policy(a_source(url="gs://b/in", **settings)).document
        return {one.rpartition(".")[2] for one in document["includedPermissions"]}

    assert permissions() == {"get", "list"}
    assert permissions(after="delete") == {"get", "list", "delete"}
    assert permissions(after="archive", archive="done/{key}") == {
        *("get", "list", "delete", "create")
    }


def test_an_ftps_user_may_write_only_where_drops_leave() -> None:
    server = {"url": "ftps://box@files.example.com/out", "password": "p"}

    kept = " ".join(checks.policy(a_source(**server)).steps)
    left = checks.policy(a_source(**server, after="archive", archive="done/{key}")).steps

    assert "write_enable=NO" in kept
    assert any("/out/done/" in step for step in left)


def test_a_folder_asks_for_reading_alone() -> None:
    (step,) = checks.policy(a_source(url="/srv/in")).steps

    assert "/srv/in/" in step
    assert "Write" not in step


def test_the_command_prints_each_policy(tmp_path: Path) -> None:
    (tmp_path / "firehose.toml").write_text(
        "[warehouse]\nurl = 'e.duckdb'\n[[source]]\nname = 'a'\nurl = 's3://b/in/'\n"
        "[[source]]\nname = 'f'\nurl = 'in'\n"
    )

    text = call("doctor", "--policy", cwd=tmp_path)
    document = call("doctor", "--policy", "--json", cwd=tmp_path).json

    assert text.code == 0
    assert json.loads(text.out[text.out.index("{") : text.out.rindex("}") + 1])["Version"]
    assert [one["kind"] for one in document["policies"]] == ["AWS IAM policy", "folder"]
