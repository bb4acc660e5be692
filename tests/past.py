"""A folder with a past: drops that were loaded, and what the tests ask of them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.command import Answer, Row, ask, select, table

HEADER = "eventId,eventType,eventDate,campaignName\n"
DATE = "2026-01-05T10:00:00Z"


def opens(*rows: str) -> str:
    """Return a drop of opens: event id and campaign name, joined by a colon."""
    cells = [row.split(":") for row in rows]
    return HEADER + "".join(f"{event},email.open,{DATE},{name}\n" for event, name in cells)


def with_a_past(folder: Path) -> Path:
    """Load three drops that carry the same events into a folder, one after the other."""
    (folder / "drops").mkdir()
    (folder / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "s"\nurl = "drops"\n'
        'exclude = ["*.log"]\n'
    )
    for name, text in {
        "a.csv": opens("1:x", "2:x", "3:x"),
        "b.csv": opens("1:x", "2:x", "4:x"),
        "c.csv": opens("2:x", "1:x"),
    }.items():
        deliver(folder, name, text)
    return folder


def copied(folder: Path, place: Path) -> Path:
    """Return a copy of such a folder, to do with as a test likes."""
    return Path(shutil.copytree(folder, place / "home"))


def deliver(home: Path, name: str, text: str) -> Answer:
    """Write a drop and run; the answer is the run's."""
    (home / "drops" / name).write_text(text)
    answer = ask("run", "--json", cwd=home)
    assert answer.code == 0, answer.err
    return answer


def events(home: Path) -> dict[str, str]:
    """Return the drop of each event, by the event's id."""
    rows = select(
        home / "events.duckdb",
        "SELECT o.event_id, d.key FROM dotdigital.email_open o"
        " JOIN dotdigital._firehose_drops d ON o._drop_id = d.drop_id ORDER BY o.event_id",
    )
    return {row["event_id"]: row["key"] for row in rows}


def ledger(home: Path) -> dict[str, Row]:
    return {row["key"]: row for row in table(home / "events.duckdb", "_firehose_drops")}


def balances(home: Path) -> bool:
    return all(
        row["rows_parsed"]
        == sum(
            count
            for name, count in row.items()
            if name.startswith("rows_") and name != "rows_parsed"
        )
        for row in ledger(home).values()
    )


def refused(home: Path, *words: str, code: int = 2) -> str:
    """Run a command that must be refused and change nothing; return its message."""
    before = everything(home)

    answer = ask(*words, "--json", cwd=home)

    assert (answer.code, answer.json["exit_code"]) == (code, code)
    assert everything(home) == before
    message: str = answer.json["errors"][0]["message"]
    return message


def everything(home: Path) -> list[list[Row]]:
    names = ("email_open", "_firehose_drops", "_firehose_duplicates", "_firehose_quarantine")
    return [table(home / "events.duckdb", name) for name in names]
