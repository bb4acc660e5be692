"""When a source is to be looked at: at its own rhythm, behind its usual delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

LONGEST = timedelta(hours=1)
"""A daily feed is looked at every hour too: a drop that is late need not wait for tomorrow."""


class Rhythm(Struct, frozen=True, kw_only=True):
    """Passes over one source."""

    every: timedelta
    behind: timedelta
    """How long after each multiple of ``every``, counted from midnight UTC."""

    def after(self, moment: datetime, *, jitter: float = 0.0) -> datetime:
        """Return the first pass later than a moment; ``jitter`` seconds are put on top."""
        length = self.every.total_seconds()
        behind = self.behind.total_seconds() % length
        passed = (moment.timestamp() - behind) // length
        due = datetime.fromtimestamp((passed + 1) * length + behind, UTC)
        return due + timedelta(seconds=jitter)


def rhythm_of(
    cadence: timedelta | None,
    *,
    every: timedelta,
    delay: timedelta,
    usual: datetime | None,
) -> Rhythm:
    """Return when to look at a source.

    Args:
        cadence: of the source; None: it has none, and is looked at ``every`` so often.
        every: see there.
        delay: how long behind the usual delivery of a drop.
        usual: one time at which a drop of it usually comes; None: not known yet.
    """
    length = min(cadence, LONGEST) if cadence else every
    offset = timedelta(seconds=usual.timestamp() % length.total_seconds()) if usual else timedelta()
    return Rhythm(every=length, behind=offset + delay)
