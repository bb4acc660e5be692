"""What a batch shows of the fields that it adds to an event schema."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.normalise.match import Match


def sighted(engine: Engine, type_no: int, one: Match) -> Match:
    """Return a match whose new fields say how many rows have them, with a masked value of each."""
    if one.addition is None:
        return one
    addition = one.addition.addition
    columns = [field.column for field in addition.fields]
    samples = "".join(
        f", count({text}), arg_min(firehose_masked({text}), r.seq)"
        for text in map(one.text, columns)
    )
    ((rows, *found),) = engine.run("stage_sighting", {"type_no": type_no}, more_samples=samples)
    numbers = zip(found[::2], found[1::2], strict=True)
    sightings = {
        column: replace(
            addition.sightings[column],
            rows=cast("int", rows),
            filled=cast("int", filled),
            sample=cast("str | None", sample),
        )
        for column, (filled, sample) in zip(columns, numbers, strict=True)
    }
    return replace(
        one,
        addition=replace(one.addition, addition=replace(addition, sightings=sightings)),
    )
