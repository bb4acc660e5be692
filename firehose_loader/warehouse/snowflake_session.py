"""A session in Snowflake as a warehouse's statements run through it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firehose_loader.engine import Row
from firehose_loader.errors import FirehoseError, SchemaError, WarehouseUnavailable
from firehose_loader.statements import Statement, statement

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection
    from snowflake.connector.cursor import SnowflakeCursor

_DIALECT = "snowflake"
_ROWS = "rows"
_ENDS = ("listing_end",)
"""What may be said to any session: it does nothing where there is nothing."""
_TOGETHER = 5000
_PORTION = 2**20
"""Characters of JSON that are bound at once; a statement that takes rows runs once for each."""


class Query(Struct, frozen=True, kw_only=True):
    """One statement that Snowflake carried out."""

    query_id: str
    statement: str
    event_type: str | None
    """The one whose table it was about."""


class SnowflakeSession:
    """One connection; every statement comes from ``sql/snowflake``.

    Lists are bound as JSON. A template that has ``:rows`` gets the lists among the parameters as
    one: an array of objects, one for each place in them.
    """

    dialect = _DIALECT

    def __init__(
        self,
        connect: Callable[[], SnowflakeConnection] | None,
        errors: Callable[[str], AbstractContextManager[None]] | None,
    ) -> None:
        """Take what connects, and what tells the driver's errors as this program's.

        The latter is given the name of the statement; empty where it is none of them.

        Without these, statements can be watched and not carried out.
        """
        if connect is not None and errors is not None:
            self._connect = connect
            self._errors = errors
            self._connection = connect()
        self._watched: list[Statement] | None = None
        self.queries: list[Query] = []
        """What was carried out, in order."""
        self.number = 1
        """Rises with every new connection: what was temporary in an earlier one is gone."""
        self.in_doubt = False
        """Whether a commit was carried out could not be found out."""
        self.tag: Callable[..., str] = _no_tag
        """Gives each statement's QUERY_TAG: of a source, an event type and a statement's name."""
        self.event_types: Mapping[str, str] = {}
        """Whose rows the tables hold that statements are about, by the tables' names there."""
        self._source = ""
        self._headings: list[str] = []
        self.on_connect: Callable[[], None] = _nothing
        """Done with every new connection after the first."""
        self.on_begin: Callable[[], None] = _nothing
        """Done first in every transaction."""

    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> list[Row]:
        ready = statement(_DIALECT, name, **fragments)
        if self._watched is not None:
            self._watched.append(ready)
        rows: list[Row] = []
        for values in _portions(ready, parameters or {}):
            rows += self._carry_out(ready, values, fragments.get("table"))
        return rows

    def portions(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> Iterator[list[Row]]:
        """Run a statement that takes no rows; yield those that it gives, some thousand at once."""
        ready = statement(_DIALECT, name, **fragments)
        (values,) = _portions(ready, parameters or {})
        with self._sent(ready, values, fragments.get("table")) as cursor:
            while rows := cursor.fetchmany(_TOGETHER):
                yield [tuple(row) for row in rows]

    def changed(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> int:
        return sum(int(str(row[0])) for row in self.run(name, parameters, **fragments))

    def records(self, name: str, **fragments: str) -> list[dict[str, object]]:
        """Run a statement and return its rows with the names of their columns, in small letters."""
        rows = self.run(name, None, **fragments)
        return [dict(zip(self._headings, row, strict=False)) for row in rows]

    @contextmanager
    def transaction(
        self, *, keep: bool = True, confirm: Callable[[], bool] | None = None
    ) -> Iterator[None]:
        """Commit what happens within; roll it back if anything is raised, or ``keep`` is false.

        Args:
            keep: what was asked is done, not only what would happen.
            confirm: where the answer to the commit got lost, tells whether it was carried out.
        """
        self.run("transaction_begin")
        try:
            self.on_begin()
            yield
        except BaseException:
            self._roll_back()
            raise
        if not keep:
            self.run("transaction_rollback")
            return
        try:
            self.run("transaction_commit")
        except WarehouseUnavailable:
            self.in_doubt = True
            self.reconnect()
            if confirm is None or not confirm():
                raise
            self.in_doubt = False
        except BaseException:
            self._roll_back()  # what is refused leaves it open, and what comes next would be in it
            raise

    def _roll_back(self) -> None:
        """End a transaction in which something was raised."""
        with suppress(FirehoseError):  # a session that is gone has none any more
            self.run("transaction_rollback")

    @contextmanager
    def about(self, source: str) -> Iterator[None]:
        """Have what runs within be known as about one source."""
        before, self._source = self._source, source
        try:
            yield
        finally:
            self._source = before

    def watch(self) -> Sequence[Statement]:
        """Return a list to which every statement is added that runs from now on."""
        self._watched = []
        return self._watched

    def close(self) -> None:
        """End the session. May be called twice."""
        self._connection.close()

    def _carry_out(self, ready: Statement, values: list[object], table: str | None) -> list[Row]:
        with self._sent(ready, values, table) as cursor:
            self._headings = [str(column[0]).lower() for column in cursor.description or ()]
            return [tuple(row) for row in cursor.fetchall()]

    @contextmanager
    def _sent(
        self, ready: Statement, values: list[object], table: str | None
    ) -> Iterator[SnowflakeCursor]:
        """Have a statement carried out; give what reads its rows."""
        event_type = self.event_types.get(table or "")
        tag = self.tag(source=self._source, event_type=event_type or "", statement=ready.name)
        with (
            _naming(table),
            self._errors(ready.name),
            self._connection.cursor() as cursor,
        ):
            # A parameter of this one statement: the session keeps none that could be out of date.
            cursor.execute(ready.sql, values or None, _statement_params={"QUERY_TAG": tag})
            self.queries.append(
                Query(query_id=str(cursor.sfqid), statement=ready.name, event_type=event_type)
            )
            yield cursor

    def reconnect(self) -> None:
        """Begin a new session; what the old one had open is rolled back where it ends."""
        with suppress(FirehoseError), self._errors(""):
            self._connection.close()
        self._connection = self._connect()
        self.number += 1
        self.on_connect()


class SessionAbout:
    """A session whose statements are about one source, and about what is temporary in it."""

    dialect = _DIALECT

    def __init__(self, session: SnowflakeSession, source: str) -> None:
        self._session = session
        self._source = source
        self._number = session.number

    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> list[Row]:
        if self._number != self._session.number and name not in _ENDS:
            raise WarehouseUnavailable(
                f"{self._source}: the session in which its listing lay has ended; the next run"
                " lists it again"
            )
        with self._session.about(self._source):
            return self._session.run(name, parameters, **fragments)

    def changed(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> int:
        return sum(int(str(row[0])) for row in self.run(name, parameters, **fragments))

    def transaction(self, *, keep: bool = True) -> AbstractContextManager[None]:
        return self._session.transaction(keep=keep)


@contextmanager
def _naming(table: str | None) -> Iterator[None]:
    """Have it told which table it is that does not fit."""
    try:
        yield
    except SchemaError as error:
        raise SchemaError(f"{table}: {error}" if table else str(error)) from error


def _nothing() -> None:
    """There is nothing to be done."""


def _no_tag(**_: str) -> str:
    return ""


def _portions(ready: Statement, parameters: Mapping[str, object]) -> Iterator[list[object]]:
    """Yield the values of a statement, once for each time that it runs."""
    if _ROWS not in ready.parameters:
        yield [_bound(parameters[name]) for name in ready.parameters]
        return
    for rows in _together(_objects(parameters)):
        values = {**parameters, _ROWS: rows}
        yield [_bound(values[name]) for name in ready.parameters]


def _objects(parameters: Mapping[str, object]) -> Iterator[str]:
    """Yield the lists among the parameters as JSON objects, one for each place in them."""
    lists = {name: value for name, value in parameters.items() if isinstance(value, list)}
    for row in zip(*lists.values(), strict=True):
        yield json.dumps(
            dict(zip(lists, map(_plain, row), strict=True)),
            ensure_ascii=False,
            separators=(",", ":"),
        )


def _together(objects: Iterator[str]) -> Iterator[str]:
    """Yield arrays of objects that are not too long, at least one array."""
    portion: list[str] = []
    size = 0
    for one in objects:
        if portion and size + len(one) > _PORTION:
            yield f"[{','.join(portion)}]"
            portion, size = [], 0
        portion.append(one)
        size += len(one)
    yield f"[{','.join(portion)}]"


def _bound(value: object) -> Any:  # noqa: ANN401 - what the driver takes
    if isinstance(value, list):
        return json.dumps([_plain(one) for one in value], ensure_ascii=False)
    return _plain(value)


def _plain(value: object) -> object:
    """Return a value as the driver and JSON take it; a time as text in UTC, which SQL casts."""
    if isinstance(value, datetime):
        naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return naive.isoformat(sep=" ")
    return value
