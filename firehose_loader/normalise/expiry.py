"""Rows that are older than they may be: nothing of them is loaded or kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from firehose_loader.engine import Engine, columns_of
from firehose_loader.model import Content, Drop, Reason, Rejection
from firehose_loader.normalise.match import Match
from firehose_loader.normalise.shapes import Shape
from firehose_loader.normalise.types import by_type
from firehose_loader.privacy.retention import NO_TYPE, TOO_OLD, Retention

_LIMITS = ("drop_no", "type_no", "kept_from", "delivered")


class Expiry:
    """Finds what is too old in one batch. It costs nothing where all is kept for ever."""

    def __init__(self, engine: Engine, retention: Retention) -> None:
        self._engine = engine
        self._retention = retention
        self._is_active = False

    def begin(self, drops: Sequence[Drop], event_types: Mapping[int, str]) -> None:
        """Take the drops by ``drop_no``, and the event types of their rows by ``type_no``."""
        if not self._retention.is_active:
            return
        rows = [
            (drop_no, type_no, kept_from, _naive(drop))
            for drop_no, drop in enumerate(drops)
            for type_no, event_type in event_types.items()
            if (kept_from := self._retention.kept_from(drop.source, event_type)) is not None
        ]
        self._is_active = bool(rows)
        if rows:
            self._engine.run("stage_limits", columns_of(rows, _LIMITS))

    def set_aside(
        self,
        shape: Shape,
        matches: Mapping[int, Match],
        row_joins: str,
    ) -> int:
        """Note the rows of a shape as unfit that are too old; return how many."""
        if not self._is_active:
            return 0
        times = {number: _event_time(one) for number, one in matches.items()}
        return self._engine.changed(
            "stage_expired",
            {"message": TOO_OLD},
            rows=shape.rows,
            row_joins=row_joins,
            event_time=by_type(times),
        )

    def rejections(self, drop: Drop, given: Collection[Rejection]) -> tuple[Rejection, ...]:
        """Return the rows that cannot be read, without their text where their drop is too old."""
        if not self._is_old(drop):
            return tuple(given)
        return tuple(_emptied(one) for one in given)

    def content(self, drop: Drop, content: Content | None) -> Content | None:
        """Return what a drop is; without a header where it is too old: that may be a row."""
        if content is None or not self._is_old(drop):
            return content
        return replace(content, header=())

    def _is_old(self, drop: Drop) -> bool:
        kept_from = self._retention.kept_from(drop.source, NO_TYPE)
        return kept_from is not None and _naive(drop) < kept_from


def _event_time(one: Match) -> str:
    """SQL of when a row's event happened."""
    column = one.schema.event_time
    if column is None or column not in one.sources:
        return "NULL::TIMESTAMP"
    return f"({one.value(column)})::TIMESTAMP"


def _naive(drop: Drop) -> datetime:
    return drop.modified.astimezone(UTC).replace(tzinfo=None)


def _emptied(one: Rejection) -> Rejection:
    if one.row is None:
        return replace(one, raw="", field=None, message=f"{one.reason}; {TOO_OLD}")
    return replace(one, raw="", field=None, message=TOO_OLD, reason=Reason.EXPIRED)
