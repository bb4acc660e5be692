"""Take drops out of a warehouse again, in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from firehose_loader.errors import UndoRefused
from firehose_loader.history import DropRecord, UndoReceipt
from firehose_loader.model import DropState
from firehose_loader.warehouse.digests import Change, Digests
from firehose_loader.warehouse.duplicates import Duplicates
from firehose_loader.warehouse.expire import Expired
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables


class Undo:
    """Some drops on their way out. Every check comes before the first change."""

    def __init__(self, session: Session, tables: EventTables, drops: Sequence[DropRecord]) -> None:
        self._session = session
        self._qualified = tables.qualified
        self._digests = Digests(session, tables.qualified, tables.columns)
        self._drops = {one.drop.drop_id: one for one in drops}
        self._ids = {"drop_id": list(self._drops)}
        self._duplicates = tables.qualified("_firehose_duplicates")
        self._ledger = tables.qualified("_firehose_drops")

    def apply(self, tables: Collection[str], *, unchecked: bool, now: datetime) -> UndoReceipt:
        """Take the events out that no other drop carried, and hand the others over.

        Raises:
            UndoRefused: it cannot be done exactly; nothing was changed.
        """
        self._check_states()
        found: Counter[str] = Counter()
        conflicts = 0
        for table in tables:
            for change in self._digests.changes(table, self._ids["drop_id"]):
                self._check_change(change, unchecked=unchecked)
            counts = self._look(table)
            found.update(counts)
            if counts:
                self._check_together(table)
                conflicts += self._count("undo_conflicts", table, duplicates=self._duplicates)
        self._check_counts(found)
        handed_over = 0
        for table in tables:
            if self._look(table):
                handed_over += self._hand_over(table)
                self._session.run("undo_remove", self._ids, table=self._qualified(table))
        Duplicates(self._session, self._qualified).forget(self._drops)
        Expired(self._session, self._qualified).forget(self._drops)
        self._digests.forget(self._drops)
        removed = found.total() - handed_over
        held = self._session.changed(
            "undo_held",
            {**self._ids, "now": now},
            quarantine=self._qualified("_firehose_quarantine"),
        )
        self._session.run(
            "undo_drops",
            {**self._ids, "message": f"undone on {now:%Y-%m-%d %H:%M:%S} UTC", "now": now},
            drops=self._ledger,
        )
        return UndoReceipt(
            drops=len(self._drops),
            removed=removed,
            handed_over=handed_over,
            set_aside=held,
            conflicts=conflicts,
        )

    def _check_states(self) -> None:
        for one in self._drops.values():
            if not (one.state.is_done or one.state is DropState.FAILED):
                raise UndoRefused(
                    f"{one.drop.key!r} ({one.drop.drop_id}) is {one.state}: there is nothing of it"
                    " to take out; nothing was changed"
                )

    def _look(self, table: str) -> dict[str, int]:
        """Find the drops' events in a table and who would take each over; count them by drop."""
        self._session.run("undo_rows", self._ids, table=self._qualified(table))
        counts = dict(cast("list[tuple[str, int]]", self._session.run("undo_counts")))
        if counts:
            self._session.run(
                "undo_heirs",
                {**self._ids, "table_name": table},
                duplicates=self._duplicates,
                drops=self._ledger,
            )
        return counts

    def _check_together(self, table: str) -> None:
        """Make sure that no other drop told events of a table in words that are not kept."""
        unequal = self._session.run("undo_unequal")
        older = self._session.run(
            "undo_older",
            {**self._ids, "table_name": table},
            duplicates=self._duplicates,
            drops=self._ledger,
        )
        for found, what in (
            (unequal, "{} of its events came in {!r} ({}) too, with columns that differ"),
            (older, "it replaced {} older rows, of {!r} ({})"),
        ):
            if found:
                others = cast("list[tuple[str, str, int]]", found)
                key, drop_id, count = others[0]
                also = " ".join(sorted(one[1] for one in others))
                raise UndoRefused(
                    f"{what.format(count, key, drop_id)}; what these said is not kept. Undo these"
                    f" drops together with it ({also}), and the next run loads them again;"
                    " nothing was changed"
                )

    def _check_change(self, change: Change, *, unchecked: bool) -> None:
        """Make sure that rows of a drop are what the loader wrote."""
        drop = self._drops[change.drop_id].drop
        where = f"{drop.key!r} ({change.drop_id})"
        if change.written != change.found:
            raise UndoRefused(
                f"the loader put {change.written} rows of {where} into {change.table}, and"
                f" {change.found} are there: they were changed by hand; nothing was changed"
            )
        if change.known:
            raise UndoRefused(
                f"rows of {where} in {change.table} say something else than what was loaded: they"
                " were changed by hand, and an undo would lose that; nothing was changed"
            )
        if not unchecked:
            raise UndoRefused(
                f"{where} was loaded by another version of the engine, with which it cannot be told"
                f" whether its {change.found} rows in {change.table} were changed by hand since;"
                " --unchecked takes them as they are; nothing was changed"
            )

    def _check_counts(self, found: Counter[str]) -> None:
        """Make sure that every row that the ledger tells of is in one of the tables."""
        replaced = dict(
            cast(
                "list[tuple[str, int]]",
                self._session.run("undo_replaced", self._ids, duplicates=self._duplicates),
            )
        )
        for drop_id, one in self._drops.items():
            standing = one.rows.inserted + one.rows.updated - replaced.get(drop_id, 0)
            if found[drop_id] != standing:
                raise UndoRefused(
                    f"the loader put {standing} rows of {one.drop.key!r} ({drop_id}) into the event"
                    f" tables, and {found[drop_id]} are there: they were changed by hand;"
                    " nothing was changed"
                )

    def _hand_over(self, table: str) -> int:
        """Give events to the drops that carried them too; return how many."""
        name = {"table_name": table}
        taken = self._session.changed("undo_hand_over", table=self._qualified(table))
        if taken:
            self._digests.handed_over(table)
            self._session.run("undo_inherit", name, duplicates=self._duplicates)
            self._session.run("undo_amend", drops=self._ledger)
        return taken

    def _count(self, statement: str, table: str, **fragments: str) -> int:
        row = self._session.run(statement, {**self._ids, "table_name": table}, **fragments)[0]
        return int(str(row[0]))
