"""What is missing where somebody else makes the tables, with the statements that make it.

The statements are those that the loader would run itself, taken down instead of sent: so what is
printed and what is run cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

from firehose_loader.engine import Row
from firehose_loader.errors import TablesMissing
from firehose_loader.protocols.missing import Missing
from firehose_loader.schema.model import EventSchema
from firehose_loader.statements import statement
from firehose_loader.warehouse.named import Named
from firehose_loader.warehouse.own_tables import OwnTables
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables
from firehose_loader.warehouse.views import EVENTS, Views

_DEFINES = ("meta_", "table_create", "table_add_", "table_widen_", "table_cluster", "upgrade_")
_NOTES = ("digests_",)


def defines(name: str) -> bool:
    """Tell whether a statement makes or changes a table, a view, a stage or a schema for good."""
    return name.startswith(_DEFINES) or name == "view_create"


class TakenDown:
    """A session that looks things up, and takes down what would make or change a table."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._taken: list[str] = []

    @property
    def dialect(self) -> str:
        return self._session.dialect

    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> list[Row]:
        if defines(name):
            self._taken.append(statement(self.dialect, name, **fragments).shown)
            return []
        if name.startswith(_NOTES):
            return []  # of rows that nobody changes now
        return self._session.run(name, parameters, **fragments)

    def changed(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> int:
        return self._session.changed(name, parameters, **fragments)

    def transaction(self, *, keep: bool = True) -> AbstractContextManager[None]:
        return self._session.transaction(keep=keep)

    def taken(self) -> list[str]:
        """Return what was taken down since this was asked last."""
        taken, self._taken = self._taken, []
        return taken


def own_missing(session: Session, tables: EventTables, own: OwnTables) -> Iterator[Missing]:
    """Yield what is missing of the loader's own tables.

    Raises:
        SchemaError: one of that name is not the loader's.
    """
    taking = TakenDown(session)
    beside = tables.through(taking)
    own.version()
    own.check()
    for table in own.through(taking, beside).define():
        yield Missing(what=f"table {table}", statements=taking.taken())
    Named(taking, beside).make()
    if statements := taking.taken():
        yield Missing(what="table _firehose_names", statements=statements)


def events_missing(
    session: Session, tables: EventTables, schemas: Iterable[EventSchema]
) -> Iterator[Missing]:
    """Yield what is missing of the tables of event schemas, and of the view over all of them.

    Raises:
        SchemaError: a table is not the loader's, or a column has a type that cannot become that of
            its field.
    """
    taking = TakenDown(session)
    beside = tables.through(taking)
    wanted = {schema.table: schema for schema in schemas}
    lacking = False
    for table, schema in wanted.items():
        done = beside.migrate(schema)
        statements = taking.taken()
        lacking = lacking or done.changed
        if done.made:
            yield Missing(what=f"table {table}", statements=statements)
        elif done.changed:
            columns = [f"{table}.{column}" for column in (*done.added, *done.widened)]
            yield Missing(what=f"column {', '.join(columns)}", statements=statements)
    if wanted and (lacking or not tables.columns(EVENTS)):
        Views(taking, beside, planned=wanted).follow()
        yield Missing(what=f"view {EVENTS}", statements=taking.taken())


def refuse(missing: Sequence[Missing], where: str) -> None:
    """Say what is missing, if anything is.

    Raises:
        TablesMissing.
    """
    if not missing:
        return
    of_a_kind: dict[str, list[str]] = {}
    for one in missing:
        kind, _, name = one.what.partition(" ")
        of_a_kind.setdefault(kind, []).append(name)
    names = "; ".join(f"{kind} {', '.join(found)}" for kind, found in of_a_kind.items())
    statements = "\n\n".join(f"{text};" for one in missing for text in one.statements)
    raise TablesMissing(
        f"{where}: manage_tables = false, and a run needs what is not there, or not to be seen:"
        f" {names}. Nothing was changed. Have whoever may do so run the statements below, then run"
        " again (firehose-loader sql --ddl prints those of all that is needed)\n\n"
        f"{statements}"
    )
