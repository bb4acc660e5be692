"""What a drop's bytes turn out to be, whatever its name."""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard

from firehose_loader.errors import DropDamaged, DropMissing, DropTooLarge, DropUnreadable
from firehose_loader.formats import recognise
from firehose_loader.model import Content, Format
from tests.formats.outcomes import MAX_BYTES, zipped

OPENS = b"eventId,email\n1,a@b.cc\n2,c@d.ee\n"
LINES = b'{"eventId":1}\n{"eventId":2}\n'


@dataclass(frozen=True, slots=True)
class Case:
    """Some bytes and what they are."""

    name: str
    data: bytes
    content: Content


def content(  # noqa: PLR0913 - as many as Content has
    shape: Format,
    header: tuple[str, ...] = (),
    *,
    delimiter: str = "",
    compression: str = "none",
    encoding: str = "utf-8",
    bom: bool = False,
    fast: bool = True,
) -> Content:
    """Make a content; most are plain UTF-8 that the engine can read."""
    return Content(
        format=shape,
        header=header,
        delimiter=delimiter,
        compression=compression,
        encoding=encoding,
        bom=bom,
        fast=fast,
    )


AB = ("a", "b")
CASES = [
    # Nothing in it.
    Case("nothing", b"", content(Format.EMPTY)),
    Case("white space", b" \r\n\t\n", content(Format.EMPTY)),
    Case("a BOM alone", b"\xef\xbb\xbf", content(Format.EMPTY, bom=True)),
    Case("two BOMs", b"\xef\xbb\xbf" * 2, content(Format.EMPTY, bom=True)),
    Case("a BOM behind a blank line", b"\n\xef\xbb\xbf\n", content(Format.EMPTY)),
    Case("an empty array", b"[]", content(Format.EMPTY)),
    Case("an empty array with space", b" [\n ]\n", content(Format.EMPTY)),
    Case("an empty wrapper", b'{"events": []}', content(Format.EMPTY)),
    Case("an empty page", b'{"items":[],"total":0,"next":null}', content(Format.EMPTY)),
    Case("a header", b"a,b\n", content(Format.EMPTY, AB, delimiter=",")),
    Case("a header, unended", b"a;b", content(Format.EMPTY, AB, delimiter=";")),
    Case("a header and blank lines", b"a|b\r\n\r\n", content(Format.EMPTY, AB, delimiter="|")),
    # CSV and its dialects.
    Case("comma", b"a,b\n1,2\n", content(Format.CSV, AB, delimiter=",")),
    Case("semicolon", b"a;b\n1,5;2\n", content(Format.CSV, AB, delimiter=";")),
    Case("tab", b"a\tb\n1\t2\n", content(Format.CSV, AB, delimiter="\t")),
    Case("pipe", b"a|b\r\n1|2\r\n", content(Format.CSV, AB, delimiter="|")),
    Case("CR alone", b"a,b\r1,2\r", content(Format.CSV, AB, delimiter=",")),
    Case("a BOM", b"\xef\xbb\xbfa,b\n1,2\n", content(Format.CSV, AB, delimiter=",", bom=True)),
    Case("quoted names", b'"a" ; "b"\n1;2\n', content(Format.CSV, AB, delimiter=";", fast=True)),
    Case(
        "the delimiter that the rows agree on",
        b"id;name,full;x\n1;2;3\n4;5,5;6\n",
        content(Format.CSV, ("id", "name,full", "x"), delimiter=";"),
    ),
    Case(
        "another delimiter within quotes",
        b'a,"b;c;d;e"\n1,2\n',
        content(Format.CSV, ("a", "b;c;d;e"), delimiter=","),
    ),
    Case(
        "empty and double names",
        b"a,,a\n1,2,3\n",
        content(Format.CSV, ("a", "", "a"), delimiter=","),
    ),
    Case(
        "a name over two lines",
        b'"a\nb";"c"\n1;2\n',
        content(Format.CSV, ("a\nb", "c"), delimiter=";", fast=False),
    ),
    Case("one column", b"a\n1\n", content(Format.CSV, ("a",), delimiter=",", fast=False)),
    Case("a blank line first", b"\na,b\n1,2\n", content(Format.CSV, AB, delimiter=",", fast=False)),
    Case("two line ends", b"a,b\n1,2\r\n", content(Format.CSV, AB, delimiter=",", fast=False)),
    Case("CRLF within quotes", b'a,b\n1,"x\r\ny"\n', content(Format.CSV, AB, delimiter=",")),
    Case(
        "a name in another encoding",
        b"pr\xe9nom,b\n1,2\n",
        content(Format.CSV, ("prénom", "b"), delimiter=",", encoding="windows-1252", fast=False),
    ),
    Case(
        "binary further down",
        b"a,b\n\x00\xff\xfe\x01\x02\n1,2\n",
        content(Format.CSV, AB, delimiter=","),
    ),
    # JSON.
    Case("objects on lines", LINES, content(Format.NDJSON, ("eventId",))),
    Case("one object", b'{"a":1,"b":2}', content(Format.NDJSON, AB)),
    Case("one line", b'\n{"a":1,"b":2}\r\n', content(Format.NDJSON, AB)),
    Case("an object without members", b"{}", content(Format.NDJSON)),
    Case("broken first line", b'{"a":1\n{"b":2}\n', content(Format.NDJSON, ("b",), fast=False)),
    Case("garbage on the second line", b'{"a":1}\nx\n', content(Format.NDJSON, ("a",))),
    Case(
        "names that differ in case",
        b'{"a":1,"A":2}',
        content(Format.NDJSON, ("a", "A"), fast=False),
    ),
    Case("an array", b'[{"a":1,"b":2}]', content(Format.JSON_ARRAY, AB)),
    Case("an array over lines", b'\n[\n  {"a":1}\n]\n', content(Format.JSON_ARRAY, ("a",))),
    Case("an array of numbers", b"[1, 2]", content(Format.JSON_ARRAY, fast=False)),
    Case(
        "an array that begins badly", b'[1,{"a":2}]', content(Format.JSON_ARRAY, ("a",), fast=False)
    ),
    Case("an array cut at once", b"[", content(Format.JSON_ARRAY, fast=False)),
    Case(
        "an array with a BOM",
        b'\xef\xbb\xbf[{"a":1}]',
        content(Format.JSON_ARRAY, ("a",), bom=True),
    ),
    Case(
        "an object over lines", b'{\n "a": 1\n}\n', content(Format.JSON_OBJECT, ("a",), fast=False)
    ),
    Case(
        "objects over lines",
        b'{\n "a": {\n}\n}\n{\n "a": 2\n}\n',
        content(Format.JSON_OBJECT, ("a",), fast=False),
    ),
    Case(
        "objects without line ends",
        b'{"a":1}{"a":2}',
        content(Format.JSON_OBJECT, ("a",), fast=False),
    ),
    Case("a wrapper", b'{"events":[{"a":1}]}', content(Format.JSON_OBJECT, ("a",), fast=False)),
    Case(
        "a wrapper, cut",
        b'{"events":[{"a":1},{"a"',
        content(Format.JSON_OBJECT, ("a",), fast=False),
    ),
    Case(
        "an event with items",
        b'{"eventId":1,"items":[{"x":1}]}',
        content(Format.NDJSON, ("eventId", "items")),
    ),
    Case(
        "two arrays",
        b'{"items":[{"x":1}],"rows":[{"x":1}]}',
        content(Format.NDJSON, ("items", "rows")),
    ),
    Case(
        "no event, but no page",
        b'{"order":1,"items":[]}',
        content(Format.NDJSON, ("order", "items")),
    ),
    Case("half an object", b'{"a":1,', content(Format.JSON_OBJECT, fast=False)),
    # Encodings.
    Case(
        "UTF-16",
        "a;b\n1;é\n".encode("utf-16"),
        content(Format.CSV, AB, delimiter=";", encoding="utf-16-le", bom=True, fast=False),
    ),
    Case(
        "UTF-16, big end first",
        b"\xfe\xff" + '[{"a":1}]'.encode("utf-16-be"),
        content(Format.JSON_ARRAY, ("a",), encoding="utf-16-be", bom=True, fast=False),
    ),
    Case(
        "UTF-16 without a mark",
        '{"a":1}\n{"a":2}\n'.encode("utf-16-le"),
        content(Format.NDJSON, ("a",), encoding="utf-16-le", fast=False),
    ),
    # Containers.
    Case(
        "gzip",
        gzip.compress(OPENS),
        content(Format.CSV, ("eventId", "email"), delimiter=",", compression="gzip"),
    ),
    Case(
        "gzip twice in a row",
        gzip.compress(LINES) + gzip.compress(LINES),
        content(Format.NDJSON, ("eventId",), compression="gzip"),
    ),
    Case("gzip of nothing", gzip.compress(b""), content(Format.EMPTY, compression="gzip")),
    Case(
        "zstd", zstandard.compress(LINES), content(Format.NDJSON, ("eventId",), compression="zstd")
    ),
    Case(
        "gzip with padding",
        gzip.compress(LINES) + b"\0" * 100,
        content(Format.NDJSON, ("eventId",), compression="gzip", fast=False),
    ),
    Case(
        "gzip, cut",
        gzip.compress(LINES)[:-4],
        content(Format.NDJSON, ("eventId",), compression="gzip", fast=False),
    ),
    Case(
        "gzip with a wrong checksum",
        gzip.compress(LINES)[:-8] + b"\0" * 4 + gzip.compress(LINES)[-4:],
        content(Format.NDJSON, ("eventId",), compression="gzip", fast=False),
    ),
    Case(
        "zstd, cut",
        zstandard.ZstdCompressor(write_checksum=True).compress(LINES)[:-2],
        content(Format.NDJSON, ("eventId",), compression="zstd", fast=False),
    ),
    Case(
        "a header and the rest cut off",
        gzip.compress(b"a,b\n")[:-3],
        content(Format.CSV, AB, delimiter=",", compression="gzip", fast=False),
    ),
    Case(
        "zip",
        zipped({"b/": b"", "__MACOSX/x": b"\xff", "b/.x": b"\xff", "b/opens.csv": OPENS}),
        content(Format.CSV, ("eventId", "email"), delimiter=",", compression="zip", fast=False),
    ),
    Case(
        "zip whose first member is empty",
        zipped({"1": b"", "2": LINES}),
        content(Format.NDJSON, ("eventId",), compression="zip", fast=False),
    ),
    Case("zip of nothing", zipped({}), content(Format.EMPTY, compression="zip", fast=False)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_drop_is_told_by_its_bytes(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "misleading.parquet"
    path.write_bytes(case.data)

    assert recognise(path, max_bytes=MAX_BYTES) == case.content


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"5f0c1f6e-12ab-4cde-8000-0123456789ab,x\n", "no header line"),
        (b"open,2025-01-01T10:00:00Z\n", "no header line"),
        (b"x;jane@example.com\n", "no header line"),
        (b"1,2,3\n4,5,6\n", "no header line"),
        (b'a,"b\n1,2\n', "no readable header line"),
        (b'a;"b\n1;2\n', "no readable header line"),
        (b'"a"x,b\n1,2\n', "text stands behind a closing quote"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"<!DOCTYPE html><p>Sign in", "XML or HTML"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PAR1\x15\x04\x15", "a Parquet file"),
        (bytes(range(128, 256)) * 8, "no text in UTF-8 or UTF-16"),
        (b"\0" * 1000, "no text in UTF-8 or UTF-16"),
        (gzip.compress(gzip.compress(OPENS, mtime=0), mtime=0), "compressed twice"),
        (b"\x1f\x8bno gzip", "nothing of it can be unpacked"),
        (gzip.compress(b"[]", mtime=0)[:-3], "nothing of it can be unpacked"),
        (b"\x28\xb5\x2f\xfdno zstd at all", "nothing of it can be unpacked"),
        (b"PK\x03\x04no zip", "cannot be opened as one"),
        (zipped({"a.csv": OPENS})[:-30], "cannot be opened as one"),
        (zipped({"a.csv": OPENS}, zipfile.ZIP_LZMA), "packed by method 14"),
        (
            zipped({"a.csv": OPENS, "b.png": b"\x89PNG"}),
            "member 'b.png' cannot be read: it is a PNG",
        ),
    ],
)
def test_what_is_no_drop_of_events_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(data)

    with pytest.raises(DropUnreadable, match=message):
        recognise(path, max_bytes=MAX_BYTES)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": OPENS}))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path = tmp_path / "drop"
    path.write_bytes(data)

    with pytest.raises(DropUnreadable, match=r"'a\.csv' is encrypted"):
        recognise(path, max_bytes=MAX_BYTES)


def test_a_damaged_end_far_behind_the_head_is_noticed(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"".join(b'{"eventId":"%d"}\n' % n**9 for n in range(50_000))))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "drop"
    path.write_bytes(packed)

    found = recognise(path, max_bytes=MAX_BYTES)

    assert (found.format, found.fast) == (Format.NDJSON, False)


def test_a_header_longer_than_the_head_is_read_to_its_end(tmp_path: Path) -> None:
    header = [f"field_{number}" for number in range(20_000)]
    path = tmp_path / "drop"
    path.write_bytes(b"%b\n1\n" % ",".join(header).encode())

    found = recognise(path, max_bytes=MAX_BYTES)

    assert (found.header, found.fast) == (tuple(header), False)


def test_a_first_row_longer_than_the_head_is_still_objects_on_lines(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(b'{"a":"%b"}\n{"a":2}\n' % (b"x" * 100_000))

    found = recognise(path, max_bytes=MAX_BYTES)

    assert found == content(Format.NDJSON, ("a",))


def test_much_white_space_may_stand_before_the_text(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(b" \n" * 100_000 + b'[{"a":1}]')

    found = recognise(path, max_bytes=MAX_BYTES)

    assert found == content(Format.JSON_ARRAY, ("a",))


def test_any_amount_of_white_space_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(b" \n" * 6_000_000)

    assert recognise(path, max_bytes=MAX_BYTES).format is Format.EMPTY


def test_a_large_wrapper_is_told_from_its_beginning(tmp_path: Path) -> None:
    rows = b",".join(b'{"a":%d}' % number for number in range(1_200_000))
    path = tmp_path / "drop"
    path.write_bytes(b'{"total":1200000,"events":[%b]}' % rows)

    found = recognise(path, max_bytes=MAX_BYTES)

    assert found == content(Format.JSON_OBJECT, ("a",), fast=False)


def test_a_drop_beyond_the_limit_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(OPENS)

    with pytest.raises(DropTooLarge, match="it holds 32 bytes, more than max_file_bytes"):
        recognise(path, max_bytes=31)


def test_a_drop_that_is_gone_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DropMissing, match="gone"):
        recognise(tmp_path / "drop", max_bytes=MAX_BYTES)


def test_a_drop_that_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(DropDamaged, match="cannot be read"):
        recognise(tmp_path, max_bytes=MAX_BYTES)
