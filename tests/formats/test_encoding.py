"""Drops that are no UTF-8: which are Windows-1252, and that no byte costs its neighbours."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firehose_loader.formats import locate, recognise
from firehose_loader.formats.encoding import Evidence
from tests.formats.outcomes import MAX_BYTES, MAX_ROW_BYTES, Outcome, outcome, zipped
from tests.formats.test_formats_properties import often

WINDOWS = "windows-1252"
TEXTS = [
    "Müller",
    "naïve café",
    "50 €",
    "\u201cquoted\u201d \u2013 dash\u2026",
    "Straße",
    "Ærøskøbing",
    "plain",
]


def csv_bytes(texts: list[str]) -> bytes:
    return b"number,name\n" + b"".join(
        f"{number},{text}\n".encode(WINDOWS) for number, text in enumerate(texts)
    )


def names(found: Outcome) -> list[str]:
    return [row[1] for row in found.rows.values()]


WRITERS: dict[str, Callable[[list[str]], bytes]] = {
    "csv": csv_bytes,
    "gzip": lambda texts: gzip.compress(csv_bytes(texts)),
    "zip": lambda texts: zipped({"a.csv": b"number,name\n", "b.csv": csv_bytes(texts)}),
    "ndjson": lambda texts: b"".join(
        json.dumps({"number": str(number), "name": text}, ensure_ascii=False).encode(WINDOWS)
        + b"\n"
        for number, text in enumerate(texts)
    ),
    "array": lambda texts: json.dumps(
        [{"number": str(number), "name": text} for number, text in enumerate(texts)],
        ensure_ascii=False,
    ).encode(WINDOWS),
}


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("before", [0, 20_000], ids=["at once", "far behind"])
def test_a_drop_in_windows_1252_is_read_as_such(form: str, before: int, tmp_path: Path) -> None:
    texts = ["plain"] * before + TEXTS

    found = outcome(tmp_path, WRITERS[form](texts))

    assert found.content.encoding == WINDOWS
    assert not found.content.fast
    assert names(found) == texts
    assert not found.rejections


def test_names_of_fields_are_read_so_too(tmp_path: Path) -> None:
    found = outcome(tmp_path, "Größe,Prénom\n44,Zoë\n".encode(WINDOWS))

    assert found.content.header == found.fields == ("Größe", "Prénom")
    assert list(found.rows.values()) == [["44", "Zoë"]]


def test_a_byte_that_windows_1252_lacks_costs_its_row_only(tmp_path: Path) -> None:
    texts = [*TEXTS * 2, "odd \x81 one", "last"]
    data = csv_bytes(TEXTS * 2) + b"14,odd \x81 one\n15,last\n"

    found = outcome(tmp_path, data)

    assert found.content.encoding == WINDOWS
    assert names(found) == [text for text in texts if "\x81" not in text]
    assert found.rejected == [(15, 16, "unparseable")]


@pytest.mark.parametrize("damaged", [b"caf\xe9", b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\x80\x80"])
def test_damaged_utf_8_is_still_utf_8_for_all_other_rows(damaged: bytes, tmp_path: Path) -> None:
    good = "".join(f"{number},{text}\n" for number, text in enumerate(TEXTS)).encode()

    found = outcome(tmp_path, b"number,name\n" + good + b"7," + damaged + b"\n" + good)

    assert found.content.encoding == "utf-8"
    assert names(found) == TEXTS * 2
    assert found.rejected == [(8, 9, "unparseable")]


def test_what_the_beginning_says_is_judged_by_the_whole(tmp_path: Path) -> None:
    """The first kilobytes hold a damaged byte, and the rest is plainly UTF-8."""
    start = b"number,name\n0,caf\xe9\n" + b"1,plain\n" * 20_000
    path = tmp_path / "drop"
    path.write_bytes(start)
    assert recognise(path, max_bytes=MAX_BYTES).encoding == WINDOWS

    found = outcome(tmp_path, start + "2,Müller\n".encode())

    assert found.content.encoding == "utf-8"
    assert names(found)[-1] == "Müller"
    assert found.rejected == [(1, 2, "unparseable")]


def test_a_row_in_windows_1252_is_found_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(csv_bytes(TEXTS))
    content = recognise(path, max_bytes=MAX_BYTES)

    found = locate(path, content, [3], max_row_bytes=MAX_ROW_BYTES)

    assert (found[3].line, found[3].raw) == (4, "2,50 €")


@often
@given(text=st.text("aeiou .,éèàüöäßñçøåÉÜÖÄ", min_size=1, max_size=200))
def test_any_text_of_western_europe_is_told_from_utf_8(text: str) -> None:
    text = "plain text around, as in every drop\n" * (2 + len(text) // 30) + text
    byte_by_byte = Evidence()

    for byte in text.encode():
        byte_by_byte.add(bytes([byte]))

    assert Evidence.of(text.encode()).encoding == byte_by_byte.encoding == "utf-8"
    found = Evidence.of(text.encode(WINDOWS)).encoding
    assert found == ("utf-8" if text.isascii() else WINDOWS)
