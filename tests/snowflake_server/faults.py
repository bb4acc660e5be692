"""Faults that a test orders: for the next statements that match, or for signing in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["status", "lost", "cut", "expired", "slow", "error"]


@dataclass(slots=True, kw_only=True)
class Fault:
    """What is to go wrong, and how often."""

    match: str
    """Expression for the statement's text; ``login`` for signing in."""
    kind: Kind
    """``status``: an HTTP status in place of an answer, nothing is done. ``lost``: it is done, and
    the answer is a status. ``cut``: it is done, and the connection ends in mid-answer. ``expired``:
    the session's token is. ``slow``: it takes seconds. ``error``: an error of Snowflake's."""
    times: int = 1
    after: int = 0
    """How many statements that match go well before."""
    status: int = 503
    seconds: float = 0
    code: int = 0
    state: str = "00000"
    message: str = "as ordered"
    ends_session: bool = False
    """The session is closed with it, and its transaction rolled back."""


class Faults:
    """Those that are ordered."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Have a fault happen."""
        self._ordered.append(fault)

    def clear(self) -> None:
        """Have nothing more go wrong."""
        self._ordered.clear()

    def next(self, text: str) -> Fault | None:
        """Return what is to go wrong with a statement, and count it."""
        for fault in self._ordered:
            if fault.times > 0 and re.search(fault.match, text, re.IGNORECASE | re.DOTALL):
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
        return None
