"""Who may read a bucket of Google's, and what is said to those who may not.

The emulator lets everybody in: what is proved here with it is how the loader signs in, and what
servers of the tests' own refuse.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from firehose_loader.config import GcsSource
from firehose_loader.errors import (
    AccessDenied,
    ConfigError,
    DropChanged,
    ExtraMissing,
    StorageUnavailable,
)
from firehose_loader.storage import open_storage
from tests.rigs import gcs, google
from tests.rigs.canned import Answer, Request, answering
from tests.rigs.certificates import issued
from tests.rigs.gcs import GcsRig
from tests.rigs.processes import free_port


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave nothing of this machine's own among the application default credentials."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


@pytest.fixture(params=[gcs.NAME])
def rig(request: pytest.FixtureRequest) -> Iterator[GcsRig]:
    rig = GcsRig(request.getfixturevalue(request.param))
    rig.put("a", b"1")
    yield rig
    rig.close()


def content(source: GcsSource) -> bytes:
    with closing(open_storage(source)) as storage:
        (drop,) = storage.list_drops()
        with storage.open(drop) as file:
            return file.read()


# -- ways to sign in -----------------------------------------------------------------------------


def test_a_service_account_signs_in_with_its_key(rig: GcsRig) -> None:
    asked = rig.server.sign_in.scopes
    asked.clear()

    assert content(rig.source()) == b"1"
    assert asked == ["https://www.googleapis.com/auth/devstorage.read_write"]


def test_the_key_of_a_service_account_may_lie_in_a_file(rig: GcsRig, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text(json.dumps(rig.server.sign_in.service_account()))

    source = rig.source(service_account_json=None, service_account_file=key)

    assert content(source) == b"1"


def test_the_application_default_credentials_are_used_where_none_are_given(
    rig: GcsRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "default.json"
    key.write_text(json.dumps(rig.server.sign_in.service_account()))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))

    assert content(rig.source(service_account_json=None)) == b"1"


@pytest.mark.parametrize("anonymous", [True, False])
def test_requests_are_signed_unless_the_bucket_is_public(
    rig: GcsRig,
    anonymous: bool,  # noqa: FBT001 - one of two worlds
) -> None:
    seen: set[str | None] = set()

    def note(request: Request) -> Answer:
        seen.add(request.headers.get("authorization"))
        return Answer(body=b"{}")

    with answering(note) as endpoint:
        key = None if anonymous else rig.source().service_account_json
        source = rig.source(endpoint=endpoint, service_account_json=key, anonymous=anonymous)
        with closing(open_storage(source)) as storage:
            assert list(storage.list_drops()) == []

    assert seen == ({None} if anonymous else {f"Bearer {google.TOKEN}"})


def test_the_project_that_pays_is_named_in_every_request(rig: GcsRig) -> None:
    seen: list[list[str] | None] = []

    def note(request: Request) -> Answer:
        seen.append(request.query.get("userProject"))
        if request.path.endswith("/o"):
            item = {
                "name": "out/a",
                "generation": "1",
                "size": "0",
                "updated": "2026-01-01T00:00:00Z",
            }
            return Answer(body=json.dumps({"items": [item]}).encode())
        return Answer(body=b"" if "download" in request.path else b'{"generation": "1"}')

    with answering(note) as endpoint:
        source = rig.source(endpoint=endpoint, user_project="payer")
        with closing(open_storage(source)) as storage:
            (drop,) = storage.list_drops()
            storage.open(drop).close()
            storage.confirm(drop)

    assert seen == [["payer"]] * 3


def test_nothing_is_asked_for_that_takes_a_right_to_the_bucket_itself(
    rig: GcsRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google's client would ask for its metadata beside the first request."""
    monkeypatch.delenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", raising=False)
    asked: set[str] = set()

    def note(request: Request) -> Answer:
        asked.add(request.path)
        return Answer(body=b'{"generation": "1"}' if request.path.endswith("/out/a") else b"{}")

    with answering(note) as endpoint:
        drop = next(rig.storage.list_drops())
        with closing(open_storage(rig.source(endpoint=endpoint))) as storage:
            assert list(storage.list_drops()) == []
            with pytest.raises(DropChanged):
                storage.confirm(drop)
            for thread in threading.enumerate():
                if "background" in thread.name:
                    thread.join(10)

    objects = f"/storage/v1/b/{rig.bucket.name}/o"
    assert asked == {objects, f"{objects}/out/a"}


# -- refusals ------------------------------------------------------------------------------------


def test_a_key_that_google_does_not_know_is_refused_without_being_repeated(rig: GcsRig) -> None:
    account = rig.server.sign_in.service_account(google.new_key())
    source = rig.source(service_account_json=SecretStr(json.dumps(account)))

    with (
        closing(open_storage(source)) as storage,
        pytest.raises(AccessDenied, match="signing in failed") as caught,
    ):
        next(storage.list_drops())

    told = str(caught.value) + repr(caught.value.__cause__)
    assert rig.bucket.name in told
    assert not any(line in told for line in account["private_key"].splitlines() if line)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_is_denied_with_advice_and_without_the_token(
    rig: GcsRig, status: int
) -> None:
    with answering(lambda _: Answer(status=status)) as endpoint:
        source = rig.source(endpoint=endpoint)
        with (
            closing(open_storage(source)) as storage,
            pytest.raises(AccessDenied, match=r"renew|objectViewer") as caught,
        ):
            next(storage.list_drops())

    assert google.TOKEN not in str(caught.value) + repr(caught.value.__cause__)


def test_a_bucket_that_is_not_public_tells_who_reads_it_as_nobody_what_to_give(rig: GcsRig) -> None:
    with answering(lambda _: Answer(status=401)) as endpoint:
        source = rig.source(endpoint=endpoint, service_account_json=None, anonymous=True)
        with (
            closing(open_storage(source)) as storage,
            pytest.raises(AccessDenied, match=r"not public takes credentials.*anonymous.*give"),
        ):
            next(storage.list_drops())


def test_a_place_to_sign_in_that_is_in_trouble_is_unavailable(
    rig: GcsRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rig.server.sign_in, "status", 503)
    monkeypatch.setattr("time.sleep", lambda _: None)  # the library's own pauses

    with closing(open_storage(rig.source())) as storage, pytest.raises(StorageUnavailable):
        next(storage.list_drops())


def test_a_place_to_sign_in_where_nobody_listens_is_unavailable(rig: GcsRig) -> None:
    account = rig.server.sign_in.service_account()
    account["token_uri"] = f"http://127.0.0.1:{free_port()}/token"
    source = rig.source(service_account_json=SecretStr(json.dumps(account)))

    with closing(open_storage(source)) as storage, pytest.raises(StorageUnavailable):
        next(storage.list_drops())


def test_an_endpoint_where_nobody_listens_is_unavailable(rig: GcsRig) -> None:
    source = rig.source(endpoint=f"http://127.0.0.1:{free_port()}")

    with (
        closing(open_storage(source)) as storage,
        pytest.raises(StorageUnavailable, match=rig.bucket.name),
    ):
        next(storage.list_drops())


@pytest.mark.parametrize("expired", [True, False])
def test_a_certificate_that_cannot_be_trusted_is_refused(
    rig: GcsRig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expired: bool,  # noqa: FBT001 - one of two faults
) -> None:
    made = issued(tmp_path, expired=expired)
    if expired:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.authority))

    with answering(lambda _: Answer(body=b"{}"), tls=made.server_side()) as endpoint:
        source = rig.source(endpoint=endpoint, service_account_json=None, anonymous=True)
        with (
            closing(open_storage(source)) as storage,
            pytest.raises(AccessDenied, match="certificate"),
        ):
            next(storage.list_drops())


def test_a_machine_without_default_credentials_is_told_so() -> None:
    with pytest.raises(AccessDenied, match="application default credentials"):
        open_storage(GcsSource(name="g", url="gs://bucket/in"))


# -- mistakes in the configuration ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": "gs:///in"}, "gs://bucket/prefix"),
        ({"anonymous": True, "service_account_file": "key.json"}, "choose one"),
        ({"endpoint": "storage.example.com"}, "no URL"),
    ],
)
def test_settings_that_do_not_go_together(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        GcsSource(**{"name": "g", "url": "gs://bucket/in", **settings})


def test_a_name_that_no_bucket_can_have_is_a_mistake_in_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"'g'.*_bucket.*must start"):
        open_storage(GcsSource(name="g", url="gs://_bucket/in", anonymous=True))


@pytest.mark.parametrize(
    "text", ["not JSON: SECRET", '{"type": "service_account", "private_key": "SECRET"}', '"SECRET"']
)
def test_a_key_that_is_none_is_a_mistake_in_the_configuration_and_not_repeated(text: str) -> None:
    source = GcsSource(name="g", url="gs://bucket/in", service_account_json=SecretStr(text))

    with pytest.raises(ConfigError, match=r"'g'.*service_account") as caught:
        open_storage(source)

    assert "SECRET" not in str(caught.value)


def test_a_key_file_that_is_not_there_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    source = GcsSource(
        name="g", url="gs://bucket/in", service_account_file=tmp_path / "nowhere.json"
    )

    with pytest.raises(ConfigError, match=r"nowhere\.json"):
        open_storage(source)


def test_without_the_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.storage", None)

    with pytest.raises(ExtraMissing, match=r"firehose-loader\[gcs\]"):
        open_storage(GcsSource(name="g", url="gs://bucket/in", anonymous=True))
