"""What a run needs of a source and of the warehouse: the ways of the contract suite, tried here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from firehose_loader.checks.machine import room
from firehose_loader.checks.probe import Probe, State, attempt
from firehose_loader.config import Config, DuckDBTarget, SnowflakeTarget, Source
from firehose_loader.errors import (
    DropChanged,
    DropMissing,
    FirehoseError,
    TablesOutdated,
    WarehouseUnusable,
)
from firehose_loader.loader import tables_needed
from firehose_loader.model import Drop
from firehose_loader.protocols import Storage
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.storage import open_notices, open_storage
from firehose_loader.templates import archive_key
from firehose_loader.warehouse import open_warehouse

_LOOKED_AT = 1000
_SKEW_SECONDS = 60
_NEW_DATABASE_BYTES = 10**9


def examine_source(source: Source) -> Iterator[Probe]:
    """Try to list a source and to read from it, and what ``after`` asks for."""
    subject = f"source {source.name}"
    if re.match(r"http://|ftp://", str(getattr(source, "endpoint", None) or "")):
        yield Probe(
            subject=subject,
            name="encryption",
            state=State.WARNING,
            found="its endpoint is plain http: everybody on the way can read and change drops",
        )
    try:
        storage = open_storage(source)
        drops = list(islice(storage.list_drops(), _LOOKED_AT))
    except FirehoseError as error:
        yield Probe(subject=subject, name="list", state=State.MISSING, found=str(error))
        return
    with closing(storage):
        count = f"{_LOOKED_AT} or more" if len(drops) == _LOOKED_AT else str(len(drops))
        yield Probe(
            subject=subject,
            name="list",
            state=State.OK if drops else State.WARNING,
            found=f"{count} drops" + ("" if drops else "; look at its url, include and exclude"),
        )
        yield from _reading(subject, storage, drops)
        yield attempt(subject, "clock", partial(_clock, subject, drops))
        if getattr(source, "notify", None):
            yield attempt(subject, "notify", partial(_told, source))
        if source.after != "keep":
            yield attempt(subject, f"after = {source.after}", partial(_depart, source, storage))


def examine_warehouse(config: Config) -> Iterator[Probe]:
    """Try to open the warehouse, and whether it can be written to."""
    if isinstance(config.warehouse, SnowflakeTarget):
        from firehose_loader.checks.snowflake import examine_account

        probes = list(examine_account(config, config.warehouse))
        yield from probes
        if probes[0].state is State.MISSING:
            return  # nobody gets in
    yield attempt("warehouse", "open", partial(_opened, config))
    if not config.warehouse.manage_tables:
        yield from _given(config)
    if (advice := config.warehouse.advice) is not None:
        yield Probe(subject="warehouse", name="sign in", state=State.WARNING, found=advice)
    if isinstance(config.warehouse, DuckDBTarget):
        path = config.warehouse.path
        yield attempt("warehouse", "write", partial(_writable, path))
        if (folder := path.absolute().parent).is_dir():
            yield room("warehouse", folder, _NEW_DATABASE_BYTES)


def _reading(subject: str, storage: Storage, drops: list[Drop]) -> Iterator[Probe]:
    drop = next((drop for drop in drops if drop.size_bytes), None)
    if drop is None:
        why = "there is no drop to try it with yet"
        for name in ("read", "conditional read", "checksum"):
            yield Probe(subject=subject, name=name, state=State.UNTESTED, found=why)
        return
    yield attempt(subject, "read", partial(_read, storage, drop))
    yield attempt(subject, "conditional read", partial(_conditional, subject, storage, drop))
    yield attempt(subject, "checksum", partial(_checksum, storage, drop))


def _read(storage: Storage, drop: Drop) -> str:
    with storage.open(drop, start=0, end=1) as file:
        file.read(1)
    return f"{drop.key!r} can be read"


def _conditional(subject: str, storage: Storage, drop: Drop) -> Probe | str:
    other = re.sub(
        r"[0-9A-Za-z]", lambda sign: "1" if sign[0] != "1" else "2", drop.version, count=1
    )
    try:
        storage.open(replace(drop, version=other)).close()
    except (DropChanged, DropMissing):
        return "a version that is not there is refused"
    return Probe(
        subject=subject,
        name="conditional read",
        state=State.WARNING,
        found="another version than the listed one is handed out without a word: a drop that is"
        " rewritten while it is read may be loaded half and half",
    )


def _checksum(storage: Storage, drop: Drop) -> str:
    digest = storage.digest(drop)
    return f"{digest.algorithm} is kept" if digest else "none is kept; sizes are compared"


def _clock(subject: str, drops: list[Drop]) -> Probe | str:
    now = datetime.now(UTC)
    ahead = max(((drop.modified - now).total_seconds() for drop in drops), default=0)
    if ahead <= _SKEW_SECONDS:
        return "no drop is from the future"
    return Probe(
        subject=subject,
        name="clock",
        state=State.WARNING,
        found=f"a drop is {ahead:.0f} s from the future: set the clock of this machine, or that of"
        " the place",
    )


def _told(source: Source) -> str:
    notices = open_notices(source)
    assert notices is not None  # noqa: S101 - the caller has looked
    with closing(notices):
        notices.rehearse()
    return "word of new drops can be received and acknowledged"


def _depart(source: Source, storage: Storage) -> str:
    made_up = Drop(
        source=source.name,
        key="firehose-probe",
        size_bytes=1,
        modified=datetime.now(UTC),
        version="1",
    )
    to = archive_key(source.archive, made_up) if source.archive else None
    storage.rehearse(to)
    return f"drops can be taken away, to {to!r} and the like" if to else "drops can be removed"


def _opened(config: Config) -> Probe | str:
    """Open the warehouse as those do who only look, and tell the version of the loader's tables."""
    place = config.warehouse.place
    try:
        with closing(open_warehouse(config, read_only=True)) as warehouse:
            found = warehouse.tables_version()
    except TablesOutdated as error:
        return Probe(subject="warehouse", name="open", state=State.WARNING, found=str(error))
    if found is None:
        return f"{place}: nothing loaded yet"
    return f"{place} is a warehouse of this loader, its tables version {found.version}"


def _given(config: Config) -> Iterator[Probe]:
    """Yield what somebody else still has to make, with the statements that make it."""
    try:
        with closing(open_warehouse(config, read_only=True)) as warehouse:
            schemas = tables_needed(warehouse, load_catalog(config.schemas), config)
            missing = warehouse.missing(schemas)
    except FirehoseError as error:
        yield Probe(subject="warehouse", name="tables", state=State.MISSING, found=str(error))
        return
    for one in missing:
        yield Probe(
            subject="warehouse",
            name="tables",
            state=State.MISSING,
            found=f"{one.what} is not there, or not to be seen",
            statements=tuple(one.statements),
        )
    if not missing:
        found = "all that a run needs is there; manage_tables = false: nothing will be made"
        yield Probe(subject="warehouse", name="tables", state=State.OK, found=found)


def _writable(path: Path) -> str:
    if str(path) == ":memory:":
        return "in memory"
    for place in (path if path.exists() else path.parent, path.parent):
        if not os.access(place, os.W_OK):
            raise WarehouseUnusable(f"{place}: this user cannot write there; grant it, or make it")
    return f"{Path(path).absolute().parent} can be written to"
