"""One thing that was tried, and how it came out."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from firehose_loader.errors import FirehoseError


class State(StrEnum):
    """How a probe came out."""

    OK = "ok"
    WARNING = "warning"
    """It works, but somebody should know."""
    UNTESTED = "untested"
    """It could not be tried; ``found`` says why."""
    MISSING = "missing"
    """A run will fail over it."""


class Probe(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was tried."""

    subject: str
    """``this machine``, ``warehouse`` or ``source NAME``."""
    name: str
    state: State
    found: str
    """What was found, and where something is missing, what to do."""
    statements: tuple[str, ...] = ()
    """SQL that mends it, without semicolons, for whoever may run it."""


def attempt(subject: str, name: str, step: Callable[[], Probe | str]) -> Probe:
    """Try a step; it answers with what it found, and raises where something is missing."""
    try:
        answer = step()
    except FirehoseError as error:
        return Probe(subject=subject, name=name, state=State.MISSING, found=str(error))
    if isinstance(answer, Probe):
        return answer
    return Probe(subject=subject, name=name, state=State.OK, found=answer)
