"""The Parquet files follow the event tables, whatever is done to these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from firehose_loader.storage import open_storage
from tests.command import Answer, Row, ask, event_tables, select
from tests.configured import source_table
from tests.past import copied, ledger, opens, refused
from tests.rigs import moto
from tests.rigs.rig import content
from tests.rigs.s3 import S3Rig
from tests.schema_documents import a_document, write

CONFIG = (
    'schemas = "schemas"\n[warehouse]\nurl = "events.duckdb"\nparquet = "lake"\n'
    '[[source]]\nname = "s"\nurl = "drops"\n'
)
CLICKS = "eventId,eventType,eventDate,event,day\n{},email.click,{},a,b\n"
MERGED = "eventId,eventType,eventDate,processedDate\n1,shop.order,{},{}\n"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of opens and one of clicks, loaded."""
    folder = tmp_path_factory.mktemp("parquet")
    (folder / "drops").mkdir()
    write(folder / "schemas", a_document(**{"x-merge": "upsert"}))
    (folder / "firehose.toml").write_text(CONFIG)
    (folder / "drops" / "a.csv").write_text(opens("1:x", "2:x"))
    (folder / "drops" / "c.csv").write_text(CLICKS.format(1, "2026-01-05"))
    deliver(folder, "b.csv", opens("3:x").replace("2026-01-05T", "2026-01-06T"))
    return folder


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return copied(loaded, tmp_path)


def deliver(home: Path, name: str, text: str) -> Answer:
    (home / "drops" / name).write_text(text)
    answer = ask("run", "--json", cwd=home)
    assert answer.code == 0, answer.err
    return answer


def files(home: Path) -> dict[str, bytes]:
    """Return the files that a reader sees, by their path in the folder."""
    found = sorted((home / "lake").rglob("*.parquet"))
    return {path.relative_to(home / "lake").as_posix(): path.read_bytes() for path in found}


def published(home: Path) -> dict[str, list[Row]]:
    """Return what a reader of all files sees, by table."""
    tables: dict[str, list[Row]] = {}
    for path in sorted((home / "lake").rglob("*.parquet")):
        with duckdb.connect() as connection:
            read = f"SELECT * FROM read_parquet('{path}', hive_partitioning = false)"
            names = [column[0] for column in connection.execute(read).description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
        tables.setdefault(path.stem, []).extend(rows)
    return tables


def is_followed(home: Path) -> bool:
    """Tell whether the files hold exactly the rows of the tables."""
    there = {}
    for table in event_tables(home / "events.duckdb"):
        if table != "events":
            rows = select(home / "events.duckdb", f'SELECT * FROM dotdigital."{table}"')
            there[table] = sorted(map(_row, rows))
    seen = {table: sorted(map(_row, rows)) for table, rows in published(home).items()}
    return seen == {table: rows for table, rows in there.items() if rows}


def _row(row: Mapping[str, object]) -> str:
    return str(sorted((name.removesuffix("_"), str(value)) for name, value in row.items()))


def test_each_event_type_and_day_has_a_file_of_its_own(home: Path) -> None:
    assert list(files(home)) == [
        "event=email.click/day=2026-01-05/email_click.parquet",
        "event=email.open/day=2026-01-05/email_open.parquet",
        "event=email.open/day=2026-01-06/email_open.parquet",
    ]
    assert is_followed(home)
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT event, day::VARCHAR, list(event_id ORDER BY event_id), any_value(event_)"
            f" FROM read_parquet('{home}/lake/**/*.parquet', hive_partitioning = true,"
            " union_by_name = true) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    assert found == [
        ("email.click", "2026-01-05", ["1"], "a"),
        ("email.open", "2026-01-05", ["1", "2"], None),
        ("email.open", "2026-01-06", ["3"], None),
    ]


def test_a_run_writes_the_files_of_the_days_that_it_changed_and_no_others(home: Path) -> None:
    before = files(home)

    deliver(home, "d.csv", opens("9:x"))
    after = files(home)
    deliver(home, "again.csv", opens("9:x"))

    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"event=email.open/day=2026-01-05/email_open.parquet"}
    assert files(home) == after
    assert is_followed(home)


def test_files_follow_undo_replay_and_forgetting(home: Path) -> None:
    deliver(home, "who.csv", "eventId,eventType,eventDate,email\n7,sms.send,2026-01-05,jo@x.org\n")
    assert is_followed(home)

    for words in (
        ("undo", "b.csv", "--yes"),
        ("replay", "a.csv"),
        ("forget", "--email", "jo@x.org", "--yes"),
    ):
        assert ask(*words, cwd=home).code == 0
        assert is_followed(home), words
    assert {path.rpartition("/")[2] for path in files(home)} == {
        "email_click.parquet",
        "email_open.parquet",
    }


def test_an_event_that_moves_to_another_day_is_in_one_file_only(home: Path) -> None:
    deliver(home, "m.csv", MERGED.format("2026-01-05", "2026-01-05T10:00:00Z"))
    deliver(home, "n.csv", MERGED.format("2026-01-07", "2026-01-05T11:00:00Z"))

    assert [name for name in files(home) if "shop" in name] == [
        "event=shop.order/day=2026-01-07/shop_order.parquet"
    ]
    assert is_followed(home)


def test_a_file_that_cannot_be_written_fails_the_run_and_the_next_one_writes_it(home: Path) -> None:
    in_the_way = home / "lake" / "event=email.view"
    in_the_way.write_text("no folder")
    (home / "drops" / "v.csv").write_text("eventId,eventType,eventDate\n1,email.view,2026-01-05\n")

    failed = ask("run", "--json", cwd=home)
    in_the_way.unlink()
    again = ask("run", "--json", cwd=home)

    assert failed.code == 2
    assert failed.json["rows"]["inserted"] == 1
    assert ledger(home)["v.csv"]["state"] == "loaded"
    (error,) = failed.json["errors"]
    assert error["error"] == "AccessDenied"
    assert "move away what stands in the way" in error["message"]
    assert "the events are in the tables, and the next run" in error["message"]
    assert (again.code, again.json["drops"]["new"]) == (0, 0)
    assert is_followed(home)


def test_what_others_did_to_files_and_rows_is_put_right(home: Path) -> None:
    (home / "lake/event=email.open/day=2026-01-06/email_open.parquet").unlink()
    lost = ask("publish", "--json", cwd=home)
    assert (lost.code, lost.json["written"], is_followed(home)) == (0, 1, True)

    with duckdb.connect(str(home / "events.duckdb")) as connection:
        connection.execute("UPDATE dotdigital.email_open SET campaign_name = 'y'")
    by_halves = ask("publish", "--json", cwd=home)
    whole = ask("publish", "--all", cwd=home)

    assert by_halves.json["written"] == 0
    assert whole.out.startswith("2 files written with 3 rows")
    assert is_followed(home)


def test_a_write_that_was_broken_off_is_done_by_the_next(home: Path) -> None:
    manifest = home / "lake" / "_firehose_manifest.json"
    told = json.loads(manifest.read_text())
    table = told["tables"]["email_open"]
    name = min(table["files"])
    table["files"][name], table["state"] = "as before", "as before"
    manifest.write_text(json.dumps(told))
    (home / "lake" / f"{name.rpartition('/')[0]}/.email_open.parquet.writing").write_text("half")

    done = ask("publish", "--json", cwd=home)

    assert (done.json["written"], done.json["unchanged"]) == (1, 2)
    assert is_followed(home)


def test_a_folder_that_holds_something_else_is_left_alone(home: Path) -> None:
    (home / "mine").mkdir()
    (home / "mine" / "a.txt").write_text("mine")
    for folder, message in (
        ("mine", "holds something else"),
        ("no/where", "No such file"),
        ("drops/lake", "lies in the source 's'"),
    ):
        (home / "firehose.toml").write_text(CONFIG.replace('"lake"', f'"{folder}"'))
        assert message in refused(home, "publish")
    (home / "firehose.toml").write_text(CONFIG.replace('parquet = "lake"\n', ""))
    assert "nothing is published" in refused(home, "publish")
    (home / "lake" / "_firehose_manifest.json").write_text("{")
    (home / "firehose.toml").write_text(CONFIG)
    assert "is broken; empty the place" in refused(home, "publish")
    assert [one.name for one in (home / "mine").iterdir()] == ["a.txt"]


def test_files_are_kept_in_a_bucket_as_in_a_folder(
    home: Path, request: pytest.FixtureRequest
) -> None:
    bucket = S3Rig(request.getfixturevalue(moto.NAME))
    place = bucket.source(keys=bucket.server.tidier, url=f"s3://{bucket.bucket}/lake/")
    table = source_table(place).replace("[[source]]", "[warehouse.parquet]")
    config = CONFIG.replace('parquet = "lake"\n', table.replace('name = "bucket"\n', ""))
    (home / "firehose.toml").write_text(config)

    first = ask("publish", "--json", cwd=home)
    assert ask("undo", "b.csv", "--yes", cwd=home).code == 0
    again = ask("publish", "--json", cwd=home)

    assert (first.code, first.json["written"]) == (0, 3), first.err
    assert (again.json["written"], again.json["unchanged"]) == (0, 2)
    with closing(open_storage(place)) as storage:
        found = {drop.key: content(storage, drop) for drop in storage.list_drops()}
    assert sorted(found)[1:] == [
        "event=email.click/day=2026-01-05/email_click.parquet",
        "event=email.open/day=2026-01-05/email_open.parquet",
    ]
    assert (
        found.items()
        >= {name: text for name, text in files(home).items() if "2026-01-05" in name}.items()
    )
    bucket.close()
