"""How long a drop may be read: what the engine does is ended when that is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from firehose_loader.errors import DropTooSlow, EngineInterrupted, RunTooLong

_AGAIN_SECONDS = 0.1
"""An interruption between two statements is lost: there are more of them until one is met."""


class RunTime:
    """How long a run begins with further batches; None: for as long as there are any."""

    def __init__(self, most: timedelta | None) -> None:
        self._most = most
        self._begun = time.monotonic()

    def check(self) -> None:
        """Raise RunTooLong when the time is over."""
        if self._most is None:
            return
        most = self._most.total_seconds()
        if time.monotonic() - self._begun > most:
            raise RunTooLong(most)


class TimeLimit:
    """As a context: its body ends with DropTooSlow soon after its time is over, at its end at last.

    What the engine works on then is interrupted; other work asks ``check`` every now and then. It
    may be entered again: what was left of the time goes on.
    """

    def __init__(self, seconds: float, interrupt: Callable[[], None]) -> None:
        self._seconds = seconds
        self._left = seconds
        self._interrupt = interrupt
        self._end = 0.0

    def check(self) -> None:
        """Raise DropTooSlow when the time is over."""
        if self._is_over:
            raise DropTooSlow(self._seconds)

    @property
    def _is_over(self) -> bool:
        return time.monotonic() >= self._end

    def __enter__(self) -> Self:
        self._end = time.monotonic() + self._left
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._watched, daemon=True)
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._watch.join()
        self._left = max(0.0, self._end - time.monotonic())
        if self._is_over and (error is None or isinstance(error, EngineInterrupted)):
            raise DropTooSlow(self._seconds) from error

    def _watched(self) -> None:
        waited = self._done.wait(min(self._left, threading.TIMEOUT_MAX))
        while not waited:
            self._interrupt()
            waited = self._done.wait(_AGAIN_SECONDS)
