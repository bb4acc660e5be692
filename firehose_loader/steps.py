"""Where the time of a run goes: seconds and bytes of each step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct


class Step(Struct, kw_only=True):
    """One step, over all batches."""

    seconds: float = 0.0
    bytes: int = 0
    """Of the drops that it took in; 0 where that means nothing."""


class Steps:
    """The steps of a run, in the order in which they came first."""

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}

    @contextmanager
    def measured(self, name: str, size_bytes: int = 0) -> Iterator[None]:
        """Count what happens within to a step, even if it fails."""
        step = self._steps.setdefault(name, Step())
        step.bytes += size_bytes
        started = time.monotonic()
        try:
            yield
        finally:
            step.seconds += time.monotonic() - started

    def as_json(self) -> dict[str, dict[str, float]]:
        """Return them as ``--json`` prints them."""
        return {
            name: {"seconds": round(step.seconds, 3), "bytes": step.bytes}
            for name, step in self._steps.items()
        }
