"""That somebody wants the program to end, which no library on the way may keep to itself.

An exception out of a signal's handler ends what runs, but it may come where others take it for a
failure of theirs: the driver of a warehouse, a callback. So it is raised once more at the next
place that asks.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_received: list[int] = []


class Stopped(BaseException):
    """SIGINT or SIGTERM came: leave by the way of every error, which rolls back what is open."""


@contextmanager
def listening() -> Iterator[None]:
    """Have both signals raise Stopped in the main thread; what came is known until the end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        yield
    finally:
        _received.clear()


def received() -> int | None:
    """Return the first signal that came."""
    return _received[0] if _received else None


def check() -> None:
    """Raise Stopped if a signal has come."""
    if _received:
        raise Stopped


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    _received.append(number)
    raise Stopped
