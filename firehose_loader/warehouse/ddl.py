"""The table of an event type as each kind of warehouse writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.config import SnowflakeTarget
from firehose_loader.config.warehouses.base import BaseTarget
from firehose_loader.config.warehouses.names import Names
from firehose_loader.privacy import PiiClass
from firehose_loader.schema.model import ENGINE_TYPES, EventSchema, FieldType
from firehose_loader.statements import literal, quoted, statement
from firehose_loader.warehouse.naming import Naming
from firehose_loader.warehouse.snowflake_less import LESS


class Spelling(Struct, frozen=True, kw_only=True):
    """How a warehouse spells types and names."""

    types: Mapping[FieldType, str]
    own_case: str
    """How names are written that nothing is configured for."""
    naming: Naming
    is_object: Callable[[str], str]
    """SQL that is true of JSON that is an object."""
    same_json: Callable[[str, str], str]
    """SQL that is true where two JSON objects agree in every member that both have."""
    rescued: Callable[[str], str]
    """SQL of rescued texts that is equal for all spellings of the same texts."""
    number_text: Callable[[str], str]
    """SQL of a number as text, a whole one as an integer is written."""
    either: Callable[[str, str], str]
    """SQL of the exclusive or of two hashes."""
    comparable: Callable[[str, str], str]
    """SQL that is true where what is masked in two texts is masked alike: with the same keys."""
    less: Mapping[str, Callable[[str], str]]
    """By class of personal data, SQL of what a policy leaves of a value."""
    json_object: str
    """The function that makes JSON of names and values, NULLs included."""

    def name(self, name: str) -> str:
        """Return a name of the loader's own, or that of a schema, as it stands in a statement."""
        return quoted(self.naming.own(name))

    def table(self, name: str) -> str:
        """Return the name of a table or view as it stands in a statement."""
        return quoted(self.naming.table(name))

    def column(self, name: str) -> str:
        """Return the name of a column of an event table as it stands in a statement."""
        return quoted(self.naming.column(name))

    def null(self, kind: FieldType) -> str:
        """Return SQL of a missing value of a type."""
        return f"NULL::{self.types[kind]}"


_NAMES = Names.model_validate({})
SPELLINGS: Mapping[str, Spelling] = {
    "duckdb": Spelling(
        types=ENGINE_TYPES,
        own_case="snake",
        naming=Naming(_NAMES, own="snake"),
        is_object=lambda value: f"json_type({value}) = 'OBJECT'",
        same_json=lambda one, other: f"firehose_same_json({one}, {other})",
        rescued=lambda value: f"firehose_rescued({value})",
        number_text=lambda value: f"firehose_number_text({value})",
        either=lambda one, other: f"xor({one}, {other})",
        comparable=lambda one, other: f"firehose_comparable({one}, {other})",
        less={
            PiiClass.EMAIL: lambda value: f"firehose_domain({value})",
            PiiClass.IP: lambda value: f"firehose_network({value})",
            PiiClass.USER_AGENT: lambda value: f"firehose_family({value})",
            PiiClass.URL_QUERY: lambda value: f"firehose_location({value})",
        },
        json_object="json_object",
    ),
    "snowflake": Spelling(
        types={
            FieldType.TEXT: "VARCHAR",
            FieldType.INTEGER: "NUMBER(38,0)",
            FieldType.NUMBER: "FLOAT",
            FieldType.BOOLEAN: "BOOLEAN",
            FieldType.TIMESTAMP: "TIMESTAMP_NTZ",
            FieldType.DATE: "DATE",
            FieldType.JSON: "VARIANT",
        },
        # Upper case is what names become there that nobody quotes: so nobody has to.
        own_case="upper",
        naming=Naming(_NAMES, own="upper"),
        is_object=lambda value: f"TYPEOF({value}) = 'OBJECT'",
        same_json=lambda one, other: (
            f"OBJECT_PICK({one}, OBJECT_KEYS({other})) = OBJECT_PICK({other}, OBJECT_KEYS({one}))"
        ),
        rescued=lambda value: value,
        number_text=lambda value: (
            f"IFF({value} = TRUNC({value}) AND ABS({value}) <= 9007199254740992,"
            f" {value}::NUMBER(38, 0)::VARCHAR, {value}::VARCHAR)"
        ),
        either=lambda one, other: f"BITXOR({one}, {other})",
        comparable=lambda one, other: f"{_snowflake_masks(one)} = {_snowflake_masks(other)}",
        less=LESS,
        json_object="OBJECT_CONSTRUCT_KEEP_NULL",
    ),
}


def spelling_of(target: BaseTarget) -> Spelling:
    """Return how the warehouse of a configuration spells types, and names as they are wanted."""
    spelling = SPELLINGS["snowflake" if isinstance(target, SnowflakeTarget) else "duckdb"]
    return replace(spelling, naming=Naming(target.names, own=spelling.own_case))


def check_names(target: BaseTarget, schemas: Iterable[EventSchema]) -> None:
    """Make sure that a configuration gives no two things one name; raise ConfigError."""
    fold = str if isinstance(target, SnowflakeTarget) else str.casefold
    spelling_of(target).naming.check(schemas, fold=fold)


class Qualified(Struct, frozen=True):
    """How statements name what lies in one schema."""

    spelling: Spelling
    schema: str

    def __call__(self, table: str) -> str:
        """Return a table, with its schema."""
        return f"{self.spelling.name(self.schema)}.{self.spelling.table(table)}"


def _snowflake_masks(value: str) -> str:
    """SQL of the ids of all keys that something in a value was hashed with, in their order."""
    pattern = literal("([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}")
    return f"TO_JSON(REGEXP_SUBSTR_ALL({value}::VARCHAR, {pattern}, 1, 1, 'e', 1))"


def qualified_in(target: BaseTarget) -> Qualified:
    """Return how statements name what lies in the schema of a configuration."""
    return Qualified(spelling_of(target), target.schema_name)


def create_table(schema: EventSchema, dialect: str, schema_name: str) -> str:
    """Return the statement that makes the table of an event type."""
    spelling = SPELLINGS[dialect]
    definitions = ",\n    ".join(
        f"{spelling.column(field.column)} {spelling.types[field.type]}" for field in schema.fields
    )
    table = Qualified(spelling, schema_name)(schema.table)
    return statement(dialect, "table_create", table=table, definitions=definitions).sql
