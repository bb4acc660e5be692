"""The drops that are loaded under attack, and what must be in the tables afterwards."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from firehose_loader.sample.options import SampleOptions
from firehose_loader.sample.write import write_sample
from firehose_loader.schema.catalog import load_catalog
from tests.command import Row, ask, events, select
from tests.rigs import snowflake
from tests.rigs.snowflake import SnowflakeAccount
from tests.sampled import read_sample

SOURCES = ("prod", "lab")
_TYPES = {"prod": ("email.open", "email.click", "sms.send"), "lab": ("email.open", "email.reply")}
_OWN = ("key", "state", "rows_parsed", "rows_inserted", "rows_identical", "rows_quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a warehouse holds, without what tells of runs."""

    events: Mapping[str, list[str]]
    ledger: list[str]
    quarantine: list[str]


class Target(Protocol):
    """A warehouse under attack."""

    def table(self) -> str:
        """Return its table of the configuration, as TOML."""

    def after_kill(self) -> None:
        """Do what the world does once a loader is gone."""

    def state(self) -> State:
        """Return what it holds."""


@dataclass(frozen=True, slots=True)
class DuckDBTarget:
    """A file."""

    path: Path

    def table(self) -> str:
        return f'[warehouse]\nurl = "{self.path}"\nlock_timeout = 60\n'

    def after_kill(self) -> None:
        pass

    def state(self) -> State:
        def of(table: str, columns: str) -> list[str]:
            return _texts(select(self.path, f"SELECT {columns} FROM dotdigital.{table}"))

        return State(
            events={name: _texts(rows) for name, rows in events(self.path).items()},
            ledger=of("_firehose_drops", "source, " + ", ".join(_OWN)),
            quarantine=of("_firehose_quarantine", "reason, line, row_no, raw"),
        )


@dataclass(frozen=True, slots=True)
class SnowflakeTarget:
    """A schema in the stand-in for Snowflake."""

    account: SnowflakeAccount

    def table(self) -> str:
        way: dict[str, object] = {**self.account.settings(), "url": self.account.url()}
        way["access_token"] = way.pop("password") and snowflake.ACCESS_TOKEN
        lines = [f"{name} = {json.dumps(value)}" for name, value in way.items()]
        return "\n".join(["[warehouse]", *lines, ""])

    def after_kill(self) -> None:
        # Snowflake ends the sessions of a client that is gone, and with them what they locked.
        self.account.end_sessions()

    def state(self) -> State:
        with self.account.connect(schema=self.account.schema) as user, user.cursor() as cursor:

            def rows(sql: str) -> list[Row]:
                cursor.execute(sql)
                names = [column[0].lower() for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

            tables = rows(
                "SELECT table_name FROM information_schema.tables WHERE table_schema ="
                f" '{self.account.schema}' AND table_type = 'BASE TABLE'"
            )
            names = [str(row["table_name"]) for row in tables]
            return State(
                events={
                    name.lower(): _texts(_events_only(rows(f'SELECT * FROM "{name}"')))
                    for name in names
                    if not name.startswith("_")
                },
                ledger=_texts(rows(f"SELECT source, {', '.join(_OWN)} FROM _firehose_drops")),
                quarantine=_texts(
                    rows("SELECT reason, line, row_no, raw FROM _firehose_quarantine")
                ),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Two sources with drops of several event types and formats, bad rows and duplicates."""

    folder: Path

    @classmethod
    def written(cls, folder: Path, seed: int, *, events: int = 60, drops: int = 6) -> Feed:
        """Write it."""
        for number, name in enumerate(SOURCES):
            options = SampleOptions(
                events=events,
                drops=drops,
                seed=seed + number,
                duplicates=0.1,
                bad=0.05,
                late=0.1,
                drift=True,
                event_types=_TYPES[name],
            )
            write_sample(folder / name, options, catalog=load_catalog(None))
        return cls(folder=folder)

    @property
    def expected(self) -> Counter[str]:
        """How many events the tables must hold, by what a reader of the tests' own finds."""
        catalog = load_catalog(None)
        found: dict[str, set[str]] = {}
        for name in SOURCES:
            for drop in read_sample(self.folder / name, catalog):
                for event in drop.events:
                    kind = drop.event_type or event.get("eventtype") or event.get("type") or ""
                    resolved = catalog.resolve_type(str(kind)) or str(kind)
                    found.setdefault(resolved, set()).add(str(event.get("eventid")))
        return Counter({kind: len(ids) for kind, ids in found.items()})

    def copied(self, home: Path, target: Target, **settings: Any) -> Path:  # noqa: ANN401
        """Put a copy of it into a folder with a configuration; return the configuration."""
        shutil.copytree(self.folder, home / "in")
        (home / "spool").mkdir(exist_ok=True)
        lines = {"spool": str(home / "spool"), "batch_files": 4, "threads": 2, **settings}
        config = home / "firehose.toml"
        config.write_text(
            "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
            + target.table()
            + f'[[source]]\nname = "prod"\nurl = "{home}/in/prod"\n'
            + f'[[source]]\nname = "lab"\nurl = "{home}/in/lab"\nafter = "archive"\n'
            + 'archive = "done/{key}"\n'
        )
        return config

    def is_kept(self, home: Path) -> bool:
        """Tell whether every drop still lies at its source or in the archive, byte by byte."""
        for name in SOURCES:
            for path in (self.folder / name).rglob("*"):
                key = path.relative_to(self.folder / name)
                places = [home / "in" / name / key, home / "in" / name / "done" / key]
                if path.is_file() and path.read_bytes() not in [
                    one.read_bytes() for one in places if one.is_file()
                ]:
                    return False
        return True


def finish(config: Path) -> str:
    """Run once more, to the end; return what is wrong with that."""
    answer = ask("run", "-c", config, "--json")
    return "" if answer.code == 0 else f"the next run ended with {answer.code}: {answer.err[-300:]}"


def differences(found: State, wanted: State) -> str:
    """Say in words what differs."""
    parts = [
        name
        for name in sorted({*found.events, *wanted.events})
        if found.events.get(name) != wanted.events.get(name)
    ]
    parts += ["ledger"] * (found.ledger != wanted.ledger)
    parts += ["quarantine"] * (found.quarantine != wanted.quarantine)
    return f"other than the oracle: {', '.join(parts)}" if parts else ""


def _events_only(rows: list[Row]) -> list[Row]:
    return [
        {name: value for name, value in row.items() if not name.startswith("_") or name == "_key"}
        for row in rows
    ]


def _texts(rows: list[Row]) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)
