"""How answers and progress look: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from firehose_loader.errors import ConfigError
from firehose_loader.observe import (
    BatchLoaded,
    ColumnsAdded,
    ColumnsWidened,
    DropFailed,
    DropQuarantined,
    DropsDeparted,
    DropTranscoded,
    Event,
    NoticesLeft,
    Observer,
    RowsQuarantined,
    SourceFailed,
    SourceListed,
)


def answer(document: object) -> None:
    """Print a machine's answer."""
    print(json.dumps(document, indent=2, default=str))


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings; numbers to the right, control characters escaped."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        numeric = all(isinstance(row[number], int | float) for row in rows) and bool(rows)
        drawn.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(_cell(value)) for value in row))
    console = Console(file=sys.stdout, highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, highlight=False, width=200)
    console.print(drawn)


def confirm(what: str, *, yes: bool) -> None:
    """Have a person agree to what cannot be taken back; leave the command if they do not.

    Raises:
        ConfigError: nobody is there to be asked, and ``--yes`` was not given.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(f"{what}; nothing was changed: give --yes to have it done unasked")
    import typer

    if not typer.confirm(f"{printable(what)}. Go on?", err=True):
        print("nothing was changed", file=sys.stderr)
        raise typer.Exit


def printable(text: str) -> str:
    """Return a text in which nothing can steer a terminal."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "backslashreplace").decode()
        for sign in text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    )


@contextmanager
def progress() -> Iterator[Observer]:
    """Tell the story of a run on stderr."""
    if not sys.stderr.isatty():
        yield lambda event: print(printable(_line(event)), file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("drops"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("loading", total=0)

        def tell(event: Event) -> None:
            match event:
                case SourceListed():
                    bars.update(task, total=(bars.tasks[0].total or 0) + event.new)
                case BatchLoaded():
                    bars.advance(task, event.drops)
                case DropFailed():
                    bars.advance(task)
                case _:
                    pass
            bars.console.print(printable(_line(event)), markup=False, highlight=False)

        yield tell


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return printable(str(value))


def _line(event: Event) -> str:
    match event:
        case SourceListed():
            return (
                f"{event.source}: {event.listed} listed, {event.new} new, {event.held} held,"
                f" {event.skipped} skipped"
            )
        case BatchLoaded():
            rows = event.rows
            return (
                f"{event.source}: {event.drops} drops loaded in {event.seconds:.1f} s:"
                f" {rows.parsed} rows, {rows.inserted} inserted, {rows.updated} updated,"
                f" {rows.duplicate} duplicate, {rows.quarantined} quarantined"
            )
        case ColumnsAdded() | ColumnsWidened():
            return f"{event.table}: {event.what} columns {', '.join(event.columns)}"
        case DropQuarantined() | DropTranscoded() | DropFailed():
            return f"{event.source}: {event.key}: {event.what}: {event.message}"
        case RowsQuarantined():
            return f"{event.source}: {event.key}: {event.rows} rows quarantined"
        case DropsDeparted():
            return f"{event.source}: {event.archived} drops archived, {event.deleted} deleted"
        case SourceFailed() | NoticesLeft():
            return f"{event.source}: {event.message}"
