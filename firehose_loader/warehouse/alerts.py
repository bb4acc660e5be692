"""What people were told of, so that nobody is told twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import cast

from firehose_loader.engine import columns_of
from firehose_loader.history import Alert
from firehose_loader.warehouse.session import Session

ALERTS = ("cause", "kind", "source", "event_type", "message", "since", "told_at", "ended_at")
_Row = tuple[str, str, str, str | None, str, datetime]


def open_alerts(session: Session, table: str) -> Sequence[Alert]:
    """Return what is not over."""
    return [
        Alert(
            cause=cause,
            kind=kind,
            source=source,
            event_type=event_type,
            message=message,
            since=since.replace(tzinfo=UTC),
        )
        for cause, kind, source, event_type, message, since in cast(
            "list[_Row]", session.run("alerts_open", table=table)
        )
    ]


def record_alerts(
    session: Session, table: str, *, told: Sequence[Alert], ended: Collection[str], now: datetime
) -> None:
    """Note what people were told of, and which causes they know to be over."""
    rows = [
        (one.cause, one.kind, one.source, one.event_type, one.message, one.since) for one in told
    ]
    if rows:
        session.run("alerts_add", {**columns_of(rows, ALERTS[:6]), "now": now}, table=table)
    if ended:
        session.run("alerts_end", {"causes": sorted(ended), "now": now}, table=table)
