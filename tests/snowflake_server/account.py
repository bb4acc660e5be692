"""One account: its databases, users and stages, apart from all others."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from pathlib import Path

from fakesnow.instance import FakeSnow

from tests.snowflake_server.copied import Copied
from tests.snowflake_server.faults import Faults
from tests.snowflake_server.locks import Locks, Table
from tests.snowflake_server.stages import Stages


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Someone who may sign in, and what with. What is empty lets nobody in."""

    password: str = ""
    public_key: str = ""
    """PEM."""
    access_token: str = ""
    """A programmatic one."""
    oauth_token: str = ""
    workload_token: str = ""
    roles: tuple[str, ...] = ("LOADER",)
    """The first one is the default."""


@dataclass(slots=True, kw_only=True)
class Account:
    """What belongs to one account."""

    name: str
    folder: Path
    users: dict[str, User]
    databases: tuple[str, ...]
    warehouses: tuple[str, ...] = ("LOADING",)
    warehouse_settings: dict[str, dict[str, object]] = field(default_factory=dict)
    """By name: ``state``, ``auto_resume`` and ``auto_suspend``, where they are not the usual."""
    grants: dict[str, list[list[str]]] = field(default_factory=dict)
    """By role: privilege, kind and name. A role that is not among them may do everything."""
    owners: dict[Table, str] = field(default_factory=dict)
    """Which role made a table."""
    engine: FakeSnow = field(
        default_factory=lambda: FakeSnow(
            create_database_on_connect=False, create_schema_on_connect=False
        )
    )
    faults: Faults = field(default_factory=Faults)
    locks: Locks = field(default_factory=Locks)
    log: list[dict[str, object]] = field(default_factory=list)
    loaded: dict[Table, dict[str, Copied]] = field(default_factory=dict)
    """Versions of files that a COPY put into a table: it does not do so again."""
    stages: Stages = field(init=False)
    made: int = 0
    """Rises whenever something is made or altered."""
    lengths: dict[Table, list[tuple[str, int]]] = field(default_factory=dict)
    """Columns that take texts of some length at most, of tables that are as they were since."""
    _commits: int = 0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    defining: threading.Lock = field(default_factory=threading.Lock)
    """Held while something is made: the lengths of all columns are in one table."""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.stages = Stages(folder=self.folder)
        first = FakeSnow.connect(self.engine)
        for database in self.databases:
            first.cursor().execute(f'CREATE DATABASE "{database}"')
            first.cursor().execute(f'CREATE SCHEMA "{database}"."PUBLIC"')
        first.close()

    def next_number(self) -> int:
        """Return a number that no session had yet."""
        return next(self._numbers)

    def commits(self) -> int:
        """Return how often something was committed."""
        return self._commits

    def committed(self) -> None:
        """Note that something was."""
        with self._guard:
            self._commits += 1
