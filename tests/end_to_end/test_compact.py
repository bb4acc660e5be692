"""``compact`` writes a DuckDB file anew, whole or not at all."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.command import Answer, ask, clean_environ, held, load

GONE = b"somebody who is gone"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with events, something of a user's own, and pages that are free."""
    home = tmp_path_factory.mktemp("compact")
    types = ("--event-type", "email.open", "--event-type", "sms.send")
    ask("sample", home / "drops", "--events", 500, "--drops", 4, *types)
    load(home / "drops", home / "e.duckdb")
    with duckdb.connect(str(home / "e.duckdb")) as connection:
        connection.execute("CREATE SCHEMA mine; CREATE TABLE mine.notes (id INTEGER, note VARCHAR)")
        connection.execute("CREATE VIEW mine.seen AS SELECT count(*) AS n FROM dotdigital.events")
        connection.execute("CREATE TABLE mine.big AS SELECT range AS n FROM range(200_000)")
        connection.execute(f"INSERT INTO mine.notes VALUES (1, '{GONE.decode()}'), (2, 'kept')")
        connection.execute("CHECKPOINT")
        connection.execute("DELETE FROM mine.notes WHERE id = 1; DROP TABLE mine.big; CHECKPOINT")
    return (home / "e.duckdb").read_bytes()


@pytest.fixture
def database(loaded: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "e.duckdb"
    path.write_bytes(loaded)
    path.chmod(0o640)
    return path


def content(path: Path) -> dict[str, Any]:
    """All rows of all tables and views."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
        ).fetchall()
        return {
            f"{schema}.{name}": sorted(
                connection.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall(), key=str
            )
            for schema, name in names
        }


def test_all_is_copied_and_what_was_removed_is_not(database: Path) -> None:
    before, size = content(database), database.stat().st_size
    assert GONE in database.read_bytes()

    done = ask("compact", "--into", database, "--json")

    assert done.code == 0, done.err
    assert done.json["bytes_before"] == size > database.stat().st_size == done.json["bytes_after"]
    assert done.json["rows"] == sum(
        len(rows) for name, rows in before.items() if not name.endswith((".events", ".seen"))
    )
    assert content(database) == before
    assert GONE not in database.read_bytes()
    assert database.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in database.parent.iterdir()] == ["e.duckdb"]
    assert ask("audit", "--into", database).code == 0


def test_a_link_goes_on_to_lead_to_the_file_and_a_second_name_keeps_what_it_had(
    database: Path, loaded: bytes, tmp_path: Path
) -> None:
    (tmp_path / "link.duckdb").symlink_to(database)
    (tmp_path / "copy").hardlink_to(database)

    assert ask("compact", "--into", tmp_path / "link.duckdb").code == 0

    assert (tmp_path / "link.duckdb").is_symlink()
    assert GONE not in database.read_bytes()
    assert (tmp_path / "copy").read_bytes() == loaded


def test_whoever_has_the_old_file_open_finds_nothing_in_it(database: Path) -> None:
    with database.open("rb") as old:
        assert ask("compact", "--into", database).code == 0

        assert set(old.read()) == {0}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_compact_that_is_ended_leaves_the_file_and_the_next_one_what_was_begun(
    database: Path, number: signal.Signals
) -> None:
    before = content(database)
    words = [sys.executable, "-m", "firehose_loader", "compact", "--into", str(database)]
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=clean_environ()
    ) as child:
        assert child.stderr is not None
        assert b"bytes and is written anew" in child.stderr.readline()
        child.send_signal(number)

    killed = content(database)
    (database.parent / ".e.duckdb.compacting").write_bytes(b"half of something")

    assert killed == before
    assert ask("compact", "--into", database).code == 0
    assert content(database) == before
    assert [one.name for one in database.parent.iterdir()] == ["e.duckdb"]


def test_a_copy_that_is_cut_off_leaves_the_file(database: Path, loaded: bytes) -> None:
    done = _with_files_up_to(100_000, database)

    assert done.code == 2, done.err
    assert "could not be written anew, and is as it was" in done.err
    assert database.read_bytes() == loaded
    assert [one.name for one in database.parent.iterdir()] == ["e.duckdb"]


def test_an_old_file_that_cannot_be_overwritten_is_told_so(database: Path, tmp_path: Path) -> None:
    before = content(database)
    (tmp_path / "other").mkdir()
    other = Path(shutil.copy(database, tmp_path / "other" / "e.duckdb"))
    sizes = ask("compact", "--into", other, "--json").json

    done = _with_files_up_to((sizes["bytes_before"] + sizes["bytes_after"]) // 2, database)

    assert done.code == 2, done.err
    assert "was written anew, but what was removed may still be on the disk" in done.err
    assert content(database) == before
    assert GONE not in database.read_bytes()


def test_a_disk_without_room_for_a_second_file_is_told_before_anything_is_written(
    database: Path, loaded: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(database.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=len(loaded) - 1))

    done = ask("compact", "--into", database)

    assert done.code == 2
    assert f"needs up to {len(loaded):,} bytes beside it" in done.err
    assert "is written anew" not in done.err
    assert database.read_bytes() == loaded


def _with_files_up_to(size: int, database: Path) -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", "firehose_loader", "compact", "--into", str(database)],
        capture_output=True,
        check=False,
        env=clean_environ(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        text=True,
    )
    return Answer(code=done.returncode, out=done.stdout, err=done.stderr)


def _refused(tmp_path: Path, config: str) -> Answer:
    (tmp_path / "firehose.toml").write_text(config)
    return ask("compact", "--json", cwd=tmp_path)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = _refused(tmp_path, '[warehouse]\nurl = "none.duckdb"\n')

    assert (done.code, done.json["errors"][0]["error"]) == (2, "NotFound")
    assert [one.name for one in tmp_path.iterdir()] == ["firehose.toml"]


def test_snowflake_is_told_to_need_none(tmp_path: Path) -> None:
    url = "snowflake://me@nobody/marketing/firehose?warehouse=w&role=r"

    done = _refused(tmp_path, f'[warehouse]\nurl = "{url}"\nkey = "not read"\n')

    assert (done.code, done.json["errors"][0]["error"]) == (2, "ConfigError")
    assert "Time Travel" in done.json["errors"][0]["message"]


def test_a_file_that_somebody_holds_is_left_alone(database: Path, loaded: bytes) -> None:
    (database.parent / "firehose.toml").write_text(
        f'[warehouse]\nurl = "{database}"\nlock_timeout = 0.1\n'
    )
    with held(database):
        done = ask("compact", "--json", cwd=database.parent)

    assert (done.code, done.json["errors"][0]["error"]) == (5, "WarehouseBusy")
    assert database.read_bytes() == loaded
