"""The copy for readers is swapped in whole, and follows whatever changes events or ledger."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.command import Answer, ask, held, select
from tests.past import copied, opens

CONFIG = (
    '[warehouse]\nurl = "events.duckdb"\npublish = "read.duckdb"\nlock_timeout = 0.2\n'
    '[[source]]\nname = "s"\nurl = "drops"\n'
)
EVENTS = "SELECT event_id FROM dotdigital.email_open ORDER BY 1"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("publish")
    (folder / "drops").mkdir()
    (folder / "firehose.toml").write_text(CONFIG)
    deliver(folder, "a.csv", opens("1:x", "2:x"))
    return folder


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return copied(loaded, tmp_path)


def deliver(home: Path, name: str, text: str) -> Answer:
    (home / "drops" / name).write_text(text)
    answer = ask("run", "--json", cwd=home)
    assert answer.code == 0, answer.err
    return answer


def seen(home: Path) -> list[str]:
    """Return the events that a reader of the copy sees."""
    return [row["event_id"] for row in select(home / "read.duckdb", EVENTS)]


def copy_id(home: Path) -> int:
    """Return what tells one copy from the next."""
    return (home / "read.duckdb").stat().st_ino


def nothing_left(home: Path) -> bool:
    names = {"drops", "events.duckdb", "firehose.toml", "read.duckdb"}
    return {path.name for path in home.iterdir()} == names


def test_a_run_leaves_a_copy_that_has_what_it_loaded(home: Path) -> None:
    deliver(home, "b.csv", opens("3:x"))

    assert seen(home) == ["1", "2", "3"]
    assert nothing_left(home)


def test_a_reader_keeps_its_view_and_does_not_stand_in_the_way(home: Path) -> None:
    with (
        closing(duckdb.connect(str(home / "read.duckdb"), read_only=True)) as reader,
        held(home / "read.duckdb", "read_only"),
    ):
        deliver(home, "b.csv", opens("3:x"))

        assert reader.execute(EVENTS).fetchall() == [("1",), ("2",)]
    assert seen(home) == ["1", "2", "3"]


def test_a_run_without_news_leaves_the_copy_as_it_is(home: Path) -> None:
    before = copy_id(home)

    assert ask("run", cwd=home).code == 0
    assert copy_id(home) == before

    again = ask("publish", "--all", "--json", cwd=home).json
    assert again["copy_bytes"] == (home / "read.duckdb").stat().st_size
    assert copy_id(home) != before


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("undo", "a.csv", "--yes"), []),
        (("forget", "--contact-id", "7", "--yes"), ["1"]),
        (("expire", "--yes"), []),
        (("views",), ["1", "2"]),
        (("compact",), ["1", "2"]),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_changes_the_tables_changes_the_copy(
    home: Path, words: tuple[str, ...], left: list[str]
) -> None:
    (home / "drops" / "a.csv").write_text(
        "eventId,eventType,eventDate,contactId\n1,email.open,2026-01-05T10:00:00Z,6\n"
        "2,email.open,2026-01-05T10:00:00Z,7\n"
    )
    for name in ("events.duckdb", "read.duckdb"):
        (home / name).unlink()
    assert ask("run", cwd=home).code == 0
    before = copy_id(home)
    if words[0] == "expire":
        config = home / "firehose.toml"
        config.write_text(config.read_text() + "retention = 30\n")

    done = ask(*words, cwd=home)

    assert done.code == 0, done.err
    if words == ("views",):  # the next run brings them
        assert ask("run", cwd=home).code == 0
    assert copy_id(home) != before
    assert seen(home) == left


def test_drops_that_are_adopted_are_in_the_copy(home: Path) -> None:
    (home / "drops" / "b.csv").write_text(opens("3:x"))
    before = copy_id(home)

    assert ask("adopt", "s", "--until", "2100-01-01", "--dry-run", cwd=home).code == 0
    assert copy_id(home) == before

    done = ask("adopt", "s", "--until", "2100-01-01", cwd=home)
    assert done.code == 0, done.err
    states = select(
        home / "read.duckdb", "SELECT key, state FROM dotdigital._firehose_drops ORDER BY key"
    )
    assert [tuple(row.values()) for row in states] == [("a.csv", "loaded"), ("b.csv", "adopted")]


def test_without_room_for_a_second_copy_the_old_one_stays_and_it_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = copy_id(home)
    (home / "drops" / "b.csv").write_text(opens("3:x"))
    with monkeypatch.context() as full:
        full.setattr("firehose_loader.warehouse.read_copy._free", lambda _: 0)

        answer = ask("run", "--json", cwd=home)

    assert answer.code == 4
    assert answer.json["rows"]["inserted"] == 1
    (trouble,) = answer.json["errors"]
    assert trouble["error"] == "WarehouseUnavailable"
    assert "read.duckdb was not written anew: a second one needs" in trouble["message"]
    assert copy_id(home) == before
    assert nothing_left(home)
    assert ask("run", cwd=home).code == 0
    assert seen(home) == ["1", "2", "3"]


def test_a_copy_that_cannot_be_written_leaves_the_old_one(home: Path) -> None:
    before = copy_id(home)
    (home / ".read.duckdb.publishing").mkdir()
    (home / "drops" / "b.csv").write_text(opens("3:x"))

    answer = ask("run", "--json", cwd=home)

    assert answer.code == 4
    assert "was not written anew, and is as it was: Is a directory" in answer.err
    assert copy_id(home) == before


@pytest.mark.parametrize("content", ["eventId\n1\n", ""])
def test_what_is_no_copy_is_left_alone(home: Path, content: str) -> None:
    (home / "read.duckdb").unlink()
    (home / "read.duckdb").write_text(content or "x")
    if not content:
        (home / "read.duckdb").unlink()
        with closing(duckdb.connect(str(home / "read.duckdb"))) as mine:
            mine.execute("CREATE TABLE mine AS SELECT 42 AS answer")
    before = (home / "read.duckdb").read_bytes()

    answer = ask("run", "--json", cwd=home)

    assert answer.code == 2
    assert "read.duckdb is there and is no copy of a warehouse" in answer.err
    assert (home / "read.duckdb").read_bytes() == before


@pytest.mark.parametrize(
    ("publish", "said"),
    [
        ("events.duckdb", "publish names the database itself"),
        ("./drops/../events.duckdb", "publish names the database itself"),
        ("drops", "is a folder"),
        ("nowhere/read.duckdb", "the folder nowhere is not there"),
        ("drops/read.duckdb", "lies in the source 's'"),
    ],
)
def test_a_place_that_cannot_be_is_refused(home: Path, publish: str, said: str) -> None:
    (home / "firehose.toml").write_text(CONFIG.replace("read.duckdb", publish))

    refused = ask("run", cwd=home)

    assert refused.code == 2
    assert said in refused.err


def test_before_the_first_run_there_is_nothing_to_publish_and_no_file_is_made(
    tmp_path: Path,
) -> None:
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "e.duckdb"\npublish = "read.duckdb"\n'
    )

    early = ask("publish", cwd=tmp_path)
    without = ask("publish", "--into", "other.duckdb", cwd=tmp_path.parent)

    assert (early.code, without.code) == (2, 2)
    assert "nothing was loaded into this warehouse yet" in early.err
    assert "nothing is published" in without.err
    assert [one.name for one in tmp_path.iterdir()] == ["firehose.toml"]
    assert not (tmp_path.parent / "other.duckdb").exists()


def test_publish_is_for_files_of_duckdb_only(home: Path) -> None:
    (home / "firehose.toml").write_text(
        '[warehouse]\nurl = "snowflake://me@there/db"\npassword = "x"\npublish = "read.duckdb"\n'
    )
    assert "publish" in ask("run", cwd=home).err
    (home / "firehose.toml").write_text(CONFIG.replace("events.duckdb", "duckdb://:memory:"))
    assert "this one is in memory" in ask("run", cwd=home).err
