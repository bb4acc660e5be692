"""COPY INTO a table: the statement taken apart, and carried out over files of a stage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.snowflake_server.refusals import FILE_NOT_FOUND, SYNTAX, Refused
from tests.snowflake_server.stages import Place

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_HEAD = re.compile(
    rf"(?is)copy\s+into\s+(?P<table>{_NAME}(?:\s*\.\s*{_NAME})*)\s*"
    rf"(?:\((?P<columns>\s*{_NAME}\s*(?:,\s*{_NAME}\s*)*)\))?\s*from\s+"
)
_PLACE = re.compile(r"""(?s)\s*('@(?:[^']|'')*'|@(?:"[^"]*"|[^\s"();,])+)""")
_OPTION = re.compile(r"(?s)[\s,]*(?P<name>\w+)\s*=\s*(?P<value>\(|'(?:[^']|'')*'|[^\s(),]+)")
_TEXT = re.compile(r"(?s)'((?:[^']|'')*)'")

Option = str | tuple[str, ...] | Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A COPY INTO, taken apart."""

    table: str
    columns: tuple[str, ...]
    """As they are written; empty: those of the table."""
    place: str
    select: str | None
    """The transformation, with ``{}`` in place of the stage."""
    format: Mapping[str, str | tuple[str, ...]]
    """Options of the file format, by names in upper case."""
    files: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)

    def is_set(self, option: str) -> bool:
        """Tell whether a boolean option is on."""
        return self.options.get(option, "").upper() == "TRUE"

    def found(self, place: Place) -> list[tuple[str, Path]]:
        """Return the files to load.

        Raises:
            Refused: one that FILES names is not there.
        """
        there = dict(place.files())
        if self.files:
            folder = f"{place.path.rstrip('/')}/".lstrip("/")
            wanted = [folder + name for name in self.files]
            if self.options.get("ON_ERROR", "").upper() == "SKIP_FILE":
                return [(name, there[name]) for name in wanted if name in there]
            for name in wanted:
                if name not in there:
                    raise Refused(
                        FILE_NOT_FOUND, f"Remote file '{place.shown}{name}' was not found."
                    )
            return [(name, there[name]) for name in wanted]
        pattern = self.options.get("PATTERN")
        return [
            (name, file)
            for name, file in there.items()
            if pattern is None or re.fullmatch(pattern, name)
        ]


def taken_apart(text: str) -> Copy:
    """Read a COPY INTO.

    Raises:
        Refused: Snowflake would not understand it.
    """
    head = _HEAD.match(text)
    if head is None:
        raise _not_understood(text)
    rest, select = text[head.end() :], None
    if rest.startswith("("):
        end = _closing(rest, 0)
        select, rest = rest[1:end], rest[end + 1 :]
        found = re.search(rf"(?is)\bfrom{_PLACE.pattern[4:]}", select)
        if found is None:
            raise _not_understood(select)
        place = found[1]
        select = f"{select[: found.start(1)]}{{}}{select[found.end(1) :]}"
    else:
        found = _PLACE.match(rest)
        if found is None:
            raise _not_understood(rest)
        place, rest = found[1], rest[found.end() :]
    given = dict(_options(rest))
    file_format, files = given.pop("FILE_FORMAT", {}), given.pop("FILES", ())
    if not isinstance(file_format, Mapping) or not isinstance(files, tuple):
        raise _not_understood(rest)
    if len(files) > 1000:
        raise Refused(SYNTAX, "SQL compilation error: FILES names more than 1000 files")
    return Copy(
        table=head["table"],
        columns=tuple(re.findall(_NAME, head["columns"] or "")),
        place=place,
        select=select,
        format=file_format,
        files=files,
        options={name: value for name, value in given.items() if isinstance(value, str)},
    )


def _options(text: str) -> Iterator[tuple[str, Option]]:
    at = 0
    while text[at:].strip(" \t\r\n,"):
        match = _OPTION.match(text, at)
        if match is None:
            raise _not_understood(text[at:])
        name, value, at = match["name"].upper(), match["value"], match.end()
        if value != "(":
            yield name, _plain(value)
            continue
        end = _closing(text, at - 1)
        inside, at = text[at:end], end + 1
        if name == "FILE_FORMAT":
            yield (
                name,
                {key: item for key, item in _options(inside) if not isinstance(item, Mapping)},
            )
        else:
            yield name, tuple(_plain(f"'{item}'") for item in _TEXT.findall(inside))


def _plain(value: str) -> str:
    if match := _TEXT.fullmatch(value):
        text = match[1].replace("''", "'")
        return re.sub(r"\\(.)", lambda escaped: _ESCAPES.get(escaped[1], escaped[1]), text)
    return value


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def _closing(text: str, opening: int) -> int:
    """Return where the parenthesis is closed that is opened there."""
    depth = 0
    for match in re.finditer(r"""(?s)'(?:[^']|'')*'|"[^"]*"|[()]""", text[opening:]):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return opening + match.start()
    raise _not_understood(text)


def _not_understood(text: str) -> Refused:
    return Refused(SYNTAX, f"SQL compilation error: syntax error in COPY near {text[:60]!r}")
