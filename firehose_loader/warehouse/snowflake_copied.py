"""What was loaded into Snowflake by hand: the history of COPY, as far as it can be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple, cast

from msgspec import Struct

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.engine import Row
from firehose_loader.errors import AccessDenied, ConfigError
from firehose_loader.statements import literal, quoted
from firehose_loader.warehouse.snowflake import new_session
from firehose_loader.warehouse.snowflake_rights import names
from firehose_loader.warehouse.snowflake_session import SnowflakeSession

_NAME = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_TABLE = re.compile(rf"{_NAME}(?:\.{_NAME}){{0,2}}")
_PARTS = re.compile(_NAME)
_REGION = re.compile(r"^s3(?:china|gov)://", re.IGNORECASE)


class CopiedFile(Struct, frozen=True, kw_only=True):
    """One file that was loaded whole, as of its last load."""

    stage: str
    """The URL of an external stage, or the name of an internal one."""
    name: str
    """Its path below the stage."""
    size_bytes: int | None
    loaded_at: datetime
    """Aware."""

    @property
    def url(self) -> str:
        """Where it lies; what an internal stage holds lies nowhere else."""
        if "://" not in self.stage:
            return self.name
        place = _REGION.sub("s3://", self.stage).rstrip("/")
        return f"{place}/{self.name.lstrip('/')}"


class _Table(NamedTuple):
    database: str
    schema: str
    name: str


def copied_files(
    config: Config, target: SnowflakeTarget, tables: Sequence[str]
) -> tuple[Sequence[CopiedFile], Sequence[str]]:
    """Return the files that COPY loaded into some tables, and what could not be read of that.

    Args:
        config: for what a session needs of it.
        target: the account; its database and schema complete the names.
        tables: as statements name them.

    Raises:
        ConfigError: one is no name of a table.
        AccessDenied: neither history of a table can be read.
    """
    wanted = [_table(text, target) for text in tables]
    files: list[CopiedFile] = []
    unread: list[str] = []
    with closing(new_session(config, target)) as session:
        for table in wanted:
            found, untold = _of_table(session, table)
            files += found
            unread += untold
    return files, list(dict.fromkeys(unread))


def _of_table(session: SnowflakeSession, table: _Table) -> tuple[list[CopiedFile], list[str]]:
    """Read both histories of a table; one of them will do."""
    whole = ".".join(quoted(part) for part in table)
    denied: list[AccessDenied] = []
    rows: list[Row] = []
    try:
        rows += session.run("copied_lately", table_name=literal(whole))
    except AccessDenied as error:
        denied.append(error)
    values = {"database": table.database, "schema": table.schema, "table_name": table.name}
    try:
        rows += session.run("copied_in_a_year", values)
    except AccessDenied as error:
        denied.append(error)
    if len(denied) > 1:
        raise denied[0]
    told = cast("list[tuple[str, str, int | None, datetime]]", rows)
    return [
        CopiedFile(stage=stage, name=name, size_bytes=size, loaded_at=at.replace(tzinfo=UTC))
        for stage, name, size, at in told
    ], [str(error) for error in denied]


def _table(text: str, target: SnowflakeTarget) -> _Table:
    if not _TABLE.fullmatch(text):
        raise ConfigError(
            f"{text!r} is no name of a table: write TABLE, SCHEMA.TABLE or DATABASE.SCHEMA.TABLE"
        )
    parts = [
        part[1:-1].replace('""', '"') if part.startswith('"') else part.upper()
        for part in _PARTS.findall(text)
    ]
    database = names(target).database[1:-1].replace('""', '"')
    own = [database, target.schema_name.upper()]
    return _Table(*own[: 3 - len(parts)], *parts)
