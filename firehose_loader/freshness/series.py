"""What is watched, and what can be said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from firehose_loader.freshness.slots import Slots
from firehose_loader.history import Arrival


class FreshState(StrEnum):
    """How a source, or one event type of it, keeps its rhythm. The worst comes first."""

    STALE = "stale"
    """No run has seen the source lately, so nothing newer can be known."""
    STOPPED = "stopped"
    """Several slots in which it usually comes are overdue, and nothing came since."""
    LATE = "late"
    """One or two are."""
    GAPS = "gaps"
    """It is up to date; slots before are missing."""
    CAUGHT_UP = "caught_up"
    """It is up to date, and nothing is missing; something came late."""
    OK = "ok"
    LEARNING = "learning"
    """There is too little history to tell what is usual."""
    UNTIMED = "untimed"
    """The source has no cadence, so nothing can be expected of it."""

    @property
    def is_trouble(self) -> bool:
        """Somebody should look."""
        return self in {FreshState.STALE, FreshState.STOPPED, FreshState.LATE, FreshState.GAPS}


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is not as usual."""

    state: FreshState
    source: str
    event_type: str | None
    """None: the source as a whole."""
    first: datetime
    """Time of the first slot that it is about; of a stale source, of the last look at it."""
    last: datetime
    slots: int
    message: str

    @property
    def cause(self) -> str:
        """What stays the same as long as it is the same thing."""
        return f"{self.source}/{self.event_type or '*'}/{self.first:%Y%m%dT%H%M}"


class Series(Struct, frozen=True, kw_only=True):
    """One event type of one source, or the source as a whole."""

    source: str
    event_type: str | None
    state: FreshState
    last_drop: datetime | None
    missing: int
    """Slots in the window that are missing."""
    late: int
    """Slots in the window whose first drop came late."""
    usually: datetime | None = None
    """A time at which a drop of it usually comes."""
    findings: Sequence[Finding] = ()
    slots: Slots | None = None
    """The slots of the window; None where nothing could be judged."""


class Watched(Struct, frozen=True, kw_only=True):
    """One source, as its configuration and the ledger tell of it."""

    name: str
    cadence: timedelta | None
    grace: timedelta | None
    """None: as its own past tells."""
    stale_after: timedelta | None
    """How long it may go without a look at it; None: for ever."""
    last_look: datetime | None
    """When a run listed it last without trouble."""
    arrivals: Sequence[Arrival]
    """The oldest first."""
    first_look: datetime | None = None
    """When the first run listed it without trouble that is on record."""
    newest: datetime | None = None
    """When its newest drop was delivered, though that be longer ago than all arrivals."""
    event_types: Callable[[Arrival], Iterable[str]] = field(
        default=lambda arrival: arrival.event_rows
    )
    """Which event types an arrival had."""
