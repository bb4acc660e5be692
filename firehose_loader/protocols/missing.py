"""What a warehouse lacks that somebody else has to make in it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Missing(Struct, frozen=True, kw_only=True):
    """One thing that a run needs and that is not there."""

    what: str
    """Such as ``table email_open`` or ``column email_open.subject``, as the loader knows them."""
    statements: Sequence[str]
    """SQL that makes it, each statement without its semicolon."""
