"""What an attack is, what it tells, and the places that attacks work in."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is tried."""

    seed: int
    share: float
    """Of the stated tries; a run in the suite makes few."""

    def tries(self, stated: int) -> int:
        """Return how often to try what is stated to be tried so often."""
        return max(1, round(stated * self.share))

    def chance(self, name: str) -> random.Random:
        """Return the dice of an attack, which fall alike whatever else runs."""
        return random.Random(f"{self.seed} {name}")  # noqa: S311 - no secrets are made of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attack."""

    tries: int
    told: str
    """In words, with figures."""
    wrong: tuple[str, ...] = ()
    """Each try that did not end as promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One row of the page."""

    name: str
    promise: str
    """What must hold."""
    run: Callable[[Plan], Outcome]


@contextmanager
def place(name: str) -> Iterator[Path]:
    """Give a folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=f"torture-{name}-", ignore_cleanup_errors=True) as made:
        yield Path(made)
