"""JSON through the strict parser: which rows are saved, and what is said of the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from firehose_loader.model import Format
from tests.formats.outcomes import outcome


@dataclass(frozen=True, slots=True)
class Case:
    """A JSON text, what it is, its rows, and its rejections: row, line, words, raw."""

    name: str
    data: bytes
    shape: Format
    records: list[dict[str, str]]
    rejected: tuple[tuple[int, int, str, str], ...] = ()


A1, A2, A3, A4 = ({"a": str(number)} for number in range(1, 5))
CUT = "cut off"
ON_LINES = [
    Case("plain", b'{"a":1}\n{"a":2}\n', Format.NDJSON, [A1, A2]),
    Case("CRLF and blanks", b'\r\n{"a":1}\r\n \r\n{"a":2}', Format.NDJSON, [A1, A2]),
    Case("a BOM", b'\xef\xbb\xbf{"a":1}\n', Format.NDJSON, [A1]),
    Case("other keys", b'{"a":1}\n{"b":2,"a":3}\n', Format.NDJSON, [A1, {"a": "3", "b": "2"}]),
    Case("case counts", b'{"a":1,"A":2}\n', Format.NDJSON, [{"a": "1", "A": "2"}]),
    Case("the first of equal names", b'{"a":1,"a":2}\n', Format.NDJSON, [A1]),
    Case("null and empty", b'{"a":null,"b":""}\n{}\n', Format.NDJSON, [{}, {}]),
    Case("comma before a bracket", b'{"a":1,}\n{"a":2}\n', Format.NDJSON, [A1, A2]),
    Case(
        "no number", b'{"a":NaN,"b":-Infinity}\n', Format.NDJSON, [{"a": "NaN", "b": "-Infinity"}]
    ),
    Case("glued", b'{"a":1}{"a":2}\n{"a":3} {"a":4}\n', Format.JSON_OBJECT, [A1, A2, A3, A4]),
    Case("glued later", b'{"a":1}\n{"a":2}{"a":3}\r{"a":4}\n', Format.NDJSON, [A1, A2, A3, A4]),
    Case(
        "an array without brackets",
        b'{"a":1},\n{"a":2},\n{"a":3}\n',
        Format.NDJSON,
        [A1, A2, A3],
    ),
    Case(
        "half an object",
        b'{"a":1}\n{"a":2',
        Format.NDJSON,
        [A1],
        ((2, 2, "no valid JSON", '{"a":2'),),
    ),
    Case(
        "broken first",
        b'{"a":"x\n{"a":2}\n{"a":3}\n',
        Format.NDJSON,
        [A2, A3],
        ((1, 1, "no valid JSON", '{"a":"x'),),
    ),
    Case(
        "no objects",
        b'{"a":1}\nnull\n5\n[{"a":2}]\n"x"\nx\n{"a":3}\n',
        Format.NDJSON,
        [A1, A3],
        (
            (2, 2, "expected a JSON object, found null", "null"),
            (3, 3, "expected a JSON object, found 5", "5"),
            (4, 4, "expected a JSON object, found [", '[{"a":2}]'),
            (5, 5, 'expected a JSON object, found "x"', '"x"'),
            (6, 6, "no valid JSON", "x"),
        ),
    ),
    Case(
        "no UTF-8",
        '{"a":"ü"}\n'.encode() + b'{"a":"\xe9"}\n{"a":{"b":"\xe9"}}\n{"a":2}\n',
        Format.NDJSON,
        [{"a": "ü"}, A2],
        (
            (2, 2, "byte 7 is not UTF-8", r'{"a":"\xe9"}'),
            (3, 3, "byte 12 is not UTF-8", r'{"a":{"b":"\xe9"}}'),
        ),
    ),
    Case(
        "half a surrogate pair",
        rb'{"a":"\ud83d\ude00 \ud83d"}'
        b"\n"
        rb'{"a":{"b":"\ude00x\\ud83d"}}'
        b"\n",
        Format.NDJSON,
        [{"a": "😀 \ufffd"}, {"a": '{"b":"\ufffdx\\\\ud83d"}'}],
        (),
    ),
    Case(
        "control characters in a string",
        b'{"a":1}\n{"a":"\t"}\n',
        Format.NDJSON,
        [A1],
        ((2, 2, "no valid JSON", '{"a":"\t"}'),),
    ),
    Case(
        "numbers that are none",
        b'{"a":1}\n{"a":01}\n{"a":1.}\n{"a":+1}\n',
        Format.NDJSON,
        [A1],
        tuple(
            (row, row, "no valid JSON", raw)
            for row, raw in ((2, '{"a":01}'), (3, '{"a":1.}'), (4, '{"a":+1}'))
        ),
    ),
    Case(
        "binary",
        b'{"a":1}\n\x00\x01\xfe{\n{"a":2}\n',
        Format.NDJSON,
        [A1, A2],
        ((2, 2, "not UTF-8", "\x00\x01\\xfe{"),),
    ),
    Case(
        "very deep",
        b'{"a":1}\n{"a":%b%b}\n' % (b"[" * 5000, b"]" * 5000),
        Format.NDJSON,
        [A1],
        ((2, 2, "nested too deeply", '{"a":' + "[" * 5000 + "]" * 5000 + "}"),),
    ),
]
IN_ARRAYS = [
    Case("plain", b'[{"a":1},{"a":2}]', Format.JSON_ARRAY, [A1, A2]),
    Case(
        "over lines",
        b'[\n  {\n    "a": 1\n  },\n  {\n    "a": 2\n  }\n]\n',
        Format.JSON_ARRAY,
        [A1, A2],
    ),
    Case("no comma, or many", b'[,{"a":1} {"a":2},,{"a":3},]', Format.JSON_ARRAY, [A1, A2, A3]),
    Case("two arrays", b'[{"a":1}]\n[{"a":2}][]', Format.JSON_ARRAY, [A1, A2]),
    Case(
        "brackets in strings",
        b'[{"a":"}]{["},{"a":"\\"}"}]',
        Format.JSON_ARRAY,
        [{"a": "}]{["}, {"a": '"}'}],
    ),
    Case(
        "not closed",
        b'[{"a":1},{"a":2}',
        Format.JSON_ARRAY,
        [A1, A2],
        ((3, 1, "the array is not closed", ""),),
    ),
    Case(
        "half an object at the end",
        b'[{"a":1},\n{"a":2,"b":"x',
        Format.JSON_ARRAY,
        [A1],
        ((2, 2, CUT, '{"a":2,"b":"x'),),
    ),
    Case(
        "an open string on its line",
        b'[\n{"a":1},\n{"a":"x},\n{"a":3},\n{"a":4}\n]',
        Format.JSON_ARRAY,
        [A1, A3, A4],
        ((2, 3, "not closed", '{"a":"x}'),),
    ),
    Case(
        "an open string on the only line",
        b'[{"a":1},{"a":"x},{"a":3},{"a":4}]',
        Format.JSON_ARRAY,
        [A1, A3, A4],
        ((2, 1, "not closed", '{"a":"x}'),),
    ),
    Case(
        "an open string, printed over lines",
        b'[\n  {\n    "a": 1,\n    "b": [\n      {"c": "x},\n      {"c": 2}\n    ]\n  },\n'
        b'  {\n    "a": 2\n  }\n]',
        Format.JSON_ARRAY,
        [A2],
        (
            (
                1,
                2,
                "not closed",
                '{\n    "a": 1,\n    "b": [\n      {"c": "x},\n      {"c": 2}\n    ]\n  }',
            ),
        ),
    ),
    Case(
        "an open brace",
        b'[{"a":1,{"a":2},{"a":3}]',
        Format.JSON_ARRAY,
        [A2, A3],
        ((1, 1, "another kind", '{"a":1'),),
    ),
    Case(
        "an open bracket",
        b'[{"a":1},{"a":2,"b":[1,2},{"a":3}]',
        Format.JSON_ARRAY,
        [A1, A3],
        ((2, 1, "another kind", '{"a":2,"b":[1,2}'),),
    ),
    Case(
        "a missing value",
        b'[{"a":1},{"a":},{"a":3}]',
        Format.JSON_ARRAY,
        [A1, A3],
        ((2, 1, "no valid JSON", '{"a":}'),),
    ),
    Case(
        "no objects",
        b'[{"a":1},null,5,"x",[{"a":9}],{"a":2},x]',
        Format.JSON_ARRAY,
        [A1, A2],
        (
            (2, 1, "found null", "null"),
            (3, 1, "found 5", "5"),
            (4, 1, 'found "x"', '"x"'),
            (5, 1, 'found [{"a":9}]', '[{"a":9}]'),
            (7, 1, "found x", "x"),
        ),
    ),
    Case(
        "text behind it",
        b'[{"a":1}]\nand more, {"a":2}\n',
        Format.JSON_ARRAY,
        [A1],
        ((2, 2, "found and more", 'and more, {"a":2}'),),
    ),
    Case(
        "no UTF-8",
        '[{"a":"ü"},\n'.encode() + b'{"a":"\xff"},\n{"a":3}]',
        Format.JSON_ARRAY,
        [{"a": "ü"}, A3],
        ((2, 2, "not UTF-8", r'{"a":"\xff"}'),),
    ),
]
ONE_AFTER_ANOTHER = [
    Case("one", b'{\n"a": 1\n}', Format.JSON_OBJECT, [A1]),
    Case("several", b'{\n"a": 1\n}\n{\n"a": 2\n}\n', Format.JSON_OBJECT, [A1, A2]),
    Case(
        "the first is damaged",
        b'{\n  "a": "x\n}\n{\n  "a": 2\n}\n',
        Format.JSON_OBJECT,
        [A2],
        ((1, 1, "not closed", '{\n  "a": "x\n}'),),
    ),
    Case(
        "half of one", b'{\n"a": 1,\n"b"', Format.JSON_OBJECT, [], ((1, 1, CUT, '{\n"a": 1,\n"b"'),)
    ),
    Case("wrapped", b'{"events":[{"a":1},{"a":2}]}', Format.JSON_OBJECT, [A1, A2]),
    Case(
        "wrapped over lines",
        b'{\n "total": 2,\n "Data": [\n  {"a":1},\n  {"a":2}\n ]\n}\n',
        Format.JSON_OBJECT,
        [A1, A2],
    ),
    Case(
        "pages",
        b'{"items":[{"a":1}],\n"next":"x"}\n{"items":[],\n"next":null}',
        Format.JSON_OBJECT,
        [A1],
    ),
    Case(
        "with an envelope",
        b'{"accountId":7,"meta":{"x":[1]},"records":[{"a":1},{"a":2,"account_id":8}],"eventType":"x"}',
        Format.JSON_OBJECT,
        [
            {"a": "1", "accountId": "7", "eventType": "x"},
            {"a": "2", "account_id": "8", "eventType": "x"},
        ],
    ),
    Case(
        "wrapped, one damaged",
        b'{"accountId":7,"rows":[\n{"a":1},\n{"a":2 "b"},\n{"a":3}\n]}',
        Format.JSON_OBJECT,
        [A1 | {"accountId": "7"}, A3 | {"accountId": "7"}],
        ((2, 3, "no valid JSON", '{"a":2 "b"}'),),
    ),
    Case(
        "wrapped and cut",
        b'{"accountId":7,"events":[{"a":1},{"a":2},{"a"',
        Format.JSON_OBJECT,
        [A1 | {"accountId": "7"}, A2 | {"accountId": "7"}],
        ((3, 1, CUT, '{"a"'),),
    ),
    Case(
        "wrapped and cut between rows",
        b'{"events":[{"a":1},{"a":2},',
        Format.JSON_OBJECT,
        [A1, A2],
        ((3, 1, "the array is not closed", ""),),
    ),
    Case(
        "wrapper not closed",
        b'{"events":[{"a":1}]',
        Format.JSON_OBJECT,
        [A1],
        ((2, 1, "the wrapping object is not closed", ""),),
    ),
]
CASES = [*ON_LINES, *IN_ARRAYS, *ONE_AFTER_ANOTHER]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.shape} {case.name}")
def test_good_rows_are_saved_and_bad_ones_told(case: Case, tmp_path: Path) -> None:
    found = outcome(tmp_path, case.data)

    assert found.content.format is case.shape
    assert found.records == case.records
    assert found.rejected == [
        (row, line, "too_large" if words == "nested too deeply" else "unparseable")
        for row, line, words, _ in case.rejected
    ]
    assert [one.raw for one in found.rejections] == [raw for *_, raw in case.rejected]
    for one, (_, _, words, raw) in zip(found.rejections, case.rejected, strict=True):
        assert words in one.message
        assert one.offset is not None
        assert case.data[one.offset :].decode("utf-8", "backslashreplace").startswith(raw)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b'"x"', "x"),
        (rb'"\u0041\n\"\ud83d\ude00"', 'A\n"😀'),
        (b"true", "true"),
        (b"7", "7"),
        (b"-0", "0"),
        (b"123456789012345678901234567890", "123456789012345678901234567890"),
        (b"1.50", "1.5"),
        (b"1e5", "100000.0"),
        (b"1e-7", "1e-07"),
        (b"1e20", "1e+20"),
        (b"1E400", "1E400"),
        (b"0.1000000000000000055511151231257827", "0.1"),
        (b'{ "x" : [ 1 , 2.50 , "a b" ] }', '{"x":[1,2.5,"a b"]}'),
        (rb'{"x":"\u0041\/\u000b\n\"\\"}', '{"x":"A/\\u000B\\n\\"\\\\"}'),
        (b'{"x":1,"x":2}', '{"x":1,"x":2}'),
        (
            b"[1e20, 1e21, 1e-6, 1e-7, -0, 1e400]",
            "[100000000000000000000.0,1e21,0.000001,1e-7,0,1e400]",
        ),
        (b"[]", "[]"),
    ],
)
def test_values_become_the_texts_that_the_engine_gives(
    written: bytes, text: str, tmp_path: Path
) -> None:
    found = outcome(tmp_path, b'{"a": %b }\n' % written)

    assert found.records == [{"a": text}]


def test_fields_come_in_the_order_of_first_sight(tmp_path: Path) -> None:
    found = outcome(tmp_path, b'{"b":1}\n{"a":2,"b":3}\n{"c":4}\n')

    assert found.fields == ("b", "a", "c")
    assert (tmp_path / "clean.csv").read_bytes() == b"1,1\n2,3,2\n3,,,4\n"


def test_a_row_beyond_the_limit_is_rejected_alone(tmp_path: Path) -> None:
    long = b'{"a":"%b"}' % (b"x" * 5000)
    for data in (
        b'{"a":1}\n%b\n{"a":3}\n',
        b'[{"a":1},\n%b,\n{"a":3}]',
        b'{"data":[{"a":1},%b,{"a":3}]}',
    ):
        found = outcome(tmp_path, data % long, max_row_bytes=1000)

        assert found.records == [A1, A3]
        assert [one.reason for one in found.rejections] == ["too_large"]
        assert "more than max_row_bytes (1000)" in found.rejections[0].message


def test_a_row_far_larger_than_the_window_is_passed_over(tmp_path: Path) -> None:
    long = b'{"a":"%b"}' % (b"x" * 5_000_000)

    found = outcome(tmp_path, b'[{"a":1},%b,{"a":3}]' % long, max_row_bytes=100_000)

    assert found.records == [A1, A3]
    assert [one.reason for one in found.rejections] == ["too_large"]
    assert 100_000 < len(found.rejections[0].raw) < 1_000_000


def test_much_damage_costs_no_more_than_its_rows(tmp_path: Path) -> None:
    rows = [b'{"a":%d}' % number if number % 10 else b'{"a":{"b":[' for number in range(20_000)]

    found = outcome(tmp_path, b"[\n" + b",\n".join(rows) + b"\n]", max_row_bytes=2**25)

    assert len(found.rows) == 18_000
    assert len(found.rejections) == 2_000
