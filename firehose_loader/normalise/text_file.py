"""What the engine's readers are given of a drop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from firehose_loader.model import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
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
