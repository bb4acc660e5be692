"""What a load tells of itself: counts by drop and by event type, which must balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from firehose_loader.errors import CountsDiffer
from firehose_loader.model import Reason, Receipt, RowCounts
from firehose_loader.protocols import StagedBatch
from firehose_loader.warehouse.merge import Unfit
from firehose_loader.warehouse.tables import Migration


def receipt_of(
    batch: StagedBatch,
    counts: Mapping[int, Mapping[int, RowCounts]],
    migrated: Mapping[str, Migration],
    *,
    forgotten: int,
) -> Receipt:
    """Sum up by drop and by event type, and hold the sums against what was parsed.

    Raises:
        CountsDiffer: a drop has rows that are not accounted for.
    """
    drops: dict[str, RowCounts] = {}
    events: dict[str, RowCounts] = {}
    event_rows: dict[str, Counter[str]] = {}
    for number, staged in enumerate(batch.drops):
        total = RowCounts()
        carried: Counter[str] = Counter()
        for type_no, of in counts.get(number, {}).items():
            total.add(of)
            carried[batch.event_types[type_no]] += of.parsed
            events.setdefault(batch.event_types[type_no], RowCounts()).add(of)
        reasons = [one.reason for one in staged.rejections if one.row is not None]
        if rejected := len(reasons):
            expired = reasons.count(Reason.EXPIRED)
            lost = RowCounts(parsed=rejected, quarantined=rejected - expired, expired=expired)
            total.add(lost)
            carried["unknown"] += rejected
            events.setdefault("unknown", RowCounts()).add(lost)
        if not staged.parsed == total.parsed == total.accounted:
            raise CountsDiffer(
                f"{staged.drop.key}: {staged.parsed} rows were parsed and {total.accounted} are"
                " accounted for; nothing of this batch was kept"
            )
        drops[staged.drop.drop_id] = total
        event_rows[staged.drop.drop_id] = carried
    return Receipt(
        drops=drops,
        events=events,
        event_rows=event_rows,
        forgotten=forgotten,
        tables_made=tuple(table for table, one in migrated.items() if one.made),
        columns_added={table: one.added for table, one in migrated.items() if one.added},
        columns_widened={table: one.widened for table, one in migrated.items() if one.widened},
    )


def forgotten_rows(batch: StagedBatch, unfit: Collection[Unfit]) -> int:
    """Count the rows that are set aside because they name people who were forgotten."""
    reasons = [Reason(reason) for _, _, _, reason, *_ in unfit]
    reasons += [one.reason for staged in batch.drops for one in staged.rejections]
    return reasons.count(Reason.FORGOTTEN)
