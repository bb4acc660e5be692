"""Who may read a bucket, and what is said to those who may not."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from firehose_loader.config import S3Source
from firehose_loader.errors import AccessDenied, ConfigError, ExtraMissing, StorageUnavailable
from firehose_loader.storage import open_storage
from tests.rigs import radosgw
from tests.rigs.processes import free_port
from tests.rigs.s3 import Keys, S3Rig, S3Server

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105 - opens nothing

# moto with IAM switched on answers every unsigned request with an error of its own.
unsigned = pytest.mark.parametrize("s3_server", [radosgw.NAME], indirect=True)


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave nothing of this machine's own in the chain of credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def full_rig(s3_rig: S3Rig) -> S3Rig:
    s3_rig.put("a", b"1")
    return s3_rig


def wrong_keys(server: S3Server) -> Iterator[tuple[Keys, str]]:
    yield Keys(access_key_id=server.reader.access_key_id, secret_access_key=SECRET), "secret"
    yield Keys(access_key_id="AKIAUNKNOWN", secret_access_key=SECRET), "access key id"
    yield server.stranger, "grant"


def test_wrong_credentials_are_refused_with_advice_and_without_the_secret(full_rig: S3Rig) -> None:
    (drop,) = full_rig.storage.list_drops()

    for keys, advice in wrong_keys(full_rig.server):
        with closing(open_storage(full_rig.source(keys=keys))) as storage:
            with pytest.raises(AccessDenied, match=advice) as listing:
                next(storage.list_drops())
            with pytest.raises(AccessDenied) as reading:
                storage.open(drop)
            with pytest.raises(AccessDenied) as confirming:
                storage.confirm(drop)

        for caught in (listing, reading, confirming):
            assert full_rig.bucket in str(caught.value)
            assert keys.secret_access_key not in str(caught.value) + repr(caught.value.__cause__)


def test_no_credentials_at_all_are_refused_with_advice(full_rig: S3Rig) -> None:
    source = S3Source(name="bare", url=f"s3://{full_rig.bucket}/", endpoint=full_rig.endpoint)

    with closing(open_storage(source)) as storage, pytest.raises(AccessDenied, match="credentials"):
        next(storage.list_drops())


@unsigned
def test_an_anonymous_reader_of_a_private_bucket_is_refused(full_rig: S3Rig) -> None:
    source = S3Source(
        name="public", url=f"s3://{full_rig.bucket}/", endpoint=full_rig.endpoint, anonymous=True
    )

    with (
        closing(open_storage(source)) as storage,
        pytest.raises(AccessDenied, match="AccessDenied"),
    ):
        next(storage.list_drops())


@unsigned
def test_an_anonymous_reader_reads_a_public_bucket(full_rig: S3Rig) -> None:
    full_rig.server.client.put_bucket_acl(Bucket=full_rig.bucket, ACL="public-read")
    full_rig.server.client.put_object_acl(Bucket=full_rig.bucket, Key="out/a", ACL="public-read")
    source = S3Source(
        name="public", url=f"s3://{full_rig.bucket}/out", endpoint=full_rig.endpoint, anonymous=True
    )

    with closing(open_storage(source)) as storage:
        (drop,) = storage.list_drops()
        with storage.open(drop) as file:
            assert file.read() == b"1"


def test_a_profile_brings_its_own_credentials(full_rig: S3Rig, tmp_path: Path) -> None:
    keys = full_rig.server.reader
    (tmp_path / "credentials").write_text(
        f"[loader]\naws_access_key_id = {keys.access_key_id}\n"
        f"aws_secret_access_key = {keys.secret_access_key}\n"
    )
    source = S3Source(
        name="p", url=f"s3://{full_rig.bucket}/out", endpoint=full_rig.endpoint, profile="loader"
    )

    with closing(open_storage(source)) as storage:
        assert [drop.key for drop in storage.list_drops()] == ["a"]


def test_the_credentials_of_the_environment_are_used(
    full_rig: S3Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = full_rig.server.reader
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
    source = S3Source(name="e", url=f"s3://{full_rig.bucket}/out", endpoint=full_rig.endpoint)

    with closing(open_storage(source)) as storage:
        assert [drop.key for drop in storage.list_drops()] == ["a"]


def test_a_profile_that_does_not_exist_is_a_mistake_in_the_configuration() -> None:
    with pytest.raises(ConfigError, match="nobody"):
        open_storage(S3Source(name="prod", url="s3://bucket/", profile="nobody"))


def test_an_endpoint_that_is_no_url_is_a_mistake_in_the_configuration() -> None:
    with pytest.raises(ConfigError, match="prod"):
        open_storage(S3Source(name="prod", url="s3://bucket/", endpoint="not a url"))


def test_a_name_that_no_bucket_can_have_is_denied() -> None:
    source = S3Source(
        name="odd",
        url="s3://no bucket!/x",
        endpoint="http://127.0.0.1:9",
        access_key_id=SecretStr("id"),
        secret_access_key=SecretStr(SECRET),
    )

    with closing(open_storage(source)) as storage, pytest.raises(AccessDenied, match="no bucket!"):
        next(storage.list_drops())


def test_an_endpoint_where_nobody_listens_is_unavailable(full_rig: S3Rig) -> None:
    source = full_rig.source(endpoint=f"http://127.0.0.1:{free_port()}")

    with (
        closing(open_storage(source)) as storage,
        pytest.raises(StorageUnavailable, match=full_rig.bucket),
    ):
        next(storage.list_drops())


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    # By the interpreter that lacks it: a bare pip may be that of another environment.
    quoted = re.escape(shlex.quote(sys.executable))
    with pytest.raises(ExtraMissing, match=rf"{quoted} -m pip install .*loader\[s3\]"):
        open_storage(S3Source(name="prod", url="s3://bucket/"))
