"""A task in Snowflake that loads plain JSON drops without any container.

What it does not understand for sure, it leaves to an ordinary run, and tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import chain

from firehose_loader.config import Config, S3Source, SnowflakeTarget, Source
from firehose_loader.errors import ConfigError
from firehose_loader.external.drops import WITHIN
from firehose_loader.external.reading import Fields, seen_of, told_by, type_no_of
from firehose_loader.loader import Loader
from firehose_loader.model import Drift
from firehose_loader.normalise.external import Plan, planned
from firehose_loader.normalise.types import UNKNOWN, EventTypes
from firehose_loader.route import checked_drift, checked_rules
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.names import fold, is_payload
from firehose_loader.setup.task_block import PAYLOAD, Task, block
from firehose_loader.statements import literal
from firehose_loader.warehouse import rehearsed
from firehose_loader.warehouse.snowflake_rights import Right, grants, names, rendered

_PLAIN = re.compile(r"[A-Za-z0-9_ .-]+")
_CALL = """DECLARE
    told VARCHAR DEFAULT '';
BEGIN
    CALL {procedure}() INTO :told;
    CALL SYSTEM$SET_RETURN_VALUE(:told);
END;"""
_HEAD = """-- Tasks in Snowflake that load plain JSON drops without any container. What they take,
-- and what they leave to a run: docs/snowflake.md. Run it as somebody who may take on the roles
-- below, behind what init --grants prints and once the tables are there (sql --ddl). Once
-- more, it replaces the tasks.
"""


def task_script(config: Config, event_types: Sequence[str]) -> str:
    """Return what makes a task for each source, taking drops of some event types.

    Raises:
        ConfigError: the configuration asks for what no task can do; says what.
        SchemaError: a schema of the user's folder is wrong.
    """
    target = config.warehouse
    if not isinstance(target, SnowflakeTarget) or target.load != "external":
        raise ConfigError(
            f"{target.place}: a task loads what Snowflake reads by itself; it needs load ="
            ' "external"'
        )
    if not event_types:
        raise ConfigError("name the event types that the task is to load, such as email.open")
    if not config.source:
        raise ConfigError("there is no [[source]] for which to make a task")
    named = names(target)
    parts = [
        _HEAD,
        *_privileges(target),
        rendered("setup_use_role", role=named.role),
        *(
            text
            for source in config.source
            for text in _made(_prepared(config, target, source, event_types))
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _privileges(target: SnowflakeTarget) -> Iterator[str]:
    named = names(target)
    yield rendered("setup_use_role", role="ACCOUNTADMIN")
    yield rendered("setup_grant", rights="EXECUTE TASK", object="ACCOUNT", role=named.role)
    rights = [
        Right(privilege=one, kind="SCHEMA", name=named.schema)
        for one in ("CREATE PROCEDURE", "CREATE TASK")
    ]
    yield from grants(rights, named.role)


def _made(task: Task) -> Iterator[str]:
    named = names(task.target)
    name = named.in_schema(f"firehose_task_{task.source.name}")
    minutes = (task.source.cadence or timedelta(minutes=15)) // timedelta(minutes=1)
    yield rendered("task_procedure", procedure=name, body=block(task))
    yield rendered(
        "task_create",
        task=name,
        warehouse=named.warehouse,
        schedule=literal(f"{minutes} MINUTE"),
        body=_CALL.format(procedure=name),
    )
    yield rendered("task_resume", task=name)


def _prepared(
    config: Config, target: SnowflakeTarget, source: Source, event_types: Sequence[str]
) -> Task:
    """Plan how rows of the event types become typed; raise ConfigError where no task can."""
    _check(config, source)
    catalog = load_catalog(config.schemas)
    nowhere = config.model_copy(
        update={"source": (), "warehouse": target.model_copy(update={"connection": "nowhere"})}
    )
    warehouse, _ = rehearsed(nowhere, ())
    with closing(warehouse):
        loader = Loader(warehouse, catalog, nowhere, run_id="task")
        drift = loader.drift(checked_drift(source.name, source.drift, catalog))
        spellings = loader.schemas[UNKNOWN].by_column["event_type"].spellings
        types = EventTypes(loader.schemas, spellings)
        left_out = loader.left_out
    numbers = [_number(name, types, catalog) for name in dict.fromkeys(event_types)]
    names_of = _names([types.schemas[number] for number in numbers], spellings)
    fields = Fields(0, seen_of(names_of), documents=True)
    deciding = [one.slot for one in fields.seen if types.decides(one.name)]
    texts = {types.names[n]: n for n in range(1, len(types.names)) if types.newest(n) == n}
    told = ["r.forced_no"]
    for slot in deciding:
        fields.told[slot] = texts
        told += told_by(slot, texts, is_final=True)
    fields.type_no = type_no_of(told)
    plans: dict[int, Plan] = {}
    for number in sorted(numbers):
        schema = types.schemas[number]
        plan = planned(
            schema,
            fields.seen,
            told=dict.fromkeys(deciding, (types.names[number],)),
            deciding=deciding,
            rescues=drift.get(schema.event_type) is Drift.RESCUE,
            documents=True,
            left_out=left_out.get(schema.event_type, ()),
        )
        if plan is None or schema.merge != "insert":
            raise ConfigError(
                f"{schema.event_type}: its rows replace each other, or their key is not the event's"
                " id: a task cannot load them; leave it to runs"
            )
        plans[number] = plan
    return Task(
        target=target,
        source=source,
        rules=checked_rules(source.name, source.events, catalog),
        types=types,
        plans=plans,
        fields=fields,
        names=names_of,
        config=config,
    )


def _check(config: Config, source: Source) -> None:
    """Refuse what only a run knows to do."""
    why = ""
    if not isinstance(source, S3Source):
        why = "only what LIST tells of S3 (ETag and size) tells versions as a run does"
    elif source.prefix_template is not None:
        why = "prefix_template has a run list other folders every day"
    elif config.retention or source.retention:
        why = "only a run passes events over that are older than retention allows"
    if why:
        raise ConfigError(f"source {source.name!r}: a task cannot load it: {why}; leave it to runs")


def _number(event_type: str, types: EventTypes, catalog: Catalog) -> int:
    name = catalog.resolve_type(event_type)
    if name is None or name == UNKNOWN:
        raise ConfigError(
            f"there is no event type {event_type!r}; firehose-loader schema list shows all"
        )
    if sum(schema.event_type == name for schema in types.schemas) > 1:
        raise ConfigError(f"{name}: which of its models fits is for a run to tell; leave it out")
    number = types.number(name)
    assert number is not None  # noqa: S101 - it has a name
    return number


def _names(schemas: Iterable[EventSchema], telling: Sequence[str]) -> list[str]:
    """Return the names of members that the script knows, each in one spelling of its letters."""
    known: dict[str, str] = {}
    for field in chain.from_iterable(schema.fields for schema in schemas):
        for name in (field.name, *field.aliases):
            if fold(name) not in telling[1:] and not is_payload(name) and _PLAIN.fullmatch(name):
                known.setdefault(name.casefold(), name)
    plain = sorted(known.values())
    within = [f"{PAYLOAD}{WITHIN}{name}" for name in plain if fold(name) != telling[0]]
    return [*plain, PAYLOAD, *within]
