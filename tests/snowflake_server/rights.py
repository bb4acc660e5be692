"""What a role may do. One of which nothing is said may do everything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.snowflake_server.refusals import NO_RIGHT, NOT_THERE, SUSPENDED, Refused
from tests.snowflake_server.results import Result, told

if TYPE_CHECKING:
    from tests.snowflake_server.session import Session

_MADE = re.compile(r"(?i)create\s+(?:or\s+replace\s+)?(?:transient\s+)?(table|view|stage|schema)\b")
_SHOW_GRANTS = re.compile(r'(?i)show\s+grants\s+to\s+role\s+"?(\w+)"?\s*$')
_SHOW_WAREHOUSES = re.compile(r"(?i)show\s+warehouses\s+like\s+'(\w+)'\s*$")
_SHOW_TABLES = re.compile(r'(?i)show\s+tables\s+in\s+schema\s+"\w+"\."(\w+)"\s*$')
_DESCRIBE_STAGE = re.compile(r"(?i)desc(?:ribe)?\s+stage\s+(\S+)\s*$")


def shown(session: Session, text: str) -> Result | None:
    """Answer what asks for rights, warehouses or a stage; None where it is something else."""
    if match := _SHOW_GRANTS.match(text):
        return _grants(session, match[1])
    if match := _SHOW_WAREHOUSES.match(text):
        return _warehouses(session, match[1])
    if match := _SHOW_TABLES.match(text):
        return _tables(session, match[1])
    if match := _DESCRIBE_STAGE.match(text):
        url = session.account.stages.url(match[1], session.database, session.schema)
        names = ["parent_property", "property", "property_type", "property_value"]
        return told(names, [("STAGE_LOCATION", "URL", "String", f'["{url}"]')])
    return None


def check_definition(session: Session, text: str) -> None:
    """Refuse to make what the session's role may not.

    Raises:
        Refused
    """
    match = _MADE.match(text)
    rights = session.account.grants.get(session.role)
    if match is None or rights is None:
        return
    kind = match[1].upper()
    holder = "DATABASE" if kind == "SCHEMA" else "SCHEMA"
    if not any(
        (privilege, on) in {(f"CREATE {kind}", holder), ("OWNERSHIP", holder)}
        for privilege, on, _ in rights
    ):
        name = session.database if kind == "SCHEMA" else session.schema
        raise Refused(
            NO_RIGHT,
            "SQL access control error: Insufficient privileges to operate on"
            f" {holder.lower()} '{name}'",
        )


def check_schema(session: Session, name: str) -> None:
    """Refuse to go into a schema that the session's role does not see.

    Raises:
        Refused
    """
    rights = session.account.grants.get(session.role)
    if rights is not None and not any(
        kind == "SCHEMA" and of.rpartition(".")[2] == name for _, kind, of in rights
    ):
        raise Refused(NOT_THERE, f"Schema '{name}' does not exist or not authorized.")


def wake(session: Session) -> None:
    """Have the session's warehouse take work.

    Raises:
        Refused: it is off, and does not resume by itself.
    """
    settings = session.account.warehouse_settings.setdefault(session.warehouse, {})
    if settings.get("state") == "SUSPENDED" and not settings.get("auto_resume", True):
        raise Refused(
            SUSPENDED, f"Warehouse '{session.warehouse}' is suspended and cannot be resumed."
        )
    settings["state"] = "STARTED"


def may_use(grants: list[list[str]] | None, warehouse: str) -> bool:
    """Tell whether a role with these rights gets a warehouse when it signs in."""
    return grants is None or any(
        kind == "WAREHOUSE" and name == warehouse for _, kind, name in grants
    )


def _grants(session: Session, role: str) -> Result:
    rights = session.account.grants.get(role)
    if rights is None:
        database = session.database
        rights = [
            ["OWNERSHIP", "DATABASE", database],
            ["OWNERSHIP", "SCHEMA", f"{database}.DOTDIGITAL"],
            ["OWNERSHIP", "STAGE", f"{database}.DOTDIGITAL._FIREHOSE_STAGE"],
            *(["OWNERSHIP", "WAREHOUSE", name] for name in session.account.warehouses),
        ]
    names = ["created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name"]
    return told(names, [("", *right, "ROLE", role) for right in rights])


def _tables(session: Session, schema: str) -> Result:
    found = session.engine.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = ?",
        [session.database, schema],
    ).fetchall()
    owners = session.account.owners
    rows = [
        (name, schema, owners.get((session.database, schema, name), "SYSADMIN"))
        for (name,) in found
    ]
    return told(["name", "schema_name", "owner"], rows)


def _warehouses(session: Session, pattern: str) -> Result:
    names = ["name", "state", "type", "size", "auto_suspend", "auto_resume"]
    rows = []
    for name in session.account.warehouses:
        given = session.account.warehouse_settings.get(name, {})
        resumes = str(given.get("auto_resume", True)).lower()
        state, suspend = given.get("state", "SUSPENDED"), given.get("auto_suspend", 60)
        rows.append((name, state, "STANDARD", "X-Small", suspend, resumes))
    return told(names, [row for row in rows if row[0] == pattern.upper()])
