"""Who may read a container, and what is said to those who may not."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from firehose_loader.config import AzureSource
from firehose_loader.errors import AccessDenied, ConfigError, ExtraMissing, StorageUnavailable
from firehose_loader.storage import open_storage
from tests.rigs import azure, entra
from tests.rigs.azure import ACCOUNT, KEY, AzureRig, AzureServer
from tests.rigs.processes import free_port

WRONG_KEY = base64.b64encode(b"a key of some other account.....").decode()


@pytest.fixture(params=[azure.NAME])
def rig(request: pytest.FixtureRequest) -> Iterator[AzureRig]:
    """A container with one drop, over HTTP."""
    yield from _with_a_drop(request.getfixturevalue(request.param))


@pytest.fixture(params=[azure.TLS_NAME])
def tls_rig(request: pytest.FixtureRequest) -> Iterator[AzureRig]:
    """A container with one drop, over HTTPS, where identities may sign in."""
    yield from _with_a_drop(request.getfixturevalue(request.param))


def _with_a_drop(server: AzureServer) -> Iterator[AzureRig]:
    rig = AzureRig(server)
    rig.put("a", b"1")
    yield rig
    rig.close()


def content(source: AzureSource) -> bytes:
    with closing(open_storage(source)) as storage:
        (drop,) = storage.list_drops()
        with storage.open(drop) as file:
            return file.read()


def connection_string(rig: AzureRig, **changed: str) -> SecretStr:
    parts = {
        "DefaultEndpointsProtocol": "http",
        "AccountName": ACCOUNT,
        "AccountKey": KEY,
        "BlobEndpoint": f"{rig.origin}/{ACCOUNT}",
        **changed,
    }
    return SecretStr(";".join(f"{name}={value}" for name, value in parts.items()))


# -- ways to sign in -----------------------------------------------------------------------------


def test_an_account_key_opens_the_container(rig: AzureRig) -> None:
    assert content(rig.source(auth="account_key", account_key=SecretStr(KEY))) == b"1"


def test_a_sas_token_opens_the_container_with_or_without_its_question_mark(rig: AzureRig) -> None:
    for sign in ("", "?"):
        token = SecretStr(sign + rig.sas("rl"))
        assert content(rig.source(auth="sas_token", sas_token=token)) == b"1"


def test_a_connection_string_opens_the_container(rig: AzureRig) -> None:
    source = rig.source(
        endpoint=None, auth="connection_string", connection_string=connection_string(rig)
    )

    assert content(source) == b"1"


def test_an_application_signs_in_with_its_secret(tls_rig: AzureRig) -> None:
    assert content(tls_rig.source()) == b"1"


def test_a_workload_signs_in_with_its_federated_token(tls_rig: AzureRig, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(entra.FEDERATED_TOKEN)
    authority = tls_rig.reader()["authority"]

    source = tls_rig.source(
        auth="workload_identity",
        tenant_id=entra.TENANT,
        client_id=entra.CLIENT,
        token_file=token,
        authority=authority,
    )

    assert content(source) == b"1"


def test_a_managed_identity_signs_in_where_its_host_says(
    tls_rig: AzureRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on App Service. On a virtual machine the place has a fixed address that a test cannot have.
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{tls_rig.reader()['authority']}/managed")
    monkeypatch.setenv("IDENTITY_HEADER", entra.SECRET)

    assert content(tls_rig.source(auth="managed_identity")) == b"1"


# -- refusals ------------------------------------------------------------------------------------


def refusals(rig: AzureRig) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield settings, the secret in them, and what the advice must hold."""
    expired = rig.sas("rl", hours=-1)
    forged = rig.sas("rl", key=WRONG_KEY)
    listing_only = rig.sas("l")
    yield (
        {"auth": "account_key", "account_key": SecretStr(WRONG_KEY)},
        WRONG_KEY,
        "renew it|let this network",
    )
    for token in (expired, forged):
        yield (
            {"auth": "sas_token", "sas_token": SecretStr(token)},
            token,
            "renew it|let this network",
        )
    yield {"auth": "sas_token", "sas_token": SecretStr(listing_only)}, listing_only, "read and list"
    yield {"auth": "anonymous"}, "no secret at all", "let this network|auth"


def test_wrong_credentials_are_refused_with_advice_and_without_the_secret(rig: AzureRig) -> None:
    (drop,) = rig.storage.list_drops()

    for settings, secret, advice in refusals(rig):
        with closing(open_storage(rig.source(**settings))) as storage:
            with pytest.raises(AccessDenied, match=advice) as reading:
                storage.open(drop)
            with pytest.raises(AccessDenied, match=rig.container) as confirming:
                storage.confirm(drop)

        for caught in (reading, confirming):
            told = str(caught.value) + repr(caught.value.__cause__)
            assert rig.container in told
            assert secret not in told
            assert "sig=" not in told.replace("sig=***", "")


def test_a_token_that_may_only_read_cannot_list(rig: AzureRig) -> None:
    source = rig.source(auth="sas_token", sas_token=SecretStr(rig.sas("r")))

    with (
        closing(open_storage(source)) as storage,
        pytest.raises(AccessDenied, match="read and list"),
    ):
        next(storage.list_drops())


@pytest.mark.parametrize("permission", ["rl", "rlcw", "rld"])
def test_a_rehearsal_finds_the_right_that_is_missing(rig: AzureRig, permission: str) -> None:
    source = rig.source(auth="sas_token", sas_token=SecretStr(rig.sas(permission)))

    with (
        closing(open_storage(source)) as storage,
        pytest.raises(AccessDenied, match="create, write and delete"),
    ):
        storage.rehearse("done/a")


def test_an_application_with_a_wrong_secret_is_refused(tls_rig: AzureRig) -> None:
    settings = {**tls_rig.reader(), "client_secret": SecretStr("not~the.secret")}

    with (
        closing(open_storage(tls_rig.source(**settings))) as storage,
        pytest.raises(AccessDenied, match="signing in failed") as caught,
    ):
        next(storage.list_drops())

    assert "not~the.secret" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"lifetime_seconds": -600}, {"audience": "https://elsewhere"}])
def test_a_token_that_has_expired_or_is_for_another_service_is_refused(
    tls_rig: AzureRig, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        monkeypatch.setattr(tls_rig.server.sign_in, name, value)

    with closing(open_storage(tls_rig.source())) as storage, pytest.raises(AccessDenied):
        next(storage.list_drops())


def test_a_place_to_sign_in_that_is_in_trouble_is_unavailable(
    tls_rig: AzureRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_rig.server.sign_in, "status", 503)

    with (
        closing(open_storage(tls_rig.source(timeout=3))) as storage,
        pytest.raises(StorageUnavailable),
    ):
        next(storage.list_drops())


def test_a_certificate_of_an_unknown_authority_is_refused(
    tls_rig: AzureRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    source = tls_rig.source(auth="account_key", account_key=SecretStr(KEY))

    with closing(open_storage(source)) as storage, pytest.raises(AccessDenied, match="certificate"):
        next(storage.list_drops())


def test_an_endpoint_where_nobody_listens_is_unavailable_and_keeps_the_secret(
    rig: AzureRig,
) -> None:
    source = rig.source(endpoint=f"http://127.0.0.1:{free_port()}/{ACCOUNT}")
    secret = source.sas_token.get_secret_value() if source.sas_token else ""

    with (
        closing(open_storage(source)) as storage,
        pytest.raises(StorageUnavailable, match=rig.container) as caught,
    ):
        next(storage.list_drops())

    told = str(caught.value) + repr(caught.value.__cause__)
    assert secret.rpartition("sig=")[2] not in told


# -- mistakes in the configuration ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "auth is missing.*managed_identity"),
        ({"auth": "default"}, "auth"),
        ({"auth": "account_key"}, "needs account_key"),
        ({"auth": "client_secret", "tenant_id": "t"}, "needs client_id and client_secret"),
        ({"auth": "anonymous", "account_key": "k"}, "account_key does not go with"),
        ({"auth": "account_key", "account_key": "k", "sas_token": "s"}, "sas_token does not"),
        ({"auth": "anonymous", "url": "azure://account"}, "azure://account/container/prefix"),
        ({"auth": "anonymous", "api_version": "newest"}, "api_version"),
        (
            {"auth": "connection_string", "connection_string": "c", "endpoint": "http://e"},
            "endpoint does not go with",
        ),
    ],
)
def test_settings_that_do_not_go_together(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        AzureSource(**{"name": "a", "url": "azure://account/container", **settings})


def test_a_signature_in_the_url_is_refused_and_not_repeated() -> None:
    url = "azure://account/container/in?sv=2026-01-01&sig=TopSecret%3D"

    with pytest.raises(ValidationError, match="must not stand in url") as caught:
        AzureSource(name="a", url=url, auth="anonymous")

    (error,) = caught.value.errors(include_input=False, include_url=False)
    assert "TopSecret" not in error["msg"]


@pytest.mark.parametrize("told", ["'other'", "cannot be read"])
def test_a_connection_string_for_something_else_is_a_mistake_in_the_configuration(
    rig: AzureRig, told: str
) -> None:
    other = connection_string(rig, AccountName="other", BlobEndpoint="http://127.0.0.1:9/other")
    settings: dict[str, Any] = {
        "auth": "connection_string",
        "connection_string": other if told == "'other'" else SecretStr(f"AccountKey {KEY}"),
    }
    source = rig.source(endpoint=None, **settings)

    with pytest.raises(ConfigError, match=told) as caught:
        open_storage(source)

    assert KEY not in str(caught.value)


def test_an_identity_does_not_sign_in_over_plain_http(rig: AzureRig) -> None:
    with pytest.raises(ConfigError, match="HTTPS"):
        open_storage(rig.source(auth="managed_identity"))


def test_a_workload_that_its_host_tells_nothing_is_a_mistake_in_the_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(ConfigError, match="token_file"):
        open_storage(AzureSource(name="a", url="azure://b/c", auth="workload_identity"))


@pytest.mark.parametrize(
    ("module", "auth"),
    [("azure.storage.blob", "anonymous"), ("azure.identity", "managed_identity")],
)
def test_without_the_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    auth: Any,  # noqa: ANN401 - one of many words
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    if module == "azure.identity":
        monkeypatch.delattr("azure.identity", raising=False)

    with pytest.raises(ExtraMissing, match=r"firehose-loader\[azure\]"):
        open_storage(AzureSource(name="a", url="azure://account/container", auth=auth))
