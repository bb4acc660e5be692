"""What is too old goes, by the command line, and stays away."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.command import Answer, ask, select, table

NOW = datetime.now(UTC)
OLD, YOUNG = (f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (40, 2))
HEADER = "eventId,eventDate,email\n"
JO = "jo@example.com"


class Home:
    """A folder with drops, a configuration and a database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "events.duckdb"

    def keep(self, retention: str = "", of_source: str = "") -> None:
        """Write a configuration."""
        (self.folder / "firehose.toml").write_text(
            f'{retention}\n[warehouse]\nurl = "events.duckdb"\n'
            f'[[source]]\nname = "feed"\nurl = "drops"\n{of_source}\n'
        )

    def ask(self, *words: object) -> Answer:
        return ask(*words, cwd=self.folder)

    def drop(self, name: str, text: str) -> None:
        (self.folder / "drops" / name).write_text(text)

    def counts(self) -> dict[str, int]:
        (row,) = select(
            self.database,
            "SELECT sum(rows_parsed)::INT AS parsed, sum(rows_inserted)::INT AS inserted,"
            " sum(rows_identical)::INT AS identical, sum(rows_quarantined)::INT AS quarantined,"
            " sum(rows_expired)::INT AS expired FROM dotdigital._firehose_drops",
        )
        return {name: count for name, count in row.items() if count}

    def texts(self) -> str:
        names = select(self.database, "SELECT table_name FROM duckdb_tables()")
        return str([table(self.database, row["table_name"]) for row in names]).lower()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Old rows among young ones, loaded once for all tests."""
    home = Home(tmp_path_factory.mktemp("expire"))
    (home.folder / "drops").mkdir()
    home.keep()
    rows = "".join(f"{n},{OLD},{JO}\n" for n in range(1, 8))
    home.drop("email.open.a.csv", f"{HEADER}{rows}8,{YOUNG},al@example.com\n9,never,al@x.com\n")
    home.drop("email.open.b.csv", f"{HEADER}1,{OLD},{JO}\n")
    home.drop("email.click.c.csv", f"{HEADER}c1,{OLD},cy@example.com\n")
    assert home.ask("run").code == 0
    return home.folder


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Home:
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True, copy_function=shutil.copy2)
    return Home(tmp_path)


def test_what_is_too_old_goes_and_stays_away_through_replays_and_late_drops(home: Home) -> None:
    home.keep('retention = {"email.open" = 30}')

    would = home.ask("expire", "--dry-run", "--json").json
    done = home.ask("expire", "--yes", "--json", "--rows-per-transaction", 3)
    after = home.counts()
    home.drop("email.open.late.csv", f"{HEADER}1,{OLD},{JO}\n10,{OLD},{JO}\n11,{YOUNG},al@x.com\n")
    late = home.ask("run", "--strict", "--json")
    home.keep()  # what was removed stays away whatever is configured now
    replayed = home.ask("replay", "--source", "feed", "--json")
    audit = home.ask("audit", "--deep", "--json")

    assert done.code == 0, done.err
    assert {name: done.json[name] for name in ("events", "duplicates", "quarantine")} == {
        name: would[name] for name in ("events", "duplicates", "quarantine")
    }
    assert (done.json["tables"], done.json["transactions"]) == ({"email_open": 7}, 3)
    assert after == {"parsed": 11, "inserted": 2, "quarantined": 1, "expired": 8}
    assert (late.code, late.json["rows"]["expired"], late.json["status"]) == (0, 2, "ok")
    assert replayed.code == 0, replayed.err
    assert (audit.code, audit.json["differences"]) == (0, []), audit.out
    assert home.counts() == {"parsed": 14, "inserted": 3, "quarantined": 1, "expired": 10}
    assert JO not in home.texts()
    assert home.ask("expire", "--yes").code == 2  # there is no retention
    explained = home.ask("explain", "email.open.b.csv").out
    assert "1 older than their retention" in explained


@pytest.mark.parametrize("expired", [False, True], ids=["came too old", "became too old"])
def test_no_text_is_looked_for_of_drops_that_are_set_aside_whole_and_too_old(
    tmp_path: Path, *, expired: bool
) -> None:
    home = Home(tmp_path)
    (tmp_path / "drops").mkdir()
    home.keep("" if expired else "retention = 30")
    home.drop("a.pdf", "%PDF-1.4 nothing")
    moment = (NOW - timedelta(days=40)).timestamp()
    os.utime(tmp_path / "drops" / "a.pdf", (moment, moment))
    assert home.ask("run").code == 0
    if expired:
        home.keep("retention = 30")
        assert home.ask("expire", "--yes").code == 0
    home.keep()  # whatever is configured when it is audited

    audit = home.ask("audit", "--deep", "--json")

    assert (audit.code, audit.json["differences"]) == (0, []), audit.out


def test_a_text_that_was_kept_of_a_drop_is_held_against_its_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "drops").mkdir()
    home.keep()
    home.drop("a.pdf", "%PDF-1.4 nothing")
    assert home.ask("run").code == 0
    with duckdb.connect(str(home.database)) as connection:
        connection.execute("UPDATE dotdigital._firehose_quarantine SET raw = ''")

    audit = home.ask("audit", "--deep", "--json")

    assert audit.code == 6
    assert [one["kind"] for one in audit.json["differences"]] == ["set_aside"]


def test_a_run_passes_over_what_is_too_old_and_a_longer_retention_lets_a_replay_load_it(
    home: Home,
) -> None:
    home.database.unlink()
    home.keep(of_source="retention = 30")

    run = home.ask("run", "--json").json
    audit = home.ask("audit", "--deep", "--json")
    texts = home.texts()
    home.keep("retention = 30", of_source='retention = "forever"')
    replayed = home.ask("replay", "--source", "feed", "--json").json

    assert (run["rows"]["inserted"], run["rows"]["expired"]) == (1, 9)
    assert JO not in texts
    assert (audit.code, audit.json["differences"]) == (0, []), audit.out
    assert (replayed["rows"]["inserted"], replayed["rows"]["expired"]) == (9, 0)


def test_held_rows_that_turn_out_too_old_are_not_loaded(home: Home) -> None:
    home.drop("email.open.t.csv", f"{HEADER},{OLD},{JO}\n20,{OLD},{JO},more\n")
    torn = {"eventType": "email.open", "eventDate": OLD, "eventId": "21", "email": JO}
    home.drop("torn.json", json.dumps(torn))
    home.ask("run")
    home.keep("retention = 30")

    home.ask("expire", "--yes")
    retried = home.ask("quarantine", "retry", "--json")

    assert retried.code == 0, retried.err
    assert home.ask("audit", "--deep", "--json").json["differences"] == []
    assert [row["event_id"] for row in table(home.database, "email_open")] == ["8"]


@pytest.mark.parametrize(
    ("retention", "words", "told"),
    [
        ("", (), "no retention is configured"),
        ("retention = 30", ("--source", "fed"), "there is no source 'fed'"),
        ("retention = 30", ("--event-type", "email.opne"), "did you mean 'email.open'?"),
        ('retention = {"email.opne" = 30}', (), "did you mean 'email.open'?"),
        ("retention = 0", (), "write days, from 1 to 36500, or forever"),
        ('retention = {"*" = "never"}', (), "write days, from 1 to 36500, or forever"),
        ("retention = true", (), "write days, from 1 to 36500, or forever"),
    ],
)
def test_what_cannot_be_meant_is_told_and_changes_nothing(
    home: Home, retention: str, words: tuple[str, ...], told: str
) -> None:
    before = home.database.read_bytes()
    home.keep(retention)

    refused = home.ask("expire", "--yes", *words)

    assert (refused.code, told in refused.err) == (2, True), refused.err
    assert home.database.read_bytes() == before


def test_nothing_is_removed_without_a_word(home: Home) -> None:
    home.keep("retention = 30")
    before = home.counts()

    assert home.ask("expire").code == 2

    assert home.counts() == before
