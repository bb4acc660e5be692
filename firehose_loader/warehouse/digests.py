"""What the loader wrote of each drop into each event table, to notice what was changed by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from msgspec import Struct

from firehose_loader.statements import literal
from firehose_loader.warehouse.ddl import Qualified, Spelling
from firehose_loader.warehouse.session import Session

DIGESTS = ("drop_id", "table_name", "row_count", "digest", "witness")
_LINEAGE = {"_key", "_drop_id", "_row", "_schema_version", "_loaded_at"}


class Change(Struct, frozen=True, kw_only=True):
    """Rows of a drop in one table that are not what the loader wrote."""

    drop_id: str
    table: str
    written: int
    found: int
    known: bool
    """False: it cannot be told whether they differ in more than their number."""


class Digests:
    """Writes ``_firehose_digests``, in the transaction of what it is about.

    Whatever in the loader changes rows of event tables notes them here, before and after.
    """

    def __init__(
        self,
        session: Session,
        qualified: Qualified,
        columns: Callable[[str], Iterable[str]],
    ) -> None:
        self._session = session
        self._spelling = qualified.spelling
        self._qualified = qualified
        self._columns = columns
        self._digests = qualified("_firehose_digests")

    def inserted(self, table: str, columns: Collection[str], now: datetime) -> None:
        """Note the rows that were put in at a time, with the columns that were filled."""
        self._note("digests_inserted", table, {"now": now}, columns)

    @contextmanager
    def changing_duplicates(self, table: str, type_no: int, fate: str) -> Iterator[None]:
        """Note rows before and after they are changed: those whose event came again, to a fate."""
        which: dict[str, object] = {"type_no": type_no, "fate": fate}
        self._note("digests_duplicates", table, {**which, "sign": -1})
        yield
        self._note("digests_duplicates", table, {**which, "sign": 1})

    @contextmanager
    def changing_every_row(self, table: str) -> Iterator[None]:
        """Note all rows of a table, before and after they are changed."""
        self._note("digests_every_row", table, {"sign": -1})
        yield
        self._note("digests_every_row", table, {"sign": 1})

    def handed_over(self, table: str) -> None:
        """Note the rows that came to other drops when theirs was undone."""
        self._note("digests_heirs", table, {})

    def leaving(self, table: str) -> None:
        """Note the rows that go for good, while they are there."""
        self._note("digests_leaving", table, {})

    def forget(self, drop_ids: Collection[str]) -> None:
        """Forget what rows of drops said."""
        self._session.run("digests_forget", {"drop_id": list(drop_ids)}, digests=self._digests)

    def changes(self, table: str, drop_ids: Sequence[str]) -> list[Change]:
        """Return where rows of drops in a table are not what the loader wrote."""
        found = self._session.run(
            "digests_differ",
            {"table_name": table, "drop_id": drop_ids},
            digests=self._digests,
            table=self._qualified(table),
            digest=_digest(self._spelling, self._columns(table)),
        )
        return [
            Change(drop_id=drop_id, table=table, written=written, found=there, known=known)
            for drop_id, written, there, known in cast("list[tuple[str, int, int, bool]]", found)
        ]

    def _note(
        self,
        statement: str,
        table: str,
        parameters: Mapping[str, object],
        columns: Iterable[str] | None = None,
    ) -> None:
        self._session.run(
            statement,
            {"table_name": table, **parameters},
            digests=self._digests,
            table=self._qualified(table),
            digest=_digest(self._spelling, self._columns(table) if columns is None else columns),
        )


def _digest(spelling: Spelling, columns: Iterable[str]) -> str:
    """SQL of 64 bits that follow from what a row ``t`` says.

    A column without a value takes no part in it: columns that came later make no difference. Two
    hashes in one call are joined by an exclusive or, in which what is common to many cancels out;
    hence each is hashed once more.
    """
    names = sorted({*columns, "_rescued"} - _LINEAGE)
    values = [f"hash(hash(t.{spelling.column(name)}, {literal(name)}))" for name in names]
    nothing = [f"hash(hash(NULL, {literal(name)}))" for name in names]
    key = spelling.column("_key")
    return f"hash(hash(t.{key}, {_either(spelling, [*values, *nothing])}))"


def _either(spelling: Spelling, terms: Sequence[str]) -> str:
    """SQL of the exclusive or of some terms, not nested deeper than it must be."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return spelling.either(_either(spelling, terms[:middle]), _either(spelling, terms[middle:]))
