"""What became of a drop or an event, and how to have it otherwise: explain, trace, replay."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import duckdb
import pytest

from firehose_loader.config import Source
from firehose_loader.errors import DropChanged
from firehose_loader.service import source_run
from firehose_loader.storage import open_storage
from tests.command import ask, table
from tests.doubles.faulty import FaultyStorage
from tests.past import DATE, HEADER, balances, deliver, events, ledger, opens, refused
from tests.schema_documents import a_document, write


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


def test_a_replay_is_of_a_drop_a_source_an_event_type_a_time_or_a_run(home: Path) -> None:
    run_id = ledger(home)["b.csv"]["run_id"]
    late = home / "drops" / "late.csv"
    late.write_text(opens("8:x").replace("email.open", "email.click"))
    os.utime(late, (4e9, 4e9))
    ask("run", cwd=home)

    def replayed(*words: str) -> int:
        answer = ask("replay", *words, "--json", cwd=home)
        assert answer.code == 0, answer.err
        count: int = answer.json["drops"]
        return count

    drop_id = ledger(home)["a.csv"]["drop_id"]
    assert replayed(drop_id) == replayed("a.csv") == replayed("--event-type", "email.click") == 1
    assert replayed("--since", "2096-01-01") == replayed("--run", run_id) == 1
    assert replayed("--until", "2096-01-01", "--event-type", "email.open") == 3
    assert replayed("--source", "s") == 4
    assert balances(home)


def test_a_replay_of_drops_that_go_only_together_takes_them_out_together(home: Path) -> None:
    header = HEADER.replace("\n", ",processedDate\n")
    deliver(home, "d.csv", f"{header}3,email.open,{DATE},x,{DATE}\n")
    config = home / "firehose.toml"
    config.write_text(f"batch_files = 1\n{config.read_text()}")
    before = set(events(home))

    alone = refused(home, "replay", "a.csv")
    together = ask("replay", "--source", "s", "--json", cwd=home)

    assert "with columns that differ" in alone
    assert (together.code, together.json["drops"]) == (0, 4)
    assert set(events(home)) == before
    assert balances(home)


def test_a_replay_of_which_one_drop_was_changed_by_hand_changes_nothing(home: Path) -> None:
    config = home / "firehose.toml"
    config.write_text(f"batch_files = 1\n{config.read_text()}")
    with duckdb.connect(str(home / "events.duckdb")) as connection:
        connection.execute("UPDATE dotdigital.email_open SET email = 'x' WHERE event_id = '4'")

    assert "'b.csv'" in refused(home, "replay", "--source", "s")


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


def test_a_replay_takes_the_later_version_of_a_drop_that_was_overwritten(home: Path) -> None:
    before = ledger(home)["a.csv"]["drop_id"]
    deliver(home, "a.csv", opens("1:x", "8:x"))

    answer = ask("replay", "a.csv", "--json", cwd=home)
    people = ask("replay", "--source", "s", cwd=home)
    old = refused(home, "replay", before, code=4)

    assert (answer.json["drops"], answer.json["overwritten"]) == (1, [before])
    assert "3 drops replayed, 0 failed" in people.out
    assert "1 drops were overwritten since" in people.out
    assert "The new content is a drop of its own" in old
    assert set(events(home)) == {"1", "2", "3", "4", "8"}


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


def test_a_drop_that_failed_is_explained_with_the_number_of_tries(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(source: Source) -> FaultyStorage:
        storage = FaultyStorage(open_storage(source))
        storage.fail("confirm", DropChanged("n.csv: it was rewritten while it was read"))
        return storage

    (home / "drops" / "n.csv").write_text(opens("7:x"))
    with monkeypatch.context() as patched:
        patched.setattr(source_run, "open_storage", opened)
        codes = [ask("run", cwd=home).code for _ in range(3)]
    told = explained(home, "n.csv")
    loaded = ask("run", "--json", cwd=home)

    assert codes == [4, 4, 4]
    assert told.startswith("failed: n.csv failed 3 times, last on ")
    assert "(DropChanged), and the next run tries it again: n.csv: it was rewritten" in told
    assert loaded.json["drops"]["loaded"] == 1


def test_a_conflict_is_in_the_explanation_of_its_drop(home: Path) -> None:
    deliver(home, "d.csv", opens("1:other", "2:x"))

    assert "2 there already (1 of these told otherwise), 1 set aside" in explained(home, "d.csv")


# -- trace ---------------------------------------------------------------------------------------


def test_an_event_that_arrived_four_times_is_traced_to_all_of_them(home: Path) -> None:
    deliver(home, "d.csv", opens("1:other"))

    found = ask("trace", "1", "--json", cwd=home).json

    (row,) = found["rows"]
    assert (row["drop"], row["row"], row["table"]) == ("a.csv", 1, "email_open")
    assert (row["schema_version"], row["run_id"]) == ("1-0-0", ledger(home)["a.csv"]["run_id"])
    assert [(one["drop"], one["row"]) for one in found["duplicates"]] == [
        ("b.csv", 1),
        ("c.csv", 2),
    ]
    (conflict,) = found["conflicts"]
    assert (conflict["drop"], conflict["field"]) == ("d.csv", "campaignName")
    assert ("conflict", "d.csv") in {(one["reason"], one["drop"]) for one in found["quarantine"]}
    assert "email_open" in ask("trace", "1", cwd=home).out


def test_an_id_that_only_the_quarantine_names_is_told_as_one_that_no_event_has(home: Path) -> None:
    rows = "".join(f"{event},email.open,never,x\n" for event in ("77", "777", "a-77"))
    deliver(home, "d.csv", HEADER + rows)

    told = ask("trace", "77", cwd=home)

    assert told.out.startswith("no event has this id\nquarantine:\n")
    assert len(ask("trace", "77", "--json", cwd=home).json["quarantine"]) == 1
    assert "no event has the id '7'" in refused(home, "trace", "7")
