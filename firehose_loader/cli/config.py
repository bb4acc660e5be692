"""``config``: what may stand in firehose.toml."""

from __future__ import annotations

import typer

from firehose_loader.cli.console import answer

app = typer.Typer(help="What may stand in firehose.toml.", no_args_is_help=True)


@app.callback()
def _config() -> None:
    """Keep `schema` a command of its own."""


@app.command()
def schema() -> None:
    """Print the JSON Schema of firehose.toml, for editors that complete and check TOML.

    \b
    Examples:
      firehose-loader config schema > firehose.schema.json
    """
    from firehose_loader.config import json_schema

    answer(json_schema())
