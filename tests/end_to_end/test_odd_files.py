"""Small files in every odd way CSV and JSON can be written: what becomes of each is pinned."""

from __future__ import annotations

import pytest

from tests.command import load, select

Fate = tuple[bytes, list[str | None], list[str]]
"""The file, the texts of ``v`` that are loaded of it, and why its other rows are set aside."""
UNPARSEABLE = "unparseable"
CSV: dict[str, Fate] = {
    "comma in quotes": (b'eventId,v\nc1,"a, b"\n', ["a, b"], []),
    "empty cells": (b'eventId,v\nc2,""\nc2b,\n', [None, None], []),
    "empty cells, CRLF": (b'eventId,v\r\nc3,""\r\n', [None], []),
    "doubled quotes": (b'eventId,v\nc4,"he said ""ha"""\n', ['he said "ha"'], []),
    "JSON in a cell": (
        b'eventId,v\nc5,"{""type"": ""Point"", ""at"": [1, 2]}"\n',
        ['{"type": "Point", "at": [1, 2]}'],
        [],
    ),
    "line feeds in quotes": (b'eventId,v\nc6,"one\ntwo"\nc6b,x\n', ["one\ntwo", "x"], []),
    "CRLF in quotes": (b'eventId,v\r\nc7,"one\r\ntwo"\r\n', ["one\r\ntwo"], []),
    "quotes and line feeds": (b'eventId,v\nc8,"""one""\n\n""two"""\n', ['"one"\n\n"two"'], []),
    "no last line end": (b"eventId,v\nc9,x", ["x"], []),
    "CR alone": (b"eventId,v\rc10,x\rc10b,y\r", ["x", "y"], []),
    "UTF-8": ("eventId,v\nc11,ʤ 日本 🎉\n".encode(), ["ʤ 日本 🎉"], []),
    "byte order mark": (b"\xef\xbb\xbfeventId,v\nc12,x\n", ["x"], []),
    "long numbers": (
        b"eventId,v\nc13,0123456789012345678901234567890.10\n",
        ["0123456789012345678901234567890.10"],
        [],
    ),
    "blank lines": (b"eventId,v\n\nc14,x\n\n\n", ["x"], []),
    "blank in cells": (b"eventId,v\nc15,  x \n", ["  x "], []),
    "too few cells": (b"eventId,v\nc16,x\nc16b\nc16c,y\n", ["x", "y"], [UNPARSEABLE]),
    "too many cells": (b"eventId,v\nc17,x,y\nc17b,z\n", ["z"], [UNPARSEABLE]),
    "an open quote": (b'eventId,v\nc18,x\nc18b,"y\nc18c,z\n', ["x", "z"], [UNPARSEABLE]),
    "text behind a quote": (b'eventId,v\nc19,"x"y\nc19b,z\n', ["z"], [UNPARSEABLE]),
    "a quote inside": (b'eventId,v\nc20,6" tall\n', ['6" tall'], []),
    "header alone": (b"eventId,v\n", [], []),
    "nothing": (b"", [], []),
    "no header": (b"1,2,3\n4,5,6\n", [], [UNPARSEABLE]),
    "semicolons": (b"eventId;v\nc21;1,5\n", ["1,5"], []),
    "an empty row": (b"eventId,v\n,\nc22,x\n", ["x"], ["missing_required"]),
    "a damaged byte": (
        "eventId,v\nc23,ü\n".encode() + b"c23b,\xff\nc23c,y\n",
        ["ü", "y"],
        [UNPARSEABLE],
    ),
    "the header again": (b"eventId,v\nc24,x\neventId,v\nc24b,y\n", ["x", "y"], [UNPARSEABLE]),
    "files put together": (
        'eventId, v\r\nc25,x\r\n\ufeff"eventId","v"\r\nc25b,"y\n\ufeff"\r\n'.encode("utf-8-sig"),
        ["x", "y\n\ufeff"],
        [UNPARSEABLE],
    ),
    "files put together without headers": (
        "v,eventId\nx,c26\n\ufeffy,c26b\n\ufeff\n".encode("utf-16"),
        ["x", "y"],
        [],
    ),
    "a mark in quotes": ('v,eventId\n"\ufeffx",c27\n'.encode(), ["\ufeffx"], []),
    "values like the header's": (b"eventId,v\neventId,x\nc28,v\n", ["x", "v"], []),
    "line feeds in the header": (b'"event\nId",v,"a\r\nb"\nc29,x,\n', ["x"], []),
}
JSON: dict[str, Fate] = {
    "white space everywhere": (b' [ { "eventId" : "j1" , "v" : "x" } ] \r\n', ["x"], []),
    "escapes": (
        rb'{"eventId":"j2","v":"\"\\\/\b\f\n\r\t\u0041\uD83C\udf89"}',
        ['"\\/\b\f\n\r\tA🎉'],
        [],
    ),
    "NUL": (rb'{"eventId":"j3","v":"a\u0000b"}', ["a\0b"], []),
    "half a pair": (rb'{"eventId":"j4","v":"x\uD83C"}', ["x\ufffd"], []),
    "the other half": (rb'{"eventId":"j5","v":"\uDF89x"}', ["\ufffdx"], []),
    "noncharacters": ('{"eventId":"j6","v":"\uffff\U0010ffff"}'.encode(), ["\uffff\U0010ffff"], []),
    "a long integer": (
        b'{"eventId":"j7","v":123456789012345678901234567890}',
        ["123456789012345678901234567890"],
        [],
    ),
    "a small number": (b'{"eventId":"j8","v":-0.5e-3}', ["-0.0005"], []),
    "true, false and null": (
        b'{"eventId":"j9","v":true}\n{"eventId":"j9b","v":false}\n{"eventId":"j9c","v":null}\n',
        ["true", "false", None],
        [],
    ),
    "an array within": (b'{"eventId":"j10","v":[ 1, [], {} ]}', ["[1,[],{}]"], []),
    "deep nesting": (
        b'{"eventId":"j11","v":' + b"[" * 99 + b"]" * 99 + b"}",
        ["[" * 99 + "]" * 99],
        [],
    ),
    "nesting too deep": (
        b'{"eventId":"j11b","v":' + b"[" * 100 + b"]" * 100 + b"}",
        [],
        ["too_large"],
    ),
    "an empty name": (b'{"eventId":"j12","":"x","v":"y"}', ["y"], []),
    "a name twice": (b'{"eventId":"j13","v":"x","v":"y"}', ["x"], []),
    "no end of line": (b'{"eventId":"j14","v":"x"}', ["x"], []),
    "two on a line": (b'{"eventId":"j15","v":"x"}{"eventId":"j15b","v":"y"}', ["x", "y"], []),
    "a trailing comma": (b'[{"eventId":"j16","v":"x",}]', ["x"], []),
    "an open array": (b'[{"eventId":"j17","v":"x"},', ["x"], [UNPARSEABLE]),
    "an open object": (
        b'{"eventId":"j18","v":"x"}\n{"eventId":"j18b","v":"y',
        ["x"],
        [UNPARSEABLE],
    ),
    "an open string": (
        b'[{"eventId":"j19","v":"x"},{"eventId":"j19b","v":"y},{"eventId":"j19c"}]',
        ["x", None],
        [UNPARSEABLE],
    ),
    "single quotes": (b'{"eventId":"j20","v":"x"}\n{\'eventId\':\'j20b\'}\n', ["x"], [UNPARSEABLE]),
    "names without quotes": (b'{"eventId":"j21","v":"x"}\n{eventId:1}\n', ["x"], [UNPARSEABLE]),
    "a comment": (b'{"eventId":"j22","v":"x"}\n{"eventId":/**/1}\n', ["x"], [UNPARSEABLE]),
    "a leading zero": (b'{"eventId":"j23","v":"x"}\n{"eventId":012}\n', ["x"], [UNPARSEABLE]),
    "a raw tab in a string": (
        b'{"eventId":"j24","v":"x"}\n{"eventId":"a\tb"}\n',
        ["x"],
        [UNPARSEABLE],
    ),
    "a bad escape": (b'{"eventId":"j25","v":"x"}\n{"eventId":"\\x00"}\n', ["x"], [UNPARSEABLE]),
    "numbers as rows": (b'[{"eventId":"j26","v":"x"},1,"two",null]', ["x"], [UNPARSEABLE] * 3),
    "an empty object": (b'[{"eventId":"j27","v":"x"},{}]', ["x"], ["missing_required"]),
    "an empty array": (b"[]", [], []),
    "white space alone": (b" \n ", [], []),
    "a damaged byte": (
        '{"eventId":"j28","v":"ü"}\n'.encode() + b'{"eventId":"j28b","v":"\xff"}\n',
        ["ü"],
        [UNPARSEABLE],
    ),
    "files put together": (
        '{"eventId":"j30","v":"x"}\n\ufeff{"eventId":"j30b","v":"\ufeffy"}'.encode("utf-8-sig"),
        ["x", "\ufeffy"],
        [],
    ),
    "arrays put together": (
        '[{"eventId":"j31","v":"x"}]\n\ufeff[{"eventId":"j31b","v":"y"}]'.encode("utf-8-sig"),
        ["x", "y"],
        [],
    ),
    "UTF-16": ('{"eventId":"j29","v":"ü"}\n'.encode("utf-16"), ["ü"], []),
}
FILES = {f"csv/{name}": fate for name, fate in CSV.items()} | {
    f"json/{name}": fate for name, fate in JSON.items()
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], list[str]]]:
    """Load all files in one run; return what became of each, by name."""
    home = tmp_path_factory.mktemp("odd")
    for name, (data, _, _) in FILES.items():
        path = home / "drops" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    load(home / "drops", home / "events.duckdb")
    found = select(
        home / "events.duckdb",
        "SELECT d.key, (SELECT list(u.v ORDER BY u._row) FROM dotdigital.unknown AS u"
        " WHERE u._drop_id = d.drop_id) AS loaded,"
        " (SELECT list(q.reason ORDER BY q.row_no) FROM dotdigital._firehose_quarantine AS q"
        " WHERE q.drop_id = d.drop_id) AS held FROM dotdigital._firehose_drops AS d",
    )
    return {str(row["key"]): (row["loaded"] or [], row["held"] or []) for row in found}


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_loaded_exactly_or_told_why_not(
    loaded: dict[str, tuple[list[str], list[str]]], name: str
) -> None:
    _, texts, reasons = FILES[name]

    assert loaded[name] == (texts, reasons)


def test_no_file_goes_unmentioned(loaded: dict[str, tuple[list[str], list[str]]]) -> None:
    assert loaded.keys() == FILES.keys()
