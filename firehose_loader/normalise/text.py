"""The rows of one batch, read into temporary tables: one for each shape, a column per field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.errors import EngineError, EngineInterrupted, EngineOutOfMemory
from firehose_loader.model import Content, Format, Limits, Salvage
from firehose_loader.normalise.csv_checks import begun_again, with_lost_lines, with_rejects
from firehose_loader.normalise.match import Seen
from firehose_loader.normalise.payloads import (
    member_texts,
    no_object,
    payload_columns,
    pointer,
)
from firehose_loader.normalise.shapes import Kinds, Shape, Shapes, reading
from firehose_loader.schema.names import is_payload
from firehose_loader.statements import literal, quoted

_BUFFER_BYTES = 32 * 2**20
"""What the CSV reader has in hand at once. A row may take all of it: it is cheaper to read a long
row here than to have it rejected, after which the reader takes 20 s for 16 MB."""
_BY_ONE_THREAD = 4 * 2**20
"""Files up to this size are not divided between threads: the CSV reader does so by 8 MB, the JSON
reader by more."""
_JSON_FORMATS = {Format.NDJSON: "newline_delimited", Format.JSON_ARRAY: "array"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """One drop of the batch as a local file whose name holds no glob characters."""

    drop_no: int
    path: Path
    content: Content
    event_type: str | None = None
    """What is known of the event type of its rows beforehand: keeps unlike drops apart."""
    lines: int = 0
    """CSV: its physical lines."""
    size_bytes: int | None = None
    """Of its unpacked text, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Where the rows of one file stand in the table of their shape."""

    file: int
    drop_no: int
    first_row: int
    rows: int


class BatchText:
    """Reads drops into shapes; files that the fast readers cannot take are told apart."""

    def __init__(
        self, engine: Engine, kinds: Kinds, limits: Limits, named: Callable[[str], str]
    ) -> None:
        self._engine = engine
        self._limits = limits
        self.shapes = Shapes(engine, kinds, named, max_fields=limits.max_fields)
        self._drop_of_file: list[int] = []
        self._salvaged_rows: dict[int, int] = {}
        engine.run("order", kept="false")

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every field name of the batch, in order of first sight."""
        return self.shapes.seen

    def read(
        self, files: Sequence[TextFile], is_sound: Callable[[TextFile], bool]
    ) -> list[TextFile]:
        """Read files with the engine's own readers, those of one shape together.

        Returns the files that hold something these readers cannot take; none of their rows stay.
        Where the rows of a CSV file do not account for its lines, ``is_sound`` decides.
        """
        damaged: list[TextFile] = []
        ordered = sorted(files, key=_likeness)
        for _, same in groupby(ordered, key=_likeness):
            damaged += self._read_group(list(same), is_sound)
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
        for shape in self.shapes:
            found = self._engine.run("stage_extent", table=shape.table)
            for file, first, last, rows in cast("list[tuple[int, int, int, int]]", found):
                whole = shape.numbered or last - first + 1 == rows
                if not whole or self._salvaged_rows.get(file, rows) != rows:
                    raise EngineError(f"the engine broke up the rows of file {file} of the batch")
                yield Extent(
                    file=file, drop_no=self._drop_of_file[file], first_row=first, rows=rows
                )

    def close(self) -> None:
        """Give the memory of the batch's rows back."""
        self.shapes.close()
        self._engine.run("order", kept="true")

    def _read_salvaged_group(
        self, names: Sequence[str], salvages: Sequence[tuple[int, Salvage]]
    ) -> None:
        if not salvages:
            return
        first = self._number([drop_no for drop_no, _ in salvages])
        self._salvaged_rows |= {first + n: one.rows for n, (_, one) in enumerate(salvages)}
        fields = self.shapes.fields(names)
        shape = self.shapes.salvaged(fields)
        texts = [f"c{n}" for n in range(len(fields))]
        slots, values, sources = reading(fields, texts)
        self._engine.run(
            "stage_salvaged",
            {
                "first_file": first,
                "files": [str(one.path) for _, one in salvages],
                "max_line_bytes": max(1 << 20, *(one.longest + 1 for _, one in salvages)),
            },
            table=shape.table,
            more_slots=slots,
            more_values=values,
            more_sources=sources,
            reader_columns=_columns(texts, "'_row': 'BIGINT'"),
        )

    def _read_group(
        self, files: list[TextFile], is_sound: Callable[[TextFile], bool]
    ) -> list[TextFile]:
        first = len(self._drop_of_file)
        try:
            if files[0].content.format is Format.CSV:
                return self._read_csv(files, is_sound)
            return self._read_json(files, is_sound)
        except (EngineInterrupted, EngineOutOfMemory):
            raise
        except EngineError:
            self._take_out(range(first, len(self._drop_of_file)))
            # One of them stops the reader as a whole (a torn gzip, a damaged array): find it.
            if len(files) == 1:
                return files
            middle = len(files) // 2
            return self._read_group(files[:middle], is_sound) + self._read_group(
                files[middle:], is_sound
            )

    def _take_out(self, numbers: Collection[int]) -> None:
        """Take out what files gave before the engine stopped."""
        for shape in self.shapes if numbers else ():
            self._engine.run("stage_remove", {"files": list(numbers)}, table=shape.table)

    def _read_csv(
        self, files: list[TextFile], is_sound: Callable[[TextFile], bool]
    ) -> list[TextFile]:
        content = files[0].content
        if len(content.header) == 1:
            return files  # a blank line is a row to one reader and none to another
        parameters = {
            "files": [str(file.path) for file in files],
            "delimiter": content.delimiter,
            "max_line_bytes": min(self._limits.max_row_bytes, _BUFFER_BYTES),
            "buffer_bytes": _BUFFER_BYTES,
        }
        cells = [f"c{n}" for n in range(len(content.header))]
        payloads = {cells[n]: content.header[n] for n in payload_columns(content.header)}
        members = [
            (cell, str(member))
            for cell in payloads
            for (member,) in self._engine.run(
                "stage_csv_members", parameters, payload=cell, reader_columns=_columns(cells)
            )
        ]
        if not all(_can_be_column(member) for _, member in members):
            return files
        inner = [f"{payloads[cell]}.{member}" for cell, member in members]
        seen = self.shapes.fields([*content.header, *inner])
        shape = self.shapes.of(seen)
        texts = [no_object(cell) if cell in payloads else cell for cell in cells]
        texts += member_texts(members)
        slots, values, sources = reading([shape.fields[one.slot] for one in seen], texts)
        first = self._number([file.drop_no for file in files])

        def insert(more_options: str) -> None:
            with self._order_for(files):
                self._engine.run(
                    "stage_csv",
                    {**parameters, "first_file": first},
                    table=shape.table,
                    more_slots=slots,
                    more_values=values,
                    more_sources=sources,
                    reader_columns=_columns(cells),
                    more_options=more_options,
                )

        rejected = with_rejects(self._engine, insert)
        rows = self._rows_read(shape, first, files)
        numbered = dict(enumerate(files, first))
        missing = {n: file.lines - 1 - rows.get(n, 0) for n, file in numbered.items()}
        lost = with_lost_lines(self._engine, shape, missing)
        again = begun_again(
            self._engine,
            shape,
            numbered,
            seen=[shape.fields[one.slot] for one in seen[: len(cells)]],
            header=content.header,
        )
        damaged = {
            number
            for number, file in numbered.items()
            if str(file.path) in rejected
            or number in again
            or (number in lost and not is_sound(file))
        }
        return self._without(shape, first, files, damaged, rows)

    def _read_json(
        self, files: list[TextFile], is_sound: Callable[[TextFile], bool]
    ) -> list[TextFile]:
        parameters = {
            "files": [str(file.path) for file in files],
            "format": _JSON_FORMATS[files[0].content.format],
            # Only line by line can the reader go on behind an error; it refuses to try elsewhere.
            "lenient": files[0].content.format is Format.NDJSON,
            "max_row_bytes": self._limits.max_row_bytes,
        }
        names, within = self._names(files, parameters)
        if not all(map(_can_be_column, names)) or not names:
            return files
        if len({name.casefold() for name in names}) < len(names):
            return self._read_apart(files, names, is_sound)
        members = [
            (name, member)
            for name in filter(is_payload, names)
            for member in within.get(name) or self._names_within(name, parameters)
        ]
        if not all(_can_be_column(member) for _, member in members):
            return files
        seen = self.shapes.fields([*names, *(f"{name}.{member}" for name, member in members)])
        shape = self.shapes.of(seen)
        texts = [*map(_source, names), *member_texts([(quoted(of), one) for of, one in members])]
        slots, values, sources = reading([shape.fields[one.slot] for one in seen], texts)
        first = self._number([file.drop_no for file in files])
        with self._order_for(files):
            self._engine.run(
                "stage_json",
                {**parameters, "first_file": first},
                table=shape.table,
                more_slots=slots,
                more_values=values,
                more_sources=sources,
                reader_columns=_columns(names),
            )
        empty = self._engine.run(
            "stage_json_damaged",
            {"first_file": first, "last_file": first + len(files) - 1},
            table=shape.table,
            is_empty=shape.is_empty,
            is_deep=shape.is_deep(self._limits.max_depth),
        )
        damaged = {cast("int", number) for (number,) in empty}
        return self._without(shape, first, files, damaged, self._rows_read(shape, first, files))

    def _names(
        self, files: Sequence[TextFile], parameters: Mapping[str, object]
    ) -> tuple[list[str], Mapping[str, list[str]]]:
        """Return the names of members, and those within a payload that the first rows have.

        The latter only where every row has an object there, not a text that may spell one.
        """
        headers = chain.from_iterable(file.content.header for file in files)
        payload = next(filter(is_payload, headers), None)
        asked = {**parameters, "paths": ["", *([pointer(payload)] if payload else [])]}
        first = self._engine.run("stage_json_keys", {**asked, "files": [str(files[0].path)]})
        known = cast("list[list[str] | None] | None", first[0][0] if first else None)
        found = self._engine.run("stage_json_names", {**asked, "known": known})
        top, *within = known or [[]]
        names = {*(top or ()), *(str(name) for name, _, _ in found if name is not None)}
        if payload is None or within == [[]] or any(odd for _, _, odd in found):
            return sorted(names), {}
        inner = {str(name) for _, name, _ in found if name is not None}
        return sorted(names), {payload: sorted(inner.union(*filter(None, within)))}

    def _names_within(self, name: str, parameters: Mapping[str, object]) -> list[str]:
        """Return the names of members within the payloads that one member holds, as text too."""
        path = {"path": pointer(name)}
        found = self._engine.run("stage_json_members", {**parameters, **path})
        return [str(member) for (member,) in found]

    @contextmanager
    def _order_for(self, files: Sequence[TextFile]) -> Iterator[None]:
        """Keep the order in which files are read where row numbers would not follow without."""
        if all((file.size_bytes or _BY_ONE_THREAD + 1) <= _BY_ONE_THREAD for file in files):
            yield
            return
        self._engine.run("order", kept="true")
        try:
            yield
        finally:
            self._engine.run("order", kept="false")

    def _read_apart(
        self,
        files: list[TextFile],
        names: Sequence[str],
        is_sound: Callable[[TextFile], bool],
    ) -> list[TextFile]:
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
            damaged += self._read_group(same, is_sound)
        return damaged

    def _rows_read(self, shape: Shape, first: int, files: Sequence[TextFile]) -> Mapping[int, int]:
        """Return how many rows each file gave."""
        span = {"first_file": first, "last_file": first + len(files) - 1}
        found = self._engine.run("stage_rows_read", span, table=shape.table)
        return dict(cast("list[tuple[int, int]]", found))

    def _without(
        self,
        shape: Shape,
        first: int,
        files: Sequence[TextFile],
        damaged: Collection[int],
        rows: Mapping[int, int],
    ) -> list[TextFile]:
        """Take the rows of damaged files out again and return these files.

        A file that gave no row at all is one of them: it is not empty, so the reader is wrong.
        """
        numbered = dict(enumerate(files, first))
        out = [number for number in numbered if number in damaged or number not in rows]
        if out:
            self._engine.run("stage_remove", {"files": out}, table=shape.table)
        return [numbered[number] for number in out]

    def _number(self, drops: list[int]) -> int:
        """Give files their numbers in the text, in a row; return the first."""
        first = len(self._drop_of_file)
        self._drop_of_file += drops
        return first


def _likeness(file: TextFile) -> tuple[str, str, tuple[str, ...], str]:
    """What files must share to be read by one statement."""
    content = file.content
    if content.format is Format.CSV:
        return content.format, content.delimiter, content.header, ""
    return content.format, "", (), file.event_type or ""


def _can_be_column(name: str) -> bool:
    return bool(name) and "\0" not in name


def _source(name: str) -> str:
    """SQL of the text of an object's member."""
    text = f"nullif({quoted(name)}, '')"
    return no_object(text) if is_payload(name) else text


def _columns(names: Sequence[str], *before: str) -> str:
    """The reader's columns: all text, behind what is given."""
    return "{" + ", ".join([*before, *(f"{literal(name)}: 'VARCHAR'" for name in names)]) + "}"
