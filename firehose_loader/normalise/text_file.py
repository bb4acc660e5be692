"""What the engine's readers are given of a drop."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from firehose_loader.model import Content


class TextFile(Struct, frozen=True, kw_only=True):
    """One drop of the batch as a local file whose name holds no glob characters."""

    drop_no: int
    path: Path
    content: Content
    event_type: str | None = None
    """What is known of the event type of its rows beforehand: keeps unlike drops apart."""
    lines: int = 0
    """CSV: its physical lines."""
    size_bytes: int = 0
    """Of its text; of packed text that is not unpacked, as it is."""
