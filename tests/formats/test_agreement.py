"""A sound drop reads the same with the engine's readers and with the strict parser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from firehose_loader.formats import locate, recognise, salvage
from firehose_loader.formats.clean import NULL
from firehose_loader.model import Content, Format, Salvage
from firehose_loader.normalise.json_members import Members
from firehose_loader.normalise.payloads import member_texts
from tests.formats.outcomes import LIMITS, MAX_BYTES, MAX_ROW_BYTES, is_json, outcome
from tests.formats.written import (
    NAMES,
    Dialect,
    Values,
    dialects,
    in_array,
    on_lines,
    tables,
    texts,
)

Rows = list[tuple[str | None, ...]]
often = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
JSON_FORMATS = {Format.NDJSON: "newline_delimited", Format.JSON_ARRAY: "array"}
FLOATS = [
    *(1e15, 1e16, 1e17, 1e20, 1e21, 1e22, 1e100, 123456789012345678.5, 99999999999999999999.0),
    *(1e-4, 1e-5, 1e-6, 1.5e-7, 0.000001234, 5e-324, -1e19, -1e-5, -0.0, 0.1, 10**20, -(10**30)),
]
"""Numbers that one program writes with an exponent, and another does not."""
scalars = st.one_of(texts, st.integers(), st.floats(allow_nan=False, allow_infinity=False))
nested = st.recursive(
    st.one_of(scalars, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
events = st.lists(
    st.dictionaries(st.sampled_from(NAMES), nested, min_size=1), min_size=1, max_size=5
)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@often
@given(rows=tables, dialect=dialects)
def test_csv_agrees_with_the_engine(
    rows: list[list[str]], dialect: Dialect, tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    text, _ends = dialect.write(rows)
    assume(rows)
    data = text.encode()

    found = outcome(tmp_path, data)

    assume(found.content.fast)
    assert _texts(found.rows.values()) == _read_csv(engine, tmp_path / "drop", found.content)
    _check_places(tmp_path / "drop", found.content, len(rows))


@often
@given(
    lines=st.lists(
        st.lists(
            st.sampled_from(['"', '""', ",", " ", "\n", "x", "é", "\\", '"q"']), max_size=12
        ).map("".join),
        min_size=1,
        max_size=4,
    )
)
def test_what_the_engine_takes_the_strict_parser_takes_as_well(
    lines: list[str], tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    # Quotes behind an empty cell in quotes and a blank: the engine keeps one that the strict parser
    # does not. No program writes so, and nobody can say what it would mean.
    assume(not any('"" ""' in line for line in lines))
    found = outcome(tmp_path, "\n".join(["a,b", *lines]).encode())

    read = _read_csv(engine, tmp_path / "drop", found.content) if found.content.fast else None
    if read is not None:
        assert _texts(found.rows.values()) == read
        assert not found.rejections


@often
@given(rows=events, as_array=st.booleans(), indent=st.sampled_from([None, 1]))
@example(rows=[{"alpha": n} for n in FLOATS], as_array=False, indent=None)
@example(
    rows=[{"beta": FLOATS}, *({"ALPHA": n} for n in FLOATS), {"alpha": 1e16}],
    as_array=True,
    indent=1,
)
def test_json_agrees_with_the_engine(
    rows: list[Values],
    as_array: bool,  # noqa: FBT001
    indent: int | None,
    tmp_path: Path,
    engine: duckdb.DuckDBPyConnection,
) -> None:
    text = json.dumps(rows, indent=indent) if as_array else on_lines(rows)

    found = outcome(tmp_path, text.encode())

    assert found.content.fast
    assert is_json(found.content)
    assert _texts(found.rows.values()) == _read_json(
        engine, tmp_path / "drop", found.content, found.fields
    )
    _check_places(tmp_path / "drop", found.content, len(rows))


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b'{"a":"1","b":"x","a":"2"}', ("1", "x")),
        (b'{"a":null,"b":"x","a":"2"}', (None, "x")),
        (b'{"a":{"q":1,"q":2},"b":{"a":3}}', ('{"q":1,"q":2}', '{"a":3}')),
        (b'{"a":"\\"a\\":","b":"\\"","b":"y"}', ('"a":', '"')),
    ],
)
def test_of_two_members_of_one_name_the_first_counts_for_both(
    line: bytes, row: tuple[str | None, ...], tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    found = outcome(tmp_path, line + b"\n")

    read = _read_json(engine, tmp_path / "drop", found.content, found.fields)

    assert _texts(found.rows.values()) == read == [row]


@often
@given(rows=events)
@example(rows=[{"alpha": n, "ALPHA": n, "beta": [n]} for n in FLOATS])
def test_the_members_of_payloads_agree_with_the_engine(
    rows: list[Values], tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    found = outcome(tmp_path, "".join(json.dumps({"data": row}) + "\n" for row in rows).encode())

    names = [field.removeprefix("data.") for field in found.fields]
    texts = ", ".join(member_texts([("payload", name) for name in names]))
    payloads = [[json.dumps(row)] for row in rows]
    read = [
        engine.execute(f"SELECT {texts} FROM (SELECT ?::VARCHAR AS payload)", one).fetchone()
        for one in payloads
    ]

    assert _texts(found.rows.values()) == read


@often
@given(rows=tables)
def test_the_engine_reads_what_was_saved(
    rows: list[list[str]], tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    assume(rows)
    text, _ends = Dialect("|", "\n", True, True).write(rows)  # noqa: FBT003
    saved = _salvaged(tmp_path, text.encode())

    read = _read_saved(engine, saved)

    kept = [["" if cell == NULL else cell for cell in row] for row in rows]
    assert read == [(number, *row) for number, row in enumerate(_texts(kept), 1)]


def test_what_databases_export_for_null_is_saved_as_no_value(
    tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    saved = _salvaged(tmp_path, b'a|b\n"x"|\\N\n')

    assert _read_saved(engine, saved) == [(1, "x", None)]


def test_the_engine_reads_saved_rows_of_different_length(
    tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    lines = b'{}\n{"a":"x\\n\\"y"}\n{"b":[1]}\nbad\n{"a":"\\r","c":","}\n'
    saved = _salvaged(tmp_path, lines)

    read = _read_saved(engine, saved)

    assert saved.fields == ("a", "b", "c")
    assert read == [
        (1, None, None, None),
        (2, 'x\n"y', None, None),
        (3, None, "[1]", None),
        (5, "\r", None, ","),
    ]


def test_the_longest_line_is_told(tmp_path: Path) -> None:
    saved = _salvaged(tmp_path, 'a,b\n1,"é\n\n"\n2,x\n'.encode())

    assert saved.path.read_bytes() == '1,1,"é\n\n"\n2,2,x\n'.encode()
    assert saved.longest == len('1,1,"é\n\n"\n'.encode())


# -- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (b'\n\na,b\n\n1,2\r\n"x\r\ny",3\r\n', {1: (5, 7, "1,2"), 2: (6, 12, '"x\r\ny",3')}),
        (b"\xef\xbb\xbfa,b\n1,2\n", {1: (2, 7, "1,2")}),
        (b'{"a":1}\r\n\r\n {"a":2}\n', {1: (1, 0, '{"a":1}'), 2: (3, 12, '{"a":2}')}),
        (b'[{"a":1},\n {"a":\n2}]', {1: (1, 1, '{"a":1}'), 2: (2, 11, '{"a":\n2}')}),
        (b'{"data":[\n{"a":1}]}', {1: (2, 10, '{"a":1}')}),
        (
            b'{"a":1}\n{"a":2}{"a":3}\nx\n{"a":[{},{}]}',
            {3: (2, 15, '{"a":3}'), 5: (4, 25, '{"a":[{},{}]}')},
        ),
    ],
)
def test_a_row_is_found_by_its_number(
    data: bytes, places: dict[int, tuple[int, int, str]], tmp_path: Path
) -> None:
    path = tmp_path / "drop"
    path.write_bytes(data)
    content = recognise(path, max_bytes=MAX_BYTES)

    found = locate(path, content, {*places, 99}, max_row_bytes=MAX_ROW_BYTES)

    assert {row: (one.line, one.offset, one.raw) for row, one in found.items()} == places


def test_no_row_is_looked_for_where_none_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(in_array([{"a": 1}]).encode())

    assert not locate(path, recognise(path, max_bytes=MAX_BYTES), (), max_row_bytes=100)


def _texts(rows: Any) -> Rows:  # noqa: ANN401 - any rows of texts
    return [tuple(text or None for text in row) for row in rows]


def _check_places(path: Path, content: Content, rows: int) -> None:
    """Check that each row's place holds its text, and that the places go forward."""
    data = path.read_bytes()
    found = locate(path, content, range(1, rows + 1), max_row_bytes=MAX_ROW_BYTES)
    assert sorted(found) == list(range(1, rows + 1))
    end = 0
    for number in sorted(found):
        place = found[number]
        assert place.offset is not None
        assert place.offset >= end
        assert data[place.offset :].startswith(place.raw.encode())
        assert place.line == len((data[: place.offset] + b"x").splitlines())
        end = place.offset + len(place.raw.encode())


def _salvaged(folder: Path, data: bytes) -> Salvage:
    path = folder / "drop"
    path.write_bytes(data)
    content = recognise(path, max_bytes=MAX_BYTES)
    return salvage(
        path,
        content,
        folder / "clean.csv",
        LIMITS,
    )


def _columns(names: Sequence[str]) -> str:
    return "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"


def _read_csv(engine: duckdb.DuckDBPyConnection, path: Path, content: Content) -> Rows | None:
    """Read a drop as the loader does; None where the engine could not take all of it."""
    columns = _columns([f"c{number}" for number in range(len(content.header))])
    try:
        rows = engine.execute(
            f"FROM read_csv(?, columns = {columns}, header = true, auto_detect = false, delim = ?,"
            " quote = '\"', escape = '\"', nullstr = '', store_rejects = true)",
            [str(path), content.delimiter],
        ).fetchall()
        rejects = engine.execute("FROM reject_errors").fetchall()
    except duckdb.InvalidInputException:
        return None
    finally:
        engine.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    return None if rejects else rows


def _read_json(
    engine: duckdb.DuckDBPyConnection, path: Path, content: Content, fields: Sequence[str]
) -> Rows:
    """Read a drop as the loader does: with the SQL that it makes of the members' names."""
    members = Members(names=fields, within={}, complete=False)
    return engine.execute(
        f"SELECT {', '.join(members.texts)}"
        " FROM (SELECT json, json_transform(json, ?) AS members"
        " FROM read_json_objects(?, format = ?, ignore_errors = ?))",
        [
            members.parameters["structure"],
            str(path),
            JSON_FORMATS[content.format],
            content.format is Format.NDJSON,
        ],
    ).fetchall()


def _read_saved(engine: duckdb.DuckDBPyConnection, saved: Salvage) -> list[tuple[Any, ...]]:
    columns = ", ".join(
        ["'row': 'BIGINT'", *(f"'c{number}': 'VARCHAR'" for number in range(len(saved.fields)))]
    )
    return engine.execute(
        f"FROM read_csv(?, columns = {{{columns}}}, header = false, auto_detect = false,"
        " delim = ',', quote = '\"', escape = '\"', new_line = '\\n', nullstr = '',"
        " null_padding = true, parallel = false)",
        [str(saved.path)],
    ).fetchall()
