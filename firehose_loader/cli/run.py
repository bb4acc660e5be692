"""``run`` and ``plan``: load what is new, or tell what would be."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, printable, table, unlisted
from firehose_loader.cli.costs import COST_HEADINGS, cost_rows
from firehose_loader.cli.options import AsJson, ConfigFile, Into, Log, Sources
from firehose_loader.cli.story import LogFormat, progress
from firehose_loader.errors import ExitCode

if TYPE_CHECKING:  # late, so that --help is quick
    from firehose_loader.summary import RunSummary

_EVIDENCE = {
    "inferred": "are inferred from other interfaces of Dotdigital",
    "observed": "were unknown and got a column",
}


def run(  # noqa: PLR0913 - one parameter per option
    sources: Sources = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    full: Annotated[
        bool,
        typer.Option("--full", help="List all that there is, whatever prefix and notify say."),
    ] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Load at once, whatever merge_every says.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 if anything was quarantined.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Tell seconds and bytes of each step.")
    ] = False,
    log: Log = LogFormat.TEXT,
    as_json: AsJson = False,
) -> None:
    """Load every drop that is new, once: one pass over the sources.

    \b
    Examples:
      firehose-loader run ./drops --into events.duckdb
      firehose-loader run s3://my-dd-events/prod/ --into events.duckdb
      firehose-loader run -c firehose.toml --strict --json
      firehose-loader run ./drops --into events.duckdb --profile
      firehose-loader run -c firehose.toml --now
    """
    from firehose_loader import service
    from firehose_loader.config import load_config
    from firehose_loader.observe import Troubles
    from firehose_loader.service.aftermath import aftermath
    from firehose_loader.service.telemetry import telemetry

    loaded = load_config(config, sources=tuple(sources or ()), into=into)
    with progress(log) as tell, telemetry(loaded, tell) as observe:
        summary = service.run(loaded, observe, everything=full, at_once=now)
        if summary.put_off_until is None:  # else, telling of it would wake the warehouse
            aftermath(loaded, Troubles(observe))
    code = summary.exit_code
    if strict and code is ExitCode.OK and summary.set_aside:
        code = ExitCode.QUARANTINE
    if as_json:
        told = summary.as_json(exit_code=code)
        answer({**told, "profile": summary.steps.as_json()} if profile else told)
    elif summary.put_off_until is not None:
        print(
            f"{summary.drops['listed']} drops listed, {summary.drops['waiting']} came since the"
            f" last merge; the next one is due at {summary.put_off_until:%Y-%m-%d %H:%M} UTC"
            " (merge_every), or with --now"
        )
    else:
        _tell(summary, profile=profile)
    raise typer.Exit(code)


def _tell(summary: RunSummary, *, profile: bool) -> None:
    rows, drops = summary.rows, summary.drops
    if summary.events:
        table(
            ("event type", "inserted", "updated", "duplicate", "quarantined"),
            [
                (name, of.inserted, of.updated, of.duplicate, of.quarantined)
                for name, of in sorted(summary.events.items())
            ],
        )
    print(
        f"{summary.status}: {drops['listed']} drops listed, {drops['new']} new,"
        f" {drops['loaded']} loaded, {drops['quarantined']} quarantined,"
        f" {drops['failed']} failed; {rows.parsed} rows: {rows.fates};"
        f" {summary.seconds:.1f} s"
    )
    _tell_assumed(summary.assumed)
    if not profile:
        return
    table(
        ("step", "seconds", "bytes"),
        [
            (name, f"{step['seconds']:.2f}", step["bytes"])
            for name, step in summary.steps.as_json().items()
        ],
    )
    if summary.costs is not None:
        table(COST_HEADINGS, cost_rows(summary.costs))


def _tell_assumed(assumed: Mapping[str, Mapping[str, int]]) -> None:
    """Say, when event types got their table, what was taken for granted about them."""
    unsure = {name: of for name, of in sorted(assumed.items()) if of.keys() - {"known"}}
    if not unsure:
        return
    print("\nassumed, for event types that came for the first time:", file=sys.stderr)
    for name, of in unsure.items():
        told = ", ".join(
            f"{of[evidence]} {said}" for evidence, said in _EVIDENCE.items() if of.get(evidence)
        )
        print(f"  {printable(name)}: of its fields, {told}", file=sys.stderr)
    print(
        "Nothing is lost where that is wrong: unknown fields have columns of their own, and values"
        " that do not fit are in _rescued.\n"
        "  firehose-loader schema evidence   compares this with what the feed sent\n"
        "  firehose-loader inspect DROP      shows what one drop was taken for, and why",
        file=sys.stderr,
    )


def plan(
    sources: Sources = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell which drops the next run would load, and why not the others. Nothing is changed.

    \b
    Examples:
      firehose-loader plan ./drops --into events.duckdb
      firehose-loader plan -c firehose.toml --json
    """
    from firehose_loader import service
    from firehose_loader.config import load_config
    from firehose_loader.summary import worst

    loaded = load_config(config, sources=tuple(sources or ()), into=into)
    planned = list(service.plan(loaded))
    code = worst(each.error.exit_code for each in planned if each.error is not None)
    troubles = unlisted((each.source.name, each.error) for each in planned)
    rows = [
        (
            *(each.source.name, one.drop.key, one.drop.size_bytes, one.drop.modified),
            *(one.verdict, one.why),
        )
        for each in planned
        for one in each.drops
    ]
    new = sum(row[4] == "new" for row in rows)
    if as_json:
        names = ("source", "drop", "size_bytes", "modified", "verdict", "why")
        drops = [dict(zip(names, row, strict=True)) for row in rows]
        answer({"listed": len(rows), "new": new, "drops": drops, "errors": troubles})
        raise typer.Exit(code)
    table(
        ("source", "drop", "bytes", "modified", "verdict", "why"),
        [(*row[:3], f"{row[3]:%Y-%m-%d %H:%M:%S}", *row[4:]) for row in rows],
    )
    print(f"{len(rows)} drops listed, {new} would be loaded")
    raise typer.Exit(code)
