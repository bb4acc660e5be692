"""How it is told what a run took of a warehouse that charges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firehose_loader.model import Cost, Costs

COST_HEADINGS = ("statements about", "queries", "bytes scanned", "seconds", "cloud credits")


def cost_rows(costs: Costs) -> Sequence[Sequence[object]]:
    """Return what each event type took, and all of it together."""
    rows = [(name, costs.events[name]) for name in sorted(costs.events)]
    return [_row(name, cost) for name, cost in [*rows, ("all", costs.total)]]


def _row(name: str, cost: Cost) -> Sequence[object]:
    return (name, cost.queries, cost.bytes_scanned, _amount(cost.seconds), _amount(cost.credits))


def _amount(value: float | None) -> str | None:
    return None if value is None else f"{value:.6g}"
