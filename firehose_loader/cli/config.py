"""``config``: what may stand in firehose.toml."""

from __future__ import annotations

import sys

import typer

from firehose_loader.cli.console import answer

app = typer.Typer(help="What may stand in firehose.toml.", no_args_is_help=True)


@app.command()
def schema() -> None:
    """Print the JSON Schema of firehose.toml, for editors that complete and check TOML.

    \b
    Examples:
      firehose-loader config schema > firehose.schema.json
    """
    from firehose_loader.config import json_schema

    answer(json_schema())


@app.command()
def reference() -> None:
    """Print every key that firehose.toml may have, as Markdown.

    \b
    Examples:
      firehose-loader config reference | less
    """
    from firehose_loader.config.reference import reference as page

    sys.stdout.write(page())
