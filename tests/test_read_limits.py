"""Limits of time, room, memory and packing: told by name, and kept without a dead process."""

from __future__ import annotations

import gzip
import io
import platform
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import zstandard

from firehose_loader.config import Config
from firehose_loader.engine import Engine
from firehose_loader.errors import DropTooLarge, DropTooSlow, DropUnreadable
from firehose_loader.formats import recognise
from firehose_loader.memory import allowed_bytes, give_back
from firehose_loader.model import Packing, RowCounts
from firehose_loader.spool import SharedRoom
from firehose_loader.time_limit import TimeLimit
from firehose_loader.warehouse.duckdb_file import open_memory
from firehose_loader.warehouse.merge import Merge
from tests.command import Answer, ask, select
from tests.long_watch import resident_bytes

HEADER = "eventId,eventType,campaignName\n"
ENDLESS = "range(10_000_000) AS a, range(10_000_000) AS b WHERE hash(a.range, b.range) = 1"
"""What the engine would work on for days: nothing by which it could join the two."""


def write(path: Path, rows: int, *, filler: str = "x", tail: str = "") -> None:
    """Write a drop, packed where its name says so; its name makes its events."""
    text = HEADER + "".join(f"{path.name}{n},emailOpen,{filler}\n" for n in range(rows)) + tail
    packed = path.suffix == ".gz"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())


def run(home: Path, settings: str) -> Answer:
    (home / "firehose.toml").write_text(
        f'{settings}\n[warehouse]\nurl = "e.duckdb"\n[[source]]\nname = "s"\nurl = "drops"\n'
    )
    return ask("run", "--json", cwd=home)


def fates(home: Path) -> dict[str, tuple[str, int]]:
    rows = select(
        home / "e.duckdb", "SELECT key, state, rows_inserted FROM dotdigital._firehose_drops"
    )
    return {row["key"]: (row["state"], row["rows_inserted"]) for row in rows}


def messages(home: Path) -> list[str]:
    rows = select(home / "e.duckdb", "SELECT message FROM dotdigital._firehose_quarantine")
    return [row["message"] for row in rows]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "drops").mkdir()
    return tmp_path


def test_what_a_batch_unpacks_to_finds_room_drop_by_drop_and_too_much_is_set_aside(
    home: Path,
) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        write(home / "drops" / name, 300, filler="x" * 1000)
    write(home / "drops" / "c.csv.gz", 700, filler="x" * 1000)

    answer = run(home, 'max_spool_bytes = "2MB"')

    assert answer.code == 0, answer.err
    assert fates(home) == {
        "a.csv.gz": ("loaded", 300),
        "b.csv.gz": ("loaded", 300),
        "c.csv.gz": ("quarantined", 0),
    }
    assert ["max_spool_bytes" in one for one in messages(home)] == [True]


def test_what_the_strict_parser_saves_counts_too(home: Path) -> None:
    write(home / "drops" / "a.csv", 700, filler="x" * 1000, tail='z,emailOpen,"open\n')

    run(home, 'max_spool_bytes = "2MB"')

    assert fates(home) == {"a.csv": ("quarantined", 0)}


def test_a_drop_that_takes_too_long_is_set_aside_alone_and_can_be_replayed(home: Path) -> None:
    write(home / "drops" / "slow.csv", 1500, tail='z,emailOpen,"open\n')

    answer = run(home, 'max_drop_time = "0.000001s"')
    told = messages(home)
    run(home, "")
    again = ask("replay", "slow.csv", "--json", cwd=home)

    assert answer.code == 0, answer.err
    assert ["max_drop_time" in one for one in told] == [True]
    assert again.code == 0, again.err
    assert fates(home)["slow.csv"] == ("loaded", 1500)


def test_a_drop_whose_merge_takes_too_long_is_set_aside(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / "drops" / "slow.csv", 2)
    apply = Merge.apply

    def without_end(merge: Merge) -> Mapping[int, Mapping[int, RowCounts]]:
        if merge._batch.tables:
            merge._session.run("stage_size", table=ENDLESS)
        return apply(merge)

    monkeypatch.setattr(Merge, "apply", without_end)
    answer = run(home, 'max_drop_time = "2s"')

    assert answer.code == 0, answer.err
    assert ["max_drop_time" in one for one in messages(home)] == [True]
    assert fates(home)["slow.csv"] == ("quarantined", 0)


def test_the_time_goes_on_where_it_was_left() -> None:
    limit = TimeLimit(0.05, lambda: None)

    with pytest.raises(DropTooSlow), limit:
        time.sleep(0.06)
    with pytest.raises(DropTooSlow), limit:
        pass


def test_a_run_whose_time_is_over_says_so_and_the_next_one_goes_on(home: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        write(home / "drops" / name, 2)

    first = run(home, 'batch_files = 1\nmax_run_time = "0.000001s"')
    second = run(home, "batch_files = 1")

    assert (first.code, first.json["drops"]["loaded"]) == (4, 1)
    assert [one["error"] for one in first.json["errors"]] == ["RunTooLong"]
    assert (second.code, second.json["drops"]["loaded"]) == (0, 2)


def test_a_statement_of_the_engine_ends_when_the_time_is_over() -> None:
    with duckdb.connect() as connection:
        engine = Engine(connection)

        with pytest.raises(DropTooSlow), TimeLimit(0.05, engine.interrupt):
            engine.run("stage_size", table=ENDLESS)

        assert connection.sql("SELECT 1").fetchall() == [(1,)]


def test_a_bomb_is_known_by_its_ratio(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(gzip.compress(HEADER.encode() + b"1,2,3\n" * 3_000_000))
    (tmp_path / "small").write_bytes(gzip.compress(HEADER.encode() + b"1,2,3\n" * 1_000_000))
    packing = Packing(max_ratio=200, max_members=10)

    assert recognise(tmp_path / "small", max_bytes=2**30, packing=packing).header
    with pytest.raises(DropTooLarge, match="max_ratio"):
        recognise(tmp_path / "bomb", max_bytes=2**30, packing=packing)


def test_bombs_of_other_kinds_are_set_aside_likewise(home: Path) -> None:
    text = HEADER.encode() + b"\n" * 2**24
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", text)
        honest = file.getvalue()
    size_at = honest.rfind(b"PK\1\2") + 24
    lies = honest[:size_at] + struct.pack("<I", 100) + honest[size_at + 4 :]
    for name, packed in (("zip", honest), ("lies", lies), ("zstd", zstandard.compress(text))):
        (home / "drops" / name).write_bytes(packed)
    write(home / "drops" / "sound.csv", 2)

    answer = run(home, "")

    assert answer.code == 0, answer.err
    assert ["max_ratio" in one for one in messages(home)] == [True] * 3
    assert fates(home)["sound.csv"] == ("loaded", 2)


def test_a_directory_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            for number in range(40):
                archive.writestr(f"{'n' * 1000}{number}.csv", HEADER)
        raw = bytearray(file.getvalue())
    (tmp_path / "long-names").write_bytes(raw)
    raw[-10:-6] = struct.pack("<I", 2**31)
    (tmp_path / "lies").write_bytes(raw)

    for name in ("long-names", "lies"):
        with pytest.raises(DropTooLarge, match="max_members"):
            recognise(
                tmp_path / name, max_bytes=2**30, packing=Packing(max_ratio=9, max_members=39)
            )
    with pytest.raises(DropUnreadable):
        recognise(tmp_path / "lies", max_bytes=2**30)


@pytest.mark.parametrize(
    "name", ["../x.csv", "a/../../x.csv", "..\\x.csv", "/x.csv", "C:\\x.csv", "a\x1b[2J.csv"]
)
def test_a_zip_with_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "drop", "w") as archive:
        archive.writestr("good.csv", HEADER)
        archive.writestr(name, HEADER)

    with pytest.raises(DropUnreadable, match="leads out"):
        recognise(tmp_path / "drop", max_bytes=2**20)


def test_a_share_of_the_room_is_waited_for_and_given_back() -> None:
    room = SharedRoom(10)
    first, second = room.share(8), room.share(8)
    first.take(lambda: None)
    asked = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.take, asked.set)
        assert asked.wait(20)
        assert not waiting.done()
        first.give()
        first.give()
        waiting.result(20)

    def stopped() -> None:
        raise CancelledError

    third = room.share(3)
    with pytest.raises(CancelledError):
        third.take(stopped)
    third.give()
    second.give()
    room.share(11).take(stopped)  # alone, for it would wait for ever


def test_downloads_that_are_larger_than_their_room_are_told_of(tmp_path: Path) -> None:
    config = Config.model_validate(
        {
            "warehouse": {"url": str(tmp_path / "e.duckdb")},
            "source": [{"name": "s", "url": str(tmp_path)}],
            "max_spool_bytes": "100MB",
        }
    )

    assert config.download_bytes == 50_000_000
    assert config.portions(config.source[0]).batch_bytes == 25_000_000


@pytest.mark.parametrize(
    ("group", "files", "wanted"),
    [
        ("0::/box", {"box/memory.max": "1000\n"}, 1000),
        ("0::/a/b", {"a/memory.max": "700\n", "a/b/memory.max": "max\n"}, 700),
        ("0::/", {"memory.max": "500\n"}, 500),
        (
            "9:cpu,memory:/box",
            {
                "memory/box/memory.limit_in_bytes": "900\n",
                "memory/memory.limit_in_bytes": "9223372036854771712\n",
            },
            900,
        ),
    ],
)
def test_a_container_tells_how_much_memory_it_has(
    tmp_path: Path, group: str, files: dict[str, str], wanted: int
) -> None:
    own = tmp_path / "own"
    own.write_text(f"{group}\n1:name=systemd:/\n")
    for name, text in files.items():
        path = tmp_path / "groups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    assert allowed_bytes(tmp_path / "groups", own) == wanted


_GLIBC_ALONE = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed"
)


@_GLIBC_ALONE
def test_what_was_freed_goes_back_to_the_machine() -> None:
    blocks = [bytes(2000) for _ in range(40_000)]
    blocks = blocks[::1000]  # these stay, so that nothing below them goes back by itself
    before = resident_bytes()

    give_back()

    assert blocks
    assert before - resident_bytes() > 40_000_000


_HEAPS = """
import ctypes, sys, threading
from firehose_loader.config import Config
from firehose_loader.service.loop import Loop

config = {"warehouse": {"url": "e.duckdb"}, "source": [{"name": "s", "url": "."}]}
if sys.argv[1] == "watch":
    Loop(Config.model_validate(config), print)
together = threading.Barrier(4)
def work():
    together.wait()
    return [bytearray(1000) for _ in range(1000)]
threads = [threading.Thread(target=work) for _ in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
listing = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, listing)
libc.fclose(listing)
"""


@_GLIBC_ALONE
def test_who_watches_keeps_one_heap_for_all_threads(tmp_path: Path) -> None:
    heaps = {}
    for how in ("watch", "else"):
        listing = tmp_path / how
        subprocess.run([sys.executable, "-c", _HEAPS, how, str(listing)], check=True)
        heaps[how] = listing.read_text().count("<heap ")

    assert heaps["watch"] == 1 < heaps["else"]


def test_the_engine_takes_half_of_the_memory_or_what_a_limit_leaves_it(tmp_path: Path) -> None:
    values = {"warehouse": {"url": str(tmp_path / "e.duckdb")}, "spool": str(tmp_path)}
    told = []
    for more in ({}, {"memory_limit": "1GiB"}, {"memory_limit": "256MiB"}):
        with closing(open_memory(Config.model_validate({**values, **more}))) as connection:
            told += connection.sql("SELECT current_setting('memory_limit')").fetchall()

    assert told[1:] == [("768.0 MiB",), ("128.0 MiB",)]
    assert allowed_bytes() // 2 == pytest.approx(_bytes(told[0][0]), rel=0.05)


def _bytes(text: str) -> float:
    number, unit = text.split()
    return float(number) * 2.0 ** (10 * ["bytes", "KiB", "MiB", "GiB", "TiB"].index(unit))
