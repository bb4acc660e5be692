"""``schema infer``: event schemas proposed from real drops."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Annotated

import typer

from firehose_loader.cli.console import answer, printable
from firehose_loader.cli.options import AsJson, ConfigFile
from firehose_loader.cli.schema.options import Folder, Output, Overwrite
from firehose_loader.cli.schema.write import put_out


def infer(  # noqa: PLR0913 - one argument for each option
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Drops: files, folders, globs or URLs.")
    ],
    event_type: Annotated[
        str | None,
        typer.Option(
            "--event-type",
            help="Take all rows for this event type, which may be new.",
            show_default=False,
        ),
    ] = None,
    config: ConfigFile = None,
    schemas: Folder = None,
    output: Output = None,
    *,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Propose event schemas from real drops, with the type of each new field and why.

    Fields that a schema knows keep their place; those that no schema knows get the type that all
    their values fit. Nothing is loaded.

    \b
    Examples:
      firehose-loader schema infer ./drops/email_open.csv
      firehose-loader schema infer './orders/*.json' --event-type shop.order --output my-schemas
    """
    from firehose_loader.config import load_config
    from firehose_loader.review.find import find_drops
    from firehose_loader.review.infer import infer as proposals
    from firehose_loader.schema.catalog import Catalog
    from firehose_loader.schema.gather import gather

    settings = {"schemas": schemas} if schemas else {}
    loaded = load_config(config, into="duckdb://:memory:", settings=settings)
    gathered = gather(loaded.schemas)
    gathered.refuse()
    catalog = Catalog(gathered.schemas.values())
    with ExitStack() as stack:
        ready = list(find_drops(files, loaded, catalog, limit=100, stack=stack))
        found = list(proposals(ready, gathered, catalog, loaded, event_type=event_type))
    documents = [one.document for one in found if one.document is not None]
    written = put_out(documents, output, overwrite=overwrite, as_json=as_json)
    if as_json:
        listed = [
            {
                "event_type": one.event_type,
                "rows": one.rows,
                "new_fields": dict(one.fields),
                "document": one.document,
            }
            for one in found
        ]
        answer({"proposals": listed, "written": written})
        return
    for one in found:
        new = f"{len(one.fields)} new fields" if one.fields else "no new field"
        print(f"{printable(one.event_type)}: {one.rows:,} rows, {new}", file=sys.stderr)
        for name, why in one.fields.items():
            print(f"  {printable(name)}: {printable(why)}", file=sys.stderr)
    if not found:
        print("no row could be loaded; see firehose-loader inspect", file=sys.stderr)
