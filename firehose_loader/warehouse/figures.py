"""The figures of a while: sums that are made where the tables lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast

from firehose_loader.figures import (
    BUCKETS,
    LATENESS,
    DuplicateRows,
    Figures,
    HeldRows,
    HourRows,
    Lateness,
    Period,
)
from firehose_loader.model import Reason, RowCounts
from firehose_loader.schema.model import EventSchema
from firehose_loader.warehouse.ddl import Qualified
from firehose_loader.warehouse.session import Session

_BUCKET = " ".join(
    ("CASE", *(f"WHEN s.seconds < {bound} THEN {n}" for n, bound in enumerate(LATENESS)))
)

_COUNTS = RowCounts.__struct_fields__


def read_figures(
    session: Session,
    qualified: Qualified,
    period: Period,
    tables: Mapping[str, EventSchema],
) -> Figures:
    """Sum up a while; the tables given are those that exist."""
    drops = qualified("_firehose_drops")
    within = {"since": period.since, "until": period.until, "source": period.source}
    hours = session.run("figures_rows", within, drops=drops)
    twice = session.run(
        "figures_duplicates", within, drops=drops, duplicates=qualified("_firehose_duplicates")
    )
    held = session.run(
        "figures_held",
        {"source": period.source},
        drops=drops,
        quarantine=qualified("_firehose_quarantine"),
    )
    return Figures(
        hours=[
            HourRows(
                source=source,
                hour=hour,
                drops=count,
                rows=RowCounts(
                    **dict(zip(RowCounts.__struct_fields__, map(int, rows), strict=True))
                ),
            )
            for source, hour, count, *rows in cast("list[tuple[str, datetime, int, int]]", hours)
        ],
        lateness=list(_lateness(session, qualified, within, tables)),
        duplicates=[
            DuplicateRows(
                source=source,
                event_type=event_type,
                fate=fate,
                field=field,
                rows=rows,
                drops=of,
                example=key,
            )
            for source, event_type, fate, field, rows, of, key in cast(
                "list[tuple[str, str, str, str | None, int, int, str]]", twice
            )
        ],
        held=[
            HeldRows(
                source=source,
                event_type=event_type,
                reason=Reason(reason),
                field=field,
                rows=rows,
                drops=of,
                first=first,
                last=last,
                examples=sorted(set(examples)),
            )
            for source, event_type, reason, field, rows, of, first, last, *examples in cast(
                "list[tuple[str, str, str, str | None, int, int, datetime, datetime, str]]", held
            )
        ],
    )


def _lateness(
    session: Session,
    qualified: Qualified,
    within: Mapping[str, object],
    tables: Mapping[str, EventSchema],
) -> Iterator[Lateness]:
    spelled = qualified.spelling.column
    for table, schema in tables.items():
        if schema.event_time is None:
            continue
        rows = session.run(
            "figures_lateness",
            within,
            table=qualified(table),
            drops=qualified("_firehose_drops"),
            event_time=spelled(schema.event_time),
            drop_id=spelled("_drop_id"),
            bucket=f"{_BUCKET} ELSE {len(LATENESS)} END",
        )
        counts: dict[str, list[int]] = {}
        for source, bucket, count in cast("list[tuple[str, int, int]]", rows):
            counts.setdefault(source, [0] * BUCKETS)[bucket] = count
        for source, of in counts.items():
            yield Lateness(source=source, event_type=schema.event_type, counts=of)
