"""What became of the drops of one source: counted for the summary, told to whoever watches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, field

from firehose_loader.errors import DropError, FirehoseError, TransientError
from firehose_loader.external import Here
from firehose_loader.loader import Outcome
from firehose_loader.model import Drop, RowCounts
from firehose_loader.observe import (
    BatchLoaded,
    ColumnsAdded,
    ColumnsWidened,
    DropFailed,
    DropQuarantined,
    DropsDeparted,
    DropsOvertaken,
    DropsReadHere,
    DropTranscoded,
    NoticesLeft,
    Observer,
    RowsQuarantined,
    SourceFailed,
    SourceListed,
)
from firehose_loader.protocols import Action, Departure
from firehose_loader.summary import RunSummary, SourceSummary, Trouble
from firehose_loader.watch import Verdict


class Tally(Struct, frozen=True):
    """One source in one run."""

    name: str
    part: SourceSummary
    summary: RunSummary
    observe: Observer
    failed_drops: set[str] = field(default_factory=set)
    """Ids of the drops that could not be loaded."""

    def listed(self, counts: Counter[Verdict]) -> None:
        """Take in what a listing found."""
        found = {
            "listed": counts.total(),
            "new": counts[Verdict.NEW],
            "held": counts[Verdict.HELD] + counts[Verdict.TEMPORARY],
            "skipped": counts[Verdict.KNOWN] + counts[Verdict.EXCLUDED],
        }
        self.part.drops.update(found)
        self.observe(SourceListed(source=self.name, **found))

    def failed(self, error: FirehoseError) -> None:
        """Take in that the source could not be worked through."""
        self.summary.add_error(error, source=self.name)
        again = "; the next run tries again" if isinstance(error, TransientError) else ""
        self.observe(SourceFailed(source=self.name, message=f"{error}{again}"))

    def foreign(self, notices: int) -> None:
        """Take in that a queue holds what is not about this source."""
        self.observe(NoticesLeft(source=self.name, notices=notices))

    def drop_failed(self, drop: Drop, error: FirehoseError) -> None:
        """Take in that a drop could not be loaded."""
        self.failed_drops.add(drop.drop_id)
        self.part.drops["failed"] += 1
        self.summary.add_error(error, source=self.name, drop=drop.key)
        self.observe(
            DropFailed(source=self.name, drop_id=drop.drop_id, key=drop.key, message=str(error))
        )

    def loaded(self, outcome: Outcome, keys: Mapping[str, str], seconds: float) -> None:
        """Take in what became of a batch, whose drops have these keys by drop id."""
        for drop, error in outcome.failed:
            self.drop_failed(drop, error)
        self._tell_encodings(outcome)
        whole = {drop.drop_id for drop, _ in outcome.quarantined}
        for drop, rejection in outcome.quarantined:
            self.summary.errors.append(
                Trouble(
                    error=rejection.reason,
                    message=rejection.message,
                    source=self.name,
                    drop=drop.key,
                )
            )
            self.observe(
                DropQuarantined(
                    source=self.name, drop_id=drop.drop_id, key=drop.key, message=rejection.message
                )
            )
        if outcome.taken:
            self.part.drops["new"] -= len(outcome.taken)
            self.part.drops["skipped"] += len(outcome.taken)
            self.observe(DropsOvertaken(source=self.name, drops=len(outcome.taken)))
        for receipt in outcome.receipts:
            self.summary.add_receipt(self.part, receipt)
            self.part.drops["quarantined"] += len(whole & receipt.drops.keys())
            self.part.drops["loaded"] += len(receipt.drops.keys() - whole)
            for table, columns in receipt.columns_added.items():
                self.observe(ColumnsAdded(table=table, columns=columns))
            for table, columns in receipt.columns_widened.items():
                self.observe(ColumnsWidened(table=table, columns=columns))
            self._rows(receipt.drops, whole, keys, seconds)

    def read(self, drops: Mapping[Here | None, int]) -> None:
        """Take in how many drops the warehouse read by itself (None), and why it did not others."""
        for why, count in drops.items():
            self.part.read[why or "warehouse"] += count
            if why is not None:
                self.observe(
                    DropsReadHere(source=self.name, drops=count, why=why, message=why.message)
                )

    def departed(self, done: Sequence[Departure], errors: Sequence[DropError]) -> None:
        """Take in what became of loaded drops at their source."""
        for one in done:
            self.part.drops[one.action] += 1
        actions = [one.action for one in done]
        archived, deleted = actions.count(Action.ARCHIVED), actions.count(Action.DELETED)
        if archived or deleted:
            self.observe(DropsDeparted(source=self.name, archived=archived, deleted=deleted))
        for error in errors:
            self.failed(error)

    def _tell_encodings(self, outcome: Outcome) -> None:
        for drop, encoding in outcome.transcoded:
            self.part.encodings[encoding] += 1
            self.observe(
                DropTranscoded(
                    source=self.name,
                    drop_id=drop.drop_id,
                    key=drop.key,
                    message=f"read as {encoding}",
                )
            )

    def _rows(
        self,
        drops: Mapping[str, RowCounts],
        whole: Collection[str],
        keys: Mapping[str, str],
        seconds: float,
    ) -> None:
        total = RowCounts()
        for drop_id, counts in drops.items():
            total.add(counts)
            if counts.quarantined:
                self.observe(
                    RowsQuarantined(
                        source=self.name,
                        drop_id=drop_id,
                        key=keys[drop_id],
                        rows=counts.quarantined,
                    )
                )
        self.observe(
            BatchLoaded(
                source=self.name,
                drops=len(drops),
                rows=total,
                seconds=seconds,
                quarantined=len(drops.keys() & whole),
            )
        )
