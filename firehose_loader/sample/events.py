"""Events of one type: rows of values that belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import TypeAlias
from uuid import UUID

from firehose_loader.errors import ConfigError
from firehose_loader.sample.values import Value, Vocabulary
from firehose_loader.schema.model import EventSchema, Field, FieldType

Event: TypeAlias = tuple[Value, ...]
"""One value for each of ``EventMaker.names``, then a None: what an absent column holds."""

TYPE_COLUMN = "event_type"
_MOST_LAG = 10 * 60_000
_LATE = (3_600_000, 72 * 3_600_000)
_BAD_TIMES = ("not a date", "2026-02-30T12:00:00Z", "2026-13-01T00:00:00Z", "yesterday")


class EventMaker:
    """Makes the events of one event type; all its events differ in their key."""

    def __init__(
        self,
        schema: EventSchema,
        *,
        random: Random,
        vocabulary: Vocabulary,
        extras: Sequence[tuple[str, Sequence[Value]]],
    ) -> None:
        """Take what the events are made of.

        Args:
            schema: the fields.
            random: decides everything.
            vocabulary: where values are drawn from.
            extras: fields that no event schema knows, with their values.

        Raises:
            ConfigError: no field of the key can be made to differ from event to event.
        """
        self.schema = schema
        self._random = random
        told_by = schema.by_column.get(TYPE_COLUMN)
        self.type_name = told_by.name if told_by else "eventType"
        """The field that holds the event type; there is one even where the schema has none."""
        self.names = (
            *(field.name for field in schema.fields),
            *(() if told_by else (self.type_name,)),
            *(name for name, _ in extras),
        )
        self._unique = _unique_field(schema)
        self._numbers = count(1)
        self._pools = {
            field.column: vocabulary.pool(schema, field)
            for field in schema.fields
            if self._special(field) is None
        }
        self._groups = {pool.group: len(pool.values) for pool in self._pools.values()}
        self._told_by_schema = told_by is not None
        self._extras = [values for _, values in extras]
        self._delivered = [
            place for place, field in enumerate(schema.fields) if _is_delivery_time(field)
        ]

    def make(self, slot: datetime, length: timedelta, number: int, late: int) -> list[Event]:
        """Make new events.

        Args:
            slot: beginning of the time in which they are processed.
            length: of that time.
            number: how many.
            late: how many of them happened 1 to 72 hours before the slot.
        """
        random = self._random
        milliseconds = int(length.total_seconds() * 1000)
        processed = [random.randrange(milliseconds) for _ in range(number)]
        happened = [
            -random.randrange(*_LATE) if place < late else at - random.randrange(_lag(at))
            for place, at in enumerate(processed)
        ]
        places = {
            group: random.choices(range(size), k=number) for group, size in self._groups.items()
        }
        columns: list[Sequence[Value]] = []
        for field in self.schema.fields:
            special = self._special(field)
            if special is None:
                pool = self._pools[field.column]
                columns.append([pool.values[place] for place in places[pool.group]])
            else:
                columns.append(list(special(slot, happened, processed)))
        if not self._told_by_schema:
            columns.append([self.schema.event_type] * number)
        columns += [random.choices(values, k=number) for values in self._extras]
        columns.append([None] * number)
        return list(zip(*columns, strict=True))

    def redelivered(self, event: Event, slot_end: datetime) -> Event:
        """Return the event as a later delivery repeats it, processed after the slot's end."""
        if not self._delivered:
            return event
        values = list(event)
        for place in self._delivered:
            values[place] = stamp(slot_end, self._random.randrange(_MOST_LAG))
        return tuple(values)

    def undated(self, event: Event) -> Event | None:
        """Return the event with a time that is none; None for a type without an event time."""
        if self.schema.event_time is None:
            return None
        values = list(event)
        values[list(self.schema.by_column).index(self.schema.event_time)] = self._random.choice(
            _BAD_TIMES
        )
        return tuple(values)

    def _special(
        self, field: Field
    ) -> Callable[[datetime, list[int], list[int]], Iterator[Value]] | None:
        """Return what makes a column that is not drawn from a pool."""
        if field.column == self._unique.column:
            return self._keys
        if field.column == TYPE_COLUMN:
            return self._types
        if field.column == self.schema.event_time:
            return _dates if field.type is FieldType.DATE else _event_times
        if _is_delivery_time(field):
            return _processed_times
        return None

    def _keys(self, _: datetime, happened: list[int], __: list[int]) -> Iterator[Value]:
        for _event in happened:
            match self._unique.type:
                case FieldType.TEXT:
                    yield str(UUID(int=self._random.getrandbits(128), version=4))
                case FieldType.NUMBER:
                    yield next(self._numbers) / 2
                case _:
                    yield next(self._numbers)

    def _types(self, _: datetime, happened: list[int], __: list[int]) -> Iterator[Value]:
        for _event in happened:
            yield self.schema.event_type


def stamp(moment: datetime, milliseconds: int) -> str:
    """Return a time as the feed's neighbours spell it: UTC, no zeros at the fraction's end."""
    moment = moment.replace(tzinfo=None) + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").rstrip("0").rstrip(".") + "Z"


def _event_times(slot: datetime, happened: list[int], _: list[int]) -> Iterator[Value]:
    for at in happened:
        yield stamp(slot, at)


def _dates(slot: datetime, happened: list[int], _: list[int]) -> Iterator[Value]:
    for at in happened:
        yield stamp(slot, at)[:10]


def _processed_times(slot: datetime, _: list[int], processed: list[int]) -> Iterator[Value]:
    for at in processed:
        yield stamp(slot, at)


def _lag(processed: int) -> int:
    """Bound of how long before its processing an event of this slot happened."""
    return min(processed, _MOST_LAG) + 1


def _is_delivery_time(field: Field) -> bool:
    return field.delivery and field.type is FieldType.TIMESTAMP


def _unique_field(schema: EventSchema) -> Field:
    for column in schema.key:
        field = schema.by_column.get(column)
        if field and field.type in {FieldType.TEXT, FieldType.INTEGER, FieldType.NUMBER}:
            return field
    raise ConfigError(
        f"{schema.event_type}: a sample needs a text or number in the event's key, which is"
        f" {', '.join(schema.key)}; leave this event type out of the sample"
    )
