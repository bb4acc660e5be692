"""Records of staged files, as COPY's file formats read them."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.snowflake_server.refusals import BEYOND_THE_DOUBLE, FILE_UNREADABLE, Refused

Options = Mapping[str, str | tuple[str, ...]]
Record = Sequence[str | None]
_KNOWN = {
    "CSV": {
        *("TYPE", "COMPRESSION", "FIELD_DELIMITER", "RECORD_DELIMITER", "SKIP_HEADER", "NULL_IF"),
        *("FIELD_OPTIONALLY_ENCLOSED_BY", "ESCAPE", "ESCAPE_UNENCLOSED_FIELD", "ENCODING"),
        *("EMPTY_FIELD_AS_NULL", "SKIP_BLANK_LINES", "TRIM_SPACE", "SKIP_BYTE_ORDER_MARK"),
        *("MULTI_LINE", "REPLACE_INVALID_CHARACTERS", "ERROR_ON_COLUMN_COUNT_MISMATCH"),
    },
    "JSON": {
        *("TYPE", "COMPRESSION", "STRIP_OUTER_ARRAY", "SKIP_BYTE_ORDER_MARK", "MULTI_LINE"),
        *("REPLACE_INVALID_CHARACTERS", "ALLOW_DUPLICATE", "ENABLE_OCTAL", "STRIP_NULL_VALUES"),
    },
}
_NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What the options of a format say, those that are left out included."""

    kind: str
    options: Options

    def text(self, name: str, default: str) -> str:
        """Return an option that is one text."""
        value = self.options.get(name, default)
        if not isinstance(value, str):
            raise _beyond(f"{name} = {value!r}")
        return value

    def sign(self, name: str, default: str) -> str:
        """Return a delimiter or the like; empty where there is none."""
        value = self.text(name, default)
        return "" if value.upper() == _NONE else value

    def is_set(self, name: str, *, default: bool) -> bool:
        """Tell whether an option is on."""
        return self.text(name, str(default)).upper() == "TRUE"

    @property
    def nulls(self) -> tuple[str, ...]:
        """The texts that stand for NULL."""
        value = self.options.get("NULL_IF", ("\\N",))
        return (value,) if isinstance(value, str) else value


def format_of(options: Options) -> Format:
    """Return what a FILE_FORMAT says.

    Raises:
        Refused: the stand-in does not know a part of it.
    """
    kind = str(options.get("TYPE", "CSV")).upper()
    if kind not in _KNOWN:
        raise _beyond(f"TYPE = {kind}")
    if unknown := sorted(set(options) - _KNOWN[kind]):
        raise _beyond(", ".join(unknown))
    for name, only in (("TRIM_SPACE", "FALSE"), ("STRIP_NULL_VALUES", "FALSE"), ("ESCAPE", _NONE)):
        if str(options.get(name, only)).upper() != only:
            raise _beyond(name)
    return Format(kind=kind, options=options)


def records(file: Path, given: Format) -> Iterator[Record]:
    """Yield the records of a file: the fields of a line, or one document.

    Raises:
        Refused: it cannot be read so.
    """
    text = _text(file, given)
    if given.kind == "JSON":
        yield from ([document] for document in _documents(text, given))
        return
    lines = _lines(text, given)
    for _ in range(int(given.text("SKIP_HEADER", "0"))):
        next(lines, None)
    yield from lines


def _text(file: Path, given: Format) -> str:
    how = given.text("COMPRESSION", "AUTO").upper()
    content = file.read_bytes()
    if how == "GZIP" or (how == "AUTO" and file.suffix == ".gz"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise Refused(FILE_UNREADABLE, f"{file.name} is no gzip, or damaged") from None
    elif how not in {"AUTO", _NONE}:
        raise _beyond(f"COMPRESSION = {how}")
    if given.text("ENCODING", "UTF8").upper() not in {"UTF8", "UTF-8"}:
        raise _beyond("ENCODING")
    if given.is_set("SKIP_BYTE_ORDER_MARK", default=True):
        content = content.removeprefix(b"\xef\xbb\xbf")
    replaced = given.is_set("REPLACE_INVALID_CHARACTERS", default=False)
    try:
        return content.decode("utf-8", errors="replace" if replaced else "strict")
    except UnicodeDecodeError:
        raise Refused((100144, "22000"), f"Invalid UTF8 detected in file {file.name}") from None


def _documents(text: str, given: Format) -> Iterator[str]:
    """Yield each document as it is written: numbers keep their digits."""
    strip = given.is_set("STRIP_OUTER_ARRAY", default=False)
    decoder = json.JSONDecoder(object_pairs_hook=_without_repetition)
    at, inside = 0, False
    while match := re.compile(r"[\s,]*").match(text, at):
        at = match.end()
        if at == len(text):
            return
        if strip and text[at] in "[]" and inside == (text[at] == "]"):
            inside, at = not inside, at + 1
            continue
        try:
            _, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise Refused(
                (100069, "22P02"), f"Error parsing JSON: {error.msg} at {error.pos}"
            ) from None
        yield text[at:end]
        at = end


def _without_repetition(members: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object; Snowflake takes none in which a name stands twice."""
    found = dict(members)
    if len(found) < len(members):
        raise Refused((100069, "22P02"), "Error parsing JSON: duplicate object attribute")
    return found


def _lines(text: str, given: Format) -> Iterator[Record]:
    field_end = given.sign("FIELD_DELIMITER", ",")
    record_end = given.sign("RECORD_DELIMITER", "\n") or "\n"
    quote = given.sign("FIELD_OPTIONALLY_ENCLOSED_BY", _NONE)
    end = r"\r\n|\n|\r" if record_end == "\n" else re.escape(record_end)
    ends = re.compile(f"{re.escape(field_end)}|{end}" if field_end else end)
    record: list[str | None] = []
    value: str | None
    at = 0
    while at < len(text) or record:
        if quote and text.startswith(quote, at):
            value, at = _enclosed(text, at, quote)
            match = ends.match(text, at)
            if match is None and at < len(text):
                raise Refused(
                    (100016, "22000"),
                    f"Found character '{text[at]}' instead of field delimiter '{field_end}'",
                )
        else:
            match = ends.search(text, at)
            value = _unenclosed(text[at : match.start() if match else len(text)], given)
        record.append(None if value in given.nulls else value)
        at = match.end() if match else len(text)
        if match is None or not field_end or match[0] != field_end:
            if record != [None] or not given.is_set("SKIP_BLANK_LINES", default=False):
                yield record
            record = []


def _enclosed(text: str, at: int, quote: str) -> tuple[str, int]:
    found = re.compile(f"{quote}((?:[^{quote}]|{quote}{quote})*){quote}", re.DOTALL).match(text, at)
    if found is None:
        raise Refused(FILE_UNREADABLE, f"An enclosed field is not closed: {text[at : at + 40]!r}")
    return found[1].replace(quote * 2, quote), found.end()


def _unenclosed(value: str, given: Format) -> str | None:
    if value in given.nulls:
        return None
    if not value:
        return None if given.is_set("EMPTY_FIELD_AS_NULL", default=True) else ""
    if given.sign("ESCAPE_UNENCLOSED_FIELD", "\\"):
        return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1]), value)
    return value


_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def _beyond(what: str) -> Refused:
    return Refused(BEYOND_THE_DOUBLE, f"the stand-in does not know FILE_FORMAT's {what}")
