"""What a run took of an account: its statements, and what their history tells of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from firehose_loader.engine import Row
from firehose_loader.errors import FirehoseError
from firehose_loader.model import Cost, Costs
from firehose_loader.warehouse.snowflake_session import Query, SnowflakeSession

_MOST_IDS = 200
_Told = tuple[str, str | None, str | None, object, object, object]
_NOTHING = ("", None, None, None, None, None)


def costs(session: SnowflakeSession, run_id: str, *, uploaded_bytes: int) -> Costs:
    """Return what a session has cost so far, as far as the account tells."""
    queries = list(session.queries)
    told = _told(session, run_id)
    by_type: dict[str, list[Query]] = {}
    for query in queries:
        if query.event_type is not None:
            by_type.setdefault(query.event_type, []).append(query)
    first = next((one for one in told.values() if one[1]), _NOTHING)
    return Costs(
        warehouse=first[1],
        size=first[2],
        total=_cost(queries, list(told.values())),
        events={
            name: _cost(of, [told[name]] if name in told else []) for name, of in by_type.items()
        },
        bytes_uploaded=uploaded_bytes,
    )


def _told(session: SnowflakeSession, run_id: str) -> Mapping[str, _Told]:
    """Return what the history of queries tells, by event type; empty where it does not."""
    rows: Sequence[Row]
    try:
        rows = session.run("history_costs", {"run_id": run_id})
    except FirehoseError:  # there may be no right to look, and a run does not fail over that
        rows = []
    return {one[0]: one for one in cast("Sequence[_Told]", rows)}


def _cost(queries: Sequence[Query], told: Sequence[_Told]) -> Cost:
    scanned, milliseconds, credits_ = (
        [float(str(one[place])) for one in told if one[place] is not None] for place in (3, 4, 5)
    )
    return Cost(
        queries=len(queries),
        query_ids=tuple(query.query_id for query in queries[-_MOST_IDS:]),
        bytes_scanned=round(sum(scanned)) if scanned else None,
        seconds=round(sum(milliseconds) / 1000, 3) if milliseconds else None,
        credits=round(sum(credits_), 9) if credits_ else None,
    )
