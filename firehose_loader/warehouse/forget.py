"""Take everything of some people out of a warehouse, in the caller's transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from firehose_loader.engine import Row, columns_of
from firehose_loader.errors import ScreenChanged
from firehose_loader.model import HeldState, Reason
from firehose_loader.privacy import ForgottenRecord, Person, PiiClass
from firehose_loader.privacy.forgotten import GONE
from firehose_loader.privacy.search import Candidate, ForgetReceipt, Search
from firehose_loader.protocols import StagedBatch
from firehose_loader.schema.model import FieldType
from firehose_loader.schema.personal import identified_by
from firehose_loader.warehouse.leaving import Leaving
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables

FORGOTTEN = ("pii", "identifier", "key_id", "salt", "removed", "run_id", "forgotten_at")
_QUARANTINE = "_firehose_quarantine"
_DUPLICATES = "_firehose_duplicates"
_DROPS = "_firehose_drops"
_LINEAGE = {"_key", "_drop_id", "_row", "_schema_version", "_loaded_at"}
_TEXTS = {FieldType.TEXT, FieldType.JSON, None}
_ROWS = ("event_key", "drop_id", "row_no", "event_type", "schema_version", "fate")
_NEEDLES = 2000
"""So many are looked for in one pass: more would make too large a pattern for the engine."""
_Row = tuple[str | None, str, int | None, str | None, str | None, str]
_Held = tuple[str, str, int | None, str | None, str | None, str, str, str, str, str | None]
_Record = tuple[str, str, str | None, str | None, str, str, datetime]


class Forget:
    """Some people on their way out.

    Their rows go from the event tables and what stands beside these; each is accounted for in
    quarantine from then on, without its text, so that the counts of its drop still balance.
    """

    def __init__(self, session: Session, tables: EventTables, search: Search) -> None:
        self._session = session
        self._tables = tables
        self._search = search
        self._name = tables.qualified.spelling.column
        self._leaving = Leaving(session, tables)
        self._found: list[Counter[str]] = [Counter() for _ in search.people]
        self._people: dict[tuple[str, str], Collection[int]] = {}
        """By table and key of an event: whom it names."""

    def apply(self, tables: Collection[str], *, run_id: str, now: datetime) -> ForgetReceipt:
        """Take out what the search finds, and remember whom it was about."""
        events = {table: self._find(table) for table in tables}
        duplicates = self._find_duplicates()
        set_aside = self._find_held()
        self._clear_headers()
        drops = self._session.run("forget_drops")
        for table, count in events.items():
            if count:
                self._leaving.remove(table)
        if drops:
            self._account(run_id=run_id, now=now)
        self._remember(run_id=run_id, now=now)
        held = self._session.run("forget_conflicts", duplicates=self._qualified(_DUPLICATES))
        return ForgetReceipt(
            rows=[dict(found) for found in self._found],
            events=sum(events.values()),
            duplicates=duplicates,
            set_aside=set_aside,
            conflicts=int(str(held[0][0])),
            drops=len(drops),
        )

    def _find(self, table: str) -> int:
        """Note the events of a table that name one of them; return how many."""
        columns = [
            name
            for name, kind in self._tables.columns(table).items()
            if name not in _LINEAGE and (kind in _TEXTS or identified_by(name, {}) is not None)
        ]
        values = {name: f"t.{self._name(name)}::VARCHAR" for name in columns}
        rows = self._candidates(
            "forget_find",
            table=self._qualified(table),
            text=" || ' ' || ".join(_text(name, value) for name, value in values.items()),
            more_columns="".join(f", {value}" for value in values.values()),
        )
        named = self._search.judge([Candidate(_pairs(columns, row[4:])) for row in rows])
        gone: list[_Row] = []
        for row, people in zip(rows, named, strict=True):
            if people:
                key, drop_id, row_no, version = cast("tuple[str, str, int, str]", row[:4])
                event_type = self._search.event_types.get(table, table)
                gone.append((key, drop_id, row_no, event_type, version, "inserted"))
                self._people[table, key] = people
                self._count(table, people)
        self._note(table, gone)
        return len(gone)

    def _find_duplicates(self) -> int:
        """Note the rows that carried the same events; return how many."""
        self._leaving.note_carriers()
        found = cast("list[tuple[str, str, int]]", self._session.run("forget_carriers"))
        for table, key, count in found:
            self._count(_DUPLICATES, self._people[table, key], count)
        return sum(count for *_, count in found)

    def _find_held(self) -> int:
        """Note the rows in quarantine that name one of them, and remove their texts."""
        quarantine = self._qualified(_QUARANTINE)
        contacts = {"ids": list(self._search.ids)}
        found = self._candidates("forget_find_held", contacts, quarantine=quarantine)
        rows = cast("list[_Held]", found)
        named = self._search.judge(
            [Candidate([("", one[7]), ("", one[8])], one[9]) for one in rows]
        )
        gone = []
        for row, people in zip(rows, named, strict=True):
            if people:
                gone.append(row)
                self._count(_QUARANTINE, people)
        self._note("", [_as_accounted(one) for one in gone if _is_accounted(one)])
        if gone:
            ids = {"ids": [one[0] for one in gone], "message": GONE}
            for statement in ("forget_held", "forget_whole"):
                self._session.run(statement, ids, quarantine=self._qualified(_QUARANTINE))
            self._session.run(
                "forget_refused",
                {"drop_id": [one[1] for one in gone if one[2] is None], "message": GONE},
                drops=self._qualified(_DROPS),
            )
        return len(gone)

    def _clear_headers(self) -> None:
        """Remove from the ledger the headers that name one of them."""
        drops = self._qualified(_DROPS)
        rows = self._candidates("forget_find_headers", drops=drops)
        named = self._search.judge([Candidate([("", str(header))]) for _, header in rows])
        gone = []
        for (drop_id, _), people in zip(rows, named, strict=True):
            if people:
                gone.append(drop_id)
                self._count(_DROPS, people)
        if gone:
            self._session.run("forget_headers", {"drop_id": gone}, drops=drops)

    def _account(self, *, run_id: str, now: datetime) -> None:
        """Have the quarantine account for what went, and the ledger count it so."""
        self._leaving.remove_carriers()
        self._session.run(
            "forget_account",
            {"message": GONE, "run_id": run_id, "now": now},
            quarantine=self._qualified(_QUARANTINE),
        )
        self._session.run("forget_amend", drops=self._qualified(_DROPS))

    def _remember(self, *, run_id: str, now: datetime) -> None:
        people = [
            (str(one.pii), *one[1:], json.dumps(dict(sorted(found.items()))), run_id, now)
            for one, found in zip(self._search.people, self._found, strict=True)
            if found or self._search.always
        ]
        if people:
            self._session.run(
                "forgotten_add",
                columns_of(people, FORGOTTEN),
                table=self._qualified("_firehose_forgotten"),
            )

    def _candidates(
        self, statement: str, ids: Mapping[str, list[str]] | None = None, **fragments: str
    ) -> list[Row]:
        """Return rows in which there may be one of them, each once."""
        needles = list(self._search.needles)
        found: dict[Row, None] = {}
        for first in range(0, len(needles), _NEEDLES):
            wanted = {**(ids or {}), "needle": needles[first : first + _NEEDLES]}
            rows = self._session.run(statement, wanted, **fragments)
            found |= dict.fromkeys(rows)
        return list(found)

    def _note(self, table: str, rows: Sequence[_Row]) -> None:
        if rows:
            lists = columns_of(rows, _ROWS)
            self._session.run("forget_add", {**lists, "table_name": table})

    def _count(self, table: str, people: Collection[int], rows: int = 1) -> None:
        for number in people:
            self._found[number][table] += rows

    def _qualified(self, table: str) -> str:
        return self._tables.qualified(table)


def forgotten_records(session: Session, table: str) -> Iterator[ForgottenRecord]:
    """Yield who was forgotten, the first one first."""
    for row in cast("list[_Record]", session.run("forgotten_list", table=table)):
        pii, identifier, key_id, salt, removed, run_id, forgotten_at = row
        yield ForgottenRecord(
            person=Person(PiiClass(pii), identifier, key_id, salt),
            rows=json.loads(removed),
            run_id=run_id,
            forgotten_at=forgotten_at,
        )


def _text(name: str, value: str) -> str:
    """SQL of the text of a column, as ``Search.needles`` wants it."""
    text = f"coalesce({value}, '')"
    if identified_by(name, {}) is PiiClass.ID:
        return f"'contactid' || replace({text}, ',', ' contactid')"
    return text


def _pairs(columns: Sequence[str], values: Sequence[object]) -> list[tuple[str, str]]:
    return [
        (name, str(value)) for name, value in zip(columns, values, strict=True) if value is not None
    ]


def _is_accounted(row: _Held) -> bool:
    """Tell whether a row in quarantine is what accounts for a row of its drop."""
    return row[2] is not None and row[6] in {HeldState.HELD, HeldState.REMOVED}


def _as_accounted(row: _Held) -> _Row:
    _, drop_id, row_no, event_type, version, reason = row[:6]
    fate = "conflicting" if reason == Reason.CONFLICT else "quarantined"
    return None, drop_id, row_no, event_type, version, fate


def check_screen(session: Session, qualified: Callable[[str], str], batch: StagedBatch) -> None:
    """Refuse a batch that would be read otherwise by now, with the others locked out.

    Raises:
        ScreenChanged: what decides on its rows has changed since it was staged.
    """
    if batch.screened is None:
        return
    (found,) = session.run(
        "screen",
        forgotten=qualified("_firehose_forgotten"),
        retention=qualified("_firehose_retention"),
        keys=qualified("_firehose_keys"),
        schemas=qualified("_firehose_schemas"),
    )
    if tuple(found) != batch.screened:
        raise ScreenChanged
