"""The text of one batch: every row of its drops in one temporary table, a column per field name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.errors import EngineError, EngineOutOfMemory, TooManyFields
from firehose_loader.model import Content, Format, Limits, Salvage
from firehose_loader.normalise.match import Seen
from firehose_loader.schema.names import is_payload
from firehose_loader.statements import literal, quoted

_JSON_FORMATS = {Format.NDJSON: "newline_delimited", Format.JSON_ARRAY: "array"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """One drop of the batch as a local file whose name holds no glob characters."""

    drop_no: int
    path: Path
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Where the rows of one file stand in the text."""

    file: int
    drop_no: int
    first_seq: int
    rows: int


class BatchText:
    """Reads drops into ``staged_text``; files that the fast readers cannot take are told apart."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits
        self._slots: dict[str, Seen] = {}
        self._drop_of_file: list[int] = []
        self._salvaged_rows: dict[int, int] = {}
        engine.run("stage_begin")

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every field name of the batch, in order of first sight."""
        return tuple(self._slots.values())

    def read(self, files: Sequence[TextFile]) -> list[TextFile]:
        """Read files with the engine's own readers, those of one shape together.

        Returns the files that hold something these readers cannot take; none of their rows stay.
        """
        damaged: list[TextFile] = []
        ordered = sorted(files, key=_shape)
        for _, same in groupby(ordered, key=_shape):
            damaged += self._read_group(list(same))
        return damaged

    def read_salvaged(self, salvages: Sequence[tuple[int, Salvage]]) -> None:
        """Read what the strict parser saved of drops, given by ``drop_no``."""
        ordered = sorted(salvages, key=lambda one: one[1].fields)
        for fields, same in groupby(ordered, key=lambda one: one[1].fields):
            self._read_salvaged_group(fields, [(drop_no, one) for drop_no, one in same if one.rows])

    def extents(self) -> Iterator[Extent]:
        """Yield where each file's rows stand.

        Raises:
            EngineError: the engine did not keep the rows of a file together, or not all of them.
        """
        for file, first, last, rows, numbered in cast(
            "list[tuple[int, int, int, int, int]]", self._engine.run("stage_extent")
        ):
            whole = numbered == rows if file in self._salvaged_rows else last - first + 1 == rows
            if not whole or self._salvaged_rows.get(file, rows) != rows:
                raise EngineError(f"the engine broke up the rows of file {file} of the batch")
            yield Extent(file=file, drop_no=self._drop_of_file[file], first_seq=first, rows=rows)

    def _read_salvaged_group(
        self, fields: Sequence[str], salvages: Sequence[tuple[int, Salvage]]
    ) -> None:
        if not salvages:
            return
        first = self._number([drop_no for drop_no, _ in salvages])
        self._salvaged_rows |= {first + n: one.rows for n, (_, one) in enumerate(salvages)}
        slots = self._slots_of(fields)
        columns = ["'_row': 'BIGINT'", *(f"'c{n}': 'VARCHAR'" for n in range(len(slots)))]
        self._engine.run(
            "stage_salvaged",
            {
                "first_file": first,
                "files": [str(one.path) for _, one in salvages],
                "max_line_bytes": max(1 << 20, *(one.longest + 1 for _, one in salvages)),
            },
            more_slots="".join(f", {slot}" for slot in slots),
            more_sources="".join(f", c{n}" for n in range(len(slots))),
            reader_columns="{" + ", ".join(columns) + "}",
        )

    def _read_group(self, files: list[TextFile]) -> list[TextFile]:
        try:
            if files[0].content.format is Format.CSV:
                return self._read_csv(files)
            return self._read_json(files)
        except EngineOutOfMemory:
            raise
        except EngineError:
            # One of them stops the reader as a whole (a torn gzip, a damaged array): find it.
            if len(files) == 1:
                return files
            middle = len(files) // 2
            return self._read_group(files[:middle]) + self._read_group(files[middle:])

    def _read_csv(self, files: list[TextFile]) -> list[TextFile]:
        content = files[0].content
        slots = self._slots_of(content.header)
        if len(slots) == 1:
            return files  # a blank line is a row to one reader and none to another
        try:
            first = self._number([file.drop_no for file in files])
            self._engine.run(
                "stage_csv",
                {
                    "first_file": first,
                    "files": [str(file.path) for file in files],
                    "delimiter": content.delimiter,
                    "max_line_bytes": min(self._limits.max_row_bytes, 2 << 20),
                },
                slots=", ".join(slots),
                sources=", ".join(f"c{n}" for n in range(len(slots))),
                reader_columns=_columns([f"c{n}" for n in range(len(slots))]),
            )
            paths = {path for (path,) in self._engine.run("stage_csv_damaged")}
        finally:
            for table in ("staged_rejects", "staged_scans"):
                self._engine.run("stage_csv_forget", table=table)
        return self._without(first, [str(file.path) in paths for file in files], files)

    def _read_json(self, files: list[TextFile]) -> list[TextFile]:
        parameters = {
            "files": [str(file.path) for file in files],
            "format": _JSON_FORMATS[files[0].content.format],
            # Only line by line can the reader go on behind an error; it refuses to try elsewhere.
            "lenient": files[0].content.format is Format.NDJSON,
            "max_row_bytes": self._limits.max_row_bytes,
        }
        names = sorted(str(name) for (name,) in self._engine.run("stage_json_keys", parameters))
        if not all(map(_can_be_column, names)) or not names:
            return files
        if len({name.casefold() for name in names}) < len(names):
            return self._read_apart(files, names)
        members = [
            (name, str(member))
            for name in filter(is_payload, names)
            for (member,) in self._engine.run(
                "stage_json_members", {**parameters, "path": pointer(name)}
            )
        ]
        if not all(_can_be_column(member) for _, member in members):
            return files
        slots = self._slots_of([*names, *(f"{name}.{member}" for name, member in members)])
        first = self._number([file.drop_no for file in files])
        self._engine.run(
            "stage_json",
            {**parameters, "first_file": first},
            slots=", ".join(slots),
            sources=", ".join([*map(_source, names), *(_member(*one) for one in members)]),
            reader_columns=_columns(names),
        )
        span = {"first_file": first, "last_file": first + len(files) - 1}
        empty = self._engine.run("stage_json_damaged", span, slots=", ".join(slots))
        numbers = {number for (number,) in empty}
        return self._without(first, [first + n in numbers for n in range(len(files))], files)

    def _read_apart(self, files: list[TextFile], names: Sequence[str]) -> list[TextFile]:
        """Read JSON files apart that spell a name in different cases.

        To the engine's reader such names are one; within one file, only the strict parser helps.
        """
        count = Counter(name.casefold() for name in names)
        clashing = {name for name in names if count[name.casefold()] > 1}
        damaged: list[TextFile] = []
        ordered = sorted(files, key=lambda file: sorted(clashing & set(file.content.header)))
        groups = groupby(ordered, key=lambda file: sorted(clashing & set(file.content.header)))
        apart = [list(same) for _, same in groups]
        if len(apart) == 1:
            return files
        for same in apart:
            damaged += self._read_group(same)
        return damaged

    def _without(self, first: int, is_damaged: list[bool], files: list[TextFile]) -> list[TextFile]:
        """Take the rows of damaged files out again and return these files.

        A file that gave no row at all is one of them: it is not empty, so the reader is wrong.
        """
        span = {"first_file": first, "last_file": first + len(files) - 1}
        read = {number for (number,) in self._engine.run("stage_read_files", span)}
        is_damaged = [damaged or first + n not in read for n, damaged in enumerate(is_damaged)]
        numbers = [first + n for n, damaged in enumerate(is_damaged) if damaged]
        if numbers:
            self._engine.run("stage_remove", {"files": numbers})
        return [file for file, damaged in zip(files, is_damaged, strict=True) if damaged]

    def _number(self, drops: list[int]) -> int:
        """Give files their numbers in the text, in a row; return the first."""
        first = len(self._drop_of_file)
        self._drop_of_file += drops
        return first

    def _slots_of(self, names: Sequence[str]) -> list[str]:
        """Return the quoted columns for field names, made where they are new.

        A name that stands twice in one header gets a number behind it.

        Raises:
            TooManyFields: the batch would have more than it may.
        """
        if len(self._slots) + len(set(names) - self._slots.keys()) > self._limits.max_fields:
            raise TooManyFields(self._limits.max_fields)
        slots = []
        used: set[str] = set()
        for name in names:
            unique, number = name, 2
            while unique in used:
                unique, number = f"{name} {number}", number + 1
            used.add(unique)
            if unique not in self._slots:
                slot = f"f{len(self._slots)}"
                self._slots[unique] = Seen(name=unique.replace("\0", "\\0"), slot=slot)
                self._engine.run("stage_column", slot=quoted(slot))
            slots.append(quoted(self._slots[unique].slot))
        return slots


def _shape(file: TextFile) -> tuple[str, str, tuple[str, ...]]:
    """What files must share to be read by one statement."""
    content = file.content
    is_csv = content.format is Format.CSV
    return content.format, content.delimiter, content.header if is_csv else ()


def _can_be_column(name: str) -> bool:
    """Tell whether the engine takes a name for a column."""
    return bool(name) and "\0" not in name


def _source(name: str) -> str:
    """SQL of a member's text; NULL for the payload of an envelope, whose members are fields."""
    text = f"nullif({quoted(name)}, '')"
    if not is_payload(name):
        return text
    return f"CASE WHEN NOT (ascii({text}) = 123 AND json_valid({text})) THEN {text} END"


def _member(name: str, member: str) -> str:
    """SQL of the text of a payload's member."""
    payload = f"CASE WHEN ascii({quoted(name)}) = 123 THEN {quoted(name)} END"
    return f"nullif(json_extract_string({payload}, {literal(pointer(member))}), '')"


def pointer(name: str) -> str:
    """Return a member's name as JSON Pointer."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _columns(names: Sequence[str]) -> str:
    """The reader's columns: all text."""
    return "{" + ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names) + "}"
