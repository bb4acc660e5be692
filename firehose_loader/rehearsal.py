"""The statements of a load, taken from a real one: a made-up drop into a database in memory."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from firehose_loader.config import Config
from firehose_loader.errors import ConfigError
from firehose_loader.load import Loader, ReadyDrop
from firehose_loader.model import Drop
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.statements import Statement
from firehose_loader.warehouse import rehearsed

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


def statements(
    event_type: str, *, schema_name: str, schemas: Path | None = None, dialect: str = "duckdb"
) -> Sequence[Statement]:
    """Return the statements that load a drop of an event type, in the order in which they run.

    Nothing is connected to. In Snowflake's dialect they are those of a load that finds the event
    there already, too; what the engine does here before is left out.

    Raises:
        ConfigError: there is no such event type.
        SchemaError: a schema of the user's folder is wrong.
    """
    catalog = load_catalog(schemas)
    name = catalog.resolve_type(event_type)
    if name is None:
        raise ConfigError(
            f"there is no event type {event_type!r}; firehose-loader schema list shows all"
        )
    with TemporaryDirectory(prefix="firehose-rehearsal-") as folder:
        config = Config.model_validate(
            {
                "warehouse": {**_TARGETS[dialect], "schema": schema_name},
                "schemas": schemas,
                "spool": folder,
            }
        )
        path = Path(folder) / "drop.csv"
        _write_drop(path, catalog.latest(name))
        warehouse, seen = rehearsed(config)
        with closing(warehouse):
            warehouse.prepare()
            loader = Loader(warehouse, catalog, config, run_id="rehearsal")
            loader.load([_ready(path, name)])
            return list(seen)


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
        modified=datetime(2026, 1, 1, tzinfo=UTC),
        version="1",
    )
    return ReadyDrop(
        drop=drop, path=path, rules={"**": event_type}, confirm=lambda: None, max_bytes=2**20
    )
