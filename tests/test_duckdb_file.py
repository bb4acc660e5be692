"""Opening a DuckDB file: what is refused, what is waited for, what is left alone."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import struct
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import duckdb
import pytest
from msgspec.structs import replace

from firehose_loader.config import Config
from firehose_loader.errors import ConfigError, ExitCode, WarehouseBusy, WarehouseUnusable
from firehose_loader.model import RunRecord
from firehose_loader.protocols import Warehouse
from firehose_loader.warehouse import open_warehouse
from tests.command import held
from tests.feed import Feed, compared, csv_drop
from tests.rigs.warehouses import DuckDBRig

HEADER_BYTES = 4096
MASK = 2**64 - 1


def opened(path: Path | str, *, read_only: bool = False, **settings: object) -> Warehouse:
    config = {"warehouse": {"url": str(path), "lock_timeout": 0.2, **settings}}
    return open_warehouse(Config.model_validate(config), read_only=read_only)


def a_database(path: Path) -> Path:
    with contextlib.closing(duckdb.connect(str(path))) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 42 AS answer")
    return path


def storage_version(path: Path) -> int:
    (version,) = struct.unpack_from("<Q", path.read_bytes(), 12)
    return int(version)


def made_by_a_newer_version(path: Path) -> Path:
    """Raise the storage version in a database's header, with the checksum that fits."""
    content = bytearray(a_database(path).read_bytes())
    struct.pack_into("<Q", content, 12, 4711)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:HEADER_BYTES]):
        checksum ^= word * 0xBF58476D1CE4E5B9 & MASK
    struct.pack_into("<Q", content, 0, checksum)
    path.write_bytes(content)
    return path


# -- refused -------------------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    path.write_text("eventId,eventType\n1,emailOpen\n")

    with pytest.raises(WarehouseUnusable, match="not a DuckDB database; name another file"):
        opened(path)

    assert path.read_text() == "eventId,eventType\n1,emailOpen\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_short_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    path.write_bytes(b"DUCK")

    with pytest.raises(WarehouseUnusable, match="not a DuckDB database"):
        opened(path)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    tmp_path: Path, *, read_only: bool
) -> None:
    path = made_by_a_newer_version(tmp_path / "events.duckdb")
    before = path.read_bytes()

    with pytest.raises(
        WarehouseUnusable, match=r"storage version number 4711.*pip install"
    ) as caught:
        opened(path, read_only=read_only)

    assert caught.value.exit_code is ExitCode.FATAL
    assert path.read_bytes() == before


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    path = a_database(tmp_path / "events.duckdb")
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)

    with pytest.raises(WarehouseUnusable, match="cannot be opened"):
        opened(path)


def test_a_file_that_this_user_may_not_write_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_database(tmp_path / "events.duckdb")

    def refuse(*_: object) -> NoReturn:  # tests run as a user who may write everywhere, too
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(WarehouseUnusable, match="Permission denied; let this user read and write"):
        opened(path)


def test_a_run_for_whose_record_there_is_no_room_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    run = RunRecord(
        run_id="r",
        started_at=datetime(2026, 1, 5, tzinfo=UTC),
        finished_at=datetime(2026, 1, 5, tzinfo=UTC),
        status="ok",
        exit_code=0,
        loader_version="1",
        summary="{}",
    )
    with contextlib.closing(opened(path)) as warehouse:
        warehouse.prepare()
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, before[1]))
        try:
            with pytest.raises(WarehouseUnusable, match="make room where it lies, and run again"):
                warehouse.record_run(replace(run, summary=f'"{"x" * path.stat().st_size}"'))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    path.mkdir()

    with pytest.raises(WarehouseUnusable, match=r"is a folder; name a file, such as .*/events"):
        opened(path)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "events.duckdb"

    with pytest.raises(WarehouseUnusable, match=r"nowhere does not exist; make it first"):
        opened(path)

    assert not path.parent.exists()


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(WarehouseUnusable, match="file does not exist"):
        opened(tmp_path / "file" / "events.duckdb")


def test_a_place_that_may_not_be_written_is_refused() -> None:
    with pytest.raises(WarehouseUnusable, match=r"/sys/events\.duckdb cannot be"):
        opened("/sys/events.duckdb")  # where not even root may make a file


def test_an_unknown_storage_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"v9\.9\.9"):
        opened(tmp_path / "events.duckdb", storage_version="v9.9.9")

    assert list(tmp_path.iterdir()) == []


# -- waited for ----------------------------------------------------------------------------------


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_that_another_process_writes_is_busy(tmp_path: Path, *, read_only: bool) -> None:
    path = a_database(tmp_path / "events.duckdb")

    with held(path), pytest.raises(WarehouseBusy, match="held by another process") as caught:
        opened(path, read_only=read_only)

    assert caught.value.exit_code is ExitCode.BUSY


def test_a_database_that_another_process_reads_cannot_be_written(tmp_path: Path) -> None:
    path = a_database(tmp_path / "events.duckdb")

    with held(path, "read_only"), pytest.raises(WarehouseBusy, match="held by another process"):
        opened(path)


def test_two_may_read_a_database(tmp_path: Path) -> None:
    path = a_database(tmp_path / "events.duckdb")

    with held(path, "read_only"):
        opened(path, read_only=True).close()


def test_a_database_is_opened_as_soon_as_it_is_let_go(tmp_path: Path) -> None:
    path = a_database(tmp_path / "events.duckdb")

    with held(path) as let_go, ThreadPoolExecutor(1) as pool:
        opening = pool.submit(opened, path, lock_timeout=60)
        let_go()
        opening.result(60).close()


def test_a_lock_that_ends_while_the_refusal_is_told_was_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_database(tmp_path / "events.duckdb")
    connect = duckdb.connect
    with held(path) as let_go:

        def refused(*words: object, **options: object) -> object:
            try:
                return connect(*words, **options)  # type: ignore[arg-type]
            except duckdb.IOException:
                let_go()
                wait_until_free(path)
                raise

        monkeypatch.setattr(duckdb, "connect", refused)
        opened(path, read_only=True, lock_timeout=60).close()


def wait_until_free(path: Path) -> None:
    with path.open("rb+") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)


def test_an_empty_file_may_be_one_that_is_just_being_made(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    path.touch()

    with pytest.raises(WarehouseBusy, match="is empty"):
        opened(path)

    assert path.stat().st_size == 0


# -- opened --------------------------------------------------------------------------------------


def test_reading_what_is_not_there_finds_nothing_and_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"

    warehouse = opened(path, read_only=True)

    assert warehouse.status([]).sources == ()
    assert warehouse.additions() == []
    warehouse.close()
    warehouse.close()
    assert not path.exists()


def test_a_warehouse_opened_for_reading_changes_nothing(tmp_path: Path) -> None:
    rig = DuckDBRig(tmp_path)
    feed = Feed(rig, tmp_path)
    drop = csv_drop("a", "eventId,eventType", ["1,emailOpen"])
    feed.load(drop)
    rig.warehouse.close()
    before = rig.path.read_bytes()

    warehouse = rig.reopen(read_only=True)
    (known,) = compared(warehouse, "s", [feed.drop(drop)], new_only=False)
    status = warehouse.status(list(feed.catalog))
    rig.close()

    assert known.rows == 1
    assert [(event.event_type, event.rows) for event in status.events] == [("email.open", 1)]
    assert rig.path.read_bytes() == before


def test_a_database_that_this_process_has_open_elsewhere_is_busy(tmp_path: Path) -> None:
    path = a_database(tmp_path / "events.duckdb")

    with (
        contextlib.closing(opened(path)),
        pytest.raises(WarehouseBusy, match=r"another connection of this process \(PID \d+\)"),
    ):
        opened(path)


def test_a_user_may_have_a_schema_called_like_the_engine_s_own_database(tmp_path: Path) -> None:
    path = a_database(tmp_path / "events.duckdb")
    with contextlib.closing(duckdb.connect(str(path))) as connection:
        connection.execute("CREATE SCHEMA memory")
    warehouse = opened(path)

    warehouse.release()
    with held(path):
        pass
    warehouse.prepare()

    assert warehouse.columns("_firehose_drops")
    warehouse.close()


def test_what_a_user_has_in_the_file_stays(tmp_path: Path) -> None:
    path = a_database(tmp_path / "events.duckdb")

    rig = DuckDBRig(tmp_path)
    Feed(rig, tmp_path).load(csv_drop("a", "eventId,eventType", ["1,emailOpen"]))

    assert rig.execute("SELECT answer FROM main.mine") == [{"answer": 42}]
    assert rig.path == path
    rig.close()


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("dotdigital.duckdb", "dotdigital"),
        ("DotDigital.2026.duckdb", "dotdigital"),
        ("events.duckdb", "temp"),
        ("events.duckdb", "Memory"),
        ("events.duckdb", "Information_Schema"),
    ],
)
def test_a_schema_that_no_query_could_name_is_refused(
    tmp_path: Path, file: str, schema: str
) -> None:
    with pytest.raises(ConfigError, match=r"name another file, or set \[warehouse\] schema"):
        opened(tmp_path / file, schema=schema)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("events.duckdb", "main"),
        ("temp.duckdb", "dotdigital"),
        ("memory.duckdb", "dotdigital"),
        ('it\'s ä "file".duckdb', 'a "quoted" schema; --'),
        ("events.duckdb", "{{ table }} :name $1"),
        ("events.duckdb", "x" * 255),
    ],
)
def test_file_and_schema_may_have_any_name(tmp_path: Path, file: str, schema: str) -> None:
    rig = DuckDBRig(tmp_path, url=str(tmp_path / file), schema=schema)
    feed = Feed(rig, tmp_path)

    feed.load(csv_drop("a", "eventId,eventType,new", ["1,emailOpen,x"]))
    feed.load(csv_drop("b", "eventId,eventType,new", ["1,emailOpen,y"]))

    assert [row["new"] for row in feed.rows()] == ["x"]
    assert [row["reason"] for row in feed.quarantine()] == ["conflict"]
    rig.close()


@pytest.mark.parametrize(("wanted", "written"), [("v1.0.0", 64), ("v1.2.0", 65), ("v1.4.0", 67)])
def test_a_new_file_can_be_made_for_an_older_version(
    tmp_path: Path, wanted: str, written: int
) -> None:
    path = tmp_path / "events.duckdb"
    warehouse = opened(path, storage_version=wanted)
    warehouse.prepare()
    warehouse.close()

    made = storage_version(path)

    opened(path).close()
    assert made == written
    assert storage_version(path) == written


def test_the_time_zone_of_the_machine_makes_no_difference(tmp_path: Path) -> None:
    warehouse = opened(tmp_path / "events.duckdb")

    zone = warehouse.engine().connection.execute("SELECT current_setting('TimeZone')").fetchall()

    assert zone == [("UTC",)]
    warehouse.close()
