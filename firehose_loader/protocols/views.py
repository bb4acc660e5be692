"""What a warehouse tells of the views that it offers."""

from __future__ import annotations

from msgspec import Struct


class MadeView(Struct, frozen=True, kw_only=True):
    """One view of a warehouse."""

    name: str
    sql: str | None
    """The statement that makes it; None where there is no table yet that it could read."""
    without: tuple[str, ...] = ()
    """The event types among those that it counts whose table is not there yet."""
