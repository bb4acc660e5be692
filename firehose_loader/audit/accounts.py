"""Hold what a warehouse has of a batch of drops against the rows of their files, in the engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple, cast

from firehose_loader.audit.report import AuditReport, Difference, Kind
from firehose_loader.engine import Engine, columns_of
from firehose_loader.history import DropRecord
from firehose_loader.model import DropState
from firehose_loader.protocols import Warehouse

_CHECKS = (
    "audit_missing",
    "audit_extra",
    "audit_twice",
    "audit_unpaired",
    "audit_lost",
    "audit_counts",
)
_COUNTS = (
    "parsed",
    "inserted",
    "updated",
    "identical",
    "superseded",
    "conflicting",
    "quarantined",
    "expired",
)


class Found(NamedTuple):
    """A difference as the engine tells it."""

    kind: str
    drop_id: str
    row: int | None
    what: str
    written: str | None
    found: str | None


def hold_together(
    warehouse: Warehouse, records: Collection[DropRecord], file_rows: Mapping[str, int]
) -> None:
    """Find every row of drops that is not accounted for exactly once, and every wrong count.

    What is found goes into the engine's temporary table ``audit_found``; ``told`` reports it.

    Args:
        warehouse: where the drops were loaded.
        records: what its ledger says of them.
        file_rows: by drop id, how many rows the file has. For a drop that is not among them the
            ledger's word is taken.
    """
    engine = warehouse.engine()
    warehouse.bring_accounts([one.drop.drop_id for one in records])
    drops = [
        (
            one.drop.drop_id,
            one.state is DropState.LOADED,
            one.state is DropState.QUARANTINED,
            file_rows.get(one.drop.drop_id, one.rows.parsed),
            *(getattr(one.rows, name) for name in _COUNTS),
        )
        for one in records
    ]
    names = ("drop_id", "carries_rows", "is_whole", "rows_there", *_COUNTS)
    engine.run("audit_drops", columns_of(drops, names))
    engine.run("audit_fates")
    engine.run("audit_begin")
    for statement in _CHECKS:
        engine.run(statement)


def told(
    engine: Engine,
    records: Collection[DropRecord],
    file_rows: Mapping[str, int],
    report: AuditReport,
) -> int:
    """Report what was found in a batch; return in how many of its drops."""
    totals = cast("list[tuple[str, int, int]]", engine.run("audit_total"))
    if not totals:
        return 0
    by_id = {one.drop.drop_id: one for one in records}
    report.found.update({Kind(kind): count for kind, count, _ in totals})
    left = max(0, report.limit - len(report.differences))
    for row in cast("list[Found]", engine.run("audit_examples", {"at_most": left})):
        one = Found(*row)
        record = by_id[one.drop_id]
        report.differences.append(
            Difference(
                kind=Kind(one.kind),
                source=record.drop.source,
                drop=record.drop.key,
                drop_id=one.drop_id,
                row=one.row,
                column=one.what if one.kind in _OF_A_COLUMN else None,
                message=message(one, record.state, file_rows.get(one.drop_id, record.rows.parsed)),
            )
        )
    return totals[0][2]


def message(one: Found, state: DropState | None = None, rows: int | None = None) -> str:
    """Say what differs, in a sentence that follows drop and row."""
    told = {name: "nothing" if value is None else value for name, value in one._asdict().items()}
    return _MESSAGES[Kind(one.kind)].format(**told, state=state, rows=rows)


_OF_A_COLUMN = {Kind.COUNT, Kind.CELL, Kind.SET_ASIDE}
_MESSAGES = {
    Kind.MISSING: "no table, no duplicate and nothing in quarantine accounts for it",
    Kind.EXTRA: "{what} has it, though the drop is {state} with {rows} rows",
    Kind.TWICE: "it is accounted for more than once: {what}",
    Kind.CONFLICT: "it is noted as a conflict, and {what} does not say so",
    Kind.LOST: "it counts as {written}, and {what} has no event {found}",
    Kind.COUNT: "the ledger counts {written}, and {found} are there",
    Kind.STRANGER: "{what} has it, and the ledger does not know its drop",
    Kind.PLACE: "{what} has it, and by its file its place is {written}",
    Kind.CELL: "its file gives {written}, and {found} is stored",
    Kind.SET_ASIDE: "its file gives {written}, and {found} is noted in quarantine",
}
