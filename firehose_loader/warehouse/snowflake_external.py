"""Drops that Snowflake reads from their bucket by itself, through an external stage."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from firehose_loader.config import SnowflakeTarget
from firehose_loader.engine import Row
from firehose_loader.errors import ConfigError, FirehoseError
from firehose_loader.protocols import StagedTable
from firehose_loader.protocols.external import TypedRows
from firehose_loader.schema.model import FieldType
from firehose_loader.warehouse.ddl import Spelling, spelling_of
from firehose_loader.warehouse.snowflake_places import location
from firehose_loader.warehouse.snowflake_rights import stage_of
from firehose_loader.warehouse.snowflake_session import SnowflakeSession
from firehose_loader.warehouse.snowflake_stage import definitions, read_back, temporary

_NAMES_NO_FILE = frozenset("'\\\0\n\r")
"""What a name in a list of files cannot hold, or not in every spelling."""


class SnowflakeExternal:
    """Reads through the stage of one source at a time."""

    def __init__(self, session: SnowflakeSession, target: SnowflakeTarget) -> None:
        self._session = session
        self._target = target
        self._spelling = spelling_of(target)
        self._below = ""
        """What leads from the stage to the source."""
        self._inside = ""
        """What leads from the bucket to the source."""

    def place(self, source: str, url: str) -> str:
        stage = stage_of(self._target, source)
        told = self._session.run("external_told", stage=stage)
        found = {str(name): value for _, name, _, value, *_ in told}
        there, wanted = _url(found.get("URL")), location(url)
        if not there:
            raise ConfigError(f"stage {stage} is an internal one; it leads to no bucket of yours")
        if not wanted.startswith(there):
            raise ConfigError(
                f"source {source!r}: stage {stage} leads to {there}, which does not cover {wanted};"
                " name another stage under warehouse.external_stage, or none and let"
                " firehose-loader init --grants tell how to make one for each source"
            )
        self._below = wanted.removeprefix(there)
        self._inside = _inside(wanted)
        return f"@{stage}"

    def file(self, key: str) -> str | None:
        if not _NAMES_NO_FILE.isdisjoint(key) or {".", "..", ""} & set(key.split("/")):
            return None
        return self._below + key

    def path(self, key: str) -> str:
        return self._inside + key

    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> list[Row]:
        return self._session.run(name, parameters, **fragments)

    def begin(self) -> None:
        for statement in ("scratch_keys", "scratch_faults", "scratch_duplicates"):
            self._session.run(statement)

    def typed(self, number: int, table: StagedTable, rows: TypedRows) -> StagedTable:
        name = temporary(number)
        self._session.run(
            "scratch_rows", table=name, definitions=definitions(table, self._spelling)
        )
        self._session.run(
            "external_typed",
            {**rows.span, "number": table.type_no},
            table=name,
            columns=", ".join(map(self._spelling.column, rows.values)),
            key=rows.key,
            values=",\n    ".join(rows.values.values()),
            rescued=rows.rescued,
            of_rows=rows.rows,
            type_no=rows.type_no,
        )
        self._session.run(
            "external_keys",
            {"number": table.type_no},
            table=name,
            stamp=_stamp(table, self._spelling),
        )
        given = read_back(table, number, self._spelling)
        return replace(table, rows=given, duplicates=given)

    def forget(self, tables: Collection[str]) -> None:
        for table in tables:
            try:
                self._session.run("scratch_forget", table=table)
            except FirehoseError:
                return  # the session is gone, and its temporary tables with it


def _url(told: object) -> str:
    """Return where a stage leads, from the list that tells it; with a slash at its end."""
    urls = json.loads(str(told)) if told else []
    return f"{str(urls[0]).rstrip('/')}/" if urls and urls[0] else ""


def _inside(place: str) -> str:
    """Return the path of a place in its bucket or container."""
    scheme, _, rest = place.partition("://")
    path = rest.partition("/")[2]
    return path.partition("/")[2] if scheme == "azure" else path


def _stamp(table: StagedTable, spelling: Spelling) -> str:
    """SQL of when a row was delivered."""
    for field in table.schema.fields:
        if field.delivery and field.type is FieldType.TIMESTAMP and field.column in table.columns:
            return f"r.{spelling.column(field.column)}"
    return spelling.null(FieldType.TIMESTAMP)
