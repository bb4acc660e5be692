"""The rights that the loader needs in Snowflake: the fewest, and the statements that grant them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from firehose_loader.config import SnowflakeTarget
from firehose_loader.statements import quoted, statement
from firehose_loader.warehouse.ddl import SPELLINGS

_DIALECT = "snowflake"
_IN_SCHEMA = ("USAGE", "CREATE TABLE", "CREATE VIEW", "CREATE STAGE")
ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One thing that a role may do with one object."""

    privilege: str
    kind: str
    """``DATABASE``, ``SCHEMA``, ``WAREHOUSE`` or ``STAGE``."""
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


def needed(target: SnowflakeTarget) -> Sequence[Right]:
    """Return what the loader cannot do without."""
    named = names(target)
    return [
        Right(privilege="USAGE", kind="WAREHOUSE", name=named.warehouse),
        Right(privilege="USAGE", kind="DATABASE", name=named.database),
        *(Right(privilege=one, kind="SCHEMA", name=named.schema) for one in _IN_SCHEMA),
    ]


def grants(rights: Iterable[Right], role: str) -> Iterator[str]:
    """Yield the statements that give a role these rights, one for each object."""
    for (kind, name), same in groupby(rights, key=lambda right: (right.kind, right.name)):
        privileges = ", ".join(right.privilege for right in same)
        yield rendered("setup_grant", rights=privileges, object=f"{kind} {name}", role=role)


def rendered(name: str, **fragments: str) -> str:
    """Return one statement for people to read and run."""
    return f"{statement(_DIALECT, name, **fragments).shown};"
