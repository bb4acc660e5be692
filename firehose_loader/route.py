"""Which event type a drop has, as far as its name, a rule or its header tells."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from wcmatch import glob

from firehose_loader.config import Config
from firehose_loader.errors import ConfigError
from firehose_loader.model import Content, Drift
from firehose_loader.normalise import DropTypes
from firehose_loader.privacy import Retention, Rules
from firehose_loader.privacy.retention import ALL_OTHERS
from firehose_loader.schema.catalog import UNKNOWN_TYPE, Catalog

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
