"""The tables of a report on rows that did not become an event: duplicates, and quarantine."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from firehose_loader.figures import HeldRows
from firehose_loader.history import HeldRow
from firehose_loader.model import Reason
from firehose_loader.report.gather import Gathered
from firehose_loader.report.tables import Table

REASONS = {
    Reason.UNPARSEABLE: "not CSV or JSON",
    Reason.TOO_LARGE: "beyond a limit of size",
    Reason.MISSING_REQUIRED: "lacks what its schema requires",
    Reason.BAD_EVENT_TIME: "its event time is no date and time",
    Reason.SCHEMA_FROZEN: "has a field that a frozen schema does not know",
    Reason.TOO_MANY_BAD: "the drop has too many bad rows",
    Reason.CONFLICT: "the event is there with other content",
}
FATES = {
    "identical": "the event was there with the same content",
    "superseded": "the event was there in a newer form",
    "conflicting": "the event was there with other content; the row is in quarantine too",
}
_SAMPLE_LENGTH = 160


def duplicates_table(gathered: Gathered) -> Table:
    """Return rows whose event stood elsewhere."""
    return Table(
        caption="Rows whose event was there already",
        headings=("source", "event type", "kind", "what it means", "rows", "drops", "example"),
        rows=[
            (
                one.source,
                one.event_type,
                one.fate if one.field is None else f"{one.fate} ({one.field})",
                FATES.get(one.fate, ""),
                one.rows,
                one.drops,
                one.example,
            )
            for one in gathered.figures.duplicates
        ],
    )


def held_table(gathered: Gathered) -> Table:
    """Return what waits in quarantine, with masked examples where these are to be shown."""
    shown = () if gathered.samples is None else ("examples, masked",)
    return Table(
        caption="Rows, and drops as a whole, that wait in quarantine now",
        headings=(
            *("source", "event type", "reason", "rows", "drops", *shown),
            *("field", "what it means", "first", "last"),
        ),
        rows=[
            (
                *(one.source, one.event_type, str(one.reason), one.rows, one.drops),
                *((_examples(one, gathered.samples),) if gathered.samples is not None else ()),
                *(one.field, REASONS[one.reason], one.first, one.last),
            )
            for one in gathered.figures.held
        ],
    )


def _examples(held: HeldRows, samples: Mapping[str, HeldRow]) -> list[str]:
    found = (samples[id_] for id_ in held.examples if id_ in samples)
    return [f"{one.drop.key}, {_row(one.row)}: {masked(one.raw)}" for one in found]


def masked(text: str) -> str:
    """Return a text without what it says: its letters and digits are gone, its shape is left."""
    shape = "".join(_sign(sign) for sign in text[:_SAMPLE_LENGTH])
    return f"{shape}..." if len(text) > _SAMPLE_LENGTH else shape


def _sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Lu":
        return "X"
    return {"L": "x", "M": "x", "N": "9"}.get(kind[0], sign)


def _row(number: int | None) -> str:
    return "the drop as a whole" if number is None else f"row {number}"
