"""Whether the warehouse accounts for every row of every file, as ``audit`` tells of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from firehose_loader.audit import AuditReport
from firehose_loader.audit import audit as hold_against_files
from firehose_loader.cli import main
from firehose_loader.config import load_config
from firehose_loader.history import DropFilter
from tests.command import select

DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventType,eventDate,campaignName\n"
DROPS = {
    "a.csv": HEADER + "".join(f"{n},email.open,{DATE},x\n" for n in range(1, 6)),
    # A duplicate, a conflict, a bad date, a torn row, a good one, two more bad dates.
    "b.csv": HEADER
    + f"1,email.open,{DATE},x\n2,email.open,{DATE},y\n7,email.open,never,x\n"
    + f'8,email.open,"{DATE}\n6,sms.send,{DATE},x\n'
    + "9,sms.send,never,x\n9,sms.send,never,y\n",
    # Two events without an id that are alike, and a field that no schema knows.
    "c.ndjson": "".join(
        json.dumps({"eventType": "sms.send", "eventDate": DATE, "mood": mood}) + "\n"
        for mood in ("good", "good", "bad")
    ),
    "d.json": json.dumps([{"eventId": str(n), "eventType": "email.click"} for n in (11, 12)]),
    "empty.csv": HEADER,
    "whole.bin": "\x00\x01" * 50,
}
Named = tuple[str, str | None, int | None, str | None]
INSERTED = "rows_inserted + rows_updated"
FORGED = "INSERT INTO email_open SELECT * REPLACE ({}) FROM email_open WHERE event_id = '3'"
TAMPERING: dict[str, set[Named]] = {
    "DELETE FROM email_open WHERE event_id = '4'": {
        ("missing", "a.csv", 4, None),
        ("count", "a.csv", None, INSERTED),
    },
    "DELETE FROM email_open WHERE event_id = '1'": {
        ("missing", "a.csv", 1, None),
        ("lost", "b.csv", 1, None),
    },
    FORGED.format("'a' AS event_id, 9 AS _row"): {("extra", "a.csv", 9, None)},
    FORGED.format("'b' AS event_id"): {("twice", "a.csv", 3, None)},
    FORGED.format("'forged' AS _drop_id"): {("stranger", None, 3, None)},
    "UPDATE email_open SET _drop_id = (SELECT drop_id FROM _firehose_drops"
    " WHERE key = 'whole.bin') WHERE event_id = '5'": {
        ("missing", "a.csv", 5, None),
        ("extra", "whole.bin", 5, None),
        ("count", "whole.bin", None, INSERTED),
    },
    "UPDATE _firehose_drops SET rows_identical = rows_identical + 1,"
    " rows_inserted = rows_inserted - 1 WHERE key = 'c.ndjson'": {
        ("count", "c.ndjson", None, "rows_identical"),
        ("count", "c.ndjson", None, INSERTED),
    },
    "UPDATE _firehose_drops SET rows_parsed = 9 WHERE key = 'd.json'": {
        ("count", "d.json", None, "rows_parsed"),
    },
    "DELETE FROM _firehose_quarantine WHERE reason = 'bad_event_time' AND row_no = 3": {
        ("missing", "b.csv", 3, None),
        ("count", "b.csv", None, "rows_quarantined"),
    },
    "DELETE FROM _firehose_quarantine WHERE reason = 'conflict'": {("conflict", "b.csv", 2, None)},
    "DELETE FROM _firehose_quarantine WHERE row_no IS NULL": {("missing", "whole.bin", None, None)},
}
CELLS: dict[str, set[Named]] = {
    "UPDATE email_open SET campaign_name = 'z' WHERE event_id = '2'": {
        ("cell", "a.csv", 2, "email_open.campaign_name"),
    },
    "UPDATE sms_send SET mood = NULL, _rescued = '{\"a\": \"1\"}' WHERE mood = 'bad'": {
        ("cell", "c.ndjson", 3, "sms_send.mood"),
        ("cell", "c.ndjson", 3, "sms_send._rescued"),
    },
    # A column that came later than the row.
    "UPDATE sms_send SET mood = 'x' WHERE event_id = '6'": {
        ("cell", "b.csv", 5, "sms_send.mood"),
    },
    "UPDATE email_click SET _key = md5('x')::UUID WHERE event_id = '11'": {
        ("cell", "d.json", 1, "email_click._key"),
    },
    "INSERT INTO email_open (event_id, _key, _drop_id, _row, _schema_version, _loaded_at)"
    " SELECT event_id, _key, _drop_id, _row, _schema_version, _loaded_at FROM email_click"
    " WHERE event_id = '12'; DELETE FROM email_click WHERE event_id = '12'": {
        ("place", "d.json", 2, None),
    },
    "UPDATE _firehose_duplicates SET event_key = (SELECT _key FROM email_open"
    " WHERE event_id = '2') WHERE fate = 'identical'": {
        ("cell", "b.csv", 1, "email_open._key"),
    },
    "UPDATE _firehose_quarantine SET raw = 'x' WHERE row_no = 4": {
        ("set_aside", "b.csv", 4, "raw"),
    },
    "UPDATE _firehose_quarantine SET raw = 'x' WHERE row_no IS NULL": {
        ("set_aside", "whole.bin", None, "raw"),
    },
    "UPDATE _firehose_quarantine SET reason = 'missing_required' WHERE row_no = 6": {
        ("set_aside", "b.csv", 6, "reason"),
    },
    "UPDATE _firehose_quarantine SET state = 'removed' WHERE row_no = 7": {
        ("set_aside", "b.csv", 7, "raw"),
    },
}
"""Statements that change the database, and what each makes differ; ``CELLS`` where rows add up."""
Document = dict[str, Any]
Audit = Callable[..., Document]


@pytest.fixture(scope="module", name="home")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with drops of all kinds that were loaded in two runs."""
    home = tmp_path_factory.mktemp("home")
    (home / "drops").mkdir()
    config = home / "firehose.toml"
    config.write_text(
        f'[warehouse]\nurl = "{home}/events.duckdb"\n[[source]]\nname = "s"\nurl = "{home}/drops"\n'
    )
    for names in (["a.csv"], list(DROPS)[1:]):
        for name in names:
            (home / "drops" / name).write_text(DROPS[name])
        assert main(["run", "-c", str(config), "--json"]) == 0
    return home


@pytest.fixture
def database(home: Path, tmp_path: Path) -> Path:
    """A copy of the database, for a test of its own."""
    return Path(shutil.copy(home / "events.duckdb", tmp_path / "events.duckdb"))


@pytest.fixture
def audit(home: Path, database: Path, capsys: pytest.CaptureFixture[str]) -> Audit:
    """Audit the copy; return the document."""

    def audit(*words: str, config: Path = home / "firehose.toml") -> Document:
        capsys.readouterr()
        given = ["audit", *words, "--into", str(database), "-c", str(config), "--json"]
        code = main(given)
        document: Document = json.loads(capsys.readouterr().out)
        assert document["exit_code"] == code
        return document

    return audit


def change(database: Path, sql: str) -> None:
    """Change a database by hand; there must be something to change."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("USE dotdigital")
        assert connection.execute(sql).fetchall() != [(0,)], sql


def test_every_row_of_every_file_is_accounted_for(audit: Audit) -> None:
    found = audit()

    assert (found["exit_code"], found["cells"]) == (0, None)
    assert found["drops"] == {"audited": 6, "different": 0, "not_read": 0}
    assert found["rows"] == {
        "in_files": 17,
        "parsed": 17,
        "inserted": 11,
        "updated": 0,
        "identical": 1,
        "superseded": 0,
        "conflicting": 1,
        "quarantined": 4,
        "expired": 0,
    }
    assert found["differences"] == found["not_read"] == []


def test_every_cell_is_what_its_file_gives(audit: Audit, database: Path) -> None:
    found = audit("--deep")

    columns = {
        table: len(select(database, f"SELECT * FROM dotdigital.{table} LIMIT 1")[0]) - 5
        for table in ("email_open", "email_click", "sms_send")
    }
    assert (found["exit_code"], found["differences"]) == (0, [])
    assert found["cells"] == (
        5 * columns["email_open"] + 2 * columns["email_click"] + 4 * columns["sms_send"]
    )


def test_a_part_of_the_ledger_may_be_chosen(audit: Audit) -> None:
    assert audit("a.csv", "d.json")["rows"]["in_files"] == 7
    assert audit("--event-type", "email.click")["drops"]["audited"] == 1
    assert audit("--source", "s", "--until", "2020-01-01", "--json")["exit_code"] == 2
    assert "nowhere" in audit("nowhere")["errors"][0]["message"]


@pytest.fixture(scope="module", name="tampered")
def changed_by_hand(home: Path, tmp_path_factory: pytest.TempPathFactory) -> set[Named]:
    """What an audit names in a database that was changed by hand in many places."""
    database = Path(
        shutil.copy(home / "events.duckdb", tmp_path_factory.mktemp("tampered") / "events.duckdb")
    )
    for sql in TAMPERING:
        change(database, sql)
    return named_by_audit(home, database)


@pytest.fixture(scope="module", name="retouched")
def cells_changed_by_hand(home: Path, tmp_path_factory: pytest.TempPathFactory) -> set[Named]:
    """What a deep audit names in a database whose rows add up, though some say something else."""
    database = Path(
        shutil.copy(home / "events.duckdb", tmp_path_factory.mktemp("cells") / "events.duckdb")
    )
    for sql in CELLS:
        change(database, sql)
    assert named_by_audit(home, database) == set()
    return named_by_audit(home, database, deep=True)


def named_by_audit(home: Path, database: Path, *, deep: bool = False) -> set[Named]:
    report = AuditReport(limit=100)
    config = load_config(home / "firehose.toml", into=str(database))
    hold_against_files(config, [DropFilter()], report, lambda _event: None, deep=deep)
    assert report.found.total() == len(report.differences)
    return {(str(one.kind), one.drop, one.row, one.column) for one in report.differences}


@pytest.mark.parametrize("sql", TAMPERING)
def test_what_was_changed_by_hand_is_found_and_named(sql: str, tampered: set[Named]) -> None:
    assert TAMPERING[sql] <= tampered


@pytest.mark.parametrize("sql", CELLS)
def test_a_cell_that_was_changed_by_hand_is_found_and_named(
    sql: str, retouched: set[Named]
) -> None:
    assert CELLS[sql] <= retouched


def test_nothing_is_named_that_was_not_changed(tampered: set[Named], retouched: set[Named]) -> None:
    assert tampered == set().union(*TAMPERING.values())
    assert retouched == set().union(*CELLS.values())


def test_a_conflict_is_noted_in_two_places(audit: Audit, database: Path) -> None:
    change(database, "DELETE FROM _firehose_duplicates WHERE fate = 'conflicting'")

    found = audit("b.csv")["differences"]

    assert {(one["kind"], one["row"]) for one in found} == {
        ("conflict", 2),
        ("missing", 2),
        ("count", None),
    }


def test_a_ledger_row_that_was_removed_leaves_strangers(audit: Audit, database: Path) -> None:
    change(database, "DELETE FROM _firehose_drops WHERE key = 'a.csv'")

    found = audit("--limit", "2")

    assert (found["exit_code"], found["found"]) == (6, {"stranger": 5})
    assert [(one["kind"], one["row"]) for one in found["differences"]] == [
        ("stranger", 1),
        ("stranger", 2),
    ]


def test_a_table_that_was_emptied_is_told_by_its_first_rows(audit: Audit, database: Path) -> None:
    change(database, "DELETE FROM email_open")

    found = audit("--limit", "3")

    assert found["found"] == {"count": 1, "lost": 1, "missing": 5}
    assert len(found["differences"]) == 3
    assert found["drops"]["different"] == 2


def test_a_file_that_is_gone_or_changed_is_told_and_the_tables_are_held_against_the_ledger(
    home: Path, audit: Audit, database: Path
) -> None:
    gone, changed = home / "drops" / "a.csv", home / "drops" / "d.json"
    gone.rename(home / "aside")
    changed.rename(home / "as-it-was")
    changed.write_text("[]")
    try:
        found = audit()
        change(database, "DELETE FROM email_open WHERE event_id = '4'")
        worse = audit()
    finally:
        (home / "aside").rename(gone)
        (home / "as-it-was").rename(changed)

    assert found["exit_code"] == 4
    assert [(one["drop"], one["why"]) for one in found["not_read"]] == [
        ("a.csv", "gone"),
        ("d.json", "changed"),
    ]
    assert found["drops"] == {"audited": 6, "different": 0, "not_read": 2}
    assert worse["exit_code"] == 6
    assert ("missing", "a.csv", 4) in [
        (one["kind"], one["drop"], one["row"]) for one in worse["differences"]
    ]


def test_a_file_that_was_cut_behind_the_back_of_its_place_differs(home: Path, audit: Audit) -> None:
    """Size and time are what a folder tells of a file; here they stay as they were."""
    file = home / "drops" / "a.csv"
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    last = f"5,email.open,{DATE},x\n"
    file.write_text(DROPS["a.csv"].replace(last, "\n" * len(last)))
    os.utime(file, ns=times)
    try:
        found = audit("a.csv")
    finally:
        file.write_text(DROPS["a.csv"])
        os.utime(file, ns=times)

    assert found["exit_code"] == 6
    assert [(one["kind"], one["row"], one["column"]) for one in found["differences"]] == [
        ("count", None, "rows_parsed"),
        ("extra", 5, None),
    ]
