"""``inspect`` tells of a drop what ``run`` makes of it, whatever form the drop comes in."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.command import Row, ask, event_tables, select, table

pytestmark = pytest.mark.xdist_group("inspect agrees")  # one run and one look serve all

EVENTS: list[Row] = [
    {
        "eventId": "{}-1",
        "eventDate": "2026-01-05T10:00:00Z",
        "email": "a@example.com",
        "size": "42",
    },
    {"eventId": "{}-2", "eventDate": "1767607200", "email": "ü@example.com", "size": ""},
    {"eventId": "{}-3", "eventDate": "yesterday", "email": 'c"; \t|,@example.com', "size": "43"},
    {"eventId": "{}-4", "eventDate": "NULL", "contactId": "x-7", "isForward": "yes"},
    {"eventId": "{}-4", "eventDate": "", "contactId": "x-7", "isForward": "yes"},
]
"""One row is of a bad time, one has a value that does not fit, and one comes twice."""


def rows_of(name: str) -> list[Row]:
    return [{**row, "eventId": row["eventId"].format(name)} for row in EVENTS]


def csv_of(name: str, delimiter: str = ",", end: str = "\n", *, more: str = "") -> str:
    rows = rows_of(name)
    header = list(dict.fromkeys(field for row in rows for field in row))
    cells = [header, *([row.get(field, "") for field in header] for row in rows)]
    lines = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in cells)
    return end.join([*lines, more])


def lines_of(name: str) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows_of(name))


def zipped(**members: str) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, text in members.items():
                archive.writestr(name, text)
        return file.getvalue()


ODD: dict[str, bytes | str] = {
    "email.open/semicolon": csv_of("semicolon", ";", "\r\n"),
    "email.open/tab": csv_of("tab", "\t", "\r"),
    "email.open/pipe.csv.gz": gzip.compress(csv_of("pipe", "|").encode("utf-8-sig")),
    "email.open/utf16": csv_of("utf16").encode("utf-16"),
    "email.open/windows": csv_of("windows", ";").encode("cp1252"),
    "email.open/torn.csv": csv_of("torn", more='"8","2026'),
    "email.open/ragged.csv": csv_of("ragged", more="9\n1,2,3,4,5,6,7,8,9\n"),
    "email.open/cut.gz": gzip.compress(csv_of("cut").encode())[:-20],
    "email.open/two.zip": zipped(a=csv_of("two"), b=lines_of("and")),
    "email.open/lines.json": lines_of("lines") + "{torn\n[]\n{}\n",
    "email.open/wrapped": json.dumps({"accountId": 7, "events": rows_of("wrapped")}, indent=1),
    "mixed/array": json.dumps(
        [
            {**row, "type": kind, "data": {"campaignId": 5, "tags": ["a"]}}
            for kind in ("email.click", "smsSend", "teleport")
            for row in rows_of(kind)
        ]
    ),
    "mixed/cut-array": "[" + ",".join(map(json.dumps, rows_of("half"))) + ',{"eventId"',
    "header-only": "eventId,eventType\n",
    "no-header": "1,2026-01-05T10:00:00Z\n2,2026-01-05T10:00:00Z\n",
    "nothing": b"",
    "binary": bytes(range(256)) * 9,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with drops of all kinds and a database into which all were loaded."""
    home = tmp_path_factory.mktemp("agrees")
    options = ("--events", 120, "--drops", 6, "--bad", 0.05, "--late", 0.1, "--drift")
    types = ("--event-type", "email.open", "--event-type", "sms.send")
    sampled = ask("sample", "drops", *options, *types, cwd=home)
    assert sampled.code == 0, sampled.err
    for name, content in ODD.items():
        path = home / "drops/odd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    answer = ask("run", "drops", "--into", "e.duckdb", cwd=home)
    assert answer.code == 0, answer.err
    return home


@pytest.fixture(scope="module")
def looks(home: Path) -> dict[str, Any]:
    """What ``inspect`` tells of every drop, by its key."""
    answer = ask("inspect", "drops", "--limit", 1000, "--rows", 10_000, "--json", cwd=home)
    assert answer.code == 0, answer.err
    return {drop["drop"]: drop for drop in answer.json["drops"]}


@pytest.fixture(scope="module")
def ledger(home: Path) -> dict[str, Row]:
    return {row["key"]: row for row in table(home / "e.duckdb", "_firehose_drops")}


def test_every_drop_is_recognised_alike(looks: dict[str, Any], ledger: dict[str, Row]) -> None:
    assert len(ledger) >= 6 + len(ODD)
    assert {
        key: look["content"]
        and (look["content"]["format"], look["content"]["compression"], look["content"]["header"])
        for key, look in looks.items()
    } == {
        key: (row["format"], row["compression"], row["header"] or []) if row["format"] else None
        for key, row in ledger.items()
    }


def test_its_rows_have_the_same_fate(looks: dict[str, Any], ledger: dict[str, Row]) -> None:
    assert {key: look["rows"] for key, look in looks.items()} == {
        key: {
            "parsed": row["rows_parsed"],
            "inserted": row["rows_inserted"],
            "duplicate": row["rows_identical"] + row["rows_superseded"] + row["rows_conflicting"],
            "quarantined": row["rows_quarantined"],
            "expired": row["rows_expired"],
        }
        for key, row in ledger.items()
    }
    assert not any(look["failed"] for look in looks.values())


def test_what_is_set_aside_is_told_with_the_same_reason(home: Path, looks: dict[str, Any]) -> None:
    names = ("row", "line", "event_type", "reason", "field", "message")
    quarantine = select(
        home / "e.duckdb",
        "SELECT key, row_no AS row, q.line, event_type, reason, field, q.message"
        " FROM dotdigital._firehose_quarantine AS q"
        " INNER JOIN dotdigital._firehose_drops AS d USING (drop_id)",
    )

    told = Counter(
        (key, *map(of.get, names)) for key, one in looks.items() for of in one["set_aside"]
    )

    assert told == Counter((of["key"], *map(of.get, names)) for of in quarantine)
    assert {of["reason"] for of in quarantine} >= {
        "unparseable",
        "bad_event_time",
        "missing_required",
    }


def test_its_rows_land_in_the_same_tables_and_columns(
    home: Path, looks: dict[str, Any], ledger: dict[str, Row]
) -> None:
    drop_ids = {row["drop_id"]: key for key, row in ledger.items()}
    landed: Counter[tuple[str, str, str]] = Counter()
    for name in event_tables(home / "e.duckdb"):
        for row in table(home / "e.duckdb", name):
            of = drop_ids[row["_drop_id"]], name
            landed.update((*of, column) for column, value in row.items() if value is not None)
    told: Counter[tuple[str, str, str]] = Counter()
    for key, look in looks.items():
        for of in look["event_types"]:
            told.update(
                {
                    (key, of["table"], field["column"]): field["filled"]
                    for field in of["fields"]
                    if field["column"] and field["filled"]
                }
            )

    assert told == Counter({of: n for of, n in landed.items() if not of[2].startswith("_")})
