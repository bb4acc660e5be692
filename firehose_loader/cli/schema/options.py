"""Options that several commands on schemas share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path | None,
    typer.Option(
        "--schemas",
        help="Folder of your own event schemas, as `schemas` in the configuration.",
        show_default=False,
    ),
]
