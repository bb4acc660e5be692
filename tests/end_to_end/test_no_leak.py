"""A load with every policy on, and a search of all that it wrote for the people it was about."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import Answer, ask, call, select

pytestmark = pytest.mark.xdist_group("no leak")  # one load serves all

DATE = "2026-01-05T10:00:00Z"
KEY = "a key that must never be shown"
CONFIG = f"""
spool = "spool"
[warehouse]
url = "out/events.duckdb"
[[source]]
name = "feed"
url = "drops"
drift = {{ "*" = "evolve", "sms.send" = "rescue" }}
[pii]
key_id = "k1"
key = "{KEY}"
[pii.policy]
email = "hash"
phone = "hash"
ip = "truncate"
user_agent = "truncate"
free_text = "hash"
url_query = "hash"
id = "hash"
"""


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    phone: str
    ip: str


PEOPLE = [
    Person(
        f"Person.{n:04}@Secret-{n % 7}.example",
        f"+4477009{n:05}",
        f"198.{18 + n % 2}.{n // 8}.{n % 251 + 1}",
    )
    for n in range(300)
]
NEEDLES = {
    "@secret-": [one.email.lower() for one in PEOPLE],
    "4477009": [needle for one in PEOPLE for needle in (one.phone, one.phone[1:])],
    "198.1": [one.ip for one in PEOPLE],
}
"""By what stands in each of them: a text without that has none, and is searched once."""


@dataclass(frozen=True, slots=True)
class Loaded:
    folder: Path
    answers: tuple[Answer, ...]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """All of them in CSV, NDJSON and a JSON array, in known fields and wherever they may be."""
    folder = tmp_path_factory.mktemp("no-leak")
    for name in ("drops", "spool", "out"):
        (folder / name).mkdir()
    (folder / "firehose.toml").write_text(CONFIG)
    put_drops(folder / "drops")
    words = (
        ("run", "--json", "--profile"),
        ("run", "--profile"),
        ("inspect", "drops", "--json"),
        *(
            ("inspect", f"drops/{name}")
            for name in ("email.click.csv", "email.open.csv", "zz.json")
        ),
        ("quarantine", "list", "--json"),
        ("quarantine", "retry", "--json"),
        ("schema", "evidence", "--json"),
        ("status", "--json"),
        ("report", "--output", "out/report.html", "--json"),
    )
    with _log_kept(folder / "out"):
        first = call(*words[0], cwd=folder)
    return Loaded(folder, (first, *(ask(*one, cwd=folder) for one in words[1:])))


def put_drops(folder: Path) -> None:
    """Write drops that are about all of them."""
    (folder / "email.click.csv").write_text(_csv(), newline="")
    (folder / "email.reply.json").write_text("\n".join(_lines()))
    (folder / "sms.send.json").write_text(json.dumps(list(_sms())))
    (folder / "email.open.csv").write_text(f"{PEOPLE[0].email},{DATE}\n{PEOPLE[1].email},{DATE}\n")
    (folder / "zz.json").write_text(f"[{{'{PEOPLE[2].email}'")


def named_in(texts: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return who is named in texts, with the names of these."""
    return {
        (name, needle)
        for name, text in texts
        for lower in (text.lower(),)
        for stem, needles in NEEDLES.items()
        if stem in lower
        for needle in needles
        if needle in lower
    }


@contextmanager
def _log_kept(folder: Path) -> Iterator[None]:
    """Keep what the log of the engine held while rows were loaded; closing the file ends it."""
    log, copy, done = folder / "events.duckdb.wal", folder / "kept.wal", threading.Event()

    def keep() -> None:
        kept = 0
        while not done.wait(0.002):
            with suppress(FileNotFoundError):
                held = log.read_bytes()
                if len(held) > kept:
                    kept = copy.write_bytes(held)

    watcher = threading.Thread(target=keep)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _csv() -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            "eventId",
            "eventDate",
            "contactId",
            "email",
            "ipAddress",
            "userAgent",
            "url",
            "campaignId",
            "campaignName",
            "alternative",
            "backupMail",
            "extra",
        ]
    )
    for n, one in enumerate(PEOPLE):
        url = f"https://shop.example/u/{one.email}?to={one.email}&ip={one.ip}"
        nested = json.dumps({"who": [one.email, {"tel": one.phone}], "note": f"from {one.ip}!"})
        row = [f"c{n % 270}", DATE, n, one.email, one.ip, f"Agent of {one.email}", url, n,
               f"for {one.email}", one.phone, f"{one.email} or {one.phone}", nested]  # fmt: skip
        match n % 10:
            case 1:  # a value that does not fit its field
                row[7] = one.email
            case 2:  # a row that cannot be loaded
                row[1] = f"yesterday, {one.email}"
            case 3:  # no id
                row[0] = ""
            case 4:  # too many cells
                row += [one.email, one.phone]
            case _:
                pass
        writer.writerow(row)
    return text.getvalue()


def _lines() -> Iterator[str]:
    for n, one in enumerate(PEOPLE):
        data = {
            "email": one.email,
            "fromAddress": one.email.upper(),
            "message": f"I am {one.email}, {one.phone}",
            "ipAddress": one.ip,
            "profile": {"contact": {"mobile": one.phone}, "seen": [one.ip], one.email: 1},
        }
        line = json.dumps({"id": f"r{n}", "type": "email.reply", "eventDate": DATE, "data": data})
        yield line if n % 9 else line[:-5]


def _sms() -> Iterator[dict[str, object]]:
    for n, one in enumerate(PEOPLE):
        yield {
            "eventId": f"s{n}",
            "eventType": "sms.send",
            "eventDate": DATE if n % 9 else one.phone,
            "phone": one.phone,
            "unheardOf": f"{one.email} {one.ip}",
            "nested": {"deep": [{"deeper": one.email}]},
        }


def _written(loaded: Loaded) -> Iterator[tuple[str, str]]:
    """Yield all that was written: files as they are, tables as text, what was said."""
    for place in ("out", "spool"):
        for path in (loaded.folder / place).rglob("*"):
            if path.is_file():
                yield path.name, path.read_bytes().decode("latin-1")
    database = loaded.folder / "out" / "events.duckdb"
    tables = select(database, "SELECT table_name FROM duckdb_tables() WHERE NOT temporary")
    for name in [row["table_name"] for row in tables]:
        yield name, json.dumps(select(database, f'FROM dotdigital."{name}"'), default=str)
    for number, answer in enumerate(loaded.answers):
        yield f"answer {number}", answer.out + answer.err


def test_none_of_the_people_is_in_anything_that_was_written(loaded: Loaded) -> None:
    assert not named_in(_written(loaded))


def test_the_log_and_the_report_were_searched_too(loaded: Loaded) -> None:
    assert b"_firehose_drops" in (loaded.folder / "out" / "kept.wal").read_bytes()
    assert "email.reply" in (loaded.folder / "out" / "report.html").read_text()


def test_the_key_is_in_nothing_that_was_written(loaded: Loaded) -> None:
    assert [name for name, text in _written(loaded) if KEY in text] == []


def test_everything_was_loaded_or_set_aside(loaded: Loaded) -> None:
    first = loaded.answers[0]
    rows = first.json["rows"]

    assert [answer.code for answer in loaded.answers] == [0] * len(loaded.answers)
    assert rows["parsed"] == rows["inserted"] + rows["duplicate"] + rows["quarantined"] > 900
    assert rows["inserted"] > 600
    assert rows["duplicate"] > 15


def test_the_hashes_of_one_person_join_over_tables_and_columns(loaded: Loaded) -> None:
    (row,) = select(
        loaded.folder / "out" / "events.duckdb",
        "SELECT count(DISTINCT c.email) AS people FROM dotdigital.email_click AS c"
        " JOIN dotdigital.email_reply AS r ON c.email = r.email AND r.from_address = c.email",
    )

    assert row["people"] > 150


def test_the_spool_is_empty_afterwards(loaded: Loaded) -> None:
    assert [path.name for path in (loaded.folder / "spool").rglob("*")] == []


def test_rows_that_were_masked_are_told_to_need_their_drop(loaded: Loaded) -> None:
    retried = loaded.answers[7].json

    assert retried["accepted"] == retried["still_held"] == 0
    assert retried["need_replay"] > 30
