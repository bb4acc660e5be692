"""Who works through which source: so that two runs do not do the same work.

That each drop is loaded once does not hang on it: ledger and rows commit together. A claim that
runs out while its holder lives costs work that is done twice, and nothing else.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from firehose_loader.protocols import Claim
from firehose_loader.warehouse.session import Session

CLAIMS = ("source", "holder", "run_id", "since", "expires_at")
_RUNNING: set[str] = set()
"""The runs of this process that have claims."""


class Claims:
    """The claims in a warehouse; times are naive UTC there."""

    def __init__(self, session: Session, table: str) -> None:
        self._session = session
        self._table = table

    def take(self, sources: Collection[str], *, run_id: str, lease: timedelta) -> Claim | None:
        now = datetime.now(UTC)
        if other := self._in_the_way(sources, run_id, now):
            return other
        _RUNNING.add(run_id)
        for source in sorted(sources):
            self._session.run(
                "claims_take",
                {
                    "source": source,
                    "holder": _holder(),
                    "run_id": run_id,
                    "now": now,
                    "expires_at": now + lease,
                },
                table=self._table,
            )
        if other := self._in_the_way(sources, run_id, now):  # it came between
            self.end(run_id)
        return other

    def renew(self, run_id: str, *, lease: timedelta) -> None:
        values = {"run_id": run_id, "expires_at": datetime.now(UTC) + lease}
        self._session.run("claims_renew", values, table=self._table)

    def end(self, run_id: str) -> None:
        _RUNNING.discard(run_id)  # first: one that cannot be taken away counts as dead by then
        self._session.run("claims_end", {"run_id": run_id}, table=self._table)

    def _in_the_way(self, sources: Collection[str], run_id: str, now: datetime) -> Claim | None:
        """Return a claim of another run that counts; those of dead ones are taken away."""
        found: Claim | None = None
        for claim in self._all():
            if claim.source not in sources or claim.run_id == run_id:
                continue
            if _is_dead(claim):
                self._session.run("claims_end", {"run_id": claim.run_id}, table=self._table)
            elif claim.expires_at > now.replace(tzinfo=None):
                found = found or claim
        return found

    def _all(self) -> Sequence[Claim]:
        rows = self._session.run("claims_list", table=self._table)
        return [
            Claim(source=source, holder=holder, run_id=run_id, since=since, expires_at=expires)
            for source, holder, run_id, since, expires in cast(
                "list[tuple[str, str, str, datetime, datetime]]", rows
            )
        ]


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _is_dead(claim: Claim) -> bool:
    """Tell whether a process of this machine had it that is no more.

    A container that is started again has the name and the process id of the one before.
    """
    host, _, pid = claim.holder.rpartition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        return claim.run_id not in _RUNNING
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
