"""The rights that the loader needs in Snowflake: the fewest, and the statements that grant them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from firehose_loader.config import SnowflakeTarget
from firehose_loader.statements import quoted, statement
from firehose_loader.warehouse.ddl import SPELLINGS
from firehose_loader.warehouse.snowflake_places import stage_name
from firehose_loader.warehouse.snowflake_session import SnowflakeSession

_DIALECT = "snowflake"
_IN_SCHEMA = ("USAGE", "CREATE TABLE", "CREATE VIEW", "CREATE STAGE")
_IN_TABLES = ("SELECT", "INSERT", "UPDATE", "DELETE")
_ON_STAGE = ("READ", "WRITE")
_GRANT = ("privilege", "granted_on", "name")
_PARTS = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
STAGE = "_firehose_stage"
_OF_TABLES = (
    *("drops_", "runs_", "merge_", "quarantine_", "duplicates_", "leases_", "listing_rank"),
    *("table_add_column", "table_widen", "table_cluster"),
)
"""What statements begin with that read or change tables which are there."""


class Names(Struct, frozen=True, kw_only=True):
    """What a configuration names, as statements write it."""

    role: str
    user: str
    warehouse: str
    database: str
    schema: str
    """With its database."""

    def in_schema(self, name: str) -> str:
        """Return something of the schema, by its full name."""
        return f"{self.schema}.{SPELLINGS[_DIALECT].name(name)}"


class Right(Struct, frozen=True, kw_only=True):
    """One thing that a role may do with one object."""

    privilege: str
    kind: str
    """``DATABASE``, ``SCHEMA``, ``WAREHOUSE``, ``STAGE`` or the like."""
    name: str
    """As statements write it."""


def names(target: SnowflakeTarget) -> Names:
    """Return what a configuration names; what it leaves to the user's defaults is made up."""
    database = identifier(target.database or "firehose")
    return Names(
        role=identifier(target.role or "firehose_loader"),
        user=identifier(target.user or "firehose_loader"),
        warehouse=identifier(target.warehouse or "firehose_loading"),
        database=database,
        schema=f"{database}.{SPELLINGS[_DIALECT].name(target.schema_name)}",
    )


def identifier(text: str) -> str:
    """Return a name as Snowflake takes it at signing in: in capitals unless it is quoted."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return quoted(text[1:-1].replace('""', '"'))
    return quoted(text.upper())


def stage_of(target: SnowflakeTarget, source: str) -> str:
    """Return the external stage of a source: the one that is named for all, else one of its own."""
    if target.external_stage is None:
        return names(target).in_schema(stage_name(source))
    return ".".join(map(identifier, target.external_stage.split(".")))


def needed(target: SnowflakeTarget) -> Sequence[Right]:
    """Return what the loader cannot do without, beside rights on tables that others made."""
    named = names(target)
    in_schema = _IN_SCHEMA if target.manage_tables else ("USAGE",)
    return [
        Right(privilege="USAGE", kind="WAREHOUSE", name=named.warehouse),
        Right(privilege="USAGE", kind="DATABASE", name=named.database),
        *(Right(privilege=one, kind="SCHEMA", name=named.schema) for one in in_schema),
    ]


def on_stage(named: Names) -> Sequence[Right]:
    """Return what is needed of the internal stage, where somebody else made it."""
    stage = named.in_schema(STAGE)
    return [Right(privilege=one, kind="STAGE", name=stage) for one in _ON_STAGE]


def on_table(name: str) -> Sequence[Right]:
    """Return what is needed of a table that somebody else made; its name as statements write it."""
    return [Right(privilege=one, kind="TABLE", name=name) for one in _IN_TABLES]


def on_tables(named: Names, role: str) -> Sequence[str]:
    """Return the statements that let a role use all tables of the schema, and those to come."""
    rights = ", ".join(_IN_TABLES)
    return [
        rendered("setup_grant", rights=rights, object=f"{which} {named.schema}", role=role)
        for which in ("ALL TABLES IN SCHEMA", "FUTURE TABLES IN SCHEMA")
    ]


def lacking(statement_name: str, target: SnowflakeTarget) -> str:
    """Return the statement that grants what one of ours needs; empty where that is not known."""
    named = names(target)
    if statement_name.startswith(_OF_TABLES) and not target.manage_tables:
        return on_tables(named, named.role)[0].rstrip(";")
    if statement_name.startswith(_OF_TABLES):
        return owning(named, named.role).rstrip(";")
    right = _right_of(statement_name, named)
    return "" if right is None else next(grants([right], named.role)).rstrip(";")


def owning(named: Names, role: str) -> str:
    """Return the statement that makes a role the owner of all tables of the schema."""
    return rendered("setup_ownership", schema=named.schema, role=role)


def _right_of(name: str, named: Names) -> Right | None:
    """Return the right that statements of a name need first."""
    schema, stage = named.schema, named.in_schema(STAGE)
    known = {
        "session_schema": ("USAGE", "SCHEMA", schema),
        # Who may not see it is told the same as who may not make it, and need only see it.
        "meta_schema": (", ".join(_IN_SCHEMA), "SCHEMA", schema),
        "meta_stage": ("CREATE STAGE", "SCHEMA", schema),
        "view_create": ("CREATE VIEW", "SCHEMA", schema),
        "table_create": ("CREATE TABLE", "SCHEMA", schema),
        "stage_list": ("READ", "STAGE", stage),
        "stage_put": ("WRITE", "STAGE", stage),
        "stage_clear": ("WRITE", "STAGE", stage),
        "stage_copy": ("READ", "STAGE", stage),
        "copied_in_a_year": ("IMPORTED PRIVILEGES", "DATABASE", "SNOWFLAKE"),
    }
    if name.startswith("meta_"):
        found = known.get(name, known["table_create"])
    elif name in known:
        found = known[name]
    else:
        return None
    privilege, kind, object_name = found
    return Right(privilege=privilege, kind=kind, name=object_name)


def grants(rights: Iterable[Right], role: str) -> Iterator[str]:
    """Yield the statements that give a role these rights, one for each object."""
    for (kind, name), same in groupby(rights, key=lambda right: (right.kind, right.name)):
        privileges = ", ".join(right.privilege for right in same)
        yield rendered("setup_grant", rights=privileges, object=f"{kind} {name}", role=role)


def rendered(name: str, **fragments: str) -> str:
    """Return one statement for people to read and run."""
    return f"{statement(_DIALECT, name, **fragments).shown};"


class Held:
    """What a role may do, by itself and by the roles that it has."""

    def __init__(self, session: SnowflakeSession, role: str) -> None:
        """Look it up; ``role`` as statements write it.

        Raises:
            AccessDenied: the role may not look.
        """
        self._found: set[tuple[str, str, tuple[str, ...]]] = set()
        waiting, seen = [role], {role}
        while waiting:
            for row in session.records("doctor_grants", role=waiting.pop()):
                privilege, kind, name = (str(row[key]) for key in _GRANT)
                self._found.add((privilege, kind, _plain(name)))
                other = quoted(_plain(name)[-1])
                if (privilege, kind) == ("USAGE", "ROLE") and other not in seen:
                    waiting.append(other)
                    seen.add(other)

    def has(self, right: Right) -> bool:
        """Tell whether a right is among them; who owns a thing may do all with it."""
        name = _plain(right.name)
        return any((one, right.kind, name) in self._found for one in (right.privilege, "OWNERSHIP"))


def _plain(name: str) -> tuple[str, ...]:
    """Return the parts of a name, without quotes."""
    return tuple(
        inner.replace('""', '"') if inner else outer for inner, outer in _PARTS.findall(name)
    )
