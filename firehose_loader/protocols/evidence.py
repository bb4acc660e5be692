"""What a warehouse tells of the fields of one event type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol


class Usage(NamedTuple):
    """How one column of an event table is used."""

    filled: int
    """Rows that have a value."""
    last: datetime | None
    """When the newest of these was loaded."""


class TableUsage(NamedTuple):
    """How an event table is used."""

    rows: int
    newest: datetime | None
    """When the last row was loaded."""
    columns: Mapping[str, Usage]


class Gaps(NamedTuple):
    """Drops that had no value of a field where one was due, since the first that had one."""

    drops: int
    of: int
    """All drops since then."""
    newest: str
    """Key of the newest of them."""


class TableEvidence(Protocol):
    """Reads an event table and the ledger; every question is one scan."""

    def usage(self, columns: Sequence[str]) -> TableUsage:
        """Return how some of its columns are used."""

    def loaded_since(self, moment: datetime) -> tuple[int, bool]:
        """Return how many rows were loaded behind a moment, and whether all of them came as CSV."""

    def headers(self) -> Sequence[tuple[str, bool]]:
        """Return the names in the headers of its drops, the commonest first.

        Each with whether a drop of the newest load has it.
        """

    def gaps(self, names: Mapping[str, Sequence[str]], *, due: int) -> Mapping[str, Gaps]:
        """Return the gaps of columns, of those that have any.

        Args:
            names: by column, what headers call it.
            due: so many values must have been due in a drop without a header.
        """

    def named_types(self) -> Mapping[str, int]:
        """Return the event types that its rows name, with their rows; of ``unknown`` only."""

    def rescued(self) -> str:
        """Bring ``_rescued`` of its rows into the engine; return what has it there.

        That is a table as statements write it, with the column ``_rescued``.
        """
