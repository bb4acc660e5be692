"""What a batch shows of the fields that it adds to an event schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.normalise.match import Match

_PLACE = "(r.drop_no::BIGINT << 40) + r.row_no"
"""SQL of where a row stands in the batch: one number is cheaper to compare than two."""


def sighted(engine: Engine, type_no: int, one: Match, parts: Sequence[tuple[str, Match]]) -> Match:
    """Return a match whose new fields say how many rows have them, with a masked value of each.

    Args:
        engine: where the rows are.
        type_no: their event type.
        one: its match over the whole batch.
        parts: the same for each shape, with the view of its rows.
    """
    if one.addition is None:
        return one
    addition = one.addition.addition
    sightings = {
        column: replace(sighting, rows=0, filled=0, sample=None)
        for column, sighting in addition.sightings.items()
    }
    for view, part in parts:
        samples = "".join(
            f", count({text}), firehose_masked(arg_min({text}, {_PLACE}))"
            for text in map(part.text, sightings)
        )
        ((rows, *found),) = engine.run(
            "stage_sighting", {"type_no": type_no}, rows=view, more_samples=samples
        )
        for column, filled, sample in zip(sightings, found[::2], found[1::2], strict=True):
            before = sightings[column]
            sightings[column] = replace(
                before,
                rows=before.rows + cast("int", rows),
                filled=before.filled + cast("int", filled),
                sample=before.sample or cast("str | None", sample),
            )
    return replace(
        one,
        addition=replace(one.addition, addition=replace(addition, sightings=sightings)),
    )
