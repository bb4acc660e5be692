"""``views``: make the views that answer what marketing asks."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into

if TYPE_CHECKING:
    from firehose_loader.protocols import MadeView


def views(
    into: Into = None,
    config: ConfigFile = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the statements; make nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the views that answer what marketing asks: funnels, contacts, links, roll-ups.

    Views whose tables are not there yet are left out. Safe to repeat; from then on runs make the
    views anew by themselves when a table or column comes.

    \b
    Examples:
      firehose-loader views --into events.duckdb
      firehose-loader views --dry-run > views.sql
      firehose-loader views -c firehose.toml --json
    """
    from firehose_loader.aftercare import check_loaded
    from firehose_loader.config import load_config
    from firehose_loader.warehouse import open_warehouse

    loaded = load_config(config, into=into)
    if not dry_run:
        check_loaded(loaded)
    with closing(open_warehouse(loaded, read_only=dry_run)) as warehouse:
        found = warehouse.install_views(preview=dry_run)
    if as_json:
        answer({"views": [_document(one, dry_run=dry_run) for one in found]})
    elif dry_run:
        for one in found:
            print(f"{one.sql};\n" if one.sql else f"-- {one.name} is left out: {_why(one)}\n")
    else:
        states = [("made" if one.sql else "left out", _why(one)) for one in found]
        table(
            ("view", "state", "why"),
            [(one.name, *state) for one, state in zip(found, states, strict=True)],
        )


def _document(one: MadeView, *, dry_run: bool) -> dict[str, object]:
    state = "left out" if one.sql is None else "would be made" if dry_run else "made"
    return {
        "view": one.name,
        "state": state,
        "without": one.without,
        "why": _why(one),
        "sql": one.sql,
    }


def _why(one: MadeView) -> str:
    """Say what a view lacks; empty where it lacks nothing."""
    if one.sql is None and not one.without:
        return "there is no event table yet"
    if not one.without:
        return ""
    said = "there is no table yet of" if one.sql is None else "counts none of, for want of tables:"
    return f"{said} {', '.join(one.without)}"
