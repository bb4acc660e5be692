"""Whatever is written comes back; and whatever is broken, nothing before it is lost."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from firehose_loader.errors import DropTooLarge, DropUnreadable
from firehose_loader.formats.text import lines
from firehose_loader.model import Format
from tests.formats.outcomes import Outcome, outcome
from tests.formats.written import (
    NAMES,
    Dialect,
    Values,
    dialects,
    encodings,
    in_array,
    json_writers,
    objects,
    on_lines,
    packers,
    tables,
    text_of,
)

Packer = Callable[[bytes], bytes]
Damage = tuple[int, int, bytes]
"""A place, how many bytes are lost there, and which ones come instead."""
often = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@often
@given(rows=tables, dialect=dialects, encoding=encodings, pack=packers)
def test_csv_comes_back_as_written(
    rows: list[list[str]], dialect: Dialect, encoding: str, pack: Packer, tmp_path: Path
) -> None:
    text, _ends = dialect.write(rows)

    found = outcome(tmp_path, pack(text.encode(encoding)))

    assert found.content.delimiter == dialect.delimiter
    assert found.fields == NAMES[: len(rows[0]) if rows else 2]
    assert list(found.rows.values()) == rows
    assert not found.rejections


@often
@given(rows=objects, write=json_writers, encoding=encodings, pack=packers)
def test_json_comes_back_as_written(
    rows: list[Values],
    write: Callable[[Sequence[Values]], str],
    encoding: str,
    pack: Packer,
    tmp_path: Path,
) -> None:
    found = outcome(tmp_path, pack(write(rows).encode(encoding)))

    assert found.records == [_shown(row) for row in rows]
    assert not found.rejections


damage = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.integers(0, 3),
        st.one_of(
            st.binary(max_size=4), st.sampled_from([b'"', b"\n", b"{", b"}", b"[", b"]", b"\\"])
        ),
    ),
    min_size=1,
    max_size=3,
)


@often
@given(rows=tables, dialect=dialects, damage=damage)
def test_csv_rows_before_damage_are_saved(
    rows: list[list[str]], dialect: Dialect, damage: list[Damage], tmp_path: Path
) -> None:
    assume(rows)
    text, ends = dialect.write(rows)
    header = len(text.encode()) if not rows else text.encode().index(dialect.line_end.encode())
    data, first = _damaged(text.encode(), damage, header + 2)

    found = outcome(tmp_path, data)

    intact = [row for row, end in zip(rows, ends, strict=True) if end <= first]
    assert list(found.rows.values())[: len(intact)] == intact


@often
@given(rows=objects, as_array=st.booleans(), damage=damage)
def test_json_rows_before_damage_are_saved(
    rows: list[Values],
    as_array: bool,  # noqa: FBT001
    damage: list[Damage],
    tmp_path: Path,
) -> None:
    assume(rows)
    write = in_array if as_array else on_lines
    ends = [len(write(rows[:number]).encode()) - as_array for number in range(1, len(rows) + 1)]
    data, first = _damaged(write(rows).encode(), damage, ends[0] + 1)

    found = outcome(tmp_path, data)

    assume(found.content.format in {Format.NDJSON, Format.JSON_ARRAY})
    intact = [_shown(row) for row, end in zip(rows, ends, strict=True) if end <= first]
    assert found.records[: len(intact)] == intact


@often
@given(
    text=st.one_of(
        st.builds(lambda dialect, rows: dialect.write(rows)[0], dialects, tables),
        st.builds(lambda write, rows: write(rows), json_writers, objects),
    ),
    encoding=encodings,
    pack=packers,
    damage=damage,
)
def test_damage_anywhere_is_told_or_refused(
    text: str, encoding: str, pack: Packer, damage: list[Damage], tmp_path: Path
) -> None:
    data, _first = _damaged(pack(text.encode(encoding)), damage, 0)

    _outcome_or_refusal(tmp_path, data)


@often
@given(data=st.binary(max_size=300))
def test_any_bytes_are_told_or_refused(data: bytes, tmp_path: Path) -> None:
    for head in (b"", b"a,b\n", b"{", b"[", b"\x1f\x8b\x08\0\0\0\0\0\0\0", codecs.BOM_UTF16_LE):
        _outcome_or_refusal(tmp_path, head + data)


@often
@given(
    rows=st.lists(st.sampled_from([b"", b"x", b"yy\0", b"\xc3\xa9"]), max_size=8),
    ends=st.lists(st.sampled_from([b"\n", b"\r\n", b"\r"]), min_size=8, max_size=8),
    cuts=st.lists(st.integers(0, 40), max_size=8),
)
def test_lines_do_not_depend_on_the_blocks_they_are_read_in(
    rows: list[bytes], ends: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(row + end for row, end in zip(rows, ends, strict=False))

    found = list(lines(_blocks(data, cuts), start=3, longest=100))

    expected = data.splitlines(keepends=True)
    assert [line.text for line in found] == expected
    assert [line.number for line in found] == list(range(1, len(expected) + 1))
    assert [line.offset for line in found] == [
        3 + len(b"".join(expected[:number])) for number in range(len(expected))
    ]


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 50])
def test_rows_do_not_depend_on_the_blocks_they_are_read_in(
    block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drops = [
        b'a,b\r\n1,"x\r\n""y"\r\n"2\n3\r\n4,5\r\n6',
        b'{"a":1}\r\n{"a":"\xc3\xa9}{"}\n{"a":[{"b":1}\n{"a":2}{"a":3}\n',
        b'[\r\n {"a":1},\r\n {"a":"x},\r\n null, xyz, {"a":[1,{"b":2}]}]\r\nrest, "\\"" {"a":3}',
        b'{"accountId" : 5, "x": "\\"" , "events": [ {"a":1}, {"a":2 ]}',
        'a;b\n1;"😀\n"\nx'.encode("utf-16"),
    ]
    whole = [outcome(tmp_path, drop) for drop in drops]
    monkeypatch.setattr("firehose_loader.formats.unpack._BLOCK_BYTES", block_bytes)
    monkeypatch.setattr("firehose_loader.formats.unpack.HEAD_BYTES", 10)

    in_blocks = [outcome(tmp_path, drop) for drop in drops]

    assert in_blocks == whole


def _shown(row: Values) -> dict[str, str]:
    return {name: text for name, value in row.items() if (text := text_of(value))}


def _damaged(data: bytes, damage: list[Damage], begin: int) -> tuple[bytes, int]:
    """Replace some bytes by others behind ``begin``; return where the first of them stand."""
    places = []
    for at, removed, added in damage:
        place = min(begin + at % max(1, len(data) - begin), len(data))
        places.append(place)
        data = data[:place] + added + data[place + removed :]
    return data, min(places)


def _outcome_or_refusal(folder: Path, data: bytes) -> Outcome | None:
    with suppress(DropUnreadable, DropTooLarge):
        return outcome(folder, data)
    return None


def _blocks(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    start = 0
    for cut in [*sorted(cuts), len(data)]:
        yield data[start:cut]
        start = max(start, cut)
