"""``watch``: a process that looks at each source at its own rhythm."""

from __future__ import annotations

from typing import Annotated

import typer

from firehose_loader.cli.options import ConfigFile, Into, Log, Sources
from firehose_loader.cli.story import LogFormat, progress


def watch(  # noqa: PLR0913 - one parameter per option
    sources: Sources = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            help="Port for /healthz, /readyz and /metrics; 0 takes any that is free.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option("--host", help="Address that these are served at.", show_default=False),
    ] = None,
    log: Log = LogFormat.TEXT,
) -> None:
    """Load what is new at each source's rhythm, until it is stopped.

    A source is looked at behind each of its usual deliveries, and at least once an hour. What fails
    and may mend itself is tried again, with growing pauses. SIGTERM and Ctrl-C end it; a batch that
    is being loaded is rolled back and taken again by the next start.

    \b
    Examples:
      firehose-loader watch -c firehose.toml
      firehose-loader watch -c firehose.toml --host 0.0.0.0 --port 9464 --log json
    """
    from firehose_loader.config import load_config
    from firehose_loader.service.loop import Loop
    from firehose_loader.service.telemetry import telemetry

    given = {"port": port, "host": host}
    loaded = load_config(
        config,
        sources=tuple(sources or ()),
        into=into,
        tables={"watch": {name: value for name, value in given.items() if value is not None}},
    )
    with progress(log) as tell, telemetry(loaded, tell) as observe:
        Loop(loaded, observe).run()
