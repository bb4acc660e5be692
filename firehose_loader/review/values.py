"""What values of a field look like: which types all of them fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from msgspec import Struct

from firehose_loader.normalise.casts import cast as cast_sql
from firehose_loader.schema.model import FieldType

_CASTS = (
    FieldType.INTEGER,
    FieldType.NUMBER,
    FieldType.BOOLEAN,
    FieldType.DATE,
    FieldType.TIMESTAMP,
)
_SAID = {
    FieldType.INTEGER: "are whole numbers",
    FieldType.NUMBER: "are numbers",
    FieldType.BOOLEAN: "are truth values",
    FieldType.DATE: "are dates",
    FieldType.TIMESTAMP: "are dates with a time",
    FieldType.JSON: "are JSON objects or arrays",
}
_FLAG_WORDS = ("is_", "has_", "can_", "was_")
WIDTH = len(_CASTS) + 4
"""How many columns ``counted`` selects."""


class Values(Struct, frozen=True, kw_only=True):
    """Values of one field, counted."""

    count: int
    fitting: Mapping[FieldType, int]
    """How many fit each type."""
    zeros: int
    """How many are digits behind a zero: ``007``."""
    sample: str | None
    """One of them, masked."""

    def __add__(self, other: Values | None) -> Values:
        if other is None:
            return self
        return Values(
            count=self.count + other.count,
            fitting={kind: n + other.fitting[kind] for kind, n in self.fitting.items()},
            zeros=self.zeros + other.zeros,
            sample=self.sample or other.sample,
        )

    def all_fit(self, kind: FieldType) -> bool:
        """Tell whether every value fits a type."""
        return kind is FieldType.TEXT or self.fitting.get(kind) == self.count

    def narrowest(self, column: str) -> tuple[FieldType, str]:
        """Return the type that says most about the values, and why."""
        if self.count == 0:
            return FieldType.TEXT, "there is no value; text holds whatever comes"
        told = f"all {self.count:,} values"
        for kind in self._candidates(column):
            if self.all_fit(kind):
                return kind, f"{told} {_SAID[kind]}"
        if self.zeros and self.all_fit(FieldType.NUMBER):
            return FieldType.TEXT, f"{self.zeros:,} values begin with a zero, as ids do"
        return FieldType.TEXT, "values of several kinds, or texts"

    def _candidates(self, column: str) -> Sequence[FieldType]:
        """Types in the order in which they are tried: what only looks like a number comes later."""
        numbers = () if self.zeros else (FieldType.INTEGER, FieldType.NUMBER)
        others = (FieldType.DATE, FieldType.TIMESTAMP, FieldType.JSON)
        if self.all_fit(FieldType.INTEGER) and not column.startswith(_FLAG_WORDS):
            return (*numbers, *others)
        return (FieldType.BOOLEAN, *numbers, *others)


def counted(text: str) -> str:
    """SQL that counts a field's texts; ``values`` reads what it gives."""
    fitting = "".join(f", count({cast_sql(kind, text)})" for kind in _CASTS)
    nested = f"count_if(left({text}, 1) IN ('{{', '[') AND json_valid({text}))"
    zeros = f"count_if(regexp_matches({text}, '^[+-]?0[0-9]'))"
    return f", count({text}){fitting}, {nested}, {zeros}, min(firehose_masked({text}))"


def values(numbers: Sequence[object]) -> Values:
    """Return what ``counted`` selected."""
    count, *more = numbers
    fitting = dict(zip((*_CASTS, FieldType.JSON), cast("list[int]", more), strict=False))
    return Values(
        count=cast("int", count),
        fitting=fitting,
        zeros=cast("int", more[-2]),
        sample=cast("str | None", more[-1]),
    )
