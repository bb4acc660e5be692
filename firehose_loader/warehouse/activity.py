"""What a warehouse tells of lately: what was delivered, what is held, which runs there were."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from firehose_loader.history import Activity, Arrival
from firehose_loader.model import DropState, RunRecord
from firehose_loader.warehouse.session import Session


def read_activity(
    session: Session, qualified: Callable[[str], str], *, since: datetime
) -> Activity:
    """Read the ledger's drops that were delivered since then, and what is held of any time."""
    drops = qualified("_firehose_drops")
    found = session.run("activity_drops", {"since": since}, drops=drops)
    held = session.run("activity_held", drops=drops, quarantine=qualified("_firehose_quarantine"))
    return Activity(
        arrivals=[
            Arrival(
                source=source,
                key=key,
                delivered_at=delivered,
                first_seen_at=first_seen,
                finished_at=finished,
                state=DropState(state),
                event_rows=_rows(event_rows),
            )
            for source, key, delivered, first_seen, finished, state, event_rows in cast(
                "list[tuple[str, str, datetime, datetime, datetime, str, str | None]]", found
            )
        ],
        held={
            (source, event_type): rows
            for source, event_type, rows in cast("list[tuple[str, str, int]]", held)
        },
    )


def read_runs(
    session: Session, qualified: Callable[[str], str], *, limit: int
) -> Sequence[RunRecord]:
    """Return the last runs, the latest first."""
    rows = session.run("activity_runs", {"at_most": limit}, table=qualified("_firehose_runs"))
    return [
        RunRecord(
            run_id=run_id,
            started_at=started,
            finished_at=finished,
            status=status,
            exit_code=code,
            loader_version=version,
            summary=summary,
            costs=costs,
        )
        for run_id, started, finished, status, code, version, summary, costs in cast(
            "list[tuple[str, datetime, datetime, str, int, str, str, str | None]]", rows
        )
    ]


def _rows(text: str | None) -> Mapping[str, int]:
    return cast("Mapping[str, int]", json.loads(text)) if text else {}
