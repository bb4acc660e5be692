"""What a warehouse's own statements run through, whatever kind of warehouse it is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from firehose_loader.engine import Row


class Session(Protocol):
    """A connection to where the tables lie; every statement comes from ``sql/<dialect>``.

    Statements of one name mean the same in every dialect: they take the same parameters, and
    fragments that the spelling of the dialect makes.
    """

    @property
    def dialect(self) -> str:
        """Which SQL it speaks: a key of ``ddl.SPELLINGS``, and the folder of its statements."""

    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> list[Row]:
        """Run a statement and return its rows."""

    def changed(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> int:
        """Run a statement that changes rows and return how many it says it changed."""

    def transaction(self, *, keep: bool = True) -> AbstractContextManager[None]:
        """Commit what happens within; roll it back if anything is raised, or ``keep`` is false."""
