"""``schema export`` and ``schema evidence``: what a warehouse knows of the feed, as documents."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from firehose_loader.cli.console import answer, printable, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into
from firehose_loader.cli.schema.options import Folder, Output, Overwrite
from firehose_loader.cli.schema.write import put_out

if TYPE_CHECKING:  # imported late, so that --help does not wait for them
    from firehose_loader.protocols import Warehouse
    from firehose_loader.review.evidence import Evidence, TypeEvidence
    from firehose_loader.schema.catalog import Catalog
    from firehose_loader.schema.gather import Gathered
    from firehose_loader.schema.model import EventSchema

EventTypes = Annotated[
    list[str] | None,
    typer.Argument(metavar="EVENT_TYPE", help="Event types; without any, all.", show_default=False),
]


class Loaded(Struct, frozen=True, kw_only=True):
    """A warehouse to read, and the schemas that it is held against."""

    warehouse: Warehouse
    evidence: Evidence
    gathered: Gathered
    catalog: Catalog

    def newest(self, asked: list[str] | None) -> list[EventSchema]:
        """Return the newest version of each model of the event types asked for, or of all."""
        names = {self.catalog.resolve_type(name) or name for name in asked or ()}
        for name in names:
            self.catalog.versions(name)  # raises where there is no such type
        models = {(one.event_type, one.version.model): one for one in self.catalog}
        return [one for (name, _), one in models.items() if not names or name in names]


@contextmanager
def opened(into: str | None, config: Path | None, schemas: Path | None) -> Iterator[Loaded]:
    """Open a warehouse to look at what was loaded."""
    from firehose_loader.config import load_config
    from firehose_loader.review.evidence import Evidence
    from firehose_loader.schema.catalog import Catalog
    from firehose_loader.schema.gather import gather
    from firehose_loader.warehouse import open_warehouse

    settings = {"schemas": schemas} if schemas else {}
    loaded = load_config(config, into=into, settings=settings)
    gathered = gather(loaded.schemas)
    gathered.refuse()
    with closing(open_warehouse(loaded, read_only=True)) as warehouse:
        yield Loaded(
            warehouse=warehouse,
            evidence=Evidence(warehouse),
            gathered=gathered,
            catalog=Catalog(gathered.schemas.values()),
        )


def export(  # noqa: PLR0913 - one argument for each option
    event_types: EventTypes = None,
    into: Into = None,
    config: ConfigFile = None,
    schemas: Folder = None,
    output: Output = None,
    *,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Write what the feed added to event schemas as documents, one for each recorded version.

    Put them into your own folder of schemas: the loader then knows these fields from files that you
    can review, describe and commit.

    \b
    Examples:
      firehose-loader schema export --into events.duckdb --output my-schemas
      firehose-loader schema export email.open --into events.duckdb
    """
    from firehose_loader.review.correct import exported

    with opened(into, config, schemas) as loaded:
        additions = loaded.warehouse.additions()
        documents = [
            document
            for schema in loaded.newest(event_types)
            for document in exported(additions, schema, loaded.gathered)
        ]
    files = put_out(documents, output, overwrite=overwrite, as_json=as_json)
    if as_json:
        answer({"documents": documents, "written": files})
    elif not documents:
        print("the feed added nothing that is not on file", file=sys.stderr)


def evidence(  # noqa: PLR0913 - one argument for each option
    event_types: EventTypes = None,
    into: Into = None,
    config: ConfigFile = None,
    schemas: Folder = None,
    output: Output = None,
    *,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Compare what event schemas say with what the feed really sent.

    Tells of each field whether it is confirmed, absent, of another type, spelled otherwise, no
    longer sent or new. With --output, writes corrected versions, ready to review and commit.

    \b
    Examples:
      firehose-loader schema evidence --into events.duckdb
      firehose-loader schema evidence email.open --into events.duckdb --output my-schemas
    """
    from firehose_loader.review.correct import corrected

    with opened(into, config, schemas) as loaded:
        found = list(loaded.evidence.of(loaded.newest(event_types)))
        documents = [
            document for one in found if (document := corrected(one, loaded.gathered)) is not None
        ]
    files = []
    if output is not None:
        files = put_out(documents, output, overwrite=overwrite, as_json=as_json)
    if as_json:
        listed = [_as_document(one) for one in found]
        answer({"event_types": listed, "corrected": documents, "written": files})
        return
    if not found:
        print("nothing was loaded yet")
    for one in found:
        _tell(one)


def _as_document(one: TypeEvidence) -> dict[str, object]:
    return {
        "event_type": one.schema.event_type,
        "version": str(one.schema.version),
        "rows": one.rows,
        "new_event_types": dict(one.named),
        "fields": [
            {
                "field": of.field.name,
                "column": of.field.column,
                "type": str(of.field.type),
                "evidence": of.field.evidence,
                "verdict": str(of.verdict),
                "filled": of.filled,
                "last_filled": of.last_filled,
                "spelled": list(of.spelled),
                "misfits": of.misfits,
                "better_type": of.better_type and str(of.better_type),
                "sample": of.sample,
                "message": of.message,
            }
            for of in one.fields
        ],
    }


def _tell(one: TypeEvidence) -> None:
    print(f"{one.schema.event_type} {one.schema.version}: {one.rows:,} rows")
    for name, rows in one.named.items():
        print(printable(f"  a new event type: {name}, {rows:,} rows; see schema infer"))
    table(
        ("field", "type", "was", "is", "filled", "why"),
        [
            (
                of.field.name,
                str(of.field.type),
                of.field.evidence,
                str(of.verdict),
                of.filled,
                of.message,
            )
            for of in one.fields
        ],
    )
    print()
