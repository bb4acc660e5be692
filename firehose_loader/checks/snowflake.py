"""What a run needs of a Snowflake account: each right that is missing, with what grants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

from firehose_loader.checks.probe import Probe, State, attempt
from firehose_loader.config import Config, SnowflakeTarget, Source
from firehose_loader.errors import AccessDenied, FirehoseError, WarehouseUnusable
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.statements import literal, quoted
from firehose_loader.warehouse.ddl import spelling_of
from firehose_loader.warehouse.snowflake import new_session
from firehose_loader.warehouse.snowflake_places import covers, location
from firehose_loader.warehouse.snowflake_rights import (
    STAGE,
    Held,
    Names,
    Right,
    grants,
    names,
    needed,
    on_stage,
    on_table,
    on_tables,
    owning,
    stage_of,
)
from firehose_loader.warehouse.snowflake_session import SnowflakeSession

_SUBJECT = "warehouse"
_MIGHTY = {"ACCOUNTADMIN", "ORGADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN"}
_OURS = "_FIREHOSE_"
_LONG_SUSPEND = 300


def examine_account(config: Config, target: SnowflakeTarget) -> Iterator[Probe]:
    """Try to sign in, and whether role, compute, schema and stage will do."""
    try:
        session = new_session(config, target)
    except FirehoseError as error:
        yield Probe(subject=_SUBJECT, name="sign in", state=State.MISSING, found=str(error))
        return
    with closing(session):
        named = names(target)
        (who,) = session.records("doctor_session")
        role = str(who["role_name"])
        yield Probe(
            subject=_SUBJECT,
            name="sign in",
            state=State.OK,
            found=f"{target.place}: {who['user_name']} in role {role}",
        )
        yield _role(role)
        yield attempt(_SUBJECT, "schema", partial(_schema, session, named))
        yield from _rights(session, config, target, named, quoted(role))
        if target.load == "external":
            for source in config.source:
                yield attempt(_SUBJECT, "stage", partial(_leads, session, target, source, role))
        if target.manage_tables:
            yield attempt(_SUBJECT, "tables", partial(_tables, session, named, role))
        yield from _compute(session, str(who["warehouse_name"] or ""), target, named)


def _role(role: str) -> Probe:
    if role not in _MIGHTY:
        return Probe(
            subject=_SUBJECT, name="role", state=State.OK, found=f"{role} is no administrator"
        )
    return Probe(
        subject=_SUBJECT,
        name="role",
        state=State.WARNING,
        found=f"{role} may do far more than a loader needs; firehose-loader init --grants prints a"
        " role of its own",
    )


def _schema(session: SnowflakeSession, named: Names) -> str:
    session.run("session_schema", None, schema=named.schema.rpartition(".")[2])
    return f"{named.schema} is there"


def _rights(
    session: SnowflakeSession, config: Config, target: SnowflakeTarget, named: Names, role: str
) -> Iterator[Probe]:
    """Yield one probe for each right that is missing, or one that tells that none is."""
    try:
        held = Held(session, role)
    except AccessDenied as error:
        yield Probe(subject=_SUBJECT, name="rights", state=State.UNTESTED, found=str(error))
        return
    rights = [*needed(target), *_on_stage(session, named)]
    missing = [right for right in rights if not held.has(right)]
    wanting = [*grants(missing, role)]
    if not target.manage_tables:
        of_tables = [right for name in _given(session, config, named) for right in on_table(name)]
        rights += of_tables
        if not all(map(held.has, of_tables)):
            wanting += on_tables(named, role)
    for grant in wanting:
        yield Probe(subject=_SUBJECT, name="rights", state=State.MISSING, found=f"run: {grant}")
    if not wanting:
        found = f"all {len(rights)} that are needed are there"
        yield Probe(subject=_SUBJECT, name="rights", state=State.OK, found=found)


def _given(session: SnowflakeSession, config: Config, named: Names) -> Iterator[str]:
    """Yield those of the loader's and the event tables that are there, as statements name them."""
    naming = spelling_of(config.warehouse).naming
    ours = {naming.table(schema.table) for schema in load_catalog(config.schemas)}
    for one in _listed(session, named):
        name = str(one["name"])
        if name in ours or name.startswith(_OURS):
            yield f"{named.schema}.{quoted(name)}"


def _leads(session: SnowflakeSession, target: SnowflakeTarget, source: Source, role: str) -> str:
    """Tell whether the stage of a source leads to all of its drops."""
    stage, place = stage_of(target, source.name), location(source.url)
    right = Right(privilege="USAGE", kind="STAGE", name=stage)
    try:
        told = session.records("doctor_stage", stage=stage)
    except AccessDenied:
        grant = next(grants([right], quoted(role)))
        raise WarehouseUnusable(
            f"source {source.name}: there is no stage {stage}, or {role} may not use it: make it as"
            f" firehose-loader init --grants prints it, or run: {grant}"
        ) from None
    url = next((str(one["property_value"]) for one in told if one["property"] == "URL"), "")
    if not covers(url, place):
        raise WarehouseUnusable(
            f"source {source.name}: the stage {stage} leads to {url or 'no bucket'}, and the drops"
            f" lie in {place}: correct its URL, and STORAGE_ALLOWED_LOCATIONS of its integration"
        )
    return f"{stage} leads to {place}"


def _tables(session: SnowflakeSession, named: Names, role: str) -> str:
    """Tell whether the loader's tables that are there are the role's own."""
    owners = {
        str(one["name"]): str(one["owner"])
        for one in _listed(session, named)
        if str(one["name"]).startswith(_OURS)
    }
    others = {name: owner for name, owner in owners.items() if owner != role}
    if others:
        name, owner = min(others.items())
        hand_over = owning(named, quoted(role))
        raise WarehouseUnusable(
            f"{len(others)} of the loader's tables are not {role}'s, such as {name}, which is"
            f" {owner}'s. Run: {hand_over}"
        )
    return f"{len(owners)} are there, its own"


def _listed(session: SnowflakeSession, named: Names) -> list[dict[str, object]]:
    try:
        return session.records("doctor_tables", schema=named.schema)
    except AccessDenied:
        return []  # that there is no schema was told


def _on_stage(session: SnowflakeSession, named: Names) -> list[Right]:
    """Return what is needed of the internal stage, where it is there already."""
    stage = named.in_schema(STAGE)
    try:
        session.run("doctor_stage", None, stage=stage)
    except FirehoseError:
        return []  # the first run makes it
    return list(on_stage(named))


def _compute(
    session: SnowflakeSession, current: str, target: SnowflakeTarget, named: Names
) -> Iterator[Probe]:
    """Yield how the warehouse is set, and whether it takes work."""
    name = quoted(current) if current else named.warehouse
    settings = next(iter(_settings(session, name)), {})
    yield attempt(_SUBJECT, "compute", partial(_works, session, current, target, settings))
    if settings and not _is_on(settings.get("auto_resume")):
        yield _warning(
            f"it does not resume by itself: ALTER WAREHOUSE {name} SET AUTO_RESUME = TRUE;"
        )
    suspends = settings.get("auto_suspend")
    if settings and not 0 < int(str(suspends or 0)) <= _LONG_SUSPEND:
        yield _warning(
            f"it stays on for {suspends} s after each run, which is paid for: ALTER WAREHOUSE"
            f" {name} SET AUTO_SUSPEND = 60;"
            if suspends
            else f"it stays on for ever: ALTER WAREHOUSE {name} SET AUTO_SUSPEND = 60;"
        )


def _settings(session: SnowflakeSession, name: str) -> list[dict[str, object]]:
    plain = name[1:-1].replace('""', '"')
    rows = session.records("doctor_warehouse", pattern=literal(plain))
    return [row for row in rows if row["name"] == plain]  # LIKE takes _ and % for any sign


def _works(
    session: SnowflakeSession,
    current: str,
    target: SnowflakeTarget,
    settings: dict[str, object],
) -> str:
    if not current:
        wanted = target.warehouse or "none in url, and the user has no default"
        raise WarehouseUnusable(
            f"the session has no warehouse to run on ({wanted}): make it, or grant USAGE on it to"
            " the role; firehose-loader init --grants prints both"
        )
    was = str(settings.get("state", "")).lower()
    session.run("doctor_compute")
    resumed = "was suspended and resumed by itself" if was == "suspended" else "takes work"
    return f"{current} ({settings.get('size', 'size unknown')}) {resumed}"


def _is_on(value: object) -> bool:
    return str(value).lower() in {"true", "y", "yes"}


def _warning(found: str) -> Probe:
    return Probe(subject=_SUBJECT, name="compute", state=State.WARNING, found=found)
