"""The statements of a load, taken from a real one: a made-up drop into a database in memory."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.config import Config, DuckDBTarget
from firehose_loader.errors import ConfigError
from firehose_loader.external import ExternalLoader
from firehose_loader.loader import Loader, tables_needed
from firehose_loader.model import Drop, Position, RunRecord
from firehose_loader.protocols import Missing, Warehouse
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.schema.names import is_payload
from firehose_loader.statements import Statement
from firehose_loader.warehouse import BUCKET, rehearsed
from firehose_loader.warehouse.missing import defines

_TARGETS = {
    "duckdb": {"url": "duckdb://:memory:"},
    "snowflake": {"url": "snowflake://loader@account/database", "connection": "rehearsal"},
}
_VALUES = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "1",
    FieldType.NUMBER: "1.5",
    FieldType.BOOLEAN: "true",
    FieldType.TIMESTAMP: "2026-01-01T00:00:00Z",
    FieldType.DATE: "2026-01-01",
    FieldType.JSON: "{}",
}


_PREPARE = "prepare: the schema and the loader's own tables, where they are missing"
_DISCOVER = "discover: which of the listed drops are new"
_NORMALISE = "normalise: on this machine, in the engine"
_TABLES = "tables: made and widened for the event types of the batch, where that is needed"
_LOAD = "load, as one transaction: merge, quarantine, ledger, counts"
_RECORD = "record the run"
_BEGINNINGS: Mapping[str, Mapping[str, str]] = {
    "duckdb": {"table_create": _TABLES, "merge_begin": _LOAD, "stage_forget_rows": "clear"},
    "snowflake": {
        "external_told": "read: from the bucket, through the external stage, into temporary tables",
        "external_present": "judge: whether all rows are plain; else the drop is read here",
        "scratch_keys": "type: from texts to the columns of the event types",
        "table_columns": _TABLES,
        "stage_list": "bring: files to the internal stage, and from there into temporary tables",
        "transaction_begin": _LOAD,
        "scratch_forget": "clear: temporary tables and the path on the stage",
    },
}
"""The statements with which the parts of a batch's way begin."""
_OWN = {
    re.compile(r"(?i)\b((?:listed|ranked)_)\d+"): r"\g<1>1",
    re.compile(r"'file://[^']*/\*\.parquet'"): "'file:///spool/*.parquet'",
    re.compile(r"(/rehearsal/)[^/]+/"): r"\g<1>1/",
}
"""Names that are others each time, and what is shown for them."""
_RUN = "rehearsal"
_AT = datetime(2026, 1, 1, tzinfo=UTC)


class Step(Struct, frozen=True, kw_only=True):
    """One statement on the way of a drop."""

    part: str
    """What it is for, together with its neighbours."""
    statement: Statement


def statements(
    event_type: str, *, schema_name: str, schemas: Path | None = None, dialect: str = "duckdb"
) -> Sequence[Statement]:
    """Return the statements that load a drop of an event type, in the order in which they run.

    Raises as ``rehearse``.
    """
    config = configured(dialect, schema_name=schema_name, schemas=schemas)
    return [step.statement for step in rehearse(event_type, config)]


def configured(dialect: str, *, schema_name: str, schemas: Path | None = None) -> Config:
    """Return a configuration of which only this is said."""
    warehouse = {**_TARGETS[dialect], "schema": schema_name}
    return Config.model_validate({"warehouse": warehouse, "schemas": schemas})


def rehearse(event_type: str, config: Config) -> Sequence[Step]:
    """Return the statements of a run that loads one drop, in the order in which they run.

    Nothing is connected to. In Snowflake's dialect they are those of a load that finds the event
    there already, too; what the engine does here before is left out.

    Raises:
        ConfigError: there is no such event type.
        SchemaError: a schema of the user's folder is wrong.
    """
    catalog = load_catalog(config.schemas)
    name = _known(catalog, event_type)
    with TemporaryDirectory(prefix="firehose-rehearsal-") as folder:
        nowhere = _nowhere(config, Path(folder))
        path = Path(folder) / "drop.csv"
        _write_drop(path, catalog.latest(name))
        fields = catalog.latest(name).fields
        header = [field.name for field in fields if not is_payload(field.name)]
        warehouse, seen = rehearsed(nowhere, header)
        with closing(warehouse):
            begun = _run(warehouse, catalog, nowhere, _ready(path, name), seen)
            steps = list(_told(seen, begun, nowhere))
    if config.warehouse.manage_tables:
        return steps
    return [one for one in steps if not defines(one.statement.name)]


def definitions(config: Config, event_types: Sequence[str]) -> Sequence[Missing]:
    """Return all that has to be made before a run, connecting to nothing.

    Args:
        config: what is to be loaded, and where to.
        event_types: those whose tables are wanted; empty: all of them.

    Raises:
        ConfigError: there is no such event type.
        SchemaError: a schema of the user's folder is wrong.
    """
    catalog = load_catalog(config.schemas)
    wanted = {_known(catalog, name) for name in event_types}
    with TemporaryDirectory(prefix="firehose-rehearsal-") as folder:
        warehouse, _ = rehearsed(_nowhere(config, Path(folder)), ())
        with closing(warehouse):
            schemas = tables_needed(warehouse, catalog, config)
            return warehouse.missing(
                [one for one in schemas if not wanted or one.event_type in wanted]
            )


def _known(catalog: Catalog, event_type: str) -> str:
    """Return an event type as the schemas spell it; raise ConfigError."""
    name = catalog.resolve_type(event_type)
    if name is None:
        raise ConfigError(
            f"there is no event type {event_type!r}; firehose-loader schema list shows all"
        )
    return name


def _nowhere(config: Config, folder: Path) -> Config:
    """Return a configuration that leads to nothing of the user's."""
    changes: dict[str, object] = {"spool": folder, "source": ()}
    # Tables that are there are made up by making them; that is left out of what is told.
    changes["warehouse"] = config.warehouse.model_copy(update={"manage_tables": True})
    if isinstance(config.warehouse, DuckDBTarget):
        kept = {
            "schema": config.warehouse.schema_name,
            "names": config.warehouse.names,
            "leave_out": config.warehouse.leave_out,
            "land_only": config.warehouse.land_only,
        }
        changes["warehouse"] = DuckDBTarget.model_validate({**_TARGETS["duckdb"], **kept})
    return config.model_copy(update=changes)


def _run(
    warehouse: Warehouse,
    catalog: Catalog,
    config: Config,
    ready: ReadyDrop,
    seen: Sequence[Statement],
) -> Mapping[int, str]:
    """Do as a run does; return the parts by the number of their first statement."""
    begun = {0: _PREPARE}
    warehouse.prepare()
    begun[len(seen)] = _DISCOVER
    with closing(warehouse.listing(ready.drop.source, new_only=True)) as listing:
        listing.add([ready.drop])
        listing.finish()
        listing.page(0)
    begun[len(seen)] = _NORMALISE
    loader = Loader(warehouse, catalog, config, run_id=_RUN)
    _load(loader, warehouse, catalog, config, ready)
    begun[len(seen)] = _RECORD
    warehouse.costs()
    warehouse.record_run(
        RunRecord(
            run_id=_RUN,
            started_at=_AT,
            finished_at=_AT,
            status="ok",
            exit_code=0,
            loader_version="",
            summary="{}",
        )
    )
    return begun


def _load(
    loader: Loader, warehouse: Warehouse, catalog: Catalog, config: Config, ready: ReadyDrop
) -> None:
    """Load the drop; where the warehouse reads drops by itself, it reads this one."""
    external = warehouse.external()
    if external is None:
        loader.load([ready])
        return
    external_loader = ExternalLoader(
        loader=loader,
        warehouse=warehouse,
        external=external,
        place=external.place(ready.drop.source, BUCKET),
        catalog=catalog,
        rules=ready.rules,
        drift={},
        run_id=_RUN,
        limits=config.limits,
        here=_never,
        locate=lambda _, rows: dict.fromkeys(rows, Position(line=None, offset=None, raw="")),
        told=lambda _: None,
    )
    for _ in external_loader.load([ready.drop]):
        """It is loaded."""


def _never(drops: Sequence[Drop]) -> None:
    raise AssertionError(f"the drops of a rehearsal are plain: {drops}")


def _told(seen: Sequence[Statement], begun: Mapping[int, str], config: Config) -> Iterator[Step]:
    """Yield the statements with the parts that they belong to."""
    is_duckdb = isinstance(config.warehouse, DuckDBTarget)
    beginnings = _BEGINNINGS["duckdb" if is_duckdb else "snowflake"]
    part, loading = "", False
    for number, statement in enumerate(seen):
        if number in begun:
            part = begun[number]
            loading = part == _NORMALISE
        if loading:
            part = beginnings.get(statement.name, part)
        shown = statement.shown
        for own, example in _OWN.items():
            shown = own.sub(example, shown)
        yield Step(part=part, statement=replace(statement, shown=shown))


def _write_drop(path: Path, schema: EventSchema) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in schema.fields)
        writer.writerow(_VALUES[field.type] for field in schema.fields)


def _ready(path: Path, event_type: str) -> ReadyDrop:
    drop = Drop(
        source="rehearsal",
        key=path.name,
        size_bytes=path.stat().st_size,
        modified=_AT,
        version="1",
    )
    return ReadyDrop(
        drop=drop, path=path, rules={"**": event_type}, confirm=lambda: None, max_bytes=2**20
    )
