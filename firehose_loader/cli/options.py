"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from firehose_loader.cli.story import LogFormat

Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE",
        help="Folders, URLs, or names of configured sources; without any, all configured ones.",
        show_default=False,
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="Configuration file; by default firehose.toml of the working directory.",
        show_default=False,
    ),
]
Into = Annotated[
    str | None,
    typer.Option(
        "--into",
        help="The warehouse: a path that ends in .duckdb, duckdb:///path, or snowflake://...",
        metavar="URL",
        show_default=False,
    ),
]
Log = Annotated[
    LogFormat,
    typer.Option("--log", help="How the story on stderr is told: for people, or as JSON lines."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Drops = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[DROP]...", help="Ids, keys, or parts of keys of drops.", show_default=False
    ),
]
OfDrop = Annotated[
    str | None,
    typer.Option(
        "--drop", help="Of this drop: its id, its key, or a part of its key.", show_default=False
    ),
]
OfSource = Annotated[
    str | None, typer.Option("--source", help="Of drops of this source.", show_default=False)
]
OfEventType = Annotated[
    str | None,
    typer.Option(
        "--event-type", help="Of this event type, such as email.open.", show_default=False
    ),
]
OfRun = Annotated[
    str | None, typer.Option("--run", help="Drops that this run loaded.", show_default=False)
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", help="Drops delivered then or later, UTC.", show_default=False),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", help="Drops delivered before then, UTC.", show_default=False),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
