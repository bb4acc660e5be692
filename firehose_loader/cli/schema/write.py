"""Documents that a command proposes: to a folder, or to stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from firehose_loader.cli.console import printable

if TYPE_CHECKING:
    from firehose_loader.schema.writing import Document


def put_out(
    documents: Iterable[Document], output: Path | None, *, overwrite: bool, as_json: bool
) -> list[str]:
    """Write documents and return their files; without a folder, print them unless for machines."""
    from firehose_loader.schema.writing import document_text, write_document

    files = []
    for document in documents:
        if output is not None:
            files.append(str(write_document(output, document, overwrite=overwrite)))
        elif not as_json:
            print(document_text(document), end="")
    for file in files:
        print(f"written: {printable(file)}", file=sys.stderr)
    return files
