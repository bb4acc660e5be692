"""Signing in to Snowflake: every way, and what is said where it fails."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from pydantic import SecretStr, ValidationError

from firehose_loader.config import SnowflakeTarget
from firehose_loader.errors import AccessDenied, ConfigError, WarehouseUnavailable
from firehose_loader.warehouse.snowflake_connect import connect, query_tag
from firehose_loader.warehouse.snowflake_keys import private_key
from tests.rigs import snowflake
from tests.rigs.processes import free_port
from tests.rigs.snowflake import SnowflakeAccount

PASSPHRASE = "a passphrase of the loader"  # noqa: S105 - of a key that opens nothing


def target(account: SnowflakeAccount, **settings: Any) -> SnowflakeTarget:  # noqa: ANN401
    """Return a configuration that leads to an account, with some way to sign in."""
    way = {key: value for key, value in account.settings().items() if key != "password"}
    given = {"url": account.url(), "login_timeout": 10, **way, **settings}
    return SnowflakeTarget.model_validate(given)


def sign_in(account: SnowflakeAccount, folder: Path, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    """Sign in, use the session, and return what the server saw of it."""
    with connect(target(account, **settings), tag="tag", spool=folder) as connection:
        assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]
    return next(entry for entry in reversed(account.log()) if "login" in entry)


def pem(key: rsa.RSAPrivateKey, *, passphrase: str = "") -> str:
    """Return a key as Snowflake's documentation has it made."""
    how = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()


def der(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, serialization.NoEncryption())


def test_each_way_to_sign_in_is_taken(account: SnowflakeAccount, tmp_path: Path) -> None:
    (tmp_path / "access").write_text(f"{snowflake.ACCESS_TOKEN}\n")
    (tmp_path / "oauth").write_text(snowflake.OAUTH_TOKEN)
    (tmp_path / "key.p8").write_text(pem(account.server.key, passphrase=PASSPHRASE))
    (tmp_path / "connections.toml").write_text(
        f"[there]\naccount = '{account.name}'\nuser = 'loader'\npassword = '{snowflake.PASSWORD}'\n"
        f"warehouse = '{snowflake.WAREHOUSE}'\n"
    )
    (tmp_path / "connections.toml").chmod(0o600)
    ways: dict[str, list[dict[str, Any]]] = {
        "SNOWFLAKE_JWT": [
            {"key": SecretStr(pem(account.server.key))},
            {"key_file": tmp_path / "key.p8", "key_passphrase": SecretStr(PASSPHRASE)},
        ],
        "PROGRAMMATIC_ACCESS_TOKEN": [
            {"access_token": SecretStr(snowflake.ACCESS_TOKEN)},
            {"access_token_file": tmp_path / "access"},
        ],
        "OAUTH": [
            {"oauth_token": SecretStr(snowflake.OAUTH_TOKEN)},
            {"oauth_token_file": tmp_path / "oauth"},
        ],
        "None": [
            {"password": SecretStr(snowflake.PASSWORD)},
            {
                "url": f"snowflake:///{snowflake.DATABASE}",
                "connection": "there",
                "connections_file": tmp_path / "connections.toml",
            },
        ],
    }

    seen = [
        str(sign_in(account, tmp_path, **way)["authenticator"])
        for several in ways.values()
        for way in several
    ]

    assert seen == [way for way, several in ways.items() for _ in several]


def test_a_session_is_in_utc_tagged_and_bounded(account: SnowflakeAccount, tmp_path: Path) -> None:
    tag = query_tag(run_id="r1", source="prod")
    at = target(account, password=SecretStr(snowflake.PASSWORD), statement_timeout=77)

    with connect(at, tag=tag, spool=tmp_path) as connection:
        rows = connection.cursor().execute("SELECT current_role(), current_warehouse()").fetchall()

    (login, query) = [entry for entry in account.log() if "login" in entry or "sql" in entry]
    assert rows == [(snowflake.ROLE, snowflake.WAREHOUSE)]
    assert login["parameters"]["TIMEZONE"] == "UTC"
    assert login["parameters"]["TIMESTAMP_INPUT_FORMAT"] == "AUTO"
    assert login["parameters"]["DATE_INPUT_FORMAT"] == "AUTO"
    assert login["parameters"]["STATEMENT_TIMEOUT_IN_SECONDS"] == "77"
    assert login["parameters"]["LOCK_TIMEOUT"] == "10"
    assert login["parameters"]["CLIENT_SESSION_KEEP_ALIVE"] == "true"
    assert query["query_tag"] == '{"app": "firehose-loader", "run": "r1", "source": "prod"}'


@pytest.mark.parametrize(
    "spelling",
    [
        lambda key: pem(key).encode(),
        lambda key: pem(key).replace("\n", "\\n").encode(),
        lambda key: pem(key).replace("\n", " ").encode(),
        lambda key: pem(key).replace("\n", "\r\n").encode(),
        lambda key: base64.b64encode(pem(key).encode()),
        lambda key: base64.b64encode(der(key)),
        lambda key: base64.encodebytes(der(key)),
        der,
        lambda key: key.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ),
        lambda key: key.private_bytes(
            Encoding.PEM, PrivateFormat.OpenSSH, serialization.NoEncryption()
        ),
    ],
    ids=["pem", "escaped", "spaces", "crlf", "base64", "der64", "der64-lines", "der", "old", "ssh"],
)
def test_a_key_is_read_however_it_is_written(spelling: Any, tmp_path: Path) -> None:  # noqa: ANN401
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - quick
    content = spelling(key)
    (tmp_path / "key").write_bytes(content)
    url = "snowflake://u@a/d"

    assert private_key(SnowflakeTarget(url=url, key_file=tmp_path / "key")) == der(key)
    if content != der(key):
        secret = SecretStr(content.decode())
        assert private_key(SnowflakeTarget(url=url, key=secret)) == der(key)


@pytest.mark.parametrize(
    ("given", "said"), [(None, "give its passphrase in key_passphrase"), ("y", "is wrong, or")]
)
def test_an_encrypted_key_asks_for_its_passphrase(given: str | None, said: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - quick
    content = pem(key, passphrase=PASSPHRASE)
    at = SnowflakeTarget(
        url="snowflake://u@a/d",
        key=SecretStr(content),
        key_passphrase=SecretStr(given) if given else None,
    )

    with pytest.raises(ConfigError, match=said) as caught:
        private_key(at)

    assert not any(line in str(caught.value) for line in content.splitlines()[1:-1])


def test_what_is_no_private_key_is_told_without_what_is_in_it() -> None:
    at = SnowflakeTarget(url="snowflake://u@a/d", key=SecretStr("a secret of another kind"))

    with pytest.raises(ConfigError, match="no private key") as caught:
        private_key(at)

    assert "another kind" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"password": SecretStr("another")}, AccessDenied, "390100.*correct the user"),
        ({"access_token": SecretStr("another")}, AccessDenied, "394400.*renew access_token"),
        ({"oauth_token": SecretStr("another")}, AccessDenied, "390303.*renew oauth_token"),
        (
            {
                "url": "snowflake://loader@nobody/marketing",
                "password": SecretStr(snowflake.PASSWORD),
            },
            AccessDenied,
            "no such account.*ORGANIZATION-ACCOUNT",
        ),
        (
            {"port": free_port(), "login_timeout": 2, "password": SecretStr(snowflake.PASSWORD)},
            WarehouseUnavailable,
            "unavailable|cannot be reached",
        ),
        ({"access_token_file": Path("nowhere")}, ConfigError, "nowhere cannot be read"),
    ],
    ids=["password", "access_token", "oauth", "account", "network", "token-file"],
)
def test_who_is_not_let_in_is_told_why(
    account: SnowflakeAccount,
    tmp_path: Path,
    settings: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        connect(target(account, **settings), tag="", spool=tmp_path)


def test_a_key_that_is_not_the_users_is_refused(account: SnowflakeAccount, tmp_path: Path) -> None:
    other = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    with pytest.raises(AccessDenied, match=r"390144.*RSA_PUBLIC_KEY"):
        connect(target(account, key=SecretStr(other)), tag="", spool=tmp_path)


@pytest.mark.xdist_group(snowflake.NAME)
def test_a_workload_identity_signs_in_without_a_name(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The driver shows such a token to Snowflake's hosts alone, and to those named here.
    monkeypatch.setenv("SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES", "127.0.0.1")
    parts = ('{"alg":"RS256"}', '{"iss":"https://idp.example.com","sub":"loader"}', "signature")
    token = ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    (tmp_path / "token").write_text(token)
    server = request.getfixturevalue(snowflake.NAME)
    account = SnowflakeAccount(server, users={snowflake.USER: {"workload_token": token}})
    identity = {"workload_identity": "oidc", "workload_token_file": tmp_path / "token"}

    seen = sign_in(account, tmp_path, **identity)
    (tmp_path / "token").write_text(token[:-4])
    with pytest.raises(AccessDenied, match="395001"):
        connect(target(account, **identity), tag="", spool=tmp_path)
    account.close()

    assert (seen["authenticator"], seen["provider"]) == ("WORKLOAD_IDENTITY", "OIDC")


def test_the_proxy_is_taken_and_its_password_told_nowhere(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    proxy = SecretStr(f"http://someone:a-secret@127.0.0.1:{free_port()}")
    settings = {"proxy": proxy, "login_timeout": 2, "password": SecretStr(snowflake.PASSWORD)}

    with pytest.raises(WarehouseUnavailable) as caught:
        connect(target(account, **settings), tag="", spool=tmp_path)

    assert "a-secret" not in str(caught.value)


def test_hosts_that_are_excepted_are_reached_without_the_proxy(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    nowhere = SecretStr(f"http://127.0.0.1:{free_port()}")
    settings = {"proxy": nowhere, "login_timeout": 2, "password": SecretStr(snowflake.PASSWORD)}

    sign_in(account, tmp_path, **settings, no_proxy="127.0.0.1")
    with pytest.raises(WarehouseUnavailable):
        sign_in(account, tmp_path, **settings)


def test_a_connection_that_no_file_names_is_told(account: SnowflakeAccount, tmp_path: Path) -> None:
    settings = {"connection": "nowhere", "connections_file": tmp_path / "connections.toml"}

    with pytest.raises(ConfigError, match="nowhere"):
        connect(target(account, **settings), tag="", spool=tmp_path)


def test_a_role_that_is_not_the_users_is_named(account: SnowflakeAccount, tmp_path: Path) -> None:
    url = account.url().replace("role=loader", "role=boss")

    with pytest.raises(AccessDenied, match=r"'BOSS'.*GRANT ROLE"):
        connect(
            target(account, url=url, password=SecretStr(snowflake.PASSWORD)), tag="", spool=tmp_path
        )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "no way to sign in"),
        ({"password": "p", "oauth_token": "t"}, "choose one of oauth_token and password"),
        ({"authenticator": "key_pair", "password": "p"}, "needs key or key_file"),
        ({"key_passphrase": "p", "password": "p"}, "key_passphrase needs key"),
        ({"workload_identity": "oidc"}, "need each other"),
        ({"url": "snowflake://u:p@a/d", "password": "p"}, "does not belong there"),
        ({"url": "snowflake://u@a", "password": "p"}, "names no database"),
        ({"url": "snowflake://a/d", "password": "p"}, "names no user"),
        ({"url": "snowflake://u@a/d/s/x", "password": "p"}, "too many names"),
        ({"url": "snowflake://u@a/d?wharehouse=w", "password": "p"}, "wharehouse is not known"),
        ({"url": "snowflake://u@a/d/s", "schema": "t", "password": "p"}, "write one"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SnowflakeTarget.model_validate({"url": "snowflake://u@a/d", **settings})


def test_the_url_names_the_schema() -> None:
    at = SnowflakeTarget.model_validate({"url": "snowflake://u@a-b/d/S?role=r", "password": "p"})

    assert (at.account, at.user, at.database, at.schema_name, at.role) == (
        "a-b",
        "u",
        "d",
        "S",
        "r",
    )
    assert at.advice is not None
    assert "p" not in repr(at.password)
