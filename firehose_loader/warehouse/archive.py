"""Which loaded drops may leave their source, and where they went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from firehose_loader.engine import Engine, columns_of
from firehose_loader.model import Drop
from firehose_loader.protocols import Departure

ARCHIVE = ("drop_id", "source", "action", "moved_to", "run_id", "done_at")
_AT_ONCE = 500
_NAMES = ("drop_id", "action", "moved_to")
_Row = tuple[str, str, str, int, datetime]


def due(
    engine: Engine, tables: tuple[str, str], source: str, *, loaded_before: datetime, after: str
) -> Sequence[Drop]:
    """Return the next drops of a source that may leave it. ``tables``: ledger and archive."""
    drops, archive = tables
    parameters = {
        "source": source,
        "loaded_before": loaded_before,
        "after": after,
        "most": _AT_ONCE,
    }
    rows = engine.run("archive_due", parameters, drops=drops, archive=archive)
    return [_drop(source, row) for row in cast("list[_Row]", rows)]


def note(
    engine: Engine, archive: str, source: str, departures: Sequence[Departure], run_id: str
) -> None:
    """Write where drops went."""
    rows = [(one.drop.drop_id, str(one.action), one.moved_to) for one in departures]
    lists = columns_of(rows, _NAMES)
    fixed = {"source": source, "run_id": run_id, "now": datetime.now(UTC)}
    engine.run("archive_add", {**lists, **fixed}, archive=archive)


def _drop(source: str, row: _Row) -> Drop:
    _, key, version, size_bytes, modified = row
    return Drop(
        source=source,
        key=key,
        version=version,
        size_bytes=size_bytes,
        modified=modified.replace(tzinfo=UTC),
    )
