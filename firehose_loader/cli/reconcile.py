"""``reconcile``: whether a source and the ledger agree."""

from __future__ import annotations

from typing import Annotated

import typer

from firehose_loader.cli.console import answer, table, unlisted
from firehose_loader.cli.options import AsJson, ConfigFile, Into, Sources


def reconcile(
    sources: Sources = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    examples: Annotated[
        int, typer.Option("--examples", min=0, help="Most differences shown for each source.")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """List every source whole and compare it with the ledger. Nothing is changed.

    Exits with 6 where something at a source is not in the warehouse; run --full loads it.

    \b
    Examples:
      firehose-loader reconcile -c firehose.toml
      firehose-loader reconcile s3://my-dd-events/prod/ --into events.duckdb --json
    """
    from firehose_loader.config import load_config
    from firehose_loader.service.reconcile import Difference, reconcile
    from firehose_loader.summary import worst

    loaded = load_config(config, sources=tuple(sources or ()), into=into)
    found = list(reconcile(loaded, examples=examples))
    code = worst(one.exit_code for one in found)
    troubles = unlisted((one.source, one.error) for one in found)
    rows = [
        (one.source, each.drop.key, each.drop.version, str(each.difference))
        for one in found
        for each in one.examples
    ]
    counts = [
        (one.source, one.listed, one.agreed, *(one.differences[each] for each in Difference))
        for one in found
        if one.error is None
    ]
    if as_json:
        count_names = ("source", "listed", "agreed", *map(str, Difference))
        names = ("source", "drop", "version", "difference")
        answer(
            {
                "exit_code": int(code),
                "sources": [dict(zip(count_names, row, strict=True)) for row in counts],
                "differences": [dict(zip(names, row, strict=True)) for row in rows],
                "errors": troubles,
            }
        )
        raise typer.Exit(code)
    table(("source", "listed", "agreed", *map(str, Difference)), counts)
    if rows:
        print()
        table(("source", "drop", "version", "difference"), rows)
    raise typer.Exit(code)
