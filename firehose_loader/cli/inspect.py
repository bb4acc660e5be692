"""``inspect``: what a drop is and what would become of it; nothing is loaded."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, printable, table
from firehose_loader.cli.options import AsJson, ConfigFile
from firehose_loader.cli.schema.options import Folder
from firehose_loader.model import as_dict

if TYPE_CHECKING:  # imported late, so that --help does not wait for the engine
    from firehose_loader.review.look import DropLook, TypeLook

_STATES = ("known", "inferred", "observed", "unknown", "missing")


def inspect(  # noqa: PLR0913 - one argument for each option
    drops: Annotated[
        list[str],
        typer.Argument(metavar="DROP", help="Files, folders, globs, or URLs of these."),
    ],
    config: ConfigFile = None,
    schemas: Folder = None,
    *,
    rows: Annotated[
        int, typer.Option("--rows", help="Rows to show of each event type.", min=0)
    ] = 2,
    limit: Annotated[
        int, typer.Option("--limit", help="Most drops to look at in one folder.", min=1)
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Tell what drops are and what would become of them. Nothing is loaded; no warehouse is needed.

    Shows what was recognised, which event types and schema versions match and why, which fields
    are known, inferred, unknown or missing, how rows would land, and what would be quarantined.
    Personal data and texts that no schema knows are masked.

    \b
    Examples:
      firehose-loader inspect ./drops/email_open.csv
      firehose-loader inspect s3://my-dd-events/prod/email.open/2026-01-05.csv.gz
      firehose-loader inspect './drops/**/*.json' --limit 3 --json
    """
    from firehose_loader.config import load_config
    from firehose_loader.review.find import find_drops
    from firehose_loader.review.look import look
    from firehose_loader.schema.catalog import load_catalog

    settings = {"schemas": schemas} if schemas else {}
    loaded = load_config(config, into="duckdb://:memory:", settings=settings)
    catalog = load_catalog(loaded.schemas)
    found = []
    with ExitStack() as stack:
        for ready in find_drops(drops, loaded, catalog, limit=limit, stack=stack):
            one = look(ready, catalog, loaded, rows=rows)
            found.append(one)
            if not as_json:
                _tell(one)
    if as_json:
        answer({"drops": [as_document(one) for one in found]})


def as_document(one: DropLook) -> dict[str, object]:
    """Return what is known of a drop, as ``--json`` prints it."""
    counts = one.counts
    return {
        "drop": one.key,
        "size_bytes": one.size_bytes,
        "content": None if one.content is None else as_dict(one.content),
        "failed": one.failed,
        "rows": {
            "parsed": counts.parsed,
            "inserted": counts.inserted,
            "duplicate": counts.duplicate,
            "quarantined": counts.quarantined,
            "expired": counts.expired,
        },
        "event_types": [as_dict(of) for of in one.types],
        "set_aside": [as_dict(row) for row in one.set_aside],
    }


def _tell(one: DropLook) -> None:
    print(printable(one.key))
    print(f"  {one.size_bytes:,} bytes: {_recognised(one)}")
    if one.failed:
        print(f"  would fail, and be tried again: {printable(one.failed)}")
    counts = one.counts
    print(
        f"  {counts.parsed:,} rows: {counts.inserted:,} would be loaded,"
        f" {counts.duplicate:,} are duplicates, {counts.quarantined:,} would be quarantined"
        f"{f', {counts.expired:,} are older than their retention' if counts.expired else ''}"
    )
    for of in one.types:
        _tell_type(of)
    if one.set_aside:
        print("\n  set aside")
        table(
            ("row", "line", "event type", "reason", "field", "why", "text, masked"),
            [
                (row.row, row.line, row.event_type, row.reason, row.field, row.message, row.text)
                for row in one.set_aside
            ],
        )
    print()


def _recognised(one: DropLook) -> str:
    content = one.content
    if content is None:
        return "not recognised"
    words = [str(content.format), content.encoding + (" with a BOM" if content.bom else "")]
    if content.compression != "none":
        words.insert(0, content.compression)
    if content.delimiter:
        words.append(f"delimiter {content.delimiter!r}")
    if content.header:
        words.append(f"{len(content.header)} fields")
    if not content.fast:
        words.append("read by the strict parser")
    return ", ".join(words)


def _tell_type(of: TypeLook) -> None:
    versions = ", ".join(f"{version} ({rows:,} rows)" for version, rows in of.versions.items())
    print(f"\n  {of.event_type}, because of this: {printable(of.why)}")
    states = Counter(field.state for field in of.fields)
    told = ", ".join(f"{states[state]} {state}" for state in _STATES if states[state])
    print(f"  table {of.table}, version {versions}; fields: {told}")
    table(
        (
            "field",
            "column",
            "type",
            "is",
            "in the drop",
            "filled",
            "rescued",
            "a value, masked",
            "why",
        ),
        [
            (
                field.name,
                field.column,
                field.type,
                field.state,
                ", ".join(field.spelled),
                field.filled,
                field.rescued,
                field.sample,
                field.why,
            )
            for field in sorted(of.fields, key=lambda field: field.state == "missing")
        ],
    )
    for row in of.samples:
        print(f"  would land as {printable(json.dumps(row, ensure_ascii=False))}")
