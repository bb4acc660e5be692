"""CSV through the strict parser: which rows are saved, and what is said of the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.formats.outcomes import outcome

UNPARSEABLE = "unparseable"


@dataclass(frozen=True, slots=True)
class Case:
    """A CSV text, its rows by number, and its rejections: row, line, words of the message, raw."""

    name: str
    data: bytes
    rows: dict[int, list[str]]
    rejected: tuple[tuple[int, int, str, str], ...] = ()


ONE, TWO, THREE = ["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]
CASES = [
    Case("plain", b"a,b,c\n1,2,3\n4,5,6\n", {1: ONE, 2: TWO}),
    Case("no end of the last line", b"a,b,c\n1,2,3\n4,5,6", {1: ONE, 2: TWO}),
    Case("CRLF", b"a,b,c\r\n1,2,3\r\n4,5,6\r\n", {1: ONE, 2: TWO}),
    Case("CR", b"a,b,c\r1,2,3\r4,5,6\r", {1: ONE, 2: TWO}),
    Case("all line ends", b"a,b,c\n1,2,3\r\n4,5,6\r7,8,9", {1: ONE, 2: TWO, 3: THREE}),
    Case("blank lines", b"\n  \na,b,c\n\n1,2,3\n \r\n\n4,5,6\n\n", {1: ONE, 2: TWO}),
    Case("semicolons", b"a;b;c\n1;2,5;3\n", {1: ["1", "2,5", "3"]}),
    Case("tabs", b"a\tb\tc\n1\t\t\n\t\t\n", {1: ["1", "", ""], 2: ["", "", ""]}),
    Case("pipes", b'a|b|c\n1|"2|5"|3\n', {1: ["1", "2|5", "3"]}),
    Case("one column", b'a\n1\n\n""\n2\n', {1: ["1"], 2: [""], 3: ["2"]}),
    Case("empty cells", b'a,b,c\n,"",\n', {1: ["", "", ""]}),
    Case("quotes", b'a,b,c\n"1","2, ""two""","3"\n', {1: ["1", '2, "two"', "3"]}),
    Case("line ends within quotes", b'a,b,c\n1,"x\n\r\ny\rz",3\n', {1: ["1", "x\n\r\ny\rz", "3"]}),
    Case("two open cells", b'a,b,c\n"1\n","2\n",3\n4,5,6\n', {1: ["1\n", "2\n", "3"], 2: TWO}),
    Case("a quote within a cell", b'a,b,c\n1,x"y,z""\n', {1: ["1", 'x"y', 'z""']}),
    Case("space behind quotes", b'a,b,c\n1,"2" ,"3"  \n', {1: ONE}),
    Case("one space before quotes", b'a,b,c\n1, "2", " 3"\n', {1: ["1", "2", " 3"]}),
    Case("two spaces before quotes", b'a,b,c\n1,  "2",3\n', {1: ["1", '  "2"', "3"]}),
    Case("space is kept", b"a,b,c\n 1 ,2, \n", {1: [" 1 ", "2", " "]}),
    Case("backslashes are text", b'a,b,c\n1,\\,"\\"\n', {1: ["1", "\\", "\\"]}),
    Case("NUL is text", b"a,b,c\n1,2,\0\n", {1: ["1", "2", "\0"]}),
    Case("UTF-8", "a,b,c\n1,é😀,\u2028\x0b\x1c\n".encode(), {1: ["1", "é😀", "\u2028\x0b\x1c"]}),
    Case("delimiters too many at the end", b'a,b,c\n1,2,3,\n4,5,6,\\N,""\n', {1: ONE, 2: TWO}),
    Case("a comment is no comment", b"a,b,c\n#1,2,3\n", {1: ["#1", "2", "3"]}),
    Case("names twice", b"a,a,\n1,2,3\n", {1: ONE}),
    Case(
        "the header again",
        b'a,a,\n1,2,3\n"a", a,\na,2,\n',
        {1: ONE, 3: ["a", "2", ""]},
        ((2, 3, "the header stands here again", '"a", a,'),),
    ),
    Case(
        "a byte order mark",
        b"a,b,c\n1,2,3\n\xef\xbb\xbf4,5,6\n\xef\xbb\xbf7,8\n",
        {1: ONE, 2: TWO},
        ((3, 4, "expected 3 fields, found 2", "7,8"),),
    ),
    Case(
        "too few",
        b"a,b,c\n1,2,3\n4,5\n7,8,9\n",
        {1: ONE, 3: THREE},
        ((2, 3, "expected 3 fields, found 2", "4,5"),),
    ),
    Case(
        "too many",
        b"a,b,c\n1,2,3,4\n7,8,9\n",
        {2: THREE},
        ((1, 2, "expected 3 fields, found 4", "1,2,3,4"),),
    ),
    Case(
        "too few over two lines",
        b'a,b,c\n1,"x\ny"\n7,8,9\n',
        {2: THREE},
        ((1, 2, "expected 3 fields, found 2", '1,"x\ny"'),),
    ),
    Case(
        "text behind a quote",
        b'a,b,c\n1,"2"x,3\n4,5,6\n',
        {2: TWO},
        ((1, 2, "behind a closing quote", '1,"2"x,3'),),
    ),
    Case(
        "an open quote",
        b'a,b,c\n1,"2,3\n4,5,6\n7,8,9\n',
        {2: TWO, 3: THREE},
        ((1, 2, "a quote opens in this row", '1,"2,3'),),
    ),
    Case(
        "an open quote before a quoted cell",
        b'a,b,c\n1,"2,3\n4,"5",6\n',
        {2: TWO},
        ((1, 2, "a quote opens in this row", '1,"2,3'),),
    ),
    Case(
        "an open quote at the end",
        b'a,b,c\n1,2,3\n4,5,"6',
        {1: ONE},
        ((2, 3, "a quote opens in this row", '4,5,"6'),),
    ),
    Case(
        "many open quotes",
        b'a,b,c\n1,"2,3\n1,"2,3\n1,"2,3\n4,5,6\n',
        {4: TWO},
        tuple((row, row + 1, "a quote opens in this row", '1,"2,3') for row in (1, 2, 3)),
    ),
    Case(
        "no UTF-8",
        b"a,b,c\n1,\xff\xc3,3\n" + "ü,5,6\n".encode(),
        {2: ["ü", "5", "6"]},
        ((1, 2, "byte 3 of the row is not UTF-8", r"1,\xff\xc3,3"),),
    ),
    Case(
        "surrogates and overlong forms",
        b"a,b,c\n1,\xed\xa0\x80,3\n1,\xc0\x80,3\n4,5,6\n",
        {3: TWO},
        ((1, 2, "not UTF-8", r"1,\xed\xa0\x80,3"), (2, 3, "not UTF-8", r"1,\xc0\x80,3")),
    ),
    Case(
        "a line of binary",
        b"a,b,c\n1,2,3\n\x00\x01\xfe\x9c\x80{[\n4,5,6\n",
        {1: ONE, 3: TWO},
        ((2, 3, "not UTF-8", "\x00\x01\\xfe\\x9c\\x80{["),),
    ),
    Case(
        "lines count within quotes",
        b'a,b,c\r\n1,"x\r\n\r\ny",3\r\n4,5\r\n',
        {1: ["1", "x\r\n\r\ny", "3"]},
        ((2, 5, "expected 3 fields, found 2", "4,5"),),
    ),
    Case(
        "a second header",
        b"a,b,c\n1,2,3\na,b,c,d\n",
        {1: ONE},
        ((2, 3, "expected 3 fields, found 4", "a,b,c,d"),),
    ),
    Case(
        "the end mark of DOS",
        b"a,b,c\r\n1,2,3\r\n\x1a",
        {1: ONE},
        ((2, 3, "expected 3 fields, found 1", "\x1a"),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_good_rows_are_saved_and_bad_ones_told(case: Case, tmp_path: Path) -> None:
    found = outcome(tmp_path, case.data)

    assert found.rows == case.rows
    assert found.rejected == [(row, line, UNPARSEABLE) for row, line, _, _ in case.rejected]
    assert [one.raw for one in found.rejections] == [raw for *_, raw in case.rejected]
    for one, (_, _, words, _) in zip(found.rejections, case.rejected, strict=True):
        assert words in one.message
        assert one.offset is not None
        escaped = case.data[one.offset :].decode("utf-8", "backslashreplace")
        assert escaped.startswith(one.raw)


def test_the_fields_are_the_header_as_written(tmp_path: Path) -> None:
    found = outcome(tmp_path, b'\xef\xbb\xbf"Event Id", EVENT_DATE ,x,x,\n1,2,3,4,5\n')

    assert found.fields == ("Event Id", "EVENT_DATE", "x", "x", "")
    assert found.rows == {1: ["1", "2", "3", "4", "5"]}


def test_offsets_count_a_byte_order_mark(tmp_path: Path) -> None:
    found = outcome(tmp_path, b"\xef\xbb\xbfa,b\n1\n")

    assert [one.offset for one in found.rejections] == [7]


def test_utf_16_is_read_as_any_text(tmp_path: Path) -> None:
    text = 'a;b\r\n1;"é\r\n😀"\r\n3\r\n5;6'

    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        found = outcome(tmp_path, text.encode(encoding))

        assert found.rows == {1: ["1", "é\r\n😀"], 3: ["5", "6"]}
        assert found.rejected == [(2, 4, UNPARSEABLE)]


def test_utf_16_that_is_no_text_spoils_its_row_alone(tmp_path: Path) -> None:
    data = "a,b\n1,2\n3,".encode("utf-16") + b"\x00\xd8" + "\n5,6\n".encode("utf-16-le")

    found = outcome(tmp_path, data)

    assert found.rows == {1: ["1", "2"], 3: ["5", "6"]}
    assert found.rejected == [(2, 3, UNPARSEABLE)]


@pytest.mark.parametrize("end", [b"1", b"\x3d\xd8"], ids=["half a unit", "half a pair"])
def test_utf_16_that_ends_within_a_character_is_cut_off(end: bytes, tmp_path: Path) -> None:
    found = outcome(tmp_path, "a,b\n1,2\n3,4".encode("utf-16") + end)

    assert found.rows == {1: ["1", "2"]}
    assert "ends in the middle of a character" in found.rejections[0].message


def test_a_row_beyond_the_limit_is_rejected_alone(tmp_path: Path) -> None:
    found = outcome(tmp_path, b"a,b\n1,%b\n3,4\n" % (b"x" * 500), max_row_bytes=100)

    assert found.rows == {2: ["3", "4"]}
    assert found.rejected == [(1, 2, "too_large")]
    assert "the row has 503 bytes, more than max_row_bytes (100)" in found.rejections[0].message


def test_a_huge_row_is_kept_in_part(tmp_path: Path) -> None:
    huge = b"1," + b"x" * 3_000_000

    found = outcome(tmp_path, b"a,b\n%b\n3,4\n" % huge, max_row_bytes=2**20)

    assert found.rows == {2: ["3", "4"]}
    assert found.rejected == [(1, 2, "too_large")]
    assert len(found.rejections[0].raw) == 2**20


def test_a_quote_that_stays_open_longer_than_a_row_may_be_is_not_followed(tmp_path: Path) -> None:
    lines = b"".join(b"%d,%d\n" % (number, number) for number in range(2, 1000))

    found = outcome(tmp_path, b'a,b\n1,"x\n' + lines + b'1000,"\n', max_row_bytes=100)

    assert found.rejected == [(1, 2, UNPARSEABLE), (1000, 1001, UNPARSEABLE)]
    assert len(found.rows) == 998
