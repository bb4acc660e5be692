"""What a batch shows of the fields that it adds to event schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.normalise.match import Match

_PLACE = "(r.drop_no::BIGINT << 40) + r.row_no"
"""SQL of where a row stands in the batch: one number is cheaper to compare than two."""


def sighted(
    engine: Engine,
    matches: Mapping[int, Match],
    parts: Sequence[tuple[str, Mapping[int, Match]]],
) -> dict[int, Match]:
    """Return matches whose new fields say how many rows have them, with a masked value of each.

    Args:
        engine: where the rows are.
        matches: of each event type over the whole batch.
        parts: for each shape the view of its rows, and the same matches as far as it goes.
    """
    seen = {
        number: {
            column: replace(sighting, rows=0, filled=0, sample=None)
            for column, sighting in one.addition.addition.sightings.items()
        }
        for number, one in matches.items()
        if one.addition is not None
    }
    for view, of in parts:
        growing = sorted(of.keys() & seen.keys())
        # Event types mostly read a field from the same place: it is looked at once for all.
        texts = list(
            dict.fromkeys(of[number].text(column) for number in growing for column in seen[number])
        )
        if not texts:
            continue
        samples = "".join(
            f", count({text}), firehose_masked(arg_min({text}, {_PLACE}))" for text in texts
        )
        rows = engine.run("stage_sighting", {"type_nos": growing}, rows=view, more_samples=samples)
        for type_no, count, *found in cast("list[tuple[int, ...]]", rows):
            shown = dict(zip(texts, zip(found[::2], found[1::2], strict=True), strict=True))
            for column, before in seen[type_no].items():
                filled, sample = shown[of[type_no].text(column)]
                seen[type_no][column] = replace(
                    before,
                    rows=before.rows + count,
                    filled=before.filled + filled,
                    sample=before.sample or cast("str | None", sample),
                )
    return {
        number: replace(
            one,
            addition=replace(
                one.addition, addition=replace(one.addition.addition, sightings=seen[number])
            ),
        )
        if one.addition is not None
        else one
        for number, one in matches.items()
    }
