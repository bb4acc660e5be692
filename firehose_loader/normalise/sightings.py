"""What a batch shows of the fields that it adds to event schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from msgspec.structs import replace

from firehose_loader.engine import Engine, in_parts
from firehose_loader.normalise.match import Match

_PLACE = "(r.drop_no::BIGINT << 40) + r.row_no"
"""SQL of where a row stands in the batch: one number is cheaper to compare than two."""
_Sighted: TypeAlias = tuple[int, int, list[int], list[str | None]]
"""An event type, its rows, and for each field how many have it and one of its values."""


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
        counted: dict[int, int] = {}
        shown: dict[tuple[int, str], tuple[int, str | None]] = {}
        for few in in_parts(texts):
            rows = engine.run(
                "stage_sighting",
                {"type_nos": growing},
                rows=view,
                counts=", ".join(f"count({text})" for text in few),
                samples=", ".join(f"arg_min({text}, {_PLACE})" for text in few),
            )
            for type_no, count, filled, samples in cast("list[_Sighted]", rows):
                counted[type_no] = count
                for text, has, sample in zip(few, filled, samples, strict=True):
                    shown[type_no, text] = (has, sample)
        for type_no, count in counted.items():
            for column, before in seen[type_no].items():
                has, sample = shown[type_no, of[type_no].text(column)]
                seen[type_no][column] = replace(
                    before,
                    rows=before.rows + count,
                    filled=before.filled + has,
                    sample=before.sample or sample,
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
