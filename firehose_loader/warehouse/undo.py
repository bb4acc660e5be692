"""Take drops out of a warehouse again, in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import cast

from firehose_loader.errors import UndoRefused
from firehose_loader.history import DropRecord, UndoReceipt
from firehose_loader.model import DropState
from firehose_loader.warehouse.duplicates import Duplicates
from firehose_loader.warehouse.session import Session


class Undo:
    """Some drops on their way out. Every check comes before the first change."""

    def __init__(
        self, session: Session, qualified: Callable[[str], str], drops: Sequence[DropRecord]
    ) -> None:
        self._session = session
        self._qualified = qualified
        self._drops = drops
        self._ids = {"drop_id": [one.drop.drop_id for one in drops]}
        self._duplicates = qualified("_firehose_duplicates")
        self._ledger = qualified("_firehose_drops")

    def apply(self, tables: Collection[str], *, now: datetime) -> UndoReceipt:
        """Take the events out that no other drop carried, and hand the others over.

        Raises:
            UndoRefused: it cannot be done exactly; nothing was changed.
        """
        self._check_states()
        found: Counter[str] = Counter()
        conflicts = 0
        for table in tables:
            counts = self._look(table)
            found.update(counts)
            if counts:
                self._check_heirs()
                conflicts += self._count("undo_conflicts", table, duplicates=self._duplicates)
        self._check_counts(found)
        handed_over = 0
        for table in tables:
            if self._look(table):
                handed_over += self._hand_over(table)
                self._session.run("undo_remove", self._ids, table=self._qualified(table))
        Duplicates(self._session, self._qualified).forget(self._ids["drop_id"])
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
        for one in self._drops:
            if one.state not in {DropState.LOADED, DropState.QUARANTINED, DropState.FAILED}:
                raise UndoRefused(
                    f"{one.drop.key!r} ({one.drop.drop_id}) is {one.state}: there is nothing of it"
                    " to take out; nothing was changed"
                )
            if one.rows.updated:
                raise UndoRefused(
                    f"{one.drop.key!r} ({one.drop.drop_id}) replaced {one.rows.updated} older rows,"
                    " and these are not kept: it cannot be undone; nothing was changed"
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

    def _check_heirs(self) -> None:
        unequal = cast("list[tuple[str, str, int]]", self._session.run("undo_unequal"))
        if unequal:
            key, drop_id, count = unequal[0]
            also = ", ".join(sorted({one[1] for one in unequal}))
            raise UndoRefused(
                f"{count} of its events came in {key!r} ({drop_id}) too, with columns that differ;"
                f" what they said there is not kept. Undo these drops together with it ({also}),"
                " and the next run loads them again; nothing was changed"
            )

    def _check_counts(self, found: Counter[str]) -> None:
        for one in self._drops:
            if found[one.drop.drop_id] != one.rows.inserted:
                raise UndoRefused(
                    f"{one.drop.key!r} ({one.drop.drop_id}) inserted {one.rows.inserted} rows, and"
                    f" {found[one.drop.drop_id]} of these are there: they were changed by hand, or"
                    " replaced by later drops; nothing was changed"
                )

    def _hand_over(self, table: str) -> int:
        """Give events to the drops that carried them too; return how many."""
        name = {"table_name": table}
        taken = self._session.changed("undo_hand_over", table=self._qualified(table))
        if taken:
            self._session.run("undo_inherit", name, duplicates=self._duplicates)
            self._session.run("undo_amend", drops=self._ledger)
        return taken

    def _count(self, statement: str, table: str, **fragments: str) -> int:
        row = self._session.run(statement, {**self._ids, "table_name": table}, **fragments)[0]
        return int(str(row[0]))
