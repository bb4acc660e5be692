"""Drops that a warehouse reads from their bucket by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from msgspec import Struct

from firehose_loader.engine import Row
from firehose_loader.protocols.staged import StagedTable


class TypedRows(Struct, frozen=True, kw_only=True):
    """How rows that were read become those of one event type, in the warehouse's SQL."""

    rows: str
    """The table that holds their texts."""
    type_no: str
    """SQL of the number of a row's event type."""
    values: Mapping[str, str]
    """SQL of each column; JSON as text."""
    key: str
    rescued: str
    span: Mapping[str, int]
    """The ``first`` and the ``last`` of the drops that are loaded together, by number."""


class External(Protocol):
    """A session of the warehouse, in which drops are read and typed."""

    def place(self, source: str, url: str) -> str:
        """Return the stage that leads to a source, as statements name it.

        Raises:
            ConfigError: it does not lead there, or not to all of it.
            AccessDenied: there is none, or we may not use it.
        """

    def file(self, key: str) -> str | None:
        """Return how the stage of the last ``place`` names a drop; None where it cannot."""

    def path(self, key: str) -> str:
        """Return what rows of a drop say of the file that they come from."""

    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> list[Row]:
        """Run a statement of the warehouse's dialect."""

    def begin(self) -> None:
        """Make what holds the keys of a batch anew."""

    def typed(self, number: int, table: StagedTable, rows: TypedRows) -> StagedTable:
        """Type rows; return a table of the batch that gives them, the ``number``-th of it."""

    def forget(self, tables: Collection[str]) -> None:
        """Give the room of tables back."""
