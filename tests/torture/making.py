"""One attack in a process of its own."""

from __future__ import annotations

import time

from tests.torture import ATTACKS
from tests.torture.attack import Outcome, Plan


def made(number: int, plan: Plan) -> tuple[Outcome, float]:
    """Make it; return what came of it, and how many seconds it took."""
    began = time.monotonic()
    try:
        outcome = ATTACKS[number].run(plan)
    except Exception as error:  # noqa: BLE001 - one that cannot be made did not hold
        outcome = Outcome(tries=0, told="", wrong=(f"{type(error).__name__}: {error}",))
    return outcome, time.monotonic() - began
