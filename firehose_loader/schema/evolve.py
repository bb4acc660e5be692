"""What a new version of an event schema may change: the rules, as one table.

Versions of one model share one table, so everything that an addition or a revision may do leaves
the old rows readable, the old columns filled and the keys of events as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum, StrEnum

from msgspec import Struct

from firehose_loader.schema.model import EventSchema, Field, FieldType, Version


class Step(IntEnum):
    """The part of a version number that is raised. A bigger step may do all that a smaller may."""

    ADDITION = 1
    REVISION = 2
    MODEL = 3


class Kind(StrEnum):
    """What a version can do to the one before it."""

    FIELD_ADDED = "optional field added"
    EVIDENCE_CHANGED = "evidence changed"
    FIELD_RENAMED = "field renamed"
    SPELLING_ADDED = "alias added"
    ORDER_CHANGED = "order of the aliases changed"
    TYPE_WIDENED = "type widened"
    REQUIREMENT_LIFTED = "no longer required"
    PII_CHANGED = "personal data marked otherwise"
    FIELD_REMOVED = "field removed"
    SPELLING_LOST = "spelling lost"
    TYPE_CHANGED = "type changed"
    REQUIREMENT_MADE = "required"
    DELIVERY_CHANGED = "delivery marked otherwise"
    KEY_CHANGED = "key changed"
    EVENT_TIME_CHANGED = "event time changed"
    MERGE_CHANGED = "merge changed"


LEAST: Mapping[Kind, Step] = {
    Kind.FIELD_ADDED: Step.ADDITION,
    Kind.EVIDENCE_CHANGED: Step.ADDITION,
    Kind.FIELD_RENAMED: Step.REVISION,  # its column stays, and the old name as an alias
    Kind.SPELLING_ADDED: Step.REVISION,
    Kind.ORDER_CHANGED: Step.REVISION,
    Kind.TYPE_WIDENED: Step.REVISION,
    Kind.REQUIREMENT_LIFTED: Step.REVISION,
    Kind.PII_CHANGED: Step.REVISION,
    Kind.FIELD_REMOVED: Step.MODEL,
    Kind.SPELLING_LOST: Step.MODEL,
    Kind.TYPE_CHANGED: Step.MODEL,
    Kind.REQUIREMENT_MADE: Step.MODEL,
    Kind.DELIVERY_CHANGED: Step.MODEL,
    Kind.KEY_CHANGED: Step.MODEL,
    Kind.EVENT_TIME_CHANGED: Step.MODEL,
    Kind.MERGE_CHANGED: Step.MODEL,
}
"""The smallest step that may do it."""

WIDER: Mapping[FieldType, frozenset[FieldType]] = {
    FieldType.INTEGER: frozenset({FieldType.NUMBER, FieldType.TEXT}),
    FieldType.NUMBER: frozenset({FieldType.TEXT}),
    FieldType.BOOLEAN: frozenset({FieldType.TEXT}),
    FieldType.DATE: frozenset({FieldType.TIMESTAMP, FieldType.TEXT}),
    FieldType.TIMESTAMP: frozenset({FieldType.TEXT}),
    FieldType.TEXT: frozenset(),
    FieldType.JSON: frozenset(),
}
"""What a type may become within a model: types that hold every value of it.

The warehouse gives the column its new type together with the first load that needs it, values
included. ``number`` holds whole numbers exactly up to 2^53 only: where a table has greater ones,
it refuses, and nothing is changed.
"""


class Change(Struct, frozen=True, kw_only=True):
    """One difference between two versions of an event type."""

    kind: Kind
    column: str | None
    """None where it is about the event type as a whole."""
    field: str | None
    """Name of the field in the newer version; in the older one where it was removed."""
    message: str

    @property
    def least(self) -> Step:
        """The smallest step that may do it."""
        return LEAST[self.kind]


def widens(old: FieldType, new: FieldType) -> bool:
    """Tell whether a column of one type may become one of another within a model."""
    return new in WIDER[old]


def step(old: Version, new: Version) -> Step:
    """Return the part that was raised from one version to a later one."""
    if old.model != new.model:
        return Step.MODEL
    return Step.REVISION if old.revision != new.revision else Step.ADDITION


def changes(old: EventSchema, new: EventSchema) -> Iterator[Change]:
    """Yield every difference between two versions of an event type, in the order of columns.

    A column is a field's identity: a field of another name that keeps the column is the same one.
    """
    for column, field in old.by_column.items():
        if column in new.by_column:
            yield from _field_changes(field, new.by_column[column])
        else:
            yield Change(
                kind=Kind.FIELD_REMOVED,
                column=column,
                field=field.name,
                message=f"{field.name} is gone, and its column {column}",
            )
    for column, field in new.by_column.items():
        if column not in old.by_column:
            kind = Kind.REQUIREMENT_MADE if field.required else Kind.FIELD_ADDED
            also = ", and every row must have it" if field.required else ""
            yield Change(
                kind=kind,
                column=column,
                field=field.name,
                message=f"{field.name} is new: column {column}, {field.type}{also}",
            )
    yield from _role_changes(old, new)


def breaches(old: EventSchema, new: EventSchema) -> Iterator[Change]:
    """Yield the changes that the step between two neighbouring versions does not allow."""
    allowed = step(old.version, new.version)
    return (change for change in changes(old, new) if change.least > allowed)


def raised(version: Version, by: Step) -> Version:
    """Return the next version after one, by a step."""
    match by:
        case Step.ADDITION:
            return version._replace(addition=version.addition + 1)
        case Step.REVISION:
            return Version(version.model, version.revision + 1, 0)
        case Step.MODEL:
            return Version(version.model + 1, 0, 0)


def _field_changes(old: Field, new: Field) -> Iterator[Change]:
    def change(kind: Kind, message: str) -> Change:
        return Change(kind=kind, column=new.column, field=new.name, message=f"{new.name} {message}")

    if old.type is not new.type:
        widened = widens(old.type, new.type)
        yield change(
            Kind.TYPE_WIDENED if widened else Kind.TYPE_CHANGED,
            f"was {old.type} and is {new.type}",
        )
    yield from _spelling_changes(old, new, change)
    if old.required != new.required:
        kind = Kind.REQUIREMENT_MADE if new.required else Kind.REQUIREMENT_LIFTED
        yield change(kind, "must be in every row" if new.required else "may be missing")
    if old.delivery != new.delivery:
        of = "the delivery" if new.delivery else "the event"
        yield change(Kind.DELIVERY_CHANGED, f"now tells of {of}")
    if old.pii != new.pii:
        yield change(
            Kind.PII_CHANGED, f"is marked as {new.pii or 'no'} personal data, was {old.pii or 'no'}"
        )
    if old.evidence != new.evidence:
        yield change(Kind.EVIDENCE_CHANGED, f"was {old.evidence} and is {new.evidence}")


def _spelling_changes(
    old: Field, new: Field, change: Callable[[Kind, str], Change]
) -> Iterator[Change]:
    """Yield what became of a field's name and aliases."""
    lost = [name for name in old.spellings if name not in new.spellings]
    if old.spellings[0] != new.spellings[0]:
        yield change(Kind.FIELD_RENAMED, f"was {old.name}; both fill the column {new.column}")
    if lost:
        yield change(Kind.SPELLING_LOST, f"is no longer spelled {', '.join(lost)}")
    more = [name for name in new.spellings if name not in {*old.spellings, new.spellings[0]}]
    if more:
        yield change(Kind.SPELLING_ADDED, f"is also spelled {', '.join(more)}")
    kept = [name for name in new.spellings[1:] if name in old.spellings[1:]]
    if kept != [name for name in old.spellings[1:] if name in new.spellings[1:]]:
        yield change(Kind.ORDER_CHANGED, f"takes its value first from {', '.join(new.spellings)}")


def _role_changes(old: EventSchema, new: EventSchema) -> Iterator[Change]:
    for column in old.key:
        was, now = old.by_column.get(column), new.by_column.get(column)
        if was and now and was.type is not now.type:
            yield Change(
                kind=Kind.KEY_CHANGED,
                column=column,
                field=now.name,
                message=f"{now.name} is a part of the key and gets another type, so known events"
                " would come again under another key",
            )
    roles = (
        (Kind.KEY_CHANGED, "the key", ", ".join(old.key), ", ".join(new.key)),
        (Kind.EVENT_TIME_CHANGED, "the event time", str(old.event_time), str(new.event_time)),
        (Kind.MERGE_CHANGED, "the way of merging", old.merge, new.merge),
    )
    for kind, what, before, after in roles:
        if before != after:
            yield Change(
                kind=kind, column=None, field=None, message=f"{what} was {before} and is {after}"
            )
