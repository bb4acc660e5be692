"""The task in Snowflake: what it takes ends as if a run had loaded it, the rest is left to a run.

Snowflake Scripting is carried out by ``tests.rigs.scripts``, each statement by the stand-in.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.command import Answer, Row, ask
from tests.end_to_end.test_snowflake_twin import OF_A_BATCH, _of_snowflake, _toml
from tests.rigs import moto, snowflake
from tests.rigs.external import external_stage, in_bucket, put
from tests.rigs.s3 import S3Server
from tests.rigs.scripts import Raised, body_of, call
from tests.rigs.snowflake import SnowflakeAccount

pytestmark = pytest.mark.xdist_group(snowflake.NAME)

AT = "2026-01-05T10:00:00Z"
OF_A_RUN = {"_firehose_runs", "_firehose_alerts", "_firehose_versions"}
_NUMBERS = itertools.count(1)


@dataclass(slots=True, kw_only=True)
class Feed:
    """A bucket, and an account whose stage leads to it."""

    server: S3Server
    account: SnowflakeAccount
    folder: Path
    name: str
    warehouse: dict[str, object] = field(default_factory=dict)
    source: dict[str, object] = field(default_factory=dict)

    def deliver(self, drops: dict[str, str | bytes]) -> None:
        """Put drops there, one after the other."""
        for name, content in drops.items():
            file = self.folder / "bucket" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
            put(self.server, self.name, self.folder / "bucket", file)

    def ask(self, *words: str) -> Answer:
        """Ask the loader something of this configuration."""
        (self.folder / f"{self.account.name}.toml").write_text(
            f"[warehouse]\n{_toml(self.warehouse)}[[source]]\n{_toml(self.source)}"
        )
        return ask(*words, "-c", f"{self.account.name}.toml", cwd=self.folder)

    def task(self, *event_types: str) -> dict[str, Any]:
        """Have the task's script run once; return what it tells."""
        printed = self.ask("sql", "--task", *(event_types or ("email.open",)))
        assert printed.code == 0, printed.err
        with self.account.connect(paramstyle="qmark") as user:
            told: dict[str, Any] = json.loads(
                call(user, body_of(printed.out, "FIREHOSE_TASK_FEED"))
            )
        return told

    def tables(self) -> dict[str, list[Row]]:
        """Return all that the account holds, without what is of a run."""
        found = _of_snowflake(self.account)
        return {
            name: [{key: row[key] for key in row.keys() - OF_A_BATCH} for row in rows]
            for name, rows in found.items()
            if name not in OF_A_RUN
        }


@pytest.fixture
def feeds(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Feed, Feed]]:
    """Two accounts over one bucket; both have loaded a first drop by a run."""
    name = f"task-{os.getpid()}-{next(_NUMBERS)}"
    server = request.getfixturevalue(moto.NAME)
    (tmp_path / "bucket").mkdir()
    source = {"name": "feed", **in_bucket(server, name, tmp_path / "bucket")}
    with ExitStack() as stack:
        found = []
        for _ in range(2):
            account = SnowflakeAccount(
                request.getfixturevalue(snowflake.NAME),
                buckets={f"s3://{name}/": str(tmp_path / "bucket")},
            )
            stack.enter_context(closing(account))
            warehouse = {
                **account.settings(),
                "url": account.url(),
                "load": "external",
                "external_stage": external_stage(account, f"s3://{name}/"),
            }
            found.append(
                Feed(
                    server=server,
                    account=account,
                    folder=tmp_path,
                    name=name,
                    warehouse=warehouse,
                    source=source,
                )
            )
        found[0].deliver({"email.open/000.csv": f"eventId,eventDate,campaignName\ne0,{AT},first\n"})
        for feed in found:
            assert feed.ask("run").code == 0
        yield found[0], found[1]


def row(number: int | str, **more: object) -> str:
    """Return one event as a line."""
    return json.dumps({"eventId": f"e{number}", "eventDate": AT, **more}) + "\n"


PLAIN: dict[str, str | bytes] = {
    "email.open/001.ndjson": row(1, campaignName="one", campaignId=7) + row(2, isHtml=True),
    "email.open/002.json": f"[{row(3, email='a@example.org')}, {row(4, data={'campaignId': 5})}]",
    "email_open-003.jsonl.gz": gzip.compress(row(5, timeStamp=None).encode(), mtime=0),
    "email.open/004.ndjson": row(1, campaignName="one") + row(6) + row(6),
    "told/005.ndjson": row(7, eventType="email.open", accountId="none"),
}
LEFT: dict[str, tuple[str | bytes, str]] = {
    "email.open/101.csv": (f"eventId,eventDate\nc1,{AT}\n", "form"),
    "email.open/102.ndjson": (row(11) + row(12, strange=1), "fields"),
    "email.open/103.ndjson": (row(13, data={"strange": 1}), "fields"),
    "email.open/104.ndjson": (row(14) + row(15).replace(f'"{AT}"', "1767607200"), "rows"),
    "email.open/105.ndjson": (row(0, campaignName="another") + row(16), "transaction"),
    "email.open/106.ndjson": (row(17) + '{"eventId": "torn', "unreadable"),
    "email.click/107.ndjson": (row(18), "schema"),
    "email.open/108 b.ndjson": (row(19), "name"),
    "told/109.ndjson": (row(20), "schema"),
    "email.open/110.ndjson": (row(21, name="Bob"), "fields"),
}


def test_what_the_task_takes_is_as_a_run_would_have_loaded_it_and_a_run_loads_the_rest(
    feeds: tuple[Feed, Feed],
) -> None:
    ours, theirs = feeds
    ours.deliver(PLAIN)
    ours.deliver({name: content for name, (content, _) in LEFT.items()})

    told = ours.task()

    reasons = [why for _, why in LEFT.values()]
    assert told["left"] == {why: reasons.count(why) for why in sorted(set(reasons))}
    assert (told["loaded"], told["parsed"], told["inserted"], told["identical"]) == (5, 9, 7, 2)
    assert sorted(told["first"]) == sorted(LEFT)
    plan = ours.ask("plan", "--json").json
    new = [one["drop"] for one in plan["drops"] if one["verdict"] == "new"]
    assert sorted(new) == sorted(LEFT), "a run knows which drops are left, and only these"

    runs = [feed.ask("run", "--json") for feed in (ours, theirs)]

    assert [run.code for run in runs] == [0, 0], runs[0].err
    assert runs[0].json["drops"]["new"] == len(LEFT)
    one, other = ours.tables(), theirs.tables()
    assert one.keys() == other.keys()
    for table, rows in other.items():
        assert sorted(map(repr, map(_ordered, one[table]))) == sorted(
            map(repr, map(_ordered, rows))
        ), table
    assert ours.ask("audit", "--deep").code == 0
    assert ours.task()["loaded"] == 0

    # What only a run can tell fails the task, in whose history it is seen.
    assert ours.ask("forget", "--email", "a@example.org", "--yes").code == 0
    with pytest.raises(Raised, match="only runs may load"):
        ours.task()


def _ordered(row: Row) -> list[tuple[str, object]]:
    return sorted(row.items())
