"""An account of its own in the tests' stand-in for Snowflake (see ``tests.snowflake_server``)."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from firehose_loader.config import Config
from firehose_loader.errors import EngineError
from firehose_loader.protocols import Warehouse
from firehose_loader.warehouse import open_warehouse
from firehose_loader.warehouse.snowflake import SnowflakeWarehouse
from firehose_loader.warehouse.snowflake_session import SnowflakeSession
from tests.checkout import ROOT
from tests.rigs.processes import free_port, listens, running, wait_until
from tests.rigs.rig import missing
from tests.rigs.warehouses import AnswerLost, Row

NAME = "snowflake-double"
USER = "LOADER"
PASSWORD = "a password of the loader"  # noqa: S105 - opens nothing but the door below
ACCESS_TOKEN = "an-access-token-of-the-loader"  # noqa: S105 - likewise
OAUTH_TOKEN = "an-oauth-token-of-the-loader"  # noqa: S105 - likewise
DATABASE = "MARKETING"
WAREHOUSE = "LOADING"
ROLE = "LOADER"
_PYTHON = ROOT / "build/snowflake-server/bin/python"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnowflakeServer:
    """A running server."""

    port: int
    key: rsa.RSAPrivateKey
    """The loader's own, in every account."""


@contextlib.contextmanager
def started(folder: Path) -> Iterator[SnowflakeServer]:
    """Run the server; ``folder`` takes its log and the files of all stages."""
    if not (ROOT / "build/snowflake-server/installed").exists():
        missing(NAME, "the stand-in for Snowflake is not installed: make servers")
    port = free_port()
    log = folder / "server.log"
    module = ["-m", "tests.snowflake_server", str(port), str(folder / "stages")]
    # In the checkout's folder, so that the module is found.
    environ = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "PATH": "/usr/bin:/bin"}
    with running([str(_PYTHON), *module], log, environ) as process:
        wait_until(
            lambda: listens(port) or process.poll() is not None, "Snowflake's double listens"
        )
        if process.poll() is not None:
            raise RuntimeError(f"Snowflake's double ended: {log.read_text()[-2000:]}")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        yield SnowflakeServer(port=port, key=key)


class SnowflakeAccount:
    """An account of its own for one test: a database, a warehouse, and one user, the loader."""

    schema = "DOTDIGITAL"
    """The loader's own, as the account keeps it."""

    def __init__(self, server: SnowflakeServer, **settings: object) -> None:
        self.server = server
        self.name = f"ACCOUNT{next(_NUMBERS)}"
        public = server.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        loader = {
            "password": PASSWORD,
            "public_key": public.decode(),
            "access_token": ACCESS_TOKEN,
            "oauth_token": OAUTH_TOKEN,
            "roles": [ROLE, "READER"],
        }
        whole = {"users": {USER: loader}, "databases": [DATABASE], "warehouses": [WAREHOUSE]}
        self._ask("PUT", "", {**whole, **settings})

    def url(self, schema: str = "dotdigital") -> str:
        """Return the warehouse's URL."""
        return (
            f"snowflake://{USER.lower()}@{self.name.lower()}/{DATABASE.lower()}/{schema}"
            f"?warehouse={WAREHOUSE.lower()}&role={ROLE.lower()}"
        )

    def settings(self) -> dict[str, Any]:
        """Return what leads to the server rather than to Snowflake, and lets the loader in."""
        return {
            "host": "127.0.0.1",
            "port": self.server.port,
            "protocol": "http",
            "password": PASSWORD,
        }

    def connect(self, **settings: Any) -> snowflake.connector.SnowflakeConnection:  # noqa: ANN401
        """Sign in as a user beside the loader."""
        return snowflake.connector.connect(
            **{
                "user": USER,
                "account": self.name,
                "database": DATABASE,
                "schema": "PUBLIC",
                "warehouse": WAREHOUSE,
                "login_timeout": 10,
                "request_timeout": 20,
                "enable_server_session_keep_alive_auto_detection": False,
                **self.settings(),
                **settings,
            }
        )

    def order(self, match: str, kind: str, **settings: object) -> None:
        """Have something go wrong: see ``tests.snowflake_server.faults.Fault``."""
        self._ask("POST", "/faults", {"match": match, "kind": kind, **settings})

    def log(self) -> list[dict[str, Any]]:
        """Return what the server was asked."""
        found: list[dict[str, Any]] = self._ask("GET", "/log")
        return found

    def statements(self) -> list[str]:
        """Return the statements that it was sent, each as often as it was."""
        return [entry["sql"] for entry in self.log() if "request_id" in entry]

    def waiting(self) -> int:
        """Return how many sessions wait for the lock of another one."""
        return int(self._ask("GET", "/sessions")["waiting"])

    def end_sessions(self) -> None:
        """Have all sessions end, as Snowflake does after a while with those that nobody holds."""
        self._ask("DELETE", "/sessions")

    def close(self) -> None:
        """Have the server forget the account."""
        self._ask("DELETE", "")

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401
        url = f"http://127.0.0.1:{self.server.port}/double/accounts/{self.name}{path}"
        request = urllib.request.Request(
            url,
            method=method,
            # A body that the server has not read when it closes has the client's end reset.
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)


class Account(Protocol):
    """A place in Snowflake, or in what stands in for it."""

    schema: str

    def url(self) -> str:
        """Return the warehouse's URL."""

    def settings(self) -> dict[str, Any]:
        """Return what else the configuration says of the warehouse."""

    def connect(self, **settings: Any) -> snowflake.connector.SnowflakeConnection:  # noqa: ANN401
        """Sign in beside the loader."""

    def close(self) -> None:
        """Have nothing left of it."""


class SnowflakeRig:
    """A schema of its own in an account."""

    ddl_is_undone = False

    def __init__(self, name: str, account: Account, folder: Path) -> None:
        self.name = name
        self.account = account
        self.config = Config.model_validate(
            {
                "warehouse": {"url": self.account.url(), **self.account.settings()},
                "spool": folder,
                "threads": 2,
            }
        )
        self.warehouse: Warehouse = open_warehouse(self.config)
        self._user: snowflake.connector.SnowflakeConnection | None = None

    def reopen(self, *, read_only: bool = False) -> Warehouse:
        self.warehouse.close()
        self.warehouse = open_warehouse(self.config, read_only=read_only)
        return self.warehouse

    def open_with(self, **settings: object) -> Warehouse:
        self.warehouse.close()
        warehouse = {"url": self.account.url(), **self.account.settings(), **settings}
        told = {"warehouse": warehouse, "spool": self.config.spool, "threads": 2}
        self.warehouse = open_warehouse(Config.model_validate(told))
        return self.warehouse

    def execute(self, sql: str) -> list[Row]:
        if self._user is None:
            self._user = self.account.connect()
        # Names are known in lower case to the tests, as they are to the loader.
        sql = re.sub(r'"([^"]+)"', lambda name: f'"{name[1].upper()}"', sql)
        with self._user.cursor() as cursor:
            cursor.execute(sql.replace("{schema}", f'"{self.account.schema}"'))
            names = [column[0].lower() for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tables(self) -> set[str]:
        found = self.execute(
            "SELECT table_name FROM information_schema.tables"
            f" WHERE table_schema = '{self.account.schema}' AND table_type = 'BASE TABLE'"
        )
        return {str(row["table_name"]).lower() for row in found} - {"_firehose_leases"}

    @contextlib.contextmanager
    def failing(self, statement: int) -> Iterator[list[str]]:
        session = self._session()
        run = session.run
        seen: list[str] = []

        def counted(
            name: str, parameters: Mapping[str, object] | None = None, **fragments: str
        ) -> list[tuple[object, ...]]:
            seen.append(name)
            if len(seen) == statement + 1:
                raise EngineError(f"{name}: failed as ordered")
            return run(name, parameters, **fragments)

        with patch.object(session, "run", counted):
            yield seen

    @contextlib.contextmanager
    def losing_answers(self) -> Iterator[None]:
        session = self._session()
        run = session.run

        def losing(
            name: str, parameters: Mapping[str, object] | None = None, **fragments: str
        ) -> list[tuple[object, ...]]:
            rows = run(name, parameters, **fragments)
            if name == "transaction_commit":
                raise AnswerLost
            return rows

        with patch.object(session, "run", losing):
            yield

    def sign_out(self) -> None:
        """End its sessions; the account stays."""
        self.warehouse.close()
        if self._user is not None:
            self._user.close()

    def close(self) -> None:
        self.sign_out()
        self.account.close()

    def _session(self) -> SnowflakeSession:
        assert isinstance(self.warehouse, SnowflakeWarehouse)
        return self.warehouse._snowflake
