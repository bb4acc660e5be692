"""A batch on its way to Snowflake: Parquet files, an internal stage, temporary tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from firehose_loader.engine import Engine
from firehose_loader.errors import FirehoseError
from firehose_loader.protocols import StagedBatch, StagedTable
from firehose_loader.schema.model import FieldType
from firehose_loader.spool import SpoolFolder
from firehose_loader.statements import literal, quoted
from firehose_loader.warehouse.ddl import SPELLINGS, Spelling
from firehose_loader.warehouse.snowflake_left import left_behind, own_folder
from firehose_loader.warehouse.snowflake_session import SnowflakeSession

_FILE_BYTES = 200_000_000
"""About how large a file may get: what Snowflake reads best lies between 100 and 250 MB."""
_SPELLING = SPELLINGS["snowflake"]
_LINEAGE = {
    "_seq": FieldType.INTEGER,
    "_drop_no": FieldType.INTEGER,
    "_drop_id": FieldType.TEXT,
    "_row_no": FieldType.INTEGER,
    "_key": FieldType.TEXT,
}
_SIZE = 3
"""The place of a file's size, as it lies there, in what PUT answers."""
_KEYS = "SELECT seq, drop_no, row_no, type_no, _key::VARCHAR AS _key, stamp FROM staged_keys"
_FAULTS = "SELECT seq, drop_no, row_no, type_no, reason, field, message FROM staged_faults"


class Stage:
    """The loader's internal stage. What lies there is about the batch that is being loaded."""

    def __init__(
        self,
        session: SnowflakeSession,
        engine: Engine,
        name: str,
        spool: Path,
        spelling: Spelling,
    ) -> None:
        """Take the stage's name as statements write it, and a folder for files on their way."""
        self._session = session
        self._engine = engine
        self._name = name
        self._spool = spool
        self._spelling = spelling
        self._left: set[str] = set()
        """What could not be cleared yet."""
        self._is_swept = False
        self.uploaded_bytes = 0
        """All that was brought so far."""

    @contextmanager
    def brought(self, batch: StagedBatch, *, under: str) -> Iterator[StagedBatch]:
        """Bring a batch into temporary tables; yield it as the session reads it.

        ``under`` is the first part of the path at which its files lie until this ends.
        """
        self._sweep()
        place = f"@{self._name}/{own_folder(under)}"
        tables = [
            replace(table, rows=rows, duplicates=rows)
            for number, table in enumerate(batch.tables)
            for rows in (read_back(table, number, self._spelling),)
        ]
        try:
            with SpoolFolder(self._spool, "stage") as folder:
                self.write(batch, Path(folder))
                files = literal(f"file://{Path(folder).absolute()}/*.parquet")
                for row in self._session.run("stage_put", files=files, place=place):
                    self.uploaded_bytes += int(str(row[_SIZE]))
            self._copy(batch.tables, place)
            yield replace(batch, tables=tables, gather=_nothing)
        finally:
            for number in range(len(tables)):
                self._forget(temporary(number))
            self._left.add(place)
            self.clear()

    def clear(self) -> None:
        """Take files off the stage; what cannot be cleared now is tried again the next time."""
        for place in sorted(self._left):
            try:
                self._session.run("stage_clear", place=place)
            except FirehoseError:
                return  # the session is gone; the load itself has said so, or is committed
            self._left.discard(place)

    def _sweep(self) -> None:
        """Clear what killed loaders left, before the first batch."""
        if not self._is_swept:
            self._is_swept = True
            listed = self._session.run("stage_list", place=f"@{self._name}")
            self._left.update(f"@{self._name}/{path}" for path in left_behind(listed))
            self.clear()

    def write(self, batch: StagedBatch, folder: Path) -> None:
        """Write a batch as the Parquet files that are brought, in one folder."""
        for number, table in enumerate(batch.tables):
            self._write_files(folder, f"rows_{number}", _written(table, self._spelling))
        self._write_files(folder, "keys", _KEYS)
        self._write_files(folder, "faults", _FAULTS)

    def _write_files(self, folder: Path, name: str, rows: str) -> None:
        self._engine.run(
            "stage_write",
            written=rows,
            folder=literal(str(folder / name)),
            file_bytes=str(_FILE_BYTES),
        )
        for number, file in enumerate(sorted((folder / name).iterdir())):
            file.rename(folder / f"{name}_{number}.parquet")
        (folder / name).rmdir()

    def _copy(self, tables: Sequence[StagedTable], place: str) -> None:
        for number, table in enumerate(tables):
            name = temporary(number)
            self._session.run(
                "scratch_rows", table=name, definitions=definitions(table, self._spelling)
            )
            self._session.run("stage_copy", table=name, place=f"{place}rows_{number}_")
        for name in ("keys", "faults"):
            self._session.run(f"scratch_{name}")
            self._session.run("stage_copy", table=f"staged_{name}", place=f"{place}{name}_")
        self._session.run("scratch_duplicates")

    def _forget(self, table: str) -> None:
        try:
            self._session.run("scratch_forget", table=table)
        except FirehoseError:
            return  # the session is gone, and its temporary tables with it


def _nothing() -> None:
    """All rows are where the session reads them already."""


def temporary(number: int) -> str:
    """Return the name of the table that the n-th of a batch is brought to."""
    return _SPELLING.name(f"staged_rows_{number}")


def _written(table: StagedTable, spelling: Spelling) -> str:
    """SQL for the engine: the rows of a table as Parquet holds them, JSON as text."""
    columns = [
        f"r.{quoted(column)}::VARCHAR AS {spelling.column(column)}"
        if kind in {FieldType.JSON, FieldType.TEXT}
        else f"r.{quoted(column)} AS {spelling.column(column)}"
        for column, kind in _columns(table).items()
    ]
    return f"SELECT {', '.join(columns)} FROM ({table.rows}) AS r"  # noqa: S608 - quoted names


def definitions(table: StagedTable, spelling: Spelling) -> str:
    """SQL of the columns of the table that takes rows in the session; JSON as text."""
    return ",\n    ".join(
        f"{spelling.column(column)} {spelling.types[_text_for_json(kind)]}"
        for column, kind in _columns(table).items()
    )


def read_back(table: StagedTable, number: int, spelling: Spelling) -> str:
    """SQL for the session: the rows of a table as ``StagedTable.rows`` gives them."""
    columns = [
        f"{_json(spelling.column(column))} AS {spelling.column(column)}"
        if kind is FieldType.JSON
        else spelling.column(column)
        for column, kind in _columns(table).items()
    ]
    return f"SELECT {', '.join(columns)} FROM {temporary(number)}"  # noqa: S608 - quoted names


def _json(name: str) -> str:
    """SQL of JSON from its text; what Snowflake does not take for JSON stays a text."""
    return f"COALESCE(TRY_PARSE_JSON({name}), TO_VARIANT({name}))"


def _columns(table: StagedTable) -> dict[str, FieldType]:
    fields = table.schema.by_column
    own = {column: fields[column].type for column in table.columns}
    return {**_LINEAGE, **own, "_rescued": FieldType.JSON}


def _text_for_json(kind: FieldType) -> FieldType:
    return FieldType.TEXT if kind is FieldType.JSON else kind
