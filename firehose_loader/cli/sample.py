"""``sample``: write drops to try things out with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from firehose_loader.cli.console import answer
from firehose_loader.cli.options import AsJson
from firehose_loader.sample.options import (
    Cadence,
    SampleCompression,
    SampleFormat,
    SampleLayout,
    SampleOptions,
)

_DEFAULTS = SampleOptions()


def sample(  # noqa: PLR0913 - one parameter per option
    folder: Annotated[Path, typer.Argument(help="Folder to write into; made where missing.")],
    *,
    events: Annotated[int, typer.Option(help="Distinct good events.")] = _DEFAULTS.events,
    drops: Annotated[int, typer.Option(help="Files.")] = _DEFAULTS.drops,
    event_type: Annotated[
        list[str] | None,
        typer.Option(
            "--event-type",
            help="Event type, such as email.open; may be given several times. Without it, all.",
            show_default=False,
        ),
    ] = None,
    formats: Annotated[
        SampleFormat, typer.Option("--format", help="Shape of the files.")
    ] = _DEFAULTS.formats,
    compression: Annotated[
        SampleCompression, typer.Option(help="How the files are packed.")
    ] = _DEFAULTS.compression,
    cadence: Annotated[
        Cadence, typer.Option(help="How often the feed delivers.")
    ] = _DEFAULTS.cadence,
    layout: Annotated[
        SampleLayout, typer.Option(help="Where the files lie and what tells their event type.")
    ] = _DEFAULTS.layout,
    start: Annotated[
        datetime | None,
        typer.Option(help="Beginning of the first slot, UTC.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = _DEFAULTS.seed,
    duplicates: Annotated[
        float, typer.Option(help="Share of rows that deliver an event once more.")
    ] = _DEFAULTS.duplicates,
    bad: Annotated[
        float, typer.Option(help="Share of rows that cannot be loaded.")
    ] = _DEFAULTS.bad,
    late: Annotated[
        float, typer.Option(help="Share of events that happened 1 to 72 hours before their slot.")
    ] = _DEFAULTS.late,
    drift: Annotated[
        bool, typer.Option("--drift", help="Change the fields half-way: new, gone, reordered.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier sample in the folder.")
    ] = False,
    schemas: Annotated[
        Path | None,
        typer.Option("--schemas", help="Folder of your own event schemas.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write realistic drops, and tell what a load of them must give.

    \b
    Examples:
      firehose-loader sample ./drops --events 20000 --drops 40 --duplicates 0.03 --bad 0.01
      firehose-loader sample ./drops --event-type email.open --format ndjson --compression gzip
      firehose-loader sample ./drops --drift --late 0.05 --seed 7 --json
    """
    from firehose_loader.sample.write import write_sample
    from firehose_loader.schema.catalog import load_catalog

    options = SampleOptions(
        events=events,
        drops=drops,
        event_types=tuple(event_type or ()),
        formats=formats,
        compression=compression,
        cadence=cadence,
        layout=layout,
        start=start or _DEFAULTS.start,
        seed=seed,
        duplicates=duplicates,
        bad=bad,
        late=late,
        drift=drift,
        overwrite=overwrite,
    )
    report = write_sample(folder, options, catalog=load_catalog(schemas))
    if as_json:
        answer(report.as_json())
        return
    print(
        f"{folder}: {report.drops} drops, {report.rows} rows: {report.events} events,"
        f" {report.duplicates} duplicates, {report.bad} bad"
    )
