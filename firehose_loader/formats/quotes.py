"""Whether the quotes of a CSV drop pair up, told from their number alone."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from firehose_loader.model import Content

_CHUNK_BYTES = 1 << 20


def quotes_pair(path: Path, content: Content) -> bool:
    """Tell whether a drop holds an even number of quotes; False too where it cannot be unpacked.

    With an odd number, one quote is never closed. The engine's reader may then take all that
    follows, to the end of the file, for one value and drop it without noting a rejected line
    (DuckDB 2.0.1, when it reads several files): such a drop is for the strict parser.
    """
    quotes = 0
    try:
        with path.open("rb") as packed:
            file: BinaryIO = packed
            if content.compression == "gzip":
                file = cast("BinaryIO", gzip.GzipFile(fileobj=packed))
            elif content.compression == "zstd":
                reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
                file = cast("BinaryIO", reader)
            while chunk := file.read(_CHUNK_BYTES):
                quotes += chunk.count(b'"')
    except (EOFError, OSError, zlib.error, zstandard.ZstdError):
        return False
    return quotes % 2 == 0
