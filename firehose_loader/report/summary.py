"""What a report says first: how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from msgspec import Struct

from firehose_loader.model import RowCounts
from firehose_loader.report.arrivals import Arrivals, arrivals_of
from firehose_loader.report.gather import Gathered
from firehose_loader.service.health import Finding


class Summary(Struct, frozen=True, dict=True):
    """The headline of a report."""

    gathered: Gathered
    arrivals: Sequence[Arrivals]

    @property
    def troubles(self) -> Sequence[Finding]:
        """What somebody should look at."""
        return [one for one in self.gathered.findings if one.is_trouble]

    @property
    def over(self) -> Sequence[Finding]:
        """What was not as usual, and is no trouble."""
        return [one for one in self.gathered.findings if not one.is_trouble]

    @property
    def news(self) -> Sequence[Finding]:
        """What is new, and neither."""
        until = self.gathered.period.until
        return [one for one in self.gathered.health.news if one.since <= until]

    @property
    def missing_slots(self) -> int:
        """Slots in which nothing of a source came though it usually does."""
        return sum(one.whole.absent for one in self.arrivals)

    @property
    def missing_types(self) -> int:
        """Slots in which an event type alone was missing, each event type counted."""
        return sum(line.absent for one in self.arrivals for line in one.types)

    @property
    def late_slots(self) -> int:
        """Slots whose drops came late, or those of an event type alone."""
        return sum(
            len(one.whole.late.keys() | {slot for line in one.types for slot in line.late})
            for one in self.arrivals
        )

    @property
    def held_rows(self) -> int:
        """Rows, and drops as a whole, that wait in quarantine."""
        return sum(one.rows for one in self.gathered.figures.held)

    @property
    def failed_drops(self) -> int:
        """Drops that could not be loaded when last tried."""
        return sum(one.failed or 0 for one in self.gathered.series)

    @property
    def last_drop(self) -> datetime | None:
        """When the newest drop was delivered; aware."""
        return max((one.last_drop for one in self.gathered.series if one.last_drop), default=None)

    @cached_property
    def rows(self) -> RowCounts:
        """Rows of the period, by what became of them."""
        total = RowCounts()
        for one in self.gathered.figures.hours:
            total.add(one.rows)
        return total

    @cached_property
    def drops(self) -> int:
        """Drops of the period."""
        return sum(one.drops for one in self.gathered.figures.hours)

    @property
    def headline(self) -> str:
        """How things stand, in one sentence."""
        troubles = len(self.troubles)
        if troubles:
            return f"{troubles} {'thing needs' if troubles == 1 else 'things need'} a look"
        if not self.gathered.series:
            return "Nothing was ever loaded"
        return "Nothing is missing, late or set aside"

    def document(self) -> dict[str, object]:
        """Return it as ``--json`` prints it."""
        period = self.gathered.period
        return {
            "at": self.gathered.at,
            "since": period.since,
            "until": period.until,
            "source": period.source,
            "missing_slots": self.missing_slots,
            "missing_types": self.missing_types,
            "late_slots": self.late_slots,
            "quarantined": self.held_rows,
            "failed_drops": self.failed_drops,
            "last_drop": self.last_drop,
            "drops": self.drops,
            "rows": self.rows.document(),
            "troubles": [
                {
                    "kind": one.kind,
                    "source": one.source,
                    "event_type": one.event_type,
                    "since": one.since,
                    "message": one.message,
                }
                for one in self.troubles
            ],
        }


def summary_of(gathered: Gathered) -> Summary:
    """Sum up what was read."""
    laid_out = [arrivals_of(one, found, gathered.period) for one, found in gathered.judged]
    return Summary(gathered=gathered, arrivals=[one for one in laid_out if one is not None])
