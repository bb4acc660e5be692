"""Some drops, and a place in Snowflake that they are loaded into by the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.command import Answer, ask, clean_environ
from tests.rigs import snowflake
from tests.rigs.snowflake import Account

DATE = "2026-01-05T10:00:00Z"
DROPS = {
    f"{number}.csv": "eventId,eventType,eventDate,campaignName\n"
    + "".join(f"{event},email.open,{DATE},spring\n" for event in events)
    + f"bad{number},email.open,never,x\n"
    for number, events in enumerate([(1, 2), (2, 3), (4,), (5, 6)])
}
"""Six events, one of them twice, and a row to be set aside in each drop."""
_TABLES = (
    "email_open",
    "_firehose_drops",
    "_firehose_quarantine",
    "_firehose_duplicates",
    "_firehose_digests",
)
_SOURCE = '[[source]]\nname = "prod"\nurl = "in"\n'
EVENTS = [str(number) for number in range(1, 7)]


class Place:
    """Drops, and an account to load them into."""

    def __init__(self, account: Account, folder: Path) -> None:
        self._account = account
        self.folder = folder
        (folder / "in").mkdir()
        for name, text in DROPS.items():
            (folder / "in" / name).write_text(text)
        self.configure()

    def configure(self, *, source: str = _SOURCE, **settings: object) -> None:
        """Write the configuration, with some keys of the warehouse."""
        way = {"url": self._account.url(), **self._account.settings(), **settings}
        if way.pop("password", None):
            way["access_token"] = snowflake.ACCESS_TOKEN
        lines = [f"{name} = {json.dumps(value)}" for name, value in way.items()]
        (self.folder / "firehose.toml").write_text("\n".join(["[warehouse]", *lines, source]))

    def deliver(self, name: str, *events: int) -> None:
        """Have one more drop."""
        rows = "".join(f"{event},email.open,{DATE}\n" for event in events)
        (self.folder / "in" / name).write_text(f"eventId,eventType,eventDate\n{rows}")

    def run(self) -> Answer:
        return ask("run", "--json", cwd=self.folder)

    def begin(self) -> subprocess.Popen[str]:
        """Begin a run in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "firehose_loader", "run", "--json"],
            cwd=self.folder,
            env=clean_environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._account.connect(schema=self._account.schema) as user, user.cursor() as cursor:
            return [tuple(row) for row in cursor.execute(sql).fetchall()]

    def empty(self) -> None:
        """Take everything out, and leave the tables there."""
        for table in _TABLES:
            self.rows(f"DELETE FROM {table}")

    def events(self) -> list[str]:
        return [event for (event,) in self.rows("SELECT event_id FROM email_open ORDER BY 1")]

    def staged(self) -> list[str]:
        """Return what lies on the loader's stage."""
        return [str(row[0]) for row in self.rows("LIST @_firehose_stage")]

    def assert_whole(self) -> None:
        """All drops are loaded, each once, and nothing is left over."""
        assert self.events() == EVENTS
        ledger = self.rows("SELECT key, state, rows_parsed FROM _firehose_drops ORDER BY key")
        assert [(key, state) for key, state, _ in ledger] == [(key, "loaded") for key in DROPS]
        assert sum(rows for *_, rows in ledger) == 11
        assert self.rows("SELECT count(*), count(DISTINCT drop_id) FROM _firehose_quarantine") == [
            (4, 4)
        ]
        assert self.rows("SELECT count(*) FROM _firehose_duplicates") == [(1,)]
        assert self.staged() == []
