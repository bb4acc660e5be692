"""Which loaded drops may leave their source, and where they went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from firehose_loader.engine import columns_of
from firehose_loader.model import Drop
from firehose_loader.protocols import Departure
from firehose_loader.warehouse.keys import stored_drop, to_text
from firehose_loader.warehouse.session import Session

ARCHIVE = ("drop_id", "source", "action", "moved_to", "run_id", "done_at")
_NAMES = ("drop_id", "action", "moved_to")
_Row = tuple[str, str, str, str, int, datetime]


def due(
    session: Session, tables: tuple[str, str, str], wanted: Mapping[str, object]
) -> Sequence[Drop]:
    """Return the next drops of a source that may leave it.

    ``tables``: ledger, archive and quarantine. ``wanted``: the statement's parameters.
    """
    drops, archive, quarantine = tables
    rows = session.run("archive_due", wanted, drops=drops, archive=archive, quarantine=quarantine)
    return [stored_drop(*row) for row in cast("list[_Row]", rows)]


def note(
    session: Session,
    tables: tuple[str, str],
    source: str,
    departures: Sequence[Departure],
    run_id: str,
) -> None:
    """Write where drops went. ``tables``: ledger and archive."""
    drops, archive = tables
    rows = [
        (one.drop.drop_id, str(one.action), None if one.moved_to is None else to_text(one.moved_to))
        for one in departures
    ]
    lists = columns_of(rows, _NAMES)
    fixed = {"source": source, "run_id": run_id, "now": datetime.now(UTC)}
    session.run("archive_add", {**lists, **fixed}, drops=drops, archive=archive)


def places(session: Session, archive: str, drop_ids: Collection[str]) -> Mapping[str, str]:
    """Return where drops were archived last, as text."""
    rows = session.run("archive_places", {"drop_ids": sorted(drop_ids)}, archive=archive)
    return dict(cast("list[tuple[str, str]]", rows))
