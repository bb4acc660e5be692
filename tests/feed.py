"""Drops as a test writes them down, normalised and loaded without any storage."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.config import Config, Pii
from firehose_loader.formats import Reading, quotes_pair, salvage
from firehose_loader.formats.reread import csv_context, json_context
from firehose_loader.history import DropFilter, UndoReceipt
from firehose_loader.model import Content, Drift, Drop, Format, Limits, Position, Receipt, Rejection
from firehose_loader.normalise import DropTypes, Normaliser, TextFile
from firehose_loader.personal import PersonalData
from firehose_loader.privacy import Retention
from firehose_loader.protocols import Known, StagedBatch, Warehouse
from firehose_loader.schema.additions import in_force
from firehose_loader.schema.catalog import Catalog, load_catalog
from tests.rigs.warehouses import Row, WarehouseRig

FIRST_MODIFIED = datetime(2026, 1, 1, tzinfo=UTC)
LINEAGE = ("_key", "_drop_id", "_row", "_schema_version", "_loaded_at")
LIMITS = Limits(max_file_bytes=2**30, max_row_bytes=2**25, max_fields=1000)


class Given(Struct, frozen=True, kw_only=True):
    """One drop as a test gives it."""

    key: str
    text: str
    content: Content
    raws: tuple[str, ...] = ()
    """The text of each row."""
    types: DropTypes = field(default_factory=DropTypes)
    version: str = "1"
    rejections: tuple[Rejection, ...] = ()

    def renamed(self, key: str) -> Given:
        """Return the same content under another name."""
        return replace(self, key=key)


def compared(
    warehouse: Warehouse, source: str, drops: Sequence[Drop], *, new_only: bool
) -> list[Known]:
    """Return what a warehouse knows of a listing that comes in two pieces."""
    with closing(warehouse.listing(source, new_only=new_only)) as listing:
        listing.add(drops[:1])
        listing.add(drops[1:])
        count = listing.finish()
        known = list(listing.page(0))
        assert len(known) == count
        assert list(listing.page(count)) == []
        return known


def csv_drop(
    key: str,
    header: str | Sequence[str],
    rows: Iterable[str | Sequence[object]],
    *,
    event_type: str | None = None,
    delimiter: str = ",",
) -> Given:
    """Return a CSV drop. Header and rows come as cells, or as one text that holds no quotes."""

    def written(cells: str | Sequence[object]) -> str:
        cells = cells.split(",") if isinstance(cells, str) else cells
        line = io.StringIO()
        csv.writer(line, delimiter=delimiter, lineterminator="\r\n").writerow(
            ["" if cell is None else str(cell) for cell in cells]
        )
        return line.getvalue().removesuffix("\r\n")

    names = header.split(",") if isinstance(header, str) else header
    raws = tuple(written(row) for row in rows)
    return Given(
        key=key,
        text="".join(f"{line}\n" for line in (written(names), *raws)),
        content=Content(format=Format.CSV, delimiter=delimiter, header=tuple(names)),
        raws=raws,
        types=DropTypes(default=event_type),
    )


def json_drop(
    key: str,
    rows: Iterable[Mapping[str, object] | str],
    *,
    event_type: str | None = None,
    array: bool = False,
) -> Given:
    """Return an NDJSON drop, or one JSON array. Rows come as objects, or as their text."""
    raws = tuple(
        row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows
    )
    return Given(
        key=key,
        text="[" + ",\n".join(raws) + "]" if array else "".join(f"{raw}\n" for raw in raws),
        content=Content(format=Format.JSON_ARRAY if array else Format.NDJSON),
        raws=raws,
        types=DropTypes(default=event_type),
    )


def empty_drop(key: str) -> Given:
    """Return a drop without rows."""
    return Given(key=key, text="", content=Content(format=Format.EMPTY))


class Feed:
    """Normalises drops and loads them, as one source delivers them one after the other."""

    def __init__(
        self, rig: WarehouseRig, folder: Path, *, schemas: Path | None = None, source: str = "s"
    ) -> None:
        """Prepare the warehouse; ``schemas`` is a user's own folder of event schemas."""
        self.rig = rig
        self.catalog = _catalog(schemas)
        self._folder = folder
        self._source = source
        self.drift: Mapping[str, Drift] = {}
        self.pii = Pii()
        self.lands = False
        self.left_out: Mapping[str, Collection[str]] = {}
        self.retention = Retention()
        rig.warehouse.prepare()

    def load(self, *drops: Given) -> Receipt:
        """Load drops, the oldest first, in one batch."""
        return self.rig.warehouse.load(self.stage(*drops), run_id="run")

    def stage(self, *drops: Given) -> StagedBatch:
        """Normalise drops, the oldest first, as one batch."""
        folder = Path(mkdtemp(dir=self._folder))
        normaliser = self.normaliser()
        files = [_written(folder / str(number), one, number) for number, one in enumerate(drops)]
        filled = [file for file in files if file.content.format is not Format.EMPTY]
        strict = normaliser.read(
            [file for file in filled if file.content.fast],
            lambda file: quotes_pair(file.path, file.content),
        )
        strict += [file for file in filled if not file.content.fast]
        rejections = _read_strictly(strict, normaliser)
        return normaliser.finish(
            [
                (
                    self.drop(one),
                    one.content,
                    one.types,
                    one.rejections + rejections.get(number, ()),
                )
                for number, one in enumerate(drops)
            ],
            lambda number, rows: _positions(drops[number], rows),
        )

    def normaliser(self) -> Normaliser:
        """Return what normalises one batch under the schemas in force."""
        warehouse = self.rig.warehouse
        additions = warehouse.additions()
        config = Config.model_validate({"warehouse": {"url": "x.duckdb"}, "pii": self.pii})
        personal = PersonalData(warehouse, config)
        personal.use_key(self._source)
        schemas = in_force(self.catalog, additions)
        return Normaliser(
            warehouse.engine(),
            schemas={name: personal.as_stored(one) for name, one in schemas.items()},
            dictionary=self.catalog.dictionary,
            columns=warehouse.columns,
            limits=LIMITS,
            drift=dict.fromkeys(schemas, Drift.RESCUE) if self.lands else self.drift,
            policies=personal.policies(self._source),
            row_key=personal.row_key,
            screen=personal.screen(
                self.retention, fields=sum(len(one.fields) for one in additions)
            ),
            left_out=self.left_out,
            lands=self.lands,
        )

    def drop(self, given: Given) -> Drop:
        """Return a drop as a listing shows it."""
        return Drop(
            source=self._source,
            key=given.key,
            size_bytes=len(given.text.encode()),
            modified=FIRST_MODIFIED + timedelta(minutes=len(given.key)),
            version=given.version,
        )

    def undo_all(self) -> UndoReceipt:
        """Tell what it would do to undo all that was loaded, which nothing must stand against."""
        warehouse = self.rig.warehouse
        return warehouse.undo(warehouse.drops(DropFilter()), preview=True)

    def rows(self, table: str = "email_open") -> list[Row]:
        """Return all rows of a table, by drop and row where it has these; none without a table."""
        return self._all_rows(table) if table in self.rig.tables() else []

    def _all_rows(self, table: str) -> list[Row]:
        found = self.rig.execute(f'SELECT * FROM {{schema}}."{table}"')
        return sorted(
            found, key=lambda row: (str(row.get("_drop_id")), str(row.get("_row")).zfill(9))
        )

    def events(self, table: str = "email_open") -> list[Row]:
        """Return what the rows of a table say, by id: no NULLs, not where they come from."""
        found = [
            {
                name: value
                for name, value in row.items()
                if value is not None and name not in LINEAGE
            }
            for row in self.rows(table)
        ]
        return sorted(
            found, key=lambda row: (str(row.get("event_id", "")), sorted(map(str, row.items())))
        )

    def all_events(self) -> dict[str, list[Row]]:
        """Return the events of every event table."""
        return {
            table: self.events(table)
            for table in sorted(self.rig.tables())
            if not table.startswith("_")
        }

    def ledger(self) -> dict[str, Row]:
        """Return the ledger's rows by the drop's key."""
        return {str(row["key"]): row for row in self.rows("_firehose_drops")}

    def quarantine(self) -> list[Row]:
        """Return what is set aside, with the drop's key, in order of drop and row."""
        keys = {row["drop_id"]: key for key, row in self.ledger().items()}
        found = [{**row, "key": keys[row["drop_id"]]} for row in self.rows("_firehose_quarantine")]
        return sorted(found, key=lambda row: (str(row["key"]), int(str(row["row_no"] or 0))))

    def everything(self) -> dict[str, list[Row]]:
        """Return every row of every table, in an order of its own."""
        return {
            table: sorted(self._all_rows(table), key=lambda row: sorted(map(str, row.items())))
            for table in sorted(self.rig.tables())
        }


@lru_cache
def _catalog(schemas: Path | None) -> Catalog:
    return load_catalog(schemas)


def _written(path: Path, given: Given, number: int) -> TextFile:
    text = given.text.encode("utf-8", "surrogateescape")
    path.write_bytes(text)
    reading = Reading(path)
    reading.take([text], packed=False)
    size = reading.size
    assert size is not None
    return TextFile(
        drop_no=number,
        path=path,
        content=given.content,
        event_type=given.types.forced or given.types.default,
        lines=size.lines,
        size_bytes=size.bytes,
    )


def _read_strictly(
    files: Sequence[TextFile], normaliser: Normaliser
) -> dict[int, tuple[Rejection, ...]]:
    saved = [
        (
            file.drop_no,
            salvage(
                file.path,
                file.content,
                file.path.with_suffix(".csv"),
                LIMITS,
            ),
        )
        for file in files
    ]
    normaliser.read_salvaged(saved)
    return {drop_no: one.rejections for drop_no, one in saved}


def _positions(given: Given, rows: Collection[int]) -> Mapping[int, Position]:
    head = 1 if given.content.format is Format.CSV else 0
    return {
        row: Position(
            line=row + head,
            offset=None,
            raw=given.raws[row - 1],
            context=csv_context(given.content.delimiter, given.content.header)
            if head
            else json_context(b"", {}),
        )
        for row in rows
        if row <= len(given.raws)
    }
