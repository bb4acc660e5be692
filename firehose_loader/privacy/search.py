"""What a warehouse needs to find what it has of people, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from firehose_loader.privacy.forgotten import Person

_OTHERS = re.compile(r"[^a-z0-9]+")


class Candidate(NamedTuple):
    """A row in which there may be somebody."""

    texts: Sequence[tuple[str, str]]
    """Names and values of its columns; of a row that is set aside, its text under no name."""
    context: str | None = None
    """Of a row that is set aside: what it takes to take its text apart."""


class Search(Struct, frozen=True, kw_only=True):
    """Whom to forget."""

    needles: Sequence[str]
    """At least one of them stands in every row that names one of them, once that is ``folded``;
    ``contactid`` stands before the ids of contacts."""
    ids: Sequence[str]
    """The ids of contacts, for rows that are set aside and whose cells have no names."""
    judge: Callable[[Sequence[Candidate]], Sequence[Collection[int]]]
    """Tells of rows whom they name, by place in ``people``."""
    people: Sequence[Person]
    """As what they are remembered."""
    event_types: Mapping[str, str]
    """By table."""
    always: bool
    """Remember those, too, of whom there is nothing."""


class ForgetReceipt(Struct, frozen=True, kw_only=True):
    """What forgetting people did, or would do."""

    rows: Sequence[Mapping[str, int]]
    """By place in ``Search.people``: how many rows there were, by table."""
    events: int
    """Rows of event tables that are gone."""
    duplicates: int
    """Rows that had carried the same events."""
    set_aside: int
    """Rows and drops in quarantine whose text is gone."""
    conflicts: int
    """Held conflicts of other rows with events that are gone: these can be retried."""
    drops: int
    """Drops of which anything is gone."""


def folded(text: str) -> str:
    """Return the letters and digits of a text, in lower case.

    >>> folded("Jo+1@Example.com")
    'jo1examplecom'
    """
    return _OTHERS.sub("", text.lower())
