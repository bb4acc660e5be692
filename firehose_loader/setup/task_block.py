"""The script of a task: the statements of the external mode, as Snowflake carries them out alone.

They are noted down while the very code that merges a batch works on a session with nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from textwrap import indent

from msgspec import Struct

from firehose_loader.config import Config, SnowflakeTarget, Source
from firehose_loader.engine import Row
from firehose_loader.external import MOST_FILES
from firehose_loader.external.drops import WITHIN
from firehose_loader.external.reading import Fields, documents
from firehose_loader.normalise.external import Plan
from firehose_loader.normalise.types import EventTypes
from firehose_loader.protocols import StagedBatch, StagedTable
from firehose_loader.protocols.external import TypedRows
from firehose_loader.setup.task_listing import key_fragments
from firehose_loader.statements import literal, spelled
from firehose_loader.warehouse.ddl import Qualified, spelling_of
from firehose_loader.warehouse.duplicates import Duplicates
from firehose_loader.warehouse.own_tables import VERSION
from firehose_loader.warehouse.snowflake_connect import query_tag, session_parameters
from firehose_loader.warehouse.snowflake_external import SnowflakeExternal
from firehose_loader.warehouse.snowflake_merge import SnowflakeMerge
from firehose_loader.warehouse.snowflake_places import location
from firehose_loader.warehouse.snowflake_rights import names, stage_of
from firehose_loader.warehouse.snowflake_session import SnowflakeSession
from firehose_loader.warehouse.snowflake_tables import SnowflakeTables

PAYLOAD = "data"
"""The one payload whose members are read; drops with others are left to a run."""
_NOT_IN_PROCEDURES = ("AUTOCOMMIT", "ABORT_DETACHED_QUERY")
_RUN = {"run_id": ":run_id", "now": ":loaded_at", "holder": ":run_id"}
_SPAN = {"first": 0, "last": MOST_FILES - 1}
_INDENT = " " * 4
_OPEN = (" DO", " THEN", "ELSE")
"""What steps end in that others are within."""
_DECLARED = """DECLARE
    run_id VARCHAR DEFAULT 'task-' || UUID_STRING();
    loaded_at TIMESTAMP_NTZ DEFAULT SYSDATE();
    stage_url VARCHAR DEFAULT '';
    named VARCHAR DEFAULT '';
    reading VARCHAR DEFAULT '';
    refused VARCHAR DEFAULT '';
    told VARCHAR DEFAULT '';
    few NUMBER DEFAULT 0;
    put_in NUMBER DEFAULT 0;
    going BOOLEAN DEFAULT TRUE;
"""
_EXCEPTIONS = {
    "counts_differ": "the counts of the drops do not balance; nothing was kept",
    "outdated": "the tables are not of the version that this script was made for; print it anew",
    "lacking": "a table or a column is not there; firehose-loader sql --ddl prints how it is made",
    "only_runs": "people were forgotten or old events removed; only runs may load, drop this task",
    "elsewhere": "the stage does not lead to the source; print this script anew",
}
"""What fails the task, for a person to see in its history: nothing of that goes by itself."""


class Task(Struct, frozen=True, kw_only=True):
    """What the script of one source is made of."""

    config: Config
    target: SnowflakeTarget
    source: Source
    rules: Mapping[str, str]
    """Globs on keys, and the event types that they stand for."""
    types: EventTypes
    plans: Mapping[int, Plan]
    """By the number of each event type that the task takes."""
    fields: Fields
    names: Sequence[str]
    """Of the fields, in their order."""

    @property
    def qualified(self) -> Qualified:
        """How statements name the loader's own tables."""
        return Qualified(spelling_of(self.target), self.target.schema_name)

    @property
    def ledger(self) -> dict[str, str]:
        """The fragments that tell of which drops the ledger knows."""
        return {"drops": self.qualified("_firehose_drops"), "source": literal(self.source.name)}

    @property
    def stage(self) -> str:
        """The stage that leads to the source."""
        return stage_of(self.target, self.source.name)

    @property
    def screen(self) -> str:
        """The query that tells whether there is anybody whom only a run knows."""
        names = ("forgotten", "retention", "keys", "schemas")
        return _text(
            "screen", None, **{name: self.qualified(f"_firehose_{name}") for name in names}
        )


def block(task: Task) -> str:
    """Return the block of Snowflake Scripting that loads what is plain of one source."""
    typing, merging = _noted(task)
    steps = [
        *_ready(task),
        *_listed(task),
        *_read(task),
        *_judged(task),
        "WHILE (going) DO",
        *_within(
            _text("task_leave", table=task.fields.table),
            _into("few", _text("task_count")),
            _if("few = 0", "BREAK"),
            *typing,
            "loaded_at := SYSDATE()",
            "put_in := 0",
            _text("transaction_begin"),
            _text("leases_take", _RUN, table=task.qualified("_firehose_leases")),
            *merging,
            _into("refused", _text("task_refused", None, screen=task.screen, **task.ledger)),
            "IF (refused = '') THEN",
            *_within(*_kept(task)),
            "ELSE",
            *_within(
                _text("transaction_rollback"),
                _mark("transaction", _text("task_listed_in", {"numbers": ":refused"})),
            ),
            "END IF",
        ),
        "END WHILE",
        *_tell(task),
    ]
    text = "".join(f"{one}{'' if one.endswith(_OPEN) else ';'}\n" for one in steps)
    exceptions = [
        f"{_INDENT}{name} EXCEPTION ({-20001 - number}, {literal(said)});\n"
        for number, (name, said) in enumerate(_EXCEPTIONS.items())
    ]
    return (
        f"{_DECLARED}{''.join(exceptions)}BEGIN\n{indent(text, _INDENT)}EXCEPTION\n"
        f"{_INDENT}WHEN OTHER THEN\n{_INDENT * 2}ROLLBACK;\n{_INDENT * 2}RAISE;\nEND;"
    )


class _Noted(SnowflakeSession):
    """A session with nobody: what is asked of it becomes the text of a script."""

    def __init__(self) -> None:
        super().__init__(None, None)
        self.steps: list[str] = []
        self.unjudged: list[Row] = []
        """The event types that may have duplicates: all."""

    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> list[Row]:
        constants = {key: _constant(value) for key, value in (parameters or {}).items()}
        text = _text(name, constants, **fragments)
        if name == "merge_unjudged":
            return self.unjudged
        if not text.startswith("SELECT"):  # what is only asked is asked where it is needed
            self.steps.append(text)
        return []

    def changed(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> int:
        self.run(name, parameters, **fragments)
        self.steps.append("put_in := put_in + SQLROWCOUNT")
        return 0

    def taken(self) -> list[str]:
        """Return what was noted since this was asked."""
        steps, self.steps = self.steps, []
        return steps


def _noted(task: Task) -> tuple[list[str], list[str]]:
    """Have the loader's own code work on a session with nobody; return what types and merges."""
    session = _Noted()
    external = SnowflakeExternal(session, task.target)
    external.begin()
    tables: list[StagedTable] = []
    for number, plan in task.plans.items():
        table = StagedTable(
            type_no=number,
            part=task.fields.number,
            schema=plan.schema,
            columns=tuple(plan.values),
            rows="",
            duplicates="",
        )
        rows = TypedRows(
            rows=task.fields.table,
            type_no=task.fields.type_no,
            values=plan.values,
            key=plan.key,
            rescued=plan.rescued,
            span=_SPAN,
        )
        tables.append(external.typed(len(tables), table, rows))
    typing = session.taken()
    session.unjudged = [(number, task.fields.number) for number in task.plans]
    batch = StagedBatch(
        drops=(),
        tables=tables,
        event_types=[schema.event_type for schema in task.types.schemas],
        additions=(),
        locate=lambda *_: {},
        gather=lambda: None,
        is_there=True,
    )
    spelling = spelling_of(task.target)
    event_tables = SnowflakeTables(session, task.target.schema_name, spelling)
    merge = SnowflakeMerge(session, batch, event_tables, datetime.now(UTC))
    merge.apply()
    Duplicates(session, task.qualified).keep(batch, merge.judged)
    return typing, session.taken()


def _ready(task: Task) -> Iterator[str]:
    """Yield what makes the session ready, and refuses tables that are not as they should be."""
    tag = query_tag(run_id="task", source=task.source.name)
    for name, value in session_parameters(task.target, tag).items():
        if name not in _NOT_IN_PROCEDURES:
            yield _text("task_session", setting=f"{name} = {_setting(value)}")
    yield _text("session_schema", schema=names(task.target).schema)
    last = _text("versions_last", table=task.qualified("_firehose_versions"))
    yield _into("few", _text("task_version", last=last, number=str(VERSION)))
    yield _if("few = 0", "RAISE outdated")
    naming = spelling_of(task.target).naming
    columns = [
        literal(f"{naming.table(plan.schema.table)}.{naming.column(column)}")
        for plan in task.plans.values()
        for column in plan.values
    ]
    schema = literal(naming.own(task.target.schema_name))
    yield _into("few", _text("task_lacking", schema=schema, columns=", ".join(columns)))
    yield _if(f"few < {len(set(columns))}", "RAISE lacking")
    yield _into("few", _text("task_screened", screen=task.screen))
    yield _if("few > 0", "RAISE only_runs")


def _listed(task: Task) -> Iterator[str]:
    """Yield what finds the drops that the ledger does not have."""
    place = literal(location(task.source.url))
    yield _text("external_told", stage=task.stage)
    yield _into("stage_url", _text("task_stage_url"))
    yield _if(f"stage_url = '' OR NOT STARTSWITH({place}, stage_url)", "RAISE elsewhere")
    yield _text("task_listed")
    yield _text("task_drops")
    yield _text("stage_list", place=f"@{task.stage}")
    yield _text("task_listed_add", {"stage_url": ":stage_url"}, location=place)
    most = task.config.portions(task.source).max_file_bytes
    fragments = key_fragments(task.source, task.rules, task.types, max_bytes=most)
    yield _text("task_drops_add", None, **task.ledger, **fragments)
    yield _mark("later", _text("task_later", most=str(MOST_FILES)))


def _read(task: Task) -> Iterator[str]:
    """Yield what reads drops from the bucket, as the external mode does."""
    yield _into("named", _text("task_named"))
    yield "IF (named = '') THEN"
    yield from _within(*_tell(task))
    yield "END IF"
    yield _text("external_documents")
    yield _text("external_files")
    yield _text("task_files")
    copy = _text("external_copy_documents", place=f"@{task.stage}", named="{files}")
    yield f"reading := REPLACE({literal(copy)}, '{{files}}', named)"
    yield "EXECUTE IMMEDIATE :reading"
    rows = documents(task.fields, task.names, task.config.limits)
    yield _text("external_rows_documents", None, **rows)


def _judged(task: Task) -> Iterator[str]:
    """Yield what leaves drops to a run in which anything stands that is not plain."""
    table, type_no = task.fields.table, task.fields.type_no
    yield _mark("unreadable", _text("task_unread", table=table))
    yield _mark("size", _text("task_long", table=table, most=str(task.config.limits.max_rows)))
    names_in, inner = (
        _text("external_names", body=body) for body in ("r.body", f"r.body['{PAYLOAD}']")
    )
    outer = [name for name in task.names if WITHIN not in name]
    members = [name.partition(WITHIN)[2] for name in task.names if WITHIN in name]
    for text, known in ((names_in, outer), (inner, members)):
        yield _mark(
            "fields", _text("task_strange", names=text, known=", ".join(map(literal, known)))
        )
    span = {name: str(number) for name, number in _SPAN.items()}
    present = _text("external_present", span, table=table, type_no=type_no)
    yield _mark(
        "schema", _text("task_foreign", present=present, ours=", ".join(map(str, task.plans)))
    )
    for number, plan in task.plans.items():
        constants = {**span, "number": str(number)}
        odd = _text("external_odd", constants, table=table, type_no=type_no, plain=plan.plain)
        yield _mark("rows", odd)


def _kept(task: Task) -> Iterator[str]:
    """Yield what writes the ledger, holds the counts against each other, and commits."""
    whens = [
        f"WHEN {number} THEN {literal(plan.schema.event_type)}"
        for number, plan in task.plans.items()
    ]
    yield _text(
        "task_ledger",
        _RUN,
        counted=_text("merge_counts"),
        names=_text("external_first_names"),
        event_type=f"CASE t.type_no {' '.join(whens)} END",
        **task.ledger,
    )
    counted = {"put_in": ":put_in", **_RUN}
    drops, table = task.ledger["drops"], task.fields.table
    yield _into("few", _text("task_unbalanced", counted, drops=drops, table=table))
    yield _if("few > 0", "RAISE counts_differ")
    yield _text("transaction_commit")
    yield "going := FALSE"


def _tell(task: Task) -> Iterator[str]:
    yield _into("told", _text("task_told", _RUN, drops=task.ledger["drops"]))
    yield "RETURN told"


def _mark(why: str, found: str) -> str:
    return _text("task_mark", why=literal(why), found=found)


def _text(name: str, constants: Mapping[str, str] | None = None, **fragments: str) -> str:
    return spelled("snowflake", name, constants or {}, **fragments)


def _into(variable: str, query: str) -> str:
    """Return what puts the one value of a query into a variable."""
    return f"SELECT t.value INTO :{variable}\nFROM ({query}) AS t (value)"


def _if(condition: str, then: str) -> str:
    return f"IF ({condition}) THEN\n{_INDENT}{then};\nEND IF"


def _within(*steps: str) -> Iterator[str]:
    return (indent(step, _INDENT) for step in steps)


def _setting(value: str) -> str:
    return value if value in {"true", "false"} or value.isdigit() else literal(value)


def _constant(value: object) -> str:
    """SQL of a value; the time of loading is a variable of the script."""
    match value:
        case None:
            return "NULL"
        case datetime():
            return _RUN["now"]
        case list():
            return literal(json.dumps(value))
        case str():
            return literal(value)
        case _:
            return str(value)
