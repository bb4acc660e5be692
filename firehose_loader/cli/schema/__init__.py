"""``schema``: look at event schemas, check them, compare them, write new ones."""

from __future__ import annotations

import typer

from firehose_loader.cli.schema import diff, export, infer, lint, look

app = typer.Typer(rich_markup_mode=None, help="Look at event schemas, check and write them.")
app.command("list")(look.list_schemas)
app.command("show")(look.show_schema)
app.command("lint")(lint.lint)
app.command("diff")(diff.diff)
app.command("infer")(infer.infer)
app.command("export")(export.export)
app.command("evidence")(export.evidence)
