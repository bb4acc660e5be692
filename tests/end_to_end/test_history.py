"""What became of a drop or an event, and how to have it otherwise: explain, trace, undo, replay."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.command import Answer, Row, ask, select, table
from tests.schema_documents import a_document, write

HEADER = "eventId,eventType,eventDate,campaignName\n"
DATE = "2026-01-05T10:00:00Z"


def opens(*rows: str) -> str:
    """Return a drop of opens: event id and campaign name, joined by a colon."""
    cells = [row.split(":") for row in rows]
    return HEADER + "".join(f"{event},email.open,{DATE},{name}\n" for event, name in cells)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three drops that carry the same events, loaded one after the other."""
    folder = tmp_path_factory.mktemp("history")
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


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to do with as a test likes."""
    return Path(shutil.copytree(loaded, tmp_path / "home"))


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


# -- undo ----------------------------------------------------------------------------------------


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
    ("words", "told"),
    [
        (["undo", "nowhere", "--yes"], "the ledger has no drop with the id 'nowhere'"),
        (["undo", "--run", "nobody", "--yes"], "the ledger has no drop of the run 'nobody'"),
        (["undo", "--yes"], "say what to undo"),
        (["undo", "a.csv"], "give --yes"),
        (["replay"], "say what to replay"),
        (["replay", "nowhere"], "the ledger has no drop"),
        (["replay", "--source", "elsewhere"], "the ledger has no drop of the source"),
        (["trace", "nothing"], "no event has the id 'nothing'"),
        (["explain", "nothing"], "neither the ledger nor a configured source"),
    ],
)
def test_what_does_not_exist_is_refused(home: Path, words: list[str], told: str) -> None:
    assert told in refused(home, *words)


def test_a_drop_that_is_undone_cannot_be_undone_again(home: Path) -> None:
    ask("undo", "a.csv", "--yes", cwd=home)

    assert "is undone: there is nothing of it to take out" in refused(
        home, "undo", "a.csv", "--yes"
    )


# -- replay --------------------------------------------------------------------------------------


def test_a_replay_reads_the_file_again_under_todays_schemas(home: Path) -> None:
    write(home / "schemas", a_document(required=["total"]))
    config = home / "firehose.toml"
    config.write_text(f'schemas = "schemas"\n{config.read_text()}')
    deliver(home, "o.csv", "eventId,eventType,total\n1,shop.order,5\n2,shop.order,\n")
    write(home / "schemas", a_document(**{"x-version": "1-1-0"}), "shop.order/1-1-0.json")

    answer = ask("replay", "o.csv", "--json", cwd=home)

    assert answer.code == 0
    assert answer.json["drops"] == 1
    assert (answer.json["rows"]["inserted"], answer.json["rows"]["quarantined"]) == (2, 0)
    rows = table(home / "events.duckdb", "shop_order")
    assert {row["_schema_version"] for row in rows} == {"1-1-0"}
    assert ask("quarantine", "list", "--json", cwd=home).json["rows"] == 0
    assert balances(home)


def test_a_replay_of_everything_changes_no_event(home: Path) -> None:
    before = set(events(home))

    answer = ask("replay", "--event-type", "email.open", "--json", cwd=home)
    by_time = ask("replay", "--since", "2020-01-01", "--source", "s", "--json", cwd=home)

    assert (answer.code, by_time.code) == (0, 0)
    assert by_time.json["drops"] == 3
    assert set(events(home)) == before
    assert balances(home)


def test_a_replay_treats_unknown_fields_as_the_source_says(home: Path) -> None:
    config = home / "firehose.toml"
    config.write_text(config.read_text() + 'drift = "rescue"\n')
    deliver(home, "d.csv", HEADER.replace("\n", ",strange\n") + f"9,email.open,{DATE},x,7\n")

    answer = ask("replay", "d.csv", "--json", cwd=home)

    (row,) = [one for one in table(home / "events.duckdb", "email_open") if one["event_id"] == "9"]
    assert answer.json["rows"]["inserted"] == 1
    assert "strange" not in row
    assert json.loads(row["_rescued"]) == {"strange": "7"}


def test_a_replay_whose_file_is_gone_or_changed_changes_nothing(home: Path) -> None:
    (home / "drops" / "b.csv").unlink()
    gone = refused(home, "replay", "--source", "s", code=4)
    (home / "drops" / "b.csv").write_text(opens("5:x"))
    changed = refused(home, "replay", "b.csv", code=4)

    assert "'b.csv'" in gone
    assert "quarantine retry --drop" in gone
    assert "has changed since it was loaded" in changed


# -- explain -------------------------------------------------------------------------------------


def explained(home: Path, drop: str) -> str:
    (one,) = ask("explain", drop, "--json", cwd=home).json["drops"]
    people = ask("explain", drop, cwd=home).out
    sentence: str = one["sentence"]
    # A second may go by between the two.
    assert re.sub(r"\d+ s ago", "", people) == re.sub(r"\d+ s ago", "", f"{sentence}\n")
    assert one["rule"]
    return f"{one['verdict']}: {sentence}"


def test_a_drop_is_explained_whatever_became_of_it(home: Path) -> None:
    (home / "drops" / "x.log").write_text("a log")
    (home / "drops" / "y.csv.part").write_text(opens("1:x"))
    deliver(home, "report.csv", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    (home / "drops" / "new.csv").write_text(opens("7:x"))

    assert explained(home, "a.csv").startswith("loaded: a.csv was loaded on ")
    assert "of 2 rows 0 were inserted, 0 updated, 2 there already" in explained(home, "c.csv")
    assert "new.csv will be loaded by the next run: never seen" in explained(home, "new.csv")
    assert "x.log is left out: matches exclude" in explained(home, "x.log")
    assert "y.csv.part is left alone: its name" in explained(home, "y.csv")
    assert explained(home, "report").startswith("quarantined: report.csv was set aside as a whole")
    ask("undo", "c.csv", "--yes", cwd=home)
    assert explained(home, ledger(home)["c.csv"]["drop_id"]).startswith("undone: c.csv was undone")


def test_a_drop_that_was_overwritten_or_still_grows_is_explained(home: Path) -> None:
    before = ledger(home)["a.csv"]["drop_id"]
    deliver(home, "a.csv", opens("1:x", "8:x"))
    config = home / "firehose.toml"
    config.write_text(config.read_text() + "settle = 3600\n")
    (home / "drops" / "new.csv").write_text(opens("7:x"))

    assert "it was overwritten since" in explained(home, before)
    assert explained(home, "new.csv").startswith("held: new.csv is held")


def test_a_drop_that_failed_is_explained_with_the_number_of_tries(home: Path) -> None:
    with duckdb.connect(str(home / "events.duckdb")) as connection:
        connection.execute(
            "UPDATE dotdigital._firehose_drops SET state = 'failed', attempts = 3,"
            " error = 'DropChanged', message = 'it moved' WHERE key = 'a.csv'"
        )

    told = explained(home, "a.csv")

    assert "failed: a.csv failed 3 times" in told
    assert "DropChanged" in told


# -- trace ---------------------------------------------------------------------------------------


def test_an_event_that_arrived_four_times_is_traced_to_all_of_them(home: Path) -> None:
    deliver(home, "d.csv", opens("1:other"))

    found = ask("trace", "1", "--json", cwd=home).json

    (row,) = found["rows"]
    assert (row["drop"], row["row"], row["table"]) == ("a.csv", 1, "email_open")
    assert (row["schema_version"], row["run_id"]) == ("1-0-0", ledger(home)["a.csv"]["run_id"])
    assert {(one["drop"], one["row"]) for one in found["duplicates"]} == {
        ("b.csv", 1),
        ("c.csv", 2),
    }
    (conflict,) = found["conflicts"]
    assert (conflict["drop"], conflict["field"]) == ("d.csv", "campaignName")
    assert ("conflict", "d.csv") in {(one["reason"], one["drop"]) for one in found["quarantine"]}
    assert "email_open" in ask("trace", "1", cwd=home).out
