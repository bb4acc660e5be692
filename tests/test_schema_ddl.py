"""``schema show --ddl``: the table of an event type as each kind of warehouse makes it."""

from __future__ import annotations

import duckdb
import pytest
import sqlfluff

from firehose_loader.schema.catalog import load_catalog
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.warehouse.ddl import SPELLINGS, create_table
from tests.command import ask
from tests.schema_documents import VERSIONS

CATALOG = load_catalog(VERSIONS)


@pytest.mark.parametrize("one", list(CATALOG), ids=lambda one: f"{one.event_type}-{one.version}")
def test_duckdb_makes_the_table_of_every_schema(one: EventSchema) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA dotdigital")
        connection.execute(create_table(one, "duckdb", "dotdigital"))
        columns = connection.execute(f'DESCRIBE dotdigital."{one.table}"').fetchall()

    types = {name: kind for name, kind, *_ in columns}
    assert list(types)[: len(one.fields)] == [field.column for field in one.fields]
    assert [types[field.column] for field in one.fields] == [
        SPELLINGS["duckdb"].types[field.type] for field in one.fields
    ]


@pytest.mark.parametrize("name", ["shop.review", "email.click"])
def test_snowflake_can_read_the_statement(name: str) -> None:
    sql = create_table(CATALOG.latest(name), "snowflake", "dotdigital")

    parsed = sqlfluff.parse(sql, dialect="snowflake")  # raises where it cannot

    assert "create_table_statement" in str(parsed)


def test_snowflake_has_its_own_types_and_names_in_upper_case() -> None:
    answer = ask("schema", "show", "shop.review", "--ddl", "snowflake", "--schemas", VERSIONS)

    assert answer.code == 0, answer.err
    for line in (
        'CREATE TABLE IF NOT EXISTS "DOTDIGITAL"."SHOP_REVIEW_2" (',
        '    "EVENT_DATE" TIMESTAMP_NTZ,',
        '    "RATING" NUMBER(38,0),',
        '    "PHOTOS" VARIANT,',
        '    "_SCHEMA_VERSION" VARCHAR NOT NULL,',
        ");",
    ):
        assert line in answer.out.splitlines()
    assert set(SPELLINGS["snowflake"].types) == set(FieldType)


def test_the_statement_is_given_to_machines_too() -> None:
    answer = ask("schema", "show", "email.open", "--ddl", "duckdb", "--json")

    assert answer.json["dialect"] == "duckdb"
    assert answer.json["sql"].startswith('CREATE TABLE IF NOT EXISTS "dotdigital"."email_open" (')
