"""Many threads, one warehouse: what they want of it is done in the thread that holds it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from msgspec import Struct

from firehose_loader import stopping
from firehose_loader.errors import FirehoseError

T = TypeVar("T")
_LEAVING_SECONDS = 3
"""How long threads may take to clear up behind them once they are stopped."""
_BEAT_SECONDS = 1
_IDLE_SECONDS = 0.05
"""How long no step must have come for the owner to rest."""


def _nothing() -> None:
    """There is nothing to be done between steps."""


class _Step(Struct, frozen=True):
    call: Callable[[], object]
    result: Future[Any]


class Turns:
    """Runs tasks side by side; the steps that they hand in run one by one, in the owner's thread.

    So a signal, which Python gives to the main thread, interrupts a load as if nothing else ran.
    """

    def __init__(
        self, beat: Callable[[], None] = _nothing, rest: Callable[[], None] = _nothing
    ) -> None:
        """Take what the owner is to call between steps.

        Args:
            beat: called at least every second while no step runs.
            rest: called when the owner has nothing to do, and after a second of many short steps.
        """
        self._beat = beat
        self._rest = rest
        self._rest_due = 0.0
        self._steps: SimpleQueue[_Step | None] = SimpleQueue()
        self._stopped: Future[None] = Future()

    def take(self, step: Callable[[], T]) -> T:
        """Run a step in the owner's thread, for a task that waits for its result.

        Raises:
            CancelledError: all is stopped; the task is to clear up and end.
            FirehoseError: whatever the step raises.
        """
        result: Future[T] = Future()
        self.go_on()
        self._steps.put(_Step(step, result))
        if self._stopped.done():
            result.cancel()  # it may have come too late to be refused
        return result.result()

    def go_on(self) -> None:
        """Raise CancelledError once all is stopped."""
        if self._stopped.done():
            raise CancelledError

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until all is stopped; then raise CancelledError."""
        wait([self._stopped], seconds)
        self.go_on()

    def result(self, future: Future[T]) -> T:
        """Return the result of a future; do not wait for it once all is stopped.

        Raises:
            CancelledError: all is stopped.
            Whatever the future holds.
        """
        either: list[Future[Any]] = [future, self._stopped]
        wait(either, return_when=FIRST_COMPLETED)
        self.go_on()
        return future.result()

    def run(self, tasks: Iterable[Callable[[], None]], *, threads: int) -> None:
        """Run all tasks to their end, so many at a time.

        Anything but a FirehoseError, in a task or in a step, stops all of them and is raised here.
        """
        waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
        for task in tasks:
            waiting.put(task)
        errors: list[BaseException] = []
        # No pool: the interpreter would wait, at its end, for a thread whose server is silent.
        workers = [
            threading.Thread(target=self._work, args=(waiting, errors), daemon=True)
            for _ in range(min(threads, waiting.qsize()))
        ]
        for worker in workers:
            worker.start()
        try:
            self._serve(len(workers), errors)
        finally:
            self._stop()
            for worker in workers:
                worker.join(_LEAVING_SECONDS)

    def _work(self, waiting: SimpleQueue[Callable[[], None]], errors: list[BaseException]) -> None:
        try:
            while not self._stopped.done():
                waiting.get_nowait()()
        except Empty:
            return
        except BaseException as error:  # noqa: BLE001 - it is raised in the owner's thread
            errors.append(error)
        finally:
            self._steps.put(None)

    def _serve(self, workers: int, errors: list[BaseException]) -> None:
        while workers:
            stopping.check()
            self._beat()
            try:
                step = self._next()
            except Empty:
                continue
            if step is not None:
                _answer(step)
                continue
            workers -= 1
            if errors:
                raise errors[0]

    def _next(self) -> _Step | None:
        """Return the next step, or that a task has ended; raise Empty if neither comes."""
        if time.monotonic() < self._rest_due:
            with suppress(Empty):
                return self._steps.get(timeout=_IDLE_SECONDS)
        self._rest()
        self._rest_due = time.monotonic() + _BEAT_SECONDS
        return self._steps.get(timeout=_BEAT_SECONDS)

    def _stop(self) -> None:
        """Have all tasks end, also those that wait for the result of a step."""
        self._stopped.set_result(None)
        while not self._steps.empty():
            if step := self._steps.get():
                step.result.cancel()


def _answer(step: _Step) -> None:
    try:
        step.result.set_result(step.call())
    except FirehoseError as error:
        step.result.set_exception(error)
    except BaseException:
        step.result.cancel()
        raise
