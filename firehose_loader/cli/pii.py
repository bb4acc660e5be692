"""``pii rekey``: bring what was hashed with older keys under the key in use."""

from __future__ import annotations

from typing import Annotated

import typer

from firehose_loader.cli.console import answer, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into

app = typer.Typer(rich_markup_mode=None, help="Work on personal data that was loaded.")


@app.callback()
def group() -> None:
    """Work on personal data that was loaded."""


@app.command("rekey")
def rekey(
    into: Into = None,
    config: ConfigFile = None,
    *,
    preview: Annotated[
        bool, typer.Option("--preview", help="Tell what would be done, and do nothing.")
    ] = False,
    unchecked: Annotated[
        bool,
        typer.Option(
            "--unchecked",
            help="Go on where it cannot be told whether rows were changed by hand since.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hash again, with the key in use, what was hashed with older ones.

    The values themselves are stored nowhere, so the drops are read again, as replay does, with all
    others that brought the same events. Drops that are no longer at their source are told: their
    hashes stay as they are.

    \b
    Examples:
      firehose-loader pii rekey --preview
      firehose-loader pii rekey --into events.duckdb --json
    """
    from firehose_loader.aftercare.rekeying import rekey as bring_under_key
    from firehose_loader.config import load_config

    report = bring_under_key(load_config(config, into=into), preview=preview, unchecked=unchecked)
    drops = [
        {
            "drop_id": one.record.drop.drop_id,
            "source": one.record.drop.source,
            "drop": one.record.drop.key,
            "rows": one.rows,
            "gone": one.gone,
        }
        for one in report.drops
    ]
    gone = [one for one in drops if one["gone"]]
    if as_json:
        answer(
            {
                "preview": preview,
                "key_id": report.key_id,
                "drops": drops,
                "replayed": report.replayed.drops,
                "failed": [list(one) for one in report.replayed.failed],
            }
        )
        return
    if not drops:
        print(f"nothing is hashed with another key than {report.key_id!r}")
        return
    print(
        f"{len(drops)} drops brought rows that are hashed with older keys: {len(drops) - len(gone)}"
        f" {'would be' if preview else 'were'} read again under {report.key_id!r},"
        f" {len(gone)} cannot be"
    )
    if gone:
        table(tuple(gone[0]), [tuple(one.values()) for one in gone])
