"""The history of COPY: which files were put into which table, whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from tests.snowflake_server.refusals import NOT_THERE, SYNTAX, Refused

if TYPE_CHECKING:
    from tests.snowflake_server.session import Session

_ARGUMENTS = r"\((?P<arguments>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"
_OF_TABLE = re.compile(rf"(?i)\btable\s*\(\s*information_schema\.copy_history\s*{_ARGUMENTS}\s*\)")
_OF_ACCOUNT = re.compile(r"(?i)\bsnowflake\.account_usage\.copy_history\b")
_NAMED = re.compile(r"(?i)\btable_name\s*=>\s*'((?:[^']|'')+)'")
_TABLE = '"temp"."main"."_COPIED"'
_COLUMNS = (
    '"FILE_NAME" VARCHAR, "STAGE_LOCATION" VARCHAR, "LAST_LOAD_TIME" TIMESTAMP,'
    ' "FILE_SIZE" DECIMAL(38, 0), "STATUS" VARCHAR, "TABLE_CATALOG_NAME" VARCHAR,'
    ' "TABLE_SCHEMA_NAME" VARCHAR, "TABLE_NAME" VARCHAR'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """One file that was put into a table."""

    stage: str
    """Where its stage leads, or its name."""
    name: str
    """Its path below that."""
    size: int
    at: datetime
    """Naive, UTC."""


def with_copies(session: Session, text: str) -> str:
    """Return a statement that asks for the history with a table of it in its place.

    Any other statement stays as it is.

    Raises:
        Refused: the table is not there, or the role may not look into the account's history.
    """
    if match := _OF_TABLE.search(text):
        named = _NAMED.search(match["arguments"])
        if named is None or "start_time" not in match["arguments"].lower():
            raise Refused(SYNTAX, "SQL compilation error: COPY_HISTORY lacks an argument")
        table = session.table(exp.to_table(named[1].replace("''", "'"), dialect="snowflake"))
        if not session.has(table):
            raise Refused(NOT_THERE, f"Table '{'.'.join(table)}' does not exist or not authorized.")
        _fill(session, {table})
        return text[: match.start()] + _TABLE + text[match.end() :]
    if _OF_ACCOUNT.search(text):
        rights = session.account.grants.get(session.role)
        if rights is not None and ["IMPORTED PRIVILEGES", "DATABASE", "SNOWFLAKE"] not in rights:
            raise Refused(
                NOT_THERE, "Schema 'SNOWFLAKE.ACCOUNT_USAGE' does not exist or not authorized."
            )
        _fill(session, set(session.account.loaded))
        return _OF_ACCOUNT.sub(_TABLE, text)
    return text


def _fill(session: Session, tables: set[tuple[str, str, str]]) -> None:
    session.engine.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} ({_COLUMNS})")
    session.account.made += 1
    for table in tables:
        for one in session.account.loaded.get(table, {}).values():
            session.engine.execute(
                f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [one.name, one.stage, one.at, one.size, "Loaded", *table],
            )
