"""Feeds whose names and event types are as awkward as can be, in every form."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.command import Row, load, select, table
from tests.end_to_end.test_changing_feed import as_csv, as_lines

OWN_NAMES = [
    "_key",
    "rowid",
    "_drop_id",
    "_row",
    "_rescued",
    "_schema_version",
    "_loaded_at",
    "_file",
    "seq",
    "drop_no",
    "row_no",
    "type_no",
]
"""Names that the loader, its staging tables or the engine use for themselves."""
TYPES = ("email.open", "emailClick", "SMS_SEND", "shop.teleport")
TABLES = ("email_open", "email_click", "sms_send", "unknown")


def as_array(rows: Sequence[Row]) -> str:
    return json.dumps(rows, indent=1)


def torn(write: Callable[[Sequence[Row]], str]) -> Callable[[Sequence[Row]], str]:
    """Have the strict parser read it: the last line is none."""
    return lambda rows: write(rows) + '"torn'


FORMS = {
    "csv": as_csv,
    "lines": as_lines,
    "array": as_array,
    "csv, torn": torn(as_csv),
    "lines, torn": torn(as_lines),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run over drops of each form: event types that take turns, and names of our own."""
    home = tmp_path_factory.mktemp("feeds")
    (home / "drops").mkdir()
    for form, write in FORMS.items():
        turns = [
            {"eventId": f"{form} {n}", "eventType": TYPES[n % 4], f"only{n % 4}": str(n)}
            for n in range(12)
        ]
        (home / f"drops/{form} turns").write_text(write(turns))
        names = {"eventId": form, "eventType": "email.reply"}
        names |= {name: f"{form} {name}" for name in OWN_NAMES}
        (home / f"drops/{form} names").write_text(write([names, {**names, "eventId": f"{form}2"}]))
    answer = load(home / "drops", home / "e.duckdb").json
    assert answer["drops"]["loaded"] == 2 * len(FORMS)
    rows = answer["rows"]
    good = 14 * len(FORMS)
    assert (rows["parsed"], rows["inserted"], rows["quarantined"]) == (good + 4, good, 4)
    return home / "e.duckdb"


@pytest.mark.parametrize("form", FORMS)
def test_event_types_may_take_turns_row_by_row(database: Path, form: str) -> None:
    for number, name in enumerate(TABLES):
        found = select(
            database,
            f'SELECT _row, event_id, only{number} AS "only" FROM dotdigital.{name}'
            " WHERE starts_with(event_id, ? || ' ') ORDER BY _row",
            [form],
        )
        assert found == [
            {"_row": n + 1, "event_id": f"{form} {n}", "only": str(n)} for n in range(number, 12, 4)
        ]


@pytest.mark.parametrize("form", FORMS)
def test_fields_may_have_the_names_of_what_is_the_loaders_own(database: Path, form: str) -> None:
    first, second = (
        row for row in table(database, "email_reply") if row["event_id"] in {form, f"{form}2"}
    )

    assert sorted(str(value) for value in first.values() if str(value).startswith(form)) == sorted(
        [form, *(f"{form} {name}" for name in OWN_NAMES)]
    )
    assert first["_key"] != second["_key"]
    assert (first["_row"], second["_row"]) in {(1, 2), (2, 1)}
    assert first["_rescued"] is None


def test_event_types_may_have_the_names_of_what_is_the_loaders_own(tmp_path: Path) -> None:
    names = ("events", "_firehose_drops", "Firehose Drops", "staged_keys", "main", "dotdigital", "")
    (tmp_path / "drops").mkdir()
    rows = [{"eventId": str(n), "eventType": name} for n, name in enumerate(names)]
    (tmp_path / "drops/a.csv").write_text(as_csv(rows))

    first = load(tmp_path / "drops", tmp_path / "e.duckdb").json
    again = load(tmp_path / "drops", tmp_path / "e.duckdb").json

    assert first["rows"]["inserted"] == len(names)
    assert (again["exit_code"], again["drops"]["new"]) == (0, 0)
    told = select(tmp_path / "e.duckdb", "SELECT event_type FROM dotdigital.unknown ORDER BY _row")
    assert [row["event_type"] or "" for row in told] == list(names)
    assert len(table(tmp_path / "e.duckdb", "_firehose_drops")) == 1
