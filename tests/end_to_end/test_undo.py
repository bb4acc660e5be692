"""Drops are taken out exactly, or not at all, and the next run brings them back."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.command import ask, held, table
from tests.past import DATE, HEADER, balances, deliver, events, ledger, opens, refused
from tests.schema_documents import a_document, write


def test_an_undone_drop_leaves_the_events_that_others_carried_to_one_of_these(home: Path) -> None:
    preview = ask("undo", "a.csv", "--preview", "--json", cwd=home)
    previewed = events(home)

    answer = ask("undo", "a.csv", "--yes", "--json", cwd=home)

    assert previewed == {"1": "a.csv", "2": "a.csv", "3": "a.csv", "4": "b.csv"}
    assert answer.json == {
        "preview": False,
        "drops": 1,
        "removed": 1,
        "handed_over": 2,
        "set_aside": 0,
        "conflicts": 0,
    }
    assert preview.json == {**answer.json, "preview": True}
    assert events(home) == {"1": "b.csv", "2": "b.csv", "4": "b.csv"}
    rows = table(home / "events.duckdb", "email_open")
    assert {row["event_id"]: row["_row"] for row in rows} == {"1": 1, "2": 2, "4": 3}
    states = {key: (row["state"], row["rows_inserted"]) for key, row in ledger(home).items()}
    assert states == {"a.csv": ("undone", 0), "b.csv": ("loaded", 3), "c.csv": ("loaded", 0)}
    assert balances(home)


def test_after_the_next_run_everything_is_back(home: Path) -> None:
    before = set(events(home))
    ask("undo", "a.csv", "--yes", cwd=home)

    again = ask("run", "--json", cwd=home)

    assert again.json["rows"]["inserted"] == 1
    assert again.json["rows"]["duplicate"] == 2
    assert set(events(home)) == before
    assert balances(home)


def test_a_run_is_undone_and_events_go_on_from_heir_to_heir(home: Path) -> None:
    run_id = ledger(home)["a.csv"]["run_id"]
    ask("undo", "--run", run_id, "--yes", cwd=home)
    ask("undo", "b.csv", "--yes", cwd=home)

    assert events(home) == {"1": "c.csv", "2": "c.csv"}
    assert balances(home)
    last = ask("undo", "c.csv", "--yes", cwd=home)
    assert "2 events taken out, 0 left to other drops" in last.out
    assert events(home) == {}


def test_undo_says_which_conflicts_can_be_retried_and_these_are_loaded(home: Path) -> None:
    deliver(home, "d.csv", opens("3:other"))

    answer = ask("undo", "a.csv", "--yes", "--json", cwd=home)
    retried = ask("quarantine", "retry", "--reason", "conflict", "--json", cwd=home)

    assert answer.json["conflicts"] == 1
    assert retried.json["inserted"] == 1
    assert events(home)["3"] == "d.csv"
    assert balances(home)


def test_undo_closes_what_is_held_of_a_drop_and_the_next_run_opens_it(home: Path) -> None:
    deliver(home, "d.csv", opens("9:x") + "10,email.open,never,x\n")

    answer = ask("undo", "d.csv", "--yes", "--json", cwd=home)
    closed = [row["state"] for row in table(home / "events.duckdb", "_firehose_quarantine")]
    ask("run", cwd=home)

    assert answer.json["set_aside"] == 1
    assert closed == ["undone"]
    states = [row["state"] for row in table(home / "events.duckdb", "_firehose_quarantine")]
    assert states == ["held"]
    assert balances(home)


def test_undo_is_refused_where_another_drop_told_an_event_otherwise(home: Path) -> None:
    header = HEADER.replace("\n", ",processedDate\n")
    deliver(home, "d.csv", f"{header}3,email.open,{DATE},x,{DATE}\n")
    drop_id = ledger(home)["d.csv"]["drop_id"]

    told = refused(home, "undo", "a.csv", "--yes")
    together = ask("undo", "a.csv", "d.csv", "--yes", "--json", cwd=home)
    ask("run", cwd=home)

    assert "with columns that differ" in told
    assert drop_id in told
    assert together.json["removed"] == 1
    assert set(events(home)) == {"1", "2", "3", "4"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM dotdigital.email_open WHERE event_id = '3'", "and 2 are there"),
        ("UPDATE dotdigital.email_open SET campaign_name = 'y' WHERE event_id = '3'", "else than"),
    ],
)
def test_undo_is_refused_where_rows_were_changed_by_hand(
    home: Path, change: str, told: str
) -> None:
    run_id = ledger(home)["a.csv"]["run_id"]
    with duckdb.connect(str(home / "events.duckdb")) as connection:
        connection.execute(change)

    drop = refused(home, "undo", "a.csv", "--yes")
    run = refused(home, "undo", "--run", run_id, "--yes")
    replayed = refused(home, "replay", "a.csv")

    assert told in drop
    assert "'a.csv'" in drop
    assert "email_open" in drop
    assert run == replayed == drop


def test_undo_that_cannot_tell_whether_rows_were_changed_asks_for_consent(home: Path) -> None:
    with duckdb.connect(str(home / "events.duckdb")) as connection:
        connection.execute("UPDATE dotdigital._firehose_digests SET witness = 0, digest = 0")

    assert "--unchecked" in refused(home, "undo", "a.csv", "--yes")
    assert "--unchecked" in refused(home, "replay", "--source", "s")
    again = ask("replay", "--source", "s", "--unchecked", "--json", cwd=home)
    assert (again.code, again.json["drops"]) == (0, 3)
    assert ask("undo", "a.csv", "--unchecked", "--yes", "--json", cwd=home).json["drops"] == 1


def test_an_upsert_is_undone_with_what_it_replaced_or_says_that_it_cannot(home: Path) -> None:
    write(home / "schemas", a_document(**{"x-merge": "upsert"}))
    config = home / "firehose.toml"
    config.write_text(f'schemas = "schemas"\n{config.read_text()}')
    for name, total in (("o1.csv", 5), ("o2.csv", 6)):
        deliver(home, name, f"eventId,eventType,total\n1,shop.order,{total}\n")
    (replaced,) = ask("trace", "1", "--json", cwd=home).json["replaced"]
    assert (replaced["drop"], replaced["row"], replaced["field"]) == ("o1.csv", 1, "total")
    assert replaced["run_id"] == ledger(home)["o1.csv"]["run_id"]
    assert "replaced:" in ask("trace", "1", cwd=home).out

    newer = refused(home, "undo", "o2.csv", "--yes")
    older = ask("undo", "o1.csv", "--yes", "--json", cwd=home)
    kept = table(home / "events.duckdb", "shop_order")
    ask("run", cwd=home)
    both = ask("undo", "o1.csv", "o2.csv", "--yes", "--json", cwd=home)
    ask("run", cwd=home)

    assert "it replaced 1 older rows, of 'o1.csv'" in newer
    assert ledger(home)["o1.csv"]["drop_id"] in newer
    assert (older.json["removed"], [row["total"] for row in kept]) == (0, [6.0])
    assert both.json["removed"] == 1
    assert [row["total"] for row in table(home / "events.duckdb", "shop_order")] == [6.0]
    assert balances(home)


@pytest.mark.parametrize(
    "words",
    [
        "undo a.csv --yes",
        *(
            pytest.param(words, marks=pytest.mark.long)
            for words in ("replay a.csv", "quarantine retry", "quarantine drop --all --yes")
        ),
    ],
)
def test_while_a_loader_runs_nothing_is_changed_beside_it(home: Path, words: str) -> None:
    config = home / "firehose.toml"
    config.write_text(config.read_text().replace("[[source]]", "lock_timeout = 0.1\n[[source]]"))

    with held(home / "events.duckdb"):
        answer = ask(*words.split(), "--json", cwd=home)

    assert (answer.code, answer.json["errors"][0]["error"]) == (5, "WarehouseBusy")
    assert ask(*words.split(), cwd=home).code == 0


def test_a_drop_that_is_undone_cannot_be_undone_again(home: Path) -> None:
    ask("undo", "a.csv", "--yes", cwd=home)

    assert "is undone: there is nothing of it to take out" in refused(
        home, "undo", "a.csv", "--yes"
    )
