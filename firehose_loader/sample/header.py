"""Which fields a drop has, in which order and how spelled; and what drifts there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random

from msgspec import Struct

from firehose_loader.sample.events import TYPE_COLUMN, Event, EventMaker
from firehose_loader.sample.values import Value
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.names import fold, snake

_EXTRAS: Sequence[tuple[str, Sequence[Value]]] = (
    ("cohort", ("control", "variant a", "variant b, later", "größer")),
    ("score", (0.25, 0.5, 1, 17.75)),
    ("journey", ("onboarding", "win-back", "春")),
    ("uplift", (0.125, 3, 4.5)),
    ("touchpoint", ("shop", "call centre", "kiosk")),
    ("weighting", (1, 2, 2.5)),
)
_SPELLINGS: Sequence[Callable[[str], str]] = (str.upper, snake, str.lower)


class Drift(Struct, frozen=True, kw_only=True):
    """How the drops of one lane differ from those before."""

    extras: frozenset[str]
    """Names of the fields that are new."""
    gone: str | None
    """Folded name of the field that is not there any more."""
    order: Sequence[int]
    """What fields are sorted by: one number for each place."""
    spelling: Callable[[str], str]


class Header(Struct, frozen=True, kw_only=True):
    """The fields of one drop."""

    names: tuple[str, ...]
    """As written in this drop."""
    places: Mapping[str, tuple[int, ...]]
    """By event type: where in an event each of the fields stands; -1 for one that it lacks."""

    def row(self, event_type: str, event: Event) -> list[Value]:
        """Return the event's values in the order of ``names``."""
        return [event[place] for place in self.places[event_type]]


def unknown_fields(schemas: Iterable[EventSchema]) -> Sequence[tuple[str, Sequence[Value]]]:
    """Return two fields that none of the event schemas knows, each with values it may have."""
    known = {spelling for schema in schemas for spelling in schema.by_spelling}
    new = [(name, values) for name, values in _EXTRAS if fold(name) not in known]
    more = ((f"surplus{n}", ("a", "b")) for n in range(len(known) + 2))
    new += [(name, values) for name, values in more if fold(name) not in known]
    return new[:2]


def make_drift(
    number: int, makers: Sequence[EventMaker], extras: Sequence[str], random: Random
) -> Drift:
    """Return the drift of one lane: by its number, one new field or two, and another spelling."""
    names = _union(makers)
    order = random.sample(range(len(names)), len(names))
    may_go = sorted(names.keys() - {fold(name) for name in extras} - _needed(makers))
    return Drift(
        extras=frozenset(extras[: 1 + number % 2]),
        gone=random.choice(may_go) if may_go else None,
        order=order,
        spelling=_SPELLINGS[number % len(_SPELLINGS)],
    )


def make_header(
    makers: Sequence[EventMaker], *, extras: Sequence[str], tells_type: bool, drift: Drift | None
) -> Header:
    """Return the header of a drop.

    Args:
        makers: of the event types that may be in it.
        extras: the fields that no event schema knows: only drift brings them in.
        tells_type: it has a column for the event type.
        drift: what is different in this drop.
    """
    names = _union(makers)
    left_out = {fold(name) for name in extras if drift is None or name not in drift.extras}
    if not tells_type:
        left_out |= {fold(maker.type_name) for maker in makers}
    if drift:
        left_out |= {drift.gone} if drift.gone else set()
        in_order = zip(drift.order, names.items(), strict=True)
        names = {folded: drift.spelling(name) for _, (folded, name) in sorted(in_order)}
    kept = [folded for folded in names if folded not in left_out]
    return Header(
        names=tuple(names[folded] for folded in kept),
        places={maker.schema.event_type: _places(maker, kept) for maker in makers},
    )


def _union(makers: Sequence[EventMaker]) -> dict[str, str]:
    """Return all names by their folded form: two spellings of one name are one column."""
    found: dict[str, str] = {}
    for maker in makers:
        for name in maker.names:
            found.setdefault(fold(name), name)
    return found


def _needed(makers: Sequence[EventMaker]) -> set[str]:
    """Return the folded names of the fields that every drop must have."""
    return {
        fold(field.name)
        for maker in makers
        for field in maker.schema.fields
        if field.required
        or field.delivery
        or field.column in {*maker.schema.key, maker.schema.event_time, TYPE_COLUMN}
    } | {fold(maker.type_name) for maker in makers}


def _places(maker: EventMaker, wanted: Sequence[str]) -> tuple[int, ...]:
    at = {fold(name): place for place, name in enumerate(maker.names)}
    return tuple(at.get(folded, -1) for folded in wanted)
