"""New drops by word of a queue, in place of a listing. What it says is looked up, not believed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct, field

from firehose_loader.model import Drop
from firehose_loader.protocols import Notice, Notices, Storage
from firehose_loader.retry import RetryPolicy, call

_MOST = 20_000
"""Notices that one run takes; the next one goes on."""


class Inbox(Struct):
    """The notices of one run over one source."""

    notices: Notices
    storage: Storage
    policy: RetryPolicy
    threads: int
    foreign: int = 0
    """Notices that are not about this source; they stay in the queue."""
    _taken: dict[str, tuple[Notice, list[str]]] = field(default_factory=dict)
    """By notice: what came of it, as drop ids."""

    def drops(self) -> Iterator[Drop]:
        """Yield the drops that are told of and are there, until the queue is empty.

        A notice that comes twice counts once; a drop that is told of twice comes twice.
        """
        seen: set[str] = set()
        with ThreadPoolExecutor(self.threads, "notices") as pool:
            while len(seen) < _MOST:
                received = call(self.policy, self.notices.receive)
                fresh = [one for one in received if one.notice_id not in seen]
                if not fresh:
                    return
                seen.update(one.notice_id for one in fresh)
                self.foreign += sum(one.foreign for one in fresh)
                ours = [one for one in fresh if not one.foreign]
                for notice, found in zip(ours, pool.map(self._found, ours), strict=True):
                    self._taken[notice.notice_id] = notice, [drop.drop_id for drop in found]
                    yield from found

    def acknowledge(self, failed: Collection[str]) -> None:
        """Take the notices out of the queue whose drops are in the ledger, all but the failed."""
        done = [
            notice
            for notice, drop_ids in self._taken.values()
            if not any(drop_id in failed for drop_id in drop_ids)
        ]
        call(self.policy, lambda: self.notices.acknowledge(done))

    def _found(self, notice: Notice) -> list[Drop]:
        """Look up what a notice tells of; what is gone by now is nothing to load."""
        first = (next(self.storage.list_drops(prefix=key), None) for key in notice.keys)
        return [
            drop
            for drop, key in zip(first, notice.keys, strict=True)
            if drop is not None and drop.key == key
        ]
