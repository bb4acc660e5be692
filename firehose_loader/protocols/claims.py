"""Who works through a source."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct


class Claim(Struct, frozen=True, kw_only=True):
    """A run works through a source, and says so. Times are naive UTC."""

    source: str
    holder: str
    """Machine and process: ``host:pid``."""
    run_id: str
    since: datetime
    expires_at: datetime
    """When it counts for nothing any more, unless it is renewed."""


class SourceClaims(Protocol):
    """Who works through which source."""

    def take(self, sources: Collection[str], *, run_id: str, lease: timedelta) -> Claim | None:
        """Say that a run works through all of these sources, for a while.

        Claims that are past their time, and those of processes of this machine that are no more,
        count for nothing. Safe to repeat.

        Returns:
            Who works through one of them already; nothing is claimed then. None: all are.
        """

    def renew(self, run_id: str, *, lease: timedelta) -> None:
        """Have the claims of a run last for another while."""

    def end(self, run_id: str) -> None:
        """Give up the claims of a run. Safe to repeat."""
