"""What was counted of a field, judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.protocols import Gaps
from firehose_loader.review.values import Values
from firehose_loader.schema.additions import Sighting
from firehose_loader.schema.evolve import WIDER
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.schema.names import RESERVED_COLUMNS, fold, snake

_ALIKE = 0.6
"""How alike two names are of which one may have become the other."""
_BY_WIDTH = (FieldType.NUMBER, FieldType.TIMESTAMP, FieldType.TEXT)
"""Types that another may become, the one that says most first."""


class Verdict(StrEnum):
    """How a field of a schema stands to what the feed sent."""

    CONFIRMED = "confirmed"
    RESPELLED = "spelled otherwise"
    RETYPED = "of another type"
    STOPPED = "no longer sent"
    ABSENT = "absent"
    NEW = "new"
    GAPS = "not always sent"


class Finding(NamedTuple):
    """One thing that the feed shows of a field."""

    verdict: Verdict
    message: str


class FieldEvidence(Struct, frozen=True, kw_only=True):
    """One field and what was loaded of it."""

    field: Field
    findings: tuple[Finding, ...]
    """All that holds, the weightiest first."""
    filled: int
    last_filled: datetime | None
    """Naive UTC: when the last row with a value was loaded."""
    spelled: tuple[str, ...]
    """Names in the drops' headers that fill it, the commonest first."""
    misfits: int
    """Values that did not fit its type; they are in ``_rescued``."""
    better_type: FieldType | None
    """A type that its column may become and that holds them too."""
    sample: str | None
    """One of the misfits, or of the values of a new field; masked."""
    sighting: Sighting | None
    """Of a new field: how it was first seen."""

    @property
    def verdict(self) -> Verdict:
        """The weightiest one."""
        return self.findings[0].verdict

    @property
    def message(self) -> str:
        """All findings in words."""
        return "; ".join(one.message for one in self.findings)


class Facts(Struct, frozen=True, kw_only=True):
    """All that was counted of one event type."""

    schema: EventSchema
    used: Mapping[str, tuple[int, datetime | None]]
    """By column: rows that have a value, and when the last of them was loaded."""
    silent: Collection[str]
    """Columns that had values and that the feed fills no more."""
    spelled: Mapping[str, Sequence[str]]
    """By column: the names that drops have for it, the commonest first."""
    rescued: Mapping[str, Values]
    """By column: what is in ``_rescued`` under one of its names."""
    sightings: Mapping[str, Sighting]
    """By column: how fields that the feed added were first seen."""
    gaps: Mapping[str, Gaps]
    """By column, where there are some."""

    def evidence(self, field: Field) -> FieldEvidence:
        """Return the verdict on one field."""
        filled, last = self.used.get(field.column, (0, None))
        misfits, sample, better = self._misfits(field)
        sighting = self.sightings.get(field.column) if field.evidence == "observed" else None
        retyped = _retyped(field, misfits, better, sample) if misfits else None
        return FieldEvidence(
            field=field,
            findings=tuple(self._changes(field, retyped, sighting)) or (self._unchanged(field),),
            filled=filled,
            last_filled=last,
            spelled=tuple(self.spelled.get(field.column, ())),
            misfits=misfits,
            better_type=better,
            sample=sample or (sighting.sample if sighting else None),
            sighting=sighting,
        )

    def _changes(
        self, field: Field, retyped: str | None, sighting: Sighting | None
    ) -> Iterator[Finding]:
        """Yield in what a field is not as its schema on file says, the weightiest first."""
        filled, last = self.used.get(field.column, (0, None))
        spelled = self.spelled.get(field.column, ())
        gaps = self.gaps.get(field.column)
        if retyped:
            yield Finding(Verdict.RETYPED, retyped)
        if field.column in self.silent:
            until = f"the last of them loaded at {last:%Y-%m-%d %H:%M:%S}"
            yield Finding(Verdict.STOPPED, f"filled in {filled:,} rows, {until}")
        if sighting:
            yield Finding(Verdict.NEW, sighting.why)
        elif spelled and fold(field.name) not in map(fold, spelled):
            yield Finding(Verdict.RESPELLED, f"the feed spells it {', '.join(spelled)}")
        if gaps and field.column not in self.silent:
            of = f"{gaps.drops:,} of {gaps.of:,} drops since the first with it"
            yield Finding(Verdict.GAPS, f"{of} have none, the newest is {gaps.newest}")

    def _unchanged(self, field: Field) -> Finding:
        filled, _ = self.used.get(field.column, (0, None))
        if filled:
            return Finding(Verdict.CONFIRMED, f"filled in {filled:,} rows")
        is_there = field.column in self.spelled
        told = "drops have it, and never a value" if is_there else "no drop has it"
        return Finding(Verdict.ABSENT, told)

    def _misfits(self, field: Field) -> tuple[int, str | None, FieldType | None]:
        """Return how many values did not fit, one of them, and a type that holds them too."""
        found = self.rescued.get(field.column)
        if found is None or field.type is FieldType.TEXT:
            return 0, None, None
        misfits = found.count - found.fitting[field.type]
        if misfits == 0:
            return 0, None, None
        wider = [kind for kind in _BY_WIDTH if kind in WIDER[field.type]]
        better = next((kind for kind in wider if found.all_fit(kind)), None)
        return misfits, found.sample, better


def loose(schema: EventSchema, names: Sequence[str], found: Values) -> FieldEvidence:
    """Return the verdict on a field that has no column: its values are in ``_rescued`` only."""
    column, number = snake(names[0]), 2
    while column in schema.by_column or column in RESERVED_COLUMNS:
        column, number = f"{snake(names[0])}_{number}", number + 1
    kind, why = found.narrowest(column)
    return FieldEvidence(
        field=Field(
            name=names[0],
            column=column,
            type=kind,
            aliases=tuple(names[1:]),
            evidence="observed",
        ),
        findings=(Finding(Verdict.NEW, f"{found.count:,} values are in _rescued only; {why}"),),
        filled=0,
        last_filled=None,
        spelled=tuple(names),
        misfits=0,
        better_type=None,
        sample=found.sample,
        sighting=None,
    )


def with_renames(fields: Sequence[FieldEvidence]) -> tuple[FieldEvidence, ...]:
    """Say of a new field which one it may be under another name: one that stopped as it came."""
    stopped = {fold(one.field.name): one.field for one in fields if one.verdict is Verdict.STOPPED}
    told = []
    for one in fields:
        near = get_close_matches(fold(one.field.name), stopped, n=1, cutoff=_ALIKE)
        if one.verdict is Verdict.NEW and near:
            was = stopped[near[0]]
            hint = (
                f"{was.name} stopped coming: if this is the same, give it the"
                f' x-column "{was.column}" and the alias "{was.name}"'
            )
            first, *more = one.findings
            first = first._replace(message=f"{first.message}; {hint}")
            told.append(replace(one, findings=(first, *more)))
        else:
            told.append(one)
    return tuple(told)


def _retyped(field: Field, misfits: int, better: FieldType | None, sample: str | None) -> str:
    advice = (
        f"{better} holds them too"
        if better
        else f"what is {field.type} stays so within a model; a new model could have another type"
    )
    return f"{misfits:,} values are not {field.type}, such as {sample}; {advice}"
