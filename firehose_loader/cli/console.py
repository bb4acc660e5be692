"""How answers look: tables and JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from firehose_loader.errors import ConfigError, FirehoseError

if TYPE_CHECKING:
    from firehose_loader.config import Config


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


def note_absent(config: Config) -> None:
    """Say on stderr that there is no such file yet, which else looks like one without a row."""
    path = getattr(config.warehouse, "path", None)
    if path is not None and config.warehouse.place != ":memory:" and not path.exists():
        print(printable(f"there is no {path} yet: nothing was loaded into it"), file=sys.stderr)


def unlisted(sources: Iterable[tuple[str, FirehoseError | None]]) -> list[dict[str, str]]:
    """Say which sources could not be listed, and why; return it for a machine."""
    troubles = []
    for source, error in sources:
        if error is not None:
            print(printable(f"error: {source}: {error}"), file=sys.stderr)
            name = type(error).__name__
            troubles.append({"source": source, "error": name, "message": str(error)})
    return troubles


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


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return printable(str(value))
