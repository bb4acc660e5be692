"""Nothing set aside is forgotten: listed, shown, retried once, given up on record."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path

import pytest

import firehose_loader
from firehose_loader.errors import SchemaError
from tests.command import Answer, ask, select, table
from tests.past import copied
from tests.schema_documents import a_document, write

ORDERS = "eventId,eventType,eventDate,total\n"
DATE = "2026-01-05T10:00:00Z"
CONFIG = '[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "s"\nurl = "drops"\n'


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with drops of orders, for a schema that wants a total of each."""
    place = tmp_path_factory.mktemp("orders")
    folder = place / "drops"
    folder.mkdir()
    (folder / "a.csv").write_text(
        f'{ORDERS}1,shop.order,{DATE},5\n2,shop.order,"{DATE}",\n3,shop.order,{DATE}\n'
    )
    (folder / "b.json").write_text(
        json.dumps({"eventType": "shop.order", "events": [{"eventId": 4}, {"eventId": 5}]})
    )
    (folder / "c.csv").write_text(f"{ORDERS}6,shop.order,never,1\n")
    write(place / "schemas", a_document(required=["total"]))
    (place / "firehose.toml").write_text(f'schemas = "schemas"\n{CONFIG}')
    assert ask("run", "--json", cwd=place).json["rows"]["quarantined"] == 5
    return place


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return copied(loaded, tmp_path)


def relax(home: Path) -> None:
    write(home / "schemas", a_document(**{"x-version": "1-1-0"}), "shop.order/1-1-0.json")


def ledger(home: Path) -> dict[str, dict[str, int]]:
    """Return the counts that are not 0, by the drop's key."""
    return {
        row["key"]: {
            name.removeprefix("rows_"): count
            for name, count in row.items()
            if name.startswith("rows_") and count
        }
        for row in table(home / "events.duckdb", "_firehose_drops")
    }


def test_an_event_type_is_found_by_any_of_its_names_and_one_that_is_none_is_refused(
    home: Path,
) -> None:
    def listed(name: str) -> Answer:
        return ask("quarantine", "list", "--event-type", name, "--json", cwd=home)

    assert listed("shopOrder").json == listed("shop.order").json
    assert listed("shopOrder").json["rows"] == 4
    assert listed("emailOpen").json["rows"] == 0
    assert listed("shop.odrer").code == 2
    assert "did you mean 'shop.order'?" in listed("shop.odrer").err
    for words in ("retry", "remove --yes"):
        refused = ask("quarantine", *words.split(), "--event-type", "nonsense", cwd=home)
        assert refused.code == 2
        assert "no event schema for the event type 'nonsense'" in refused.err
    with chdir(home), pytest.raises(SchemaError, match="'nonsense'"):
        firehose_loader.open().quarantine(event_type="nonsense")
    with chdir(home):
        assert len(firehose_loader.open().quarantine(event_type="shopOrder")) == 4


def test_a_type_whose_schema_is_gone_is_found_where_rows_of_it_are_held(home: Path) -> None:
    (home / "firehose.toml").write_text(CONFIG)

    listed = ask("quarantine", "list", "--event-type", "shop.order", "--json", cwd=home)

    assert listed.json["rows"] == 4


def test_the_list_tells_why_each_row_is_held_and_show_tells_all(home: Path) -> None:
    listed = ask("quarantine", "list", "--json", cwd=home)
    rows = {(row["drop"], row["row"]): row for row in listed.json["held"]}

    shown = ask("quarantine", "show", rows["a.csv", 2]["id"], "--json", cwd=home)
    people = ask("quarantine", "list", "--reason", "unparseable", cwd=home)

    assert listed.json["rows"] == 5
    assert listed.json["reasons"] == {
        "bad_event_time": 1,
        "missing_required": 3,
        "unparseable": 1,
    }
    assert rows["a.csv", 2]["raw"] == f'2,shop.order,"{DATE}",'
    assert rows["b.json", 1]["raw"] == '{"eventId": 4}'
    assert shown.json == rows["a.csv", 2]
    assert (shown.json["line"], shown.json["source"], shown.json["field"]) == (3, "s", "total")
    assert "expected 4 fields, found 3" in people.out
    assert "1 held: 1 unparseable" in people.out


def test_held_rows_are_listed_by_drop_reason_and_type(home: Path) -> None:
    def listed(*words: str) -> int:
        count: int = ask("quarantine", "list", *words, "--json", cwd=home).json["rows"]
        return count

    assert listed("--drop", "b.js") == 2
    assert listed("--drop", "a.csv", "--reason", "missing_required") == 1
    assert listed("--event-type", "shop.order") == 4
    assert listed("--source", "s") == 5
    assert listed("--state", "retried") == 0
    assert len(ask("quarantine", "list", "--limit", "2", "--json", cwd=home).json["held"]) == 2


def test_a_relaxed_schema_loads_exactly_the_rows_that_the_preview_told_once(home: Path) -> None:
    relax(home)
    for path in (home / "drops").iterdir():
        path.unlink()  # a row is read again from its own text
    before = table(home / "events.duckdb", "shop_order"), ledger(home)

    preview = ask("quarantine", "retry", "--preview", "--json", cwd=home)
    previewed = table(home / "events.duckdb", "shop_order"), ledger(home)
    retried = ask("quarantine", "retry", "--json", cwd=home)
    after = table(home / "events.duckdb", "shop_order"), ledger(home)
    again = ask("quarantine", "retry", "--json", cwd=home)

    assert preview.json == {
        "preview": True,
        "rows": 5,
        "accepted": 3,
        "inserted": 3,
        "updated": 0,
        "duplicate": 0,
        "conflicting": 0,
        "still_held": 1,
        "need_replay": 1,
        "events": {"shop.order": 3},
    }
    assert previewed == before
    assert retried.json == {**preview.json, "preview": False}
    found = select(
        home / "events.duckdb",
        "SELECT d.key, o._row, o.event_id, o._schema_version FROM dotdigital.shop_order o"
        " JOIN dotdigital._firehose_drops d ON o._drop_id = d.drop_id ORDER BY o.event_id",
    )
    assert [tuple(row.values()) for row in found] == [
        ("a.csv", 1, "1", "1-0-0"),
        ("a.csv", 2, "2", "1-1-0"),
        ("b.json", 1, "4", "1-1-0"),
        ("b.json", 2, "5", "1-1-0"),
    ]
    assert ledger(home) == {
        "a.csv": {"parsed": 3, "inserted": 2, "quarantined": 1},
        "b.json": {"parsed": 2, "inserted": 2},
        "c.csv": {"parsed": 1, "quarantined": 1},
    }
    assert (again.json["rows"], again.json["accepted"]) == (2, 0)
    assert (table(home / "events.duckdb", "shop_order"), ledger(home)) == after


def test_a_retry_can_be_of_some_rows_and_under_a_version(home: Path) -> None:
    relax(home)
    strict = ask(
        "quarantine", "retry", "--event-type", "shop.order", "--schema-version", "1-0-0", "--json",
        cwd=home,
    )  # fmt: skip
    (first, *_) = ask("quarantine", "list", "--drop", "b.json", "--json", cwd=home).json["held"]

    one = ask("quarantine", "retry", first["id"], cwd=home)

    assert (strict.json["rows"], strict.json["accepted"]) == (4, 0)
    assert one.out.startswith("1 rows held: 1 were accepted (1 inserted,")
    assert ledger(home)["b.json"] == {"parsed": 2, "inserted": 1, "quarantined": 1}


def test_a_retry_treats_unknown_fields_as_the_source_says(home: Path) -> None:
    config = home / "firehose.toml"
    freely = config.read_text()
    config.write_text(f'{freely}drift = "rescue"\n')
    (home / "drops" / "d.csv").write_text(
        ORDERS.replace("\n", ",strange\n") + f"7,shop.order,{DATE},,s\n"
    )
    ask("run", cwd=home)
    relax(home)

    config.write_text(f'{freely}drift = "freeze"\n')
    frozen = ask("quarantine", "retry", "--json", cwd=home)
    config.write_text(f'{freely}drift = "rescue"\n')
    rescued = ask("quarantine", "retry", "--drop", "d.csv", "--json", cwd=home)

    assert (frozen.json["accepted"], frozen.json["still_held"]) == (3, 2)
    assert rescued.json["inserted"] == 1
    (row,) = [one for one in table(home / "events.duckdb", "shop_order") if one["event_id"] == "7"]
    assert "strange" not in row
    assert json.loads(row["_rescued"]) == {"strange": "s"}


def test_rows_are_given_up_only_when_that_is_said_plainly(home: Path) -> None:
    before = ledger(home)
    words = ("quarantine", "remove", "--reason", "unparseable", "--json")

    unasked = ask(*words, cwd=home)
    done = ask(*words, "--yes", cwd=home)

    assert (unasked.code, unasked.json["errors"][0]["error"]) == (2, "ConfigError")
    assert "1 held rows" in unasked.err
    assert "--yes" in unasked.err
    assert done.json == {"removed": 1, "reasons": {"unparseable": 1}}
    (row,) = ask("quarantine", "list", "--state", "removed", "--json", cwd=home).json["held"]
    assert (row["drop"], row["row"], row["raw"]) == ("a.csv", 3, "")
    assert ledger(home) == before
    assert ask("quarantine", "list", "--json", cwd=home).json["rows"] == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("show nothing", "the quarantine holds no row 'nothing'"),
        ("retry nothing", "the quarantine holds no row 'nothing'"),
        ("retry --drop nowhere", "the ledger has no drop with the id 'nowhere'"),
        ("list --source elsewhere", "the ledger has no drop of the source 'elsewhere'"),
        ("retry --event-type shop.order --schema-version 7-0-0", "has no version 7-0-0"),
        ("retry --event-type shop.order --schema-version new", "not a version like 1-0-0"),
        ("retry --schema-version 1-0-0", "goes with --event-type"),
        ("retry --event-type shop.odrer --schema-version 1-0-0", "did you mean 'shop.order'?"),
        ("remove --yes", "say which rows"),
        ("remove --all --drop a.csv --yes", "say which rows"),
    ],
)
def test_what_does_not_exist_is_refused_and_changes_nothing(
    home: Path, words: str, told: str
) -> None:
    before = table(home / "events.duckdb", "_firehose_quarantine")

    refused = ask("quarantine", *words.split(), "--json", cwd=home)

    assert (refused.code, refused.json["exit_code"]) == (2, 2)
    assert told in refused.json["errors"][0]["message"]
    assert table(home / "events.duckdb", "_firehose_quarantine") == before


def test_a_warehouse_without_anything_is_told(tmp_path: Path) -> None:
    refused = ask("quarantine", "retry", "--into", tmp_path / "new.duckdb")

    assert (refused.code, "nothing was loaded" in refused.err) == (2, True)
    assert not (tmp_path / "new.duckdb").exists()


# -- the error budget ----------------------------------------------------------------------------

OPENS = "eventId,eventType,eventDate,campaignName\n"


def opens(*rows: int, bad: str) -> str:
    """Return a drop of 20 opens, with some rows replaced."""
    lines = [f"{number},email.open,{DATE},x\n" for number in range(20)]
    for row in rows:
        lines[row] = bad.format(row)
    return OPENS + "".join(lines)


@pytest.mark.parametrize("bad", ["{},short\n", "{},email.open,never,x\n"])
def test_a_drop_beyond_its_error_budget_is_one_quarantined_drop(tmp_path: Path, bad: str) -> None:
    drops, database = tmp_path / "drops", tmp_path / "events.duckdb"
    drops.mkdir()
    (drops / "within.csv").write_text(opens(1, 2, bad=bad))
    (drops / "beyond.csv").write_text(opens(3, 4, 5, bad=bad))
    call_with = {"FIREHOSE_MAX_BAD_ROWS": "2"}

    answer = ask("run", drops, "--into", database, "--json", environ=call_with)

    assert answer.code == 0
    assert (answer.json["drops"]["loaded"], answer.json["drops"]["quarantined"]) == (1, 1)
    assert answer.json["rows"]["quarantined"] == 2
    (error,) = answer.json["errors"]
    assert (error["drop"], error["error"]) == ("beyond.csv", "too_many_bad")
    assert "3 of its " in error["message"]
    assert "max_bad_rows (2)" in error["message"]
    held = ask("quarantine", "list", "--into", database, "--drop", "beyond.csv", "--json").json
    assert [(row["row"], row["reason"]) for row in held["held"]] == [(None, "too_many_bad")]


def test_a_source_has_an_error_budget_of_its_own(tmp_path: Path) -> None:
    drops = tmp_path / "drops"
    drops.mkdir()
    (drops / "a.csv").write_text(opens(1, 2, bad="{},short\n"))
    config = CONFIG.replace('name = "s"', 'name = "s"\nmax_bad_ratio = 0.05')
    (tmp_path / "firehose.toml").write_text(f"max_bad_ratio = 0.5\n{config}")

    answer = ask("run", "--json", cwd=tmp_path)

    (error,) = answer.json["errors"]
    assert error["error"] == "too_many_bad"
    assert "2 of its 20 rows cannot be loaded, a larger share than" in error["message"]


def test_hundreds_of_thousands_of_bad_rows_cost_one_quarantined_drop(tmp_path: Path) -> None:
    drops, database = tmp_path / "drops", tmp_path / "events.duckdb"
    drops.mkdir()
    # No drop may have more than 100,000 bad rows unless it is configured.
    (drops / "a.csv").write_text(OPENS + "1,short\n" * 200_000)
    (drops / "b.csv").write_text(OPENS + "1,email.open,never,x\n" * 200_000)

    answer = ask("run", drops, "--into", database, "--json")

    assert (answer.json["drops"]["quarantined"], answer.json["rows"]["quarantined"]) == (2, 0)
    assert "100001 of its 100001 rows of those read so far" in answer.json["errors"][0]["message"]
    assert len(table(database, "_firehose_quarantine")) == 2
