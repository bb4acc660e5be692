"""What happens on the way to Snowflake, as the loader's session meets it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from snowflake.connector import SnowflakeConnection

from firehose_loader.config import SnowflakeTarget
from firehose_loader.errors import (
    AccessDenied,
    EngineError,
    FirehoseError,
    WarehouseBusy,
    WarehouseUnavailable,
    WarehouseUnusable,
)
from firehose_loader.warehouse.snowflake_connect import connect
from firehose_loader.warehouse.snowflake_errors import translating
from tests.rigs import snowflake
from tests.rigs.proxy import Fault, FaultProxy
from tests.rigs.snowflake import SnowflakeAccount


def target(account: SnowflakeAccount, **settings: Any) -> SnowflakeTarget:  # noqa: ANN401
    given = {"url": account.url(), "login_timeout": 10, **account.settings(), **settings}
    return SnowflakeTarget.model_validate(given)


@pytest.fixture
def session(account: SnowflakeAccount, tmp_path: Path) -> Iterator[SnowflakeConnection]:
    """The loader's session, in an account with one empty table."""
    with connect(target(account), tag="tag", spool=tmp_path) as session:
        session.cursor().execute('CREATE TABLE "PUBLIC"."T" ("ID" INT)')
        yield session


@contextmanager
def told(account: SnowflakeAccount, error: type[FirehoseError], said: str) -> Iterator[None]:
    """Expect an error of this program's in place of the driver's."""
    with pytest.raises(error, match=said) as caught, translating(target(account)):
        yield
    assert type(caught.value) is error


def ids(session: SnowflakeConnection) -> list[int]:
    rows = session.cursor().execute('SELECT "ID" FROM "PUBLIC"."T" ORDER BY 1').fetchall()
    return [row[0] for row in rows]


def sent(account: SnowflakeAccount, statement: str) -> list[str]:
    """Return the id of each request that had a statement in it."""
    return [
        entry["request_id"]
        for entry in account.log()
        if entry.get("sql") == statement and "request_id" in entry
    ]


@pytest.mark.parametrize("kind", ["status", "lost"])
def test_a_request_that_fails_is_sent_again_and_done_once(
    account: SnowflakeAccount, session: SnowflakeConnection, kind: str
) -> None:
    account.order("INSERT", kind, status=503)

    session.cursor().execute('INSERT INTO "PUBLIC"."T" VALUES (1)')

    first, second = sent(account, 'INSERT INTO "PUBLIC"."T" VALUES (1)')
    assert first == second
    assert ids(session) == [1]


def test_a_commit_whose_answer_breaks_off_is_done_and_told_as_unavailable(
    account: SnowflakeAccount, session: SnowflakeConnection, tmp_path: Path
) -> None:
    session.cursor().execute("BEGIN")
    session.cursor().execute('INSERT INTO "PUBLIC"."T" VALUES (1)')
    account.order("COMMIT", "cut")

    with told(account, WarehouseUnavailable, "is unavailable"):
        session.cursor().execute("COMMIT")

    with connect(target(account), tag="", spool=tmp_path) as another:
        assert ids(another) == [1]


def test_an_expired_session_is_renewed_without_a_word(
    account: SnowflakeAccount, session: SnowflakeConnection
) -> None:
    session.cursor().execute("BEGIN")
    session.cursor().execute('INSERT INTO "PUBLIC"."T" VALUES (1)')
    account.order("INSERT", "expired")

    session.cursor().execute('INSERT INTO "PUBLIC"."T" VALUES (2)')
    session.cursor().execute("COMMIT")

    assert ids(session) == [1, 2]
    assert any("renewed" in entry for entry in account.log())


def test_a_session_that_is_ended_in_a_transaction_leaves_nothing(
    account: SnowflakeAccount, session: SnowflakeConnection, tmp_path: Path
) -> None:
    session.cursor().execute("BEGIN")
    session.cursor().execute('INSERT INTO "PUBLIC"."T" VALUES (1)')
    account.order("COMMIT", "error", code=390111, state="08001", ends_session=True)

    with told(account, WarehouseUnavailable, "session has ended.*not committed"):
        session.cursor().execute("COMMIT")

    with connect(target(account), tag="", spool=tmp_path) as another:
        assert ids(another) == []


def test_a_statement_that_takes_too_long_is_given_up_and_undone(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    with connect(target(account, statement_timeout=1), tag="", spool=tmp_path) as session:
        session.cursor().execute('CREATE TABLE "PUBLIC"."T" ("ID" INT)')
        account.order("INSERT", "slow", seconds=30)

        with told(account, WarehouseUnavailable, "statement_timeout"):
            session.cursor().execute('INSERT INTO "PUBLIC"."T" VALUES (1)')

        assert ids(session) == []


def test_a_slow_answer_is_waited_for(
    account: SnowflakeAccount, session: SnowflakeConnection
) -> None:
    account.order("INSERT", "slow", seconds=1)

    session.cursor().execute('INSERT INTO "PUBLIC"."T" VALUES (1)')

    assert len(sent(account, 'INSERT INTO "PUBLIC"."T" VALUES (1)')) == 1
    assert ids(session) == [1]


def test_an_answer_that_never_comes_is_given_up(account: SnowflakeAccount, tmp_path: Path) -> None:
    short = {"statement_timeout": 1, "network_timeout": 1}
    with connect(target(account, **short), tag="", spool=tmp_path) as session:
        account.order("SELECT 2", "status", status=503, times=100)

        with told(account, WarehouseUnavailable, "is unavailable"):
            session.cursor().execute("SELECT 2")

        assert session.cursor().execute("SELECT 3").fetchall() == [(3,)]


@pytest.mark.parametrize(
    ("code", "state", "message", "error", "said"),
    [
        (
            3001,
            "42501",
            "SQL access control error: Insufficient privileges to operate on schema 'DOTDIGITAL'",
            AccessDenied,
            "schema 'DOTDIGITAL'; grant role 'loader'",
        ),
        (
            2003,
            "02000",
            "Schema 'DOTDIGITAL' does not exist or not authorized.",
            AccessDenied,
            "DOTDIGITAL.*make it, or grant role 'loader'",
        ),
        (606, "57P03", "No active warehouse selected", WarehouseUnusable, r"\?warehouse=NAME"),
        (90073, "22000", "cannot be resumed, quota", WarehouseUnusable, "resource monitor"),
        (625, "57014", "has locked table 'T'", WarehouseBusy, "another transaction holds"),
        (100038, "22018", "Numeric value 'x' is not recognized", EngineError, "refuses"),
    ],
    ids=["right", "missing", "warehouse", "quota", "lock", "value"],
)
def test_what_snowflake_refuses_is_told_with_what_to_do(  # noqa: PLR0913, PLR0917 - a table
    account: SnowflakeAccount,
    session: SnowflakeConnection,
    code: int,
    state: str,
    message: str,
    error: type[FirehoseError],
    said: str,
) -> None:
    account.order("INSERT", "error", code=code, state=state, message=message)

    with told(account, error, said):
        session.cursor().execute('INSERT INTO "PUBLIC"."T" VALUES (1)')


def test_a_network_that_is_gone_is_told_as_unavailable_and_used_again_when_it_is_back(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    with FaultProxy(f"http://127.0.0.1:{account.server.port}") as proxy:
        port = int(proxy.endpoint.rpartition(":")[2])
        at = target(account, port=port, statement_timeout=1, network_timeout=1)
        with connect(at, tag="", spool=tmp_path) as session:
            proxy.arm(Fault(refuse=True))
            with told(account, WarehouseUnavailable, "is unavailable|cannot be reached"):
                session.cursor().execute("SELECT 1")
            proxy.arm(Fault())

            assert session.cursor().execute("SELECT 2").fetchall() == [(2,)]


def test_no_secret_is_logged_however_much_is(
    account: SnowflakeAccount, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ways = {
        "password": snowflake.PASSWORD,
        "access_token": snowflake.ACCESS_TOKEN,
        "oauth_token": snowflake.OAUTH_TOKEN,
    }
    wrong = {way: f"wrong-{secret}" for way, secret in ways.items()}
    pem = account.server.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode()
    log = io.StringIO()
    handler, root = logging.StreamHandler(log), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    messages = []
    try:
        by_key = target(account, password=None, key=SecretStr(pem))
        connect(by_key, tag="", spool=tmp_path).close()
        for way, secret in ways.items():
            settings: dict[str, Any] = {"password": None, way: SecretStr(secret)}
            with connect(target(account, **settings), tag="", spool=tmp_path) as session:
                session.cursor().execute("SELECT 1")
            settings[way] = SecretStr(wrong[way])
            with pytest.raises(AccessDenied) as caught:
                connect(target(account, **settings), tag="", spool=tmp_path)
            messages.append(str(caught.value))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)

    printed = capfd.readouterr()
    said = "\n".join([log.getvalue(), printed.out, printed.err, *messages])
    assert "snowflake" in said.lower()
    secrets = [*ways.values(), *pem.splitlines()[1:-1]]
    assert not [secret for secret in secrets if secret in said]
