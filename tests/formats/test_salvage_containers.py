"""Packed drops through the strict parser, whole and damaged; and the limits."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard
from msgspec.structs import replace

from firehose_loader.errors import DropTooLarge, DropUnreadable
from firehose_loader.formats import recognise, salvage
from tests.formats.outcomes import LIMITS, MAX_BYTES, outcome, zipped

CSV = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number**20) for number in range(1, 5001))
LINES = b"".join(b'{"a":%d,"b":"%d"}\n' % (number, number**20) for number in range(1, 5001))


def _expected(number: int) -> list[str]:
    return [str(number), str(number**20)]


@pytest.mark.parametrize("text", [CSV, LINES], ids=["csv", "ndjson"])
@pytest.mark.parametrize(
    "pack",
    [gzip.compress, zstandard.compress, lambda text: zipped({"x": text})],
    ids=["gzip", "zstd", "zip"],
)
def test_a_sound_container_gives_all_rows(text: bytes, pack: object, tmp_path: Path) -> None:
    assert callable(pack)

    found = outcome(tmp_path, pack(text))

    assert found.rows == {number: _expected(number) for number in range(1, 5001)}
    assert not found.rejections


@pytest.mark.parametrize("text", [CSV, LINES], ids=["csv", "ndjson"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_truncated_gzip_keeps_its_good_rows(text: bytes, share: float, tmp_path: Path) -> None:
    packed = gzip.compress(text)

    found = outcome(tmp_path, packed[: int(len(packed) * share)])

    assert found.rows == {number: _expected(number) for number in range(1, len(found.rows) + 1)}
    assert len(found.rows) > 5000 * share * 0.8
    assert len(found.rejections) == 1
    assert "the gzip data ends too early" in found.rejections[0].message


def test_a_truncated_zstd_keeps_its_good_rows(tmp_path: Path) -> None:
    packed = zstandard.compress(CSV)

    found = outcome(tmp_path, packed[: len(packed) // 2])

    assert len(found.rows) > 1500
    assert "the zstd data ends too early" in found.rejections[-1].message


def test_a_row_that_might_be_cut_is_not_taken_for_whole(tmp_path: Path) -> None:
    # Without the rest, nobody knows whether the last cell was 2 or 25.
    stream = zlib.compressobj(wbits=31)
    packed = stream.compress(b"a,b\n1,1\n2,2") + stream.flush(zlib.Z_SYNC_FLUSH)

    found = outcome(tmp_path, packed)

    assert found.rows == {1: ["1", "1"]}
    assert found.rejected == [(2, 3, "unparseable")]
    assert found.rejections[0].raw == "2,2"


def test_a_cut_between_rows_is_told_too(tmp_path: Path) -> None:
    for text in (b"a,b\n1,1\n", b'{"a":1,"b":1}\n', b'[{"a":1,"b":1}'):
        stream = zlib.compressobj(wbits=31)
        packed = stream.compress(text) + stream.flush(zlib.Z_SYNC_FLUSH)

        found = outcome(tmp_path, packed)

        assert found.rows == {1: ["1", "1"]}
        assert [(one.row, one.raw) for one in found.rejections] == [(2, "")]
        assert "the gzip data ends too early" in found.rejections[0].message


def test_a_cut_within_a_quoted_cell_is_told(tmp_path: Path) -> None:
    stream = zlib.compressobj(wbits=31)
    packed = stream.compress(b'a,b\n1,1\n2,"x\ny') + stream.flush(zlib.Z_SYNC_FLUSH)

    found = outcome(tmp_path, packed)

    assert found.rows == {1: ["1", "1"]}
    assert found.rejected == [(2, 3, "unparseable"), (3, 4, "unparseable")]
    assert "the gzip data ends too early" in found.rejections[1].message


def test_a_wrong_byte_keeps_the_rows_before_it(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(CSV))
    packed[len(packed) // 2] ^= 0xFF

    found = outcome(tmp_path, bytes(packed))

    before = [number for number, row in found.rows.items() if row == _expected(number)]
    assert len(before) > 1500
    assert found.rejections


def test_a_wrong_checksum_is_told_and_keeps_all_rows(tmp_path: Path) -> None:
    packed = gzip.compress(CSV)

    found = outcome(tmp_path, packed[:-8] + b"\0\0\0\0" + packed[-4:])

    assert len(found.rows) == 5000
    assert [(one.row, one.raw) for one in found.rejections] == [(5001, "")]
    assert "incorrect data check" in found.rejections[0].message


def test_gzip_members_go_on_from_one_to_the_next(tmp_path: Path) -> None:
    found = outcome(tmp_path, gzip.compress(b"a,b\n1,") + gzip.compress(b"2\n3,4\n") + b"\0" * 9)

    assert found.rows == {1: ["1", "2"], 2: ["3", "4"]}
    assert not found.rejections


def test_garbage_behind_gzip_is_told(tmp_path: Path) -> None:
    found = outcome(tmp_path, gzip.compress(CSV) + b"garbage")

    assert len(found.rows) == 5000
    assert "the compressed data is damaged" in found.rejections[0].message


def test_zip_members_of_any_shape_are_one_drop(tmp_path: Path) -> None:
    data = zipped(
        {
            "c.json": b'[{"a":5},{"c":6,"x"',
            "a.csv": b"b;a\n2;1\n",
            "__MACOSX/a.csv": b"\xff",
            "b/": b"",
            "b/.hidden": b"\xff",
            "b/empty": b"",
            "b/x.json": '{"a":3}\n{"a":4}\n'.encode("utf-16"),
        }
    )

    found = outcome(tmp_path, data)

    assert found.fields == ("b", "a")
    assert found.records == [{"b": "2", "a": "1"}, {"a": "3"}, {"a": "4"}, {"a": "5"}]
    assert found.rejected == [(5, 1, "unparseable")]
    assert found.rejections[0].message.startswith("c.json: ")


def test_columns_of_zip_members_are_matched_by_name(tmp_path: Path) -> None:
    found = outcome(tmp_path, zipped({"1": b"x,y,x\n1,2,3\n", "2": b"x,x,y\n4,6,5\n"}))

    assert found.fields == ("x", "y", "x")
    assert found.rows == {1: ["1", "2", "3"], 2: ["4", "5", "6"]}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_zip_member_keeps_its_good_rows(method: int, tmp_path: Path) -> None:
    data = bytearray(zipped({"opens.csv": CSV}, method))
    data[len(data) * 3 // 4] ^= 0x15

    found = outcome(tmp_path, bytes(data))

    good = [number for number, row in found.rows.items() if row == _expected(number)]
    assert len(good) > 2500
    assert any(one.message.startswith("opens.csv: ") for one in found.rejections)


def test_a_zip_whose_second_member_is_no_text_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(zipped({"a.csv": CSV, "b.pdf": b"%PDF-1.7"}))

    with pytest.raises(DropUnreadable, match=r"member 'b\.pdf'"):
        recognise(path, max_bytes=MAX_BYTES)


# -- limits --------------------------------------------------------------------------------------


def _gzip_bomb(line: bytes) -> bytes:
    """A gigabyte in a megabyte, built without compressing a gigabyte."""
    return gzip.compress(b"a,b\n") + gzip.compress(line * (2**20 // len(line))) * 1024


@pytest.mark.parametrize(
    "bomb",
    [
        _gzip_bomb(b"1,2\n"),
        _gzip_bomb(b"\0"),
        zstandard.compress(b"a,b\n" + b"1,2\n" * 2**26),
        zipped({"x": b"a,b\n" + b"1,2\n" * 2**25}),
    ],
    ids=["gzip", "gzip of zeros", "zstd", "zip"],
)
def test_a_bomb_stops_at_the_limit_in_little_memory(bomb: bytes, tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(bomb)
    tracemalloc.start()

    try:
        with pytest.raises(DropTooLarge, match="raise the limit"):
            recognise(path, max_bytes=2**26)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2**26


def test_a_zip_that_lies_about_its_size_stops_at_the_limit(tmp_path: Path) -> None:
    data = bytearray(zipped({"x": b"a,b\n" + b"1,2\n" * 100_000}))
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = (1).to_bytes(4, "little")
    path = tmp_path / "drop"
    path.write_bytes(data)
    content = recognise(path, max_bytes=MAX_BYTES)

    with pytest.raises(DropTooLarge, match="it unpacks to more"):
        salvage(
            path,
            content,
            tmp_path / "out",
            replace(LIMITS, max_file_bytes=60_000),
        )


def test_memory_does_not_grow_with_the_drop(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"[")
        for _ in range(40):
            file.write(b'{"a":1,"b":"some text to fill the row"},' * 1000)
        file.write(b"]")
    content = recognise(path, max_bytes=MAX_BYTES)
    tracemalloc.start()

    try:
        saved = salvage(
            path,
            content,
            tmp_path / "out",
            LIMITS,
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert saved.rows == 40_000
    assert peak < 2**24
