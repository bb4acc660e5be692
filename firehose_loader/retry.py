"""How to wait for what may mend itself: the policy for every TransientError."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from firehose_loader.errors import TransientError

T = TypeVar("T")


def _unreported(error: TransientError, pause_seconds: float) -> None:
    """Tell nobody."""


def _nothing() -> None:
    """Nothing speaks against one more try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often to try and how long to wait in between: exponential, jittered, bounded."""

    attempts: int = 5
    """Tries in all, the first one included."""
    first_pause_seconds: float = 0.5
    """Pause after the first failure; it doubles with each further one."""
    longest_pause_seconds: float = 20
    total_seconds: float = 180
    """No pause begins that would end later than this after the first try."""
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

    def attempt() -> T:
        policy.go_on()
        return step()

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransientError),
        stop=tenacity.stop_any(
            tenacity.stop_after_attempt(policy.attempts),
            tenacity.stop_before_delay(policy.total_seconds),
        ),
        wait=lambda state: _pause_seconds(policy, state.attempt_number),
        before_sleep=lambda state: _report(policy, state),
        sleep=policy.sleep,
        reraise=True,
    )
    return retrying(attempt)


def _pause_seconds(policy: RetryPolicy, failures: int) -> float:
    doubled = policy.first_pause_seconds * 2.0 ** min(failures - 1, 30)
    nominal = min(policy.longest_pause_seconds, doubled)
    return nominal * (0.5 + 0.5 * policy.jitter())


def _report(policy: RetryPolicy, state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransientError):
        policy.report(error, state.upcoming_sleep)
