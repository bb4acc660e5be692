"""The rows of one batch, read into temporary tables: one for each shape, a column per field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, groupby
from typing import cast

from msgspec import Struct

from firehose_loader.engine import Engine
from firehose_loader.errors import EngineError, EngineInterrupted, EngineOutOfMemory
from firehose_loader.model import Format, Limits, Salvage
from firehose_loader.normalise.csv_checks import begun_again, with_lost_lines, with_rejects
from firehose_loader.normalise.json_members import Members, complete, sampled
from firehose_loader.normalise.match import Seen
from firehose_loader.normalise.payloads import (
    member_texts,
    no_object,
    payload_columns,
)
from firehose_loader.normalise.shapes import Kinds, Shape, Shapes, reading
from firehose_loader.normalise.text_file import TextFile
from firehose_loader.statements import literal

_BUFFER_BYTES = 32 * 2**20
"""What the CSV reader has in hand at once. A row may take all of it: it is cheaper to read a long
row here than to have it rejected, after which the reader takes 20 s for 16 MB."""
_BY_ONE_THREAD = 4 * 2**20
"""Files up to this size are not divided between threads: the JSON reader does so by more."""
_JSON_FORMATS = {Format.NDJSON: "newline_delimited", Format.JSON_ARRAY: "array"}


class Extent(Struct, frozen=True, kw_only=True):
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

    def settle(self) -> None:
        """Note in which fields everything fits its type, now that all drops are read."""
        self.shapes.settle()

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
            return self._read_json(files)
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
        divided = self._are_divided(files)

        def insert(more_options: str) -> None:
            with self._order(kept=divided):
                self._engine.run(
                    "stage_csv",
                    {**parameters, "first_file": first, "divided": divided},
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
        of_header = [shape.fields[one.slot] for one in seen[: len(cells)]]
        lost = with_lost_lines(self._engine, shape, missing, seen=of_header)
        again = begun_again(self._engine, shape, numbered, seen=of_header, header=content.header)
        damaged = {
            number
            for number, file in numbered.items()
            if str(file.path) in rejected
            or number in again
            or (number in lost and not is_sound(file))
        }
        return self._without(shape, first, files, damaged, rows)

    def _read_json(self, files: list[TextFile]) -> list[TextFile]:
        reader = {
            "files": [str(file.path) for file in files],
            "format": _JSON_FORMATS[files[0].content.format],
            # Only line by line can the reader go on behind an error.
            "lenient": files[0].content.format is Format.NDJSON,
            "max_row_bytes": self._limits.max_row_bytes,
        }
        damaged, odd = self._read_members(files, reader, sampled(self._engine, reader, files))
        if odd:
            reader["files"] = [str(file.path) for file in odd]
            again, _ = self._read_members(odd, reader, complete(self._engine, reader))
            damaged += again
        return damaged

    def _read_members(
        self, files: list[TextFile], reader: Mapping[str, object], members: Members
    ) -> tuple[list[TextFile], list[TextFile]]:
        """Read these members of JSON files; return those that are damaged, and that have others."""
        inner = chain.from_iterable(members.within.values())
        if not members.names or not all(map(_can_be_column, [*members.names, *inner])):
            return files, []
        seen = self.shapes.fields(members.fields)
        shape = self.shapes.of(seen)
        slots, values, sources = reading([shape.fields[one.slot] for one in seen], members.texts)
        first = self._number([file.drop_no for file in files])
        span = {"first_file": first, "last_file": first + len(files) - 1}
        with self._order(kept=any(file.size_bytes > _BY_ONE_THREAD for file in files)):
            self._engine.run(
                "stage_json",
                {**reader, **members.parameters, **span},
                table=shape.table,
                more_slots=slots,
                more_values=values,
                more_sources=sources,
                odd=members.odd,
            )
        empty = self._engine.run(
            "stage_json_damaged",
            span,
            table=shape.table,
            is_empty=shape.is_empty,
            is_deep=shape.is_deep(self._limits.max_depth),
        )
        rows = self._rows_read(shape, first, files)
        damaged = self._without(shape, first, files, {cast("int", n) for (n,) in empty}, rows)
        found = self._engine.run("stage_json_odd", span, table=shape.table)
        odd = [cast("int", number) for (number,) in found]
        if odd:
            self._engine.run("stage_remove", {"files": odd}, table=shape.table)
        return damaged, [files[number - first] for number in odd]

    def _are_divided(self, files: Sequence[TextFile]) -> bool:
        """Tell whether several threads are to read one CSV file, for else most of them would rest.

        Where each file has one thread, its rows stay in order, which else takes a third more time.
        """
        largest = max(file.size_bytes for file in files)
        if largest <= _BY_ONE_THREAD:
            return False
        ((threads,),) = self._engine.run("threads")
        return 3 * largest * cast("int", threads) > 4 * sum(file.size_bytes for file in files)

    @contextmanager
    def _order(self, *, kept: bool) -> Iterator[None]:
        """Keep the order in which files are read where row numbers would not follow without."""
        if not kept:
            yield
            return
        self._engine.run("order", kept="true")
        try:
            yield
        finally:
            self._engine.run("order", kept="false")

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


def _columns(names: Sequence[str], *before: str) -> str:
    """The reader's columns: all text, behind what is given."""
    return "{" + ", ".join([*before, *(f"{literal(name)}: 'VARCHAR'" for name in names)]) + "}"
