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
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        help="Folder to write the documents to, ready to review and commit.",
        show_default=False,
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace documents that are in the folder.")
]
