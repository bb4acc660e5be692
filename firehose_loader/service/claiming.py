"""A run claims its sources, so that no other one does the same work at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from firehose_loader.config import Config
from firehose_loader.errors import FirehoseError, WarehouseBusy
from firehose_loader.protocols import Warehouse
from firehose_loader.retry import RetryPolicy, call

_ENDLESS = 1_000_000  # tries: only time bounds the wait
_BEATS = 3
"""How often a claim is renewed while it would last."""


@contextmanager
def claimed(config: Config, warehouse: Warehouse, run_id: str) -> Iterator[Callable[[], None]]:
    """Claim all sources, waiting up to ``lock_timeout`` for another run; give them up in the end.

    Yields what renews the claims where it is time to; it is to be called again and again.

    Raises:
        WarehouseBusy: another run works through one of them.
    """
    lease = timedelta(seconds=config.warehouse.lease_seconds)
    if not lease:
        yield _nothing
        return
    patience = RetryPolicy(
        attempts=_ENDLESS,
        first_pause_seconds=0.2,
        longest_pause_seconds=1,
        unasked_seconds=config.warehouse.lock_timeout,
    )
    call(patience, lambda: _claim(config, warehouse, run_id, lease))
    beat = _Beat(warehouse, run_id, lease)
    try:
        yield beat
    finally:
        # What is not given up runs out by itself.
        with suppress(FirehoseError):
            warehouse.claims().end(run_id)


def _claim(config: Config, warehouse: Warehouse, run_id: str, lease: timedelta) -> None:
    names = [source.name for source in config.source]
    if other := warehouse.claims().take(names, run_id=run_id, lease=lease):
        warehouse.release()  # else, that run could not get on
        raise WarehouseBusy(
            f"{config.warehouse.place}: the source {other.source!r} is held by run {other.run_id}"
            f" ({other.holder}) since {other.since:%Y-%m-%d %H:%M:%S} UTC; wait for it, or if it"
            f" was killed, until its lease ends at {other.expires_at:%Y-%m-%d %H:%M:%S} UTC"
            " ([warehouse] lease_seconds)"
        )


class _Beat:
    """Renews claims, not too often."""

    def __init__(self, warehouse: Warehouse, run_id: str, lease: timedelta) -> None:
        self._warehouse = warehouse
        self._run_id = run_id
        self._lease = lease
        self._due = 0.0
        self._rest()

    def __call__(self) -> None:
        if time.monotonic() < self._due:
            return
        # A beat that is missed costs no more than work that is done twice.
        with suppress(FirehoseError):
            self._warehouse.claims().renew(self._run_id, lease=self._lease)
        self._rest()

    def _rest(self) -> None:
        self._due = time.monotonic() + self._lease.total_seconds() / _BEATS


def _nothing() -> None:
    """There is nothing to renew."""
