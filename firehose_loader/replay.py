"""Load drops again from their source files: take each out, and load it as if it were new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, field

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.errors import DropChanged, DropMissing, UndoRefused
from firehose_loader.fetch import Fetched
from firehose_loader.history import DropFilter, DropRecord
from firehose_loader.loader import Loader
from firehose_loader.model import RowCounts
from firehose_loader.protocols import Storage, Warehouse


class ReplayReport(Struct, kw_only=True):
    """What a replay did."""

    drops: int = 0
    rows: RowCounts = field(default_factory=RowCounts)
    quarantined: int = 0
    """Drops set aside as a whole."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Key and reason; the next run tries these again."""
    overwritten: list[str] = field(default_factory=list)
    """Ids of drops that were left out: of their keys a later version was replayed."""
    stayed: int = 0
    """Rows whose event stands as a drop brought it that was not replayed."""
    stayed_with: list[str] = field(default_factory=list)
    """The keys of these drops."""


def replayable(records: Sequence[DropRecord], report: ReplayReport) -> list[DropRecord]:
    """Return the drops without those of which a later version is among them: these are no more."""
    ids = {one.drop.drop_id for one in records}
    report.overwritten += [one.drop.drop_id for one in records if one.newer in ids]
    return [one for one in records if one.newer not in ids]


def check(storage: Storage, drops: Iterable[DropRecord], archived: Mapping[str, str]) -> None:
    """Make sure that the file of every drop is there as it was.

    Args:
        storage: where the drops lie.
        drops: those to be replayed.
        archived: by drop id, where they were archived.

    Raises:
        DropMissing, DropChanged: with what can be done instead; nothing was changed.
    """
    for one in drops:
        try:
            storage.open(one.drop, end=0).close()
        except DropMissing as error:
            if (place := archived.get(one.drop.drop_id)) is not None:
                raise DropMissing(
                    f"{one.drop.key!r} ({one.drop.drop_id}) was archived, to {place!r}, and is read"
                    " only where it was delivered: move it back, with its time, and replay it"
                    " again. Nothing was changed"
                ) from error
            raise DropMissing(
                f"{one.drop.key!r} ({one.drop.drop_id}) is gone from its source, so it cannot be"
                f" replayed: {error}. Its held rows can be retried with firehose-loader quarantine"
                f" retry --drop {one.drop.drop_id}; nothing was changed"
            ) from error
        except DropChanged as error:
            raise DropChanged(
                f"{one.drop.key!r} ({one.drop.drop_id}) has changed since it was loaded, so it"
                f" cannot be replayed: {error}. The new content is a drop of its own, which"
                " firehose-loader run loads; the old one can be undone, and its held rows retried."
                " Nothing was changed"
            ) from error


def take_out(
    warehouse: Warehouse, batches: Sequence[Sequence[DropRecord]], *, unchecked: bool
) -> bool:
    """Make sure that each batch can be taken out by itself; if not, take all out together now.

    Drops of two batches that told an event in different words can only leave together. So do those
    that told it in the same: each by itself would leave it to the other, as it is stored, and find
    it there again. It would never be put in anew, with today's masks.

    Returns:
        Whether they are out.

    Raises:
        UndoRefused: one cannot be taken out exactly; nothing was changed.
    """
    there = [batch for of in batches if (batch := [one for one in of if one.state.is_done])]
    every = [one for batch in there for one in batch]
    try:
        left = sum(
            warehouse.undo(batch, preview=True, unchecked=unchecked).handed_over for batch in there
        )
    except UndoRefused:
        pass
    else:
        if not left or len(there) == 1:
            return False
        if warehouse.undo(every, preview=True, unchecked=unchecked).handed_over == left:
            return False  # to drops that stay
    warehouse.undo(every, preview=False, unchecked=unchecked)
    return True


def replay(  # noqa: PLR0913, PLR0917 - what a load takes, and what is loaded
    warehouse: Warehouse,
    loader: Loader,
    drop_ids: Sequence[str],
    fetched: Sequence[Fetched],
    ready: Callable[[Fetched], ReadyDrop],
    report: ReplayReport,
    *,
    unchecked: bool,
) -> None:
    """Take drops out and load them again; what stops in between is loaded by the next run.

    ``drop_ids`` are those that may still have to be taken out. What the ledger says of them is read
    only now: a batch before this one may have left events to them.

    Raises:
        DropError, StorageUnavailable: a drop could not be fetched; nothing of it was changed.
        UndoRefused: one cannot be taken out exactly; nothing of them was changed.
    """
    for one in fetched:
        if one.error is not None:
            raise one.error
    records = warehouse.drops(DropFilter(drop_ids=drop_ids)) if drop_ids else []
    if there := [one for one in records if one.state.is_done]:
        warehouse.undo(there, preview=False, unchecked=unchecked)
    outcome = loader.load([ready(one) for one in fetched])
    for receipt in outcome.receipts:
        report.drops += len(receipt.drops)
        for counts in receipt.drops.values():
            report.rows.add(counts)
    report.quarantined += len(outcome.quarantined)
    report.failed += [(drop.key, str(error)) for drop, error in outcome.failed]
