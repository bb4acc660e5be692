"""The quarantine in a warehouse: what is set aside, and what became of it since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from firehose_loader.engine import columns_of
from firehose_loader.history import HeldFilter, HeldRow, RetryReceipt
from firehose_loader.model import HeldState, Position, Reason, RowCounts
from firehose_loader.protocols import StagedBatch
from firehose_loader.warehouse.expire import Expired
from firehose_loader.warehouse.keys import stored_drop
from firehose_loader.warehouse.merge import Unfit
from firehose_loader.warehouse.session import Session

QUARANTINE = (
    "id",
    "drop_id",
    "row_no",
    "line",
    "byte_offset",
    "event_type",
    "schema_version",
    "reason",
    "field",
    "message",
    "raw",
    "context",
    "run_id",
    "quarantined_at",
    "state",
    "changed_at",
)
_FOUND = QUARANTINE[1:12]
"""What is known of a row that is set aside, without its id and what is the same for all."""
_HeldColumns = tuple[
    str, int | None, int | None, int | None, str | None, str | None, str, str | None, str, str,
    str | None,
    str, str, datetime, datetime | None,
    str, str, str, str, int, datetime,
]  # fmt: skip


class Quarantine:
    """Reads and writes ``_firehose_quarantine``; what belongs to a batch in its transaction."""

    def __init__(self, session: Session, qualified: Callable[[str], str]) -> None:
        self._session = session
        self._table = qualified("_firehose_quarantine")
        self._drops = qualified("_firehose_drops")
        self._expired = Expired(session, qualified)

    def add(
        self, batch: StagedBatch, unfit: Collection[Unfit], *, run_id: str, now: datetime
    ) -> None:
        """Keep the rows of a batch that cannot be loaded, with line, offset and raw text."""
        ids = [staged.drop.drop_id for staged in batch.drops]
        self._session.run("quarantine_forget", {"drop_id": ids}, table=self._table)
        rows = [*_rejected(batch), *_located(batch, unfit)]
        if rows:
            self._session.run(
                "quarantine_add",
                {**columns_of(rows, _FOUND), "run_id": run_id, "now": now},
                table=self._table,
            )

    def rows(self, wanted: HeldFilter, *, limit: int | None = None) -> Sequence[HeldRow]:
        """Return rows of the quarantine, by drop and row."""
        found = self._session.run(
            "held_rows",
            {**_parameters(wanted), "at_most": limit},
            quarantine=self._table,
            drops=self._drops,
        )
        return [_held(cast("_HeldColumns", row)) for row in found]

    def counts(self, wanted: HeldFilter) -> Mapping[Reason, int]:
        """Return how many rows are meant, by reason."""
        found = self._session.run("held_counts", _parameters(wanted), quarantine=self._table)
        return {Reason(reason): count for reason, count in cast("list[tuple[str, int]]", found)}

    def drops(self, wanted: HeldFilter) -> Mapping[str, int]:
        """Return how many rows are meant, by the id of their drop."""
        found = self._session.run("held_drops", _parameters(wanted), quarantine=self._table)
        return dict(cast("list[tuple[str, int]]", found))

    def settle(self, batch: StagedBatch, *, now: datetime) -> RetryReceipt:
        """Note on held rows that were merged again what they are now, and count them."""
        numbered = enumerate(staged.drop.drop_id for staged in batch.drops)
        numbers = columns_of(numbered, ("drop_no", "drop_id"))
        self._session.run("retry_begin", numbers, quarantine=self._table)
        for statement in ("retry_settle", "retry_conflicts"):
            self._session.run(statement, {"now": now}, quarantine=self._table)
        self._session.run("retry_amend", drops=self._drops)
        accepted = RowCounts()
        events: dict[str, RowCounts] = {}
        for type_no, fate, count in cast(
            "list[tuple[int, str, int]]", self._session.run("retry_counts")
        ):
            counts = RowCounts(parsed=count, **{fate: count})
            accepted.add(counts)
            events.setdefault(batch.event_types[type_no], RowCounts()).add(counts)
        expired = self._session.changed("retry_expired", numbers, quarantine=self._table)
        if expired:
            self._expired.remove_held()
            self._expired.account(run_id="retry", now=now)
            accepted.add(RowCounts(parsed=expired, expired=expired))
        given = sum(staged.parsed for staged in batch.drops)
        return RetryReceipt(accepted=accepted, events=events, still_held=given - accepted.parsed)

    def remove(self, wanted: HeldFilter, *, now: datetime) -> int:
        """Give up rows that are held; return how many."""
        parameters = {**_parameters(wanted), "now": now}
        return self._session.changed("held_remove", parameters, quarantine=self._table)


def _parameters(wanted: HeldFilter) -> dict[str, object]:
    def listed(values: Collection[str] | None) -> list[str] | None:
        return None if values is None else [str(value) for value in values]

    return {
        "ids": listed(wanted.ids),
        "drop_ids": listed(wanted.drop_ids),
        "reasons": listed(wanted.reasons),
        "event_type": wanted.event_type,
        "states": listed(wanted.states),
    }


def _held(row: _HeldColumns) -> HeldRow:
    held_id, row_no, line, offset, event_type, schema_version = row[:6]
    reason, field, message, raw, context = row[6:11]
    state, run_id, quarantined_at, changed_at = row[11:15]
    drop_id, source, key, version, size_bytes, modified = row[15:]
    return HeldRow(
        id=held_id,
        drop=stored_drop(drop_id, source, key, version, size_bytes, modified),
        row=row_no,
        line=line,
        byte_offset=offset,
        event_type=event_type,
        schema_version=schema_version,
        reason=Reason(reason),
        field=field,
        message=message,
        raw=raw,
        context=context,
        state=HeldState(state),
        run_id=run_id,
        quarantined_at=quarantined_at,
        changed_at=changed_at,
    )


def _rejected(batch: StagedBatch) -> Iterator[tuple[object, ...]]:
    """Yield quarantine rows for what never became a row of the engine."""
    for staged in batch.drops:
        for one in staged.rejections:
            if one.reason is Reason.EXPIRED:
                continue
            yield (
                staged.drop.drop_id,
                one.row,
                one.line,
                one.offset,
                None,
                None,
                str(one.reason),
                one.field,
                one.message,
                one.raw,
                None,
            )


def _located(batch: StagedBatch, unfit: Collection[Unfit]) -> Iterator[tuple[object, ...]]:
    """Yield quarantine rows for rows that were read, and look up where they stand."""
    versions = {table.type_no: str(table.schema.version) for table in batch.tables}
    by_drop: dict[int, list[Unfit]] = {}
    for one in unfit:
        by_drop.setdefault(one[0], []).append(one)
    for drop_no, rows in by_drop.items():
        kept = {row for _, row, _, reason, *_ in rows if reason != Reason.FORGOTTEN}
        positions = batch.locate(drop_no, kept) if kept else {}
        for _, row, type_no, reason, field, message in rows:
            at = positions.get(row, Position(line=None, offset=None, raw=""))
            yield (
                batch.drops[drop_no].drop.drop_id,
                row,
                at.line,
                at.offset,
                batch.event_types[type_no],
                versions.get(type_no),
                reason,
                field,
                message,
                at.raw,
                at.context,
            )
