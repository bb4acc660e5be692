"""What a source holds and what the ledger says of it, compared drop by drop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice

from msgspec import Struct, field

from firehose_loader.config import Config, Source
from firehose_loader.errors import ExitCode, FirehoseError
from firehose_loader.model import Drop, DropState
from firehose_loader.protocols import Known, Listing, Storage, Warehouse
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.warehouse import open_warehouse
from firehose_loader.watch import Discovery, Verdict, archive_below, listed

_AT_ONCE = 20_000


class Difference(StrEnum):
    """How a source and the ledger can differ over a drop."""

    MISSING = "missing"
    """It is at the source and was never loaded."""
    CHANGED = "changed"
    """It has other content at the source than what was loaded."""
    FAILED = "failed"
    """It is at the source, and every try to load it failed."""
    LOST = "lost"
    """Every try to load it failed, and it is at the source no more."""
    GONE = "gone"
    """It was loaded and is at the source no more, though nobody archived or deleted it here."""


class Found(Struct, frozen=True, kw_only=True):
    """One difference."""

    difference: Difference
    drop: Drop


class Reconciled(Struct, kw_only=True):
    """One source, compared."""

    source: str
    listed: int = 0
    agreed: int = 0
    """Drops that are at the source and loaded, quarantined or adopted as they are."""
    differences: Counter[Difference] = field(default_factory=Counter)
    examples: list[Found] = field(default_factory=list)
    """The first ones."""
    error: FirehoseError | None = None
    """Why it could not be compared; nothing else is known of it then."""

    @property
    def exit_code(self) -> ExitCode:
        """Whether data is missing: what is gone from the source is in the warehouse."""
        if self.error is not None:
            return self.error.exit_code
        apart = sum(self.differences.values()) - self.differences[Difference.GONE]
        return ExitCode.MISSING if apart else ExitCode.OK


def reconcile(config: Config, *, examples: int) -> Iterator[Reconciled]:
    """List every source whole and compare it with the ledger; nothing is changed.

    A source that cannot be listed does not hold back the others.

    Raises:
        WarehouseUnusable, WarehouseBusy.
    """
    with closing(open_warehouse(config, read_only=True)) as warehouse:
        for source in config.source:
            try:
                with closing(RetryingStorage(open_storage(source))) as storage:
                    yield _compared(source, storage, warehouse, examples)
            except FirehoseError as error:
                yield Reconciled(source=source.name, error=error)


def _compared(source: Source, storage: Storage, warehouse: Warehouse, examples: int) -> Reconciled:
    result = Reconciled(source=source.name)
    discovery = Discovery(source, storage, warehouse, now=datetime.now(UTC))
    with closing(warehouse.listing(source.name, new_only=False)) as listing:
        drops = listed(storage, "", archive_below(source))
        while chunk := list(islice(drops, _AT_ONCE)):
            listing.add(chunk)
        result.listed = listing.finish()
        for found in _differences(listing, discovery, result):
            result.differences[found.difference] += 1
            if len(result.examples) < examples:
                result.examples.append(found)
    return result


def _differences(listing: Listing, discovery: Discovery, result: Reconciled) -> Iterator[Found]:
    first = 0
    while page := listing.page(first):
        for known in page:
            difference = _difference(known)
            if difference is None:
                result.agreed += 1
            elif discovery.first_look(known.drop)[0] is Verdict.NEW:
                yield Found(difference=difference, drop=known.drop)
        first += len(page)
    first = 0
    while page := listing.gone(first):
        for known in page:
            failed = known.state is DropState.FAILED
            yield Found(difference=Difference.LOST if failed else Difference.GONE, drop=known.drop)
        first += len(page)


def _difference(known: Known) -> Difference | None:
    if known.state is not None and known.state.is_done:
        return None
    if known.state is DropState.FAILED:
        return Difference.FAILED
    return Difference.CHANGED if known.earlier_version else Difference.MISSING
