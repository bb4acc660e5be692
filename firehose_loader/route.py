"""Which event type a drop has, as far as its name, a rule or its header tells."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from wcmatch import glob

from firehose_loader.config import Config
from firehose_loader.errors import ConfigError
from firehose_loader.model import Content, Drift
from firehose_loader.normalise import DropTypes
from firehose_loader.privacy import Retention, Rules
from firehose_loader.privacy.retention import ALL_OTHERS
from firehose_loader.schema.catalog import UNKNOWN_TYPE, Catalog
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.schema.names import RESERVED_PREFIX

_FLAGS = glob.GLOBSTAR | glob.DOTGLOB
_DOTS = re.compile(r"(?<![^/])\.{1,2}(?![^/])")


class Globs:
    """Globs on keys, of which a key must match one."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = glob.compile(list(patterns), flags=_FLAGS) if patterns else None

    def match(self, key: str) -> bool:
        """Tell whether a key matches.

        Wildcards leave the names ``.`` and ``..`` out, as they must in a folder. In a bucket these
        are names as any others: here a wildcard stands for them too.
        """
        if self._patterns is None:
            return False
        return self._patterns.match(key) or (
            _DOTS.search(key) is not None and self._patterns.match(_DOTS.sub("\ue000", key))
        )


def drop_types(
    key: str, content: Content | None, rules: Mapping[str, str], catalog: Catalog
) -> DropTypes:
    """Tell a drop's event type from a rule; else from its folders, its file name, its header.

    ``rules`` are globs on the key with the event types they stand for, already checked.
    """
    for pattern, event_type in rules.items():
        if Globs([pattern]).match(key):
            return DropTypes(forced=event_type, why=f"the rule {pattern!r} of the source")
    *folders, name = key.split("/")
    for folder in reversed(folders):
        if found := catalog.resolve_type(folder):
            return DropTypes(default=found, why=f"the folder {folder!r}")
    found = catalog.find_type(name)
    if found is not None:
        return DropTypes(default=found, why=f"the file name {name!r}")
    if content is not None and (found := catalog.only_type_with(content.header)) is not None:
        return DropTypes(default=found, why="no other event type has all fields of its header")
    return DropTypes()


def checked_drift(source: str, policies: Mapping[str, Drift], catalog: Catalog) -> dict[str, Drift]:
    """Return the drift policy of every event type; raise ConfigError as ``checked_rules``."""
    named = {name: policy for name, policy in policies.items() if name != "*"}
    rest = policies.get("*", Drift.EVOLVE)
    return dict.fromkeys((*catalog.event_types, UNKNOWN_TYPE), rest) | {
        _known_type(f"source {source!r}: drift", name, catalog): policy
        for name, policy in named.items()
    }


def checked_retention(config: Config, catalog: Catalog) -> Retention:
    """Return how long events are kept; raise ConfigError as ``checked_rules``."""

    def checked(where: str, given: Rules) -> Rules:
        return {
            name if name == ALL_OTHERS else _known_type(where, name, catalog): days
            for name, days in given.items()
        }

    return Retention(
        for_all=checked("retention", config.retention),
        by_source={
            one.name: checked(f"source {one.name!r}: retention", one.retention)
            for one in config.source
            if one.retention
        },
    )


def checked_left_out(
    config: Config, catalog: Catalog, schemas: Iterable[EventSchema] | None = None
) -> dict[str, frozenset[str]]:
    """Return the columns that are left out, by event type.

    Args:
        config: which says so.
        catalog: the event types.
        schemas: those in force. Without them, a column that no file knows may be one that the feed
            has added.

    Raises:
        ConfigError: there is no such event type or column, or a column cannot be left out.
    """
    known: dict[str, list[EventSchema]] = {}
    for schema in schemas if schemas is not None else catalog:
        known.setdefault(schema.event_type, []).append(schema)
    found: dict[str, frozenset[str]] = {}
    for given, columns in config.warehouse.leave_out.items():
        where = f"[warehouse.leave_out] {given!r}"
        name = (
            given if given == ALL_OTHERS else _known_type("[warehouse.leave_out]", given, catalog)
        )
        types = known if name == ALL_OTHERS else {name: known.get(name, [])}
        for column in columns:
            if column.startswith(RESERVED_PREFIX):
                raise ConfigError(
                    f"{where}: {column!r} cannot be left out: it tells where a row comes from"
                )
            of = [one for each in types.values() for one in each if column in one.by_column]
            if not of and schemas is not None:
                names = sorted(
                    {each for of in types.values() for one in of for each in one.by_column}
                )
                near = difflib.get_close_matches(column, names, n=1)
                advice = f"; did you mean {near[0]!r}?" if near else ""
                raise ConfigError(f"{where}: there is no column {column!r}{advice}")
            for one in of:
                _check_spared(where, one, column)
        for event_type in types:
            found[event_type] = found.get(event_type, frozenset()).union(columns)
    return found


def _check_spared(where: str, schema: EventSchema, column: str) -> None:
    """Refuse to leave out what names an event, its type, its time or its order."""
    stamps = {
        one.column
        for one in schema.fields
        if one.delivery and one.type is FieldType.TIMESTAMP and schema.merge == "upsert"
    }
    if column in {*schema.key, "event_type", schema.event_time, *stamps}:
        raise ConfigError(
            f"{where}: {column!r} cannot be left out: it tells which event of {schema.event_type}"
            " it is, of what type, when it happened or which one is newer"
        )


def checked_types(given: Sequence[str], catalog: Catalog) -> set[str]:
    """Return event types as the schemas spell them; raise ConfigError as ``checked_rules``."""
    return {_known_type("--event-type", name, catalog) for name in given}


def checked_rules(source: str, rules: Mapping[str, str], catalog: Catalog) -> dict[str, str]:
    """Return a source's rules with the event types spelled as the schemas spell them.

    Raises:
        ConfigError: a rule names an event type that no schema has.
    """
    return {
        pattern: _known_type(f"source {source!r}: events: {pattern!r} =", name, catalog)
        for pattern, name in rules.items()
    }


def _known_type(where: str, name: str, catalog: Catalog) -> str:
    """Return an event type as the schemas spell it."""
    event_type = catalog.resolve_type(name)
    if event_type is None:
        near = difflib.get_close_matches(name, catalog.event_types, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(
            f"{where} {name!r}: no event schema has that type{hint}"
            " (firehose-loader schema list shows all)"
        )
    return event_type
