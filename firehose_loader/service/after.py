"""After loading: drops that are in the warehouse, whole, leave their source if that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

from msgspec import Struct

from firehose_loader.config import Portions, Source
from firehose_loader.errors import DropBlocked, DropChanged, DropError, DropMissing
from firehose_loader.model import Drop
from firehose_loader.protocols import Action, Departure, Storage, Warehouse
from firehose_loader.service.tally import Tally
from firehose_loader.service.turns import Turns
from firehose_loader.templates import archive_key, further_key

_AT_ONCE = 500
"""Drops of which the warehouse is asked, and told, together."""


class AfterLoading(Struct, frozen=True, kw_only=True):
    """What becomes of the loaded drops of one source; only those whose load is committed."""

    source: Source
    portions: Portions
    storage: Storage
    warehouse: Warehouse
    turns: Turns
    tally: Tally
    run_id: str

    def work(self) -> None:
        """Archive or remove what is due. What one run does not get to, the next one does.

        A run that dies between a move and its note leaves a drop that is gone: the next run asks
        for the same move, which finds it done, and notes it.
        """
        if self.source.after == "keep":
            return
        depart = self._archive if self.source.after == "archive" else self._remove
        before = datetime.now(UTC) - timedelta(days=self.source.after_days)
        after = ""
        with ThreadPoolExecutor(self.portions.fetch_threads, "after") as pool:
            while due := self.turns.take(partial(self._due, before, after)):
                after = due[-1].drop_id
                departed = list(pool.map(partial(self._attempted, depart), due))
                self.turns.take(partial(self._note, departed))
                if len(due) < _AT_ONCE:
                    return

    def _due(self, before: datetime, after: str) -> Sequence[Drop]:
        return self.warehouse.due(
            self.source.name, loaded_before=before, after=after, at_most=_AT_ONCE
        )

    def _attempted(self, depart: Callable[[Drop], Departure], drop: Drop) -> Departure | DropError:
        try:
            return depart(drop)
        except DropMissing:
            return Departure(drop=drop, action=Action.GONE)
        except DropChanged:
            return Departure(drop=drop, action=Action.REPLACED)
        except DropError as error:
            return error

    def _archive(self, drop: Drop) -> Departure:
        assert self.source.archive is not None  # noqa: S101 - the configuration sees to it
        to = archive_key(self.source.archive, drop)
        try:
            self.storage.move(drop, to)
        except DropBlocked:
            to = further_key(to, drop)
            self.storage.move(drop, to)
        return Departure(drop=drop, action=Action.ARCHIVED, moved_to=to)

    def _remove(self, drop: Drop) -> Departure:
        self.storage.remove(drop)
        return Departure(drop=drop, action=Action.DELETED)

    def _note(self, departed: list[Departure | DropError]) -> None:
        done = [one for one in departed if isinstance(one, Departure)]
        self.warehouse.record_departures(self.source.name, done, run_id=self.run_id)
        self.tally.departed(done, [one for one in departed if isinstance(one, DropError)])
