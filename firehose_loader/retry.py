"""How to wait for what may mend itself: the policy for every TransientError."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

import tenacity
from msgspec import Struct

from firehose_loader.errors import TransientError

T = TypeVar("T")


def _unreported(error: TransientError, pause_seconds: float) -> None:
    """Tell nobody."""


def _nothing() -> None:
    """Nothing speaks against one more try."""


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often to try and how long to wait in between: exponential, jittered, bounded.

    Where the other side asks for a longer pause, it gets it, within ``total_seconds``.
    """

    attempts: int = 5
    """Tries in all, the first one included."""
    first_pause_seconds: float = 0.5
    """Pause after the first failure; it doubles with each further one."""
    longest_pause_seconds: float = 20
    total_seconds: float = 180
    """No pause begins that would end later than this after the first try began."""
    unasked_seconds: float = 60
    """The same for pauses that nobody asked for: whoever does not even do that may be dead."""
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1: a pause lies between half of its nominal length and the whole."""
    go_on: Callable[[], None] = _nothing
    """Called before each try; what it raises ends the matter."""
    report: Callable[[TransientError, float], None] = _unreported
    """Called before each pause with what failed and the seconds until the next try."""


def call(policy: RetryPolicy, step: Callable[[], T]) -> T:
    """Return what ``step`` returns, trying again as the policy says while it fails transiently.

    Raises:
        TransientError: the last one, when the policy's bounds are reached.
    """
    began = time.monotonic()
    try:
        policy.go_on()
        return step()
    except TransientError as error:
        failed = [error]
    # Mostly nothing is tried again: only here does it pay to keep account.

    def attempt() -> T:
        if failed:
            raise failed.pop()
        policy.go_on()
        return step()

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransientError),
        stop=lambda state: _is_over(policy, state, time.monotonic() - began),
        wait=lambda state: _pause_seconds(policy, state),
        before_sleep=lambda state: _report(policy, state),
        sleep=policy.sleep,
        reraise=True,
    )
    return retrying(attempt)


def asked_pause(retry_after: str | None) -> float:
    """Return the seconds that a Retry-After header asks for; 0 without one that can be read."""
    if retry_after is None:
        return 0
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0
    return max(0.0, moment.timestamp() - time.time())


def _pause_seconds(policy: RetryPolicy, state: tenacity.RetryCallState) -> float:
    doubled = policy.first_pause_seconds * 2.0 ** min(state.attempt_number - 1, 30)
    nominal = min(policy.longest_pause_seconds, doubled)
    error = _error(state)
    return max(nominal * (0.5 + 0.5 * policy.jitter()), error.pause_seconds if error else 0)


def _is_over(policy: RetryPolicy, state: tenacity.RetryCallState, seconds: float) -> bool:
    if state.attempt_number >= policy.attempts:
        return True
    error = _error(state)
    asked = error is not None and error.pause_seconds > 0
    most = [policy.total_seconds, *([] if asked else [policy.unasked_seconds])]
    return seconds + state.upcoming_sleep >= min(most)


def _report(policy: RetryPolicy, state: tenacity.RetryCallState) -> None:
    if (error := _error(state)) is not None:
        policy.report(error, state.upcoming_sleep)


def _error(state: tenacity.RetryCallState) -> TransientError | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TransientError) else None
