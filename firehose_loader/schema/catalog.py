"""All event schemas in force, and how event types are found in what a feed says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path

from firehose_loader.errors import SchemaError
from firehose_loader.schema.gather import gather
from firehose_loader.schema.model import EventSchema, FieldType, Version
from firehose_loader.schema.names import fold, snake

UNKNOWN_TYPE = "unknown"
"""The event type of rows whose type cannot be told."""


class Catalog:
    """Event schemas by type and version. Never changes once made."""

    def __init__(self, schemas: Iterable[EventSchema]) -> None:
        """Take the schemas in force; of two with one type and version, the later one."""
        latest = {(schema.event_type, schema.version): schema for schema in schemas}
        self._schemas = tuple(latest[key] for key in sorted(latest))
        self._types = {fold(event_type): event_type for event_type, _ in sorted(latest)}
        self.only_type_with = lru_cache(maxsize=256)(self._only_type_with)

    def __iter__(self) -> Iterator[EventSchema]:
        """Yield every schema, ordered by type and version."""
        return iter(self._schemas)

    @cached_property
    def event_types(self) -> tuple[str, ...]:
        """All event types in order, without ``unknown``."""
        return tuple(sorted(set(self._types.values()) - {UNKNOWN_TYPE}))

    def versions(self, event_type: str) -> tuple[Version, ...]:
        """Return the versions of an event type, ascending; raise SchemaError if it has none."""
        return tuple(self._by_type(event_type))

    def latest(self, event_type: str) -> EventSchema:
        """Return the newest version of an event type; raise SchemaError if there is none."""
        return list(self._by_type(event_type).values())[-1]

    def get(self, event_type: str, version: Version) -> EventSchema:
        """Return one version of an event type; raise SchemaError if it is not there."""
        versions = self._by_type(event_type)
        if version not in versions:
            raise SchemaError(
                f"event type {event_type!r} has no version {version};"
                f" there are {', '.join(map(str, versions))}"
            )
        return versions[version]

    def resolve_type(self, text: str) -> str | None:
        """Return the event type that a text spells: ``emailOpen`` is ``email.open``."""
        return self._types.get(fold(text))

    def find_type(self, text: str) -> str | None:
        """Return the event type named inside a longer text, such as a file's name.

        The name must stand alone there, between separators, digits or a change of case. Of
        overlapping names the longest counts: ``transactional_emailFailed`` is not
        ``email.failed``. A text that names two event types names none, and ``unknown`` is not
        looked for.
        """
        found = list(self._mentions(re.findall(r"\d+|[^\W\d_]+", snake(text))))
        types = {
            event_type
            for place, event_type in found
            if not any(
                len(fold(other)) > len(fold(event_type)) and _overlap(place, elsewhere)
                for elsewhere, other in found
            )
        }
        return types.pop() if len(types) == 1 else None

    @cached_property
    def dictionary(self) -> Mapping[str, tuple[str, FieldType]]:
        """Column and type by folded spelling, for spellings that mean one thing everywhere."""
        meanings: dict[str, set[tuple[str, FieldType]]] = {}
        for schema in self._schemas:
            for spelling, field in schema.by_spelling.items():
                meanings.setdefault(spelling, set()).add((field.column, field.type))
        return {
            spelling: next(iter(found))
            for spelling, found in sorted(meanings.items())
            if len(found) == 1
        }

    @cached_property
    def _grouped(self) -> Mapping[str, Mapping[Version, EventSchema]]:
        grouped: dict[str, dict[Version, EventSchema]] = {}
        for schema in self._schemas:
            grouped.setdefault(schema.event_type, {})[schema.version] = schema
        return grouped

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._types), default=0)

    def _by_type(self, event_type: str) -> Mapping[Version, EventSchema]:
        if event_type not in self._grouped:
            near = get_close_matches(event_type, self._grouped, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`schema list` shows those there are"
            raise SchemaError(f"no event schema for the event type {event_type!r}; {hint}")
        return self._grouped[event_type]

    def _only_type_with(self, header: tuple[str, ...]) -> str | None:
        """Return the event type whose newest version knows all these fields, if there is but one.

        Mostly all drops of a source have one of a few headers, so answers are kept.
        """
        fields = {fold(name) for name in header}
        knowing = [
            event_type
            for event_type in self.event_types
            if fields and fields <= self.latest(event_type).by_spelling.keys()
        ]
        return knowing[0] if len(knowing) == 1 else None

    def _mentions(self, words: Sequence[str]) -> Iterator[tuple[range, str]]:
        """Yield every run of words that spells an event type."""
        for start in range(len(words)):
            joined = ""
            for stop in range(start, len(words)):
                joined += words[stop].casefold()
                if len(joined) > self._longest:
                    break
                event_type = self._types.get(joined, UNKNOWN_TYPE)
                if event_type != UNKNOWN_TYPE:
                    yield range(start, stop + 1), event_type


def load_catalog(user_folder: Path | None = None) -> Catalog:
    """Read the shipped event schemas, and those of the user's own folder.

    A user's document adds a type or a version. It replaces a shipped one only if it says
    ``"x-overrides": true``. Shared fields are looked up in its own folder first.

    Raises:
        SchemaError: naming each file, the place in it, what is wrong and what to write instead.
    """
    gathered = gather(user_folder)
    gathered.refuse()
    return Catalog(gathered.schemas.values())


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop
