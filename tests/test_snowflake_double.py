"""What the tests' stand-in for Snowflake refuses, as Snowflake does or for the loader's good."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import Error

from tests.rigs import snowflake
from tests.rigs.processes import wait_until
from tests.rigs.snowflake import SnowflakeAccount


@pytest.fixture
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SnowflakeConnection]:
    """Somebody who sees a folder of files as a bucket, through an external stage."""
    files = {
        "in/a.csv": b'id,name\r\n1,"a ""b"",\nc"\r\n2,\r\n',
        "in/b.csv": "7,grün\n".encode(),
        "in/c.json": b'[{"id": 1.25, "of": {"x": [true]}}, {"id": 2}]',
        "in/d.ndjson": b'{"id": 3}\n{"id": 4}\n',
        "in/bad.json": b'{"id": 5}\n{"id": ',
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    server = request.getfixturevalue(snowflake.NAME)
    account = SnowflakeAccount(server, buckets={"s3://drops/": str(tmp_path)})
    with account.connect() as user:
        run(
            user,
            "CREATE STAGE outside URL = 's3://drops/in/' STORAGE_INTEGRATION = loading",
            "CREATE TRANSIENT TABLE raw"
            " (file VARCHAR, row_no INT, a VARCHAR, b VARCHAR, v VARIANT)",
        )
        yield user
    account.close()


@pytest.fixture
def user(account: SnowflakeAccount) -> Iterator[SnowflakeConnection]:
    """Somebody who is signed in, in an account with one table."""
    with account.connect() as user:
        run(user, 'CREATE TABLE "T" ("ID" NUMBER(38, 0) PRIMARY KEY, "V" VARCHAR(5), "D" VARIANT)')
        yield user


def run(user: SnowflakeConnection, *statements: str) -> list[Any]:
    """Carry statements out; return the rows of the last one."""
    rows: list[Any] = []
    for statement in statements:
        rows = user.cursor().execute(statement).fetchall()
    return rows


def refused(user: SnowflakeConnection, statement: str) -> int:
    """Return the number of the error that a statement meets."""
    with pytest.raises(Error) as caught:
        run(user, statement)
    return caught.value.errno


def test_ddl_in_a_transaction_is_refused(user: SnowflakeConnection) -> None:
    run(user, "BEGIN", 'INSERT INTO "T" ("ID") VALUES (1)')

    assert refused(user, 'CREATE TABLE "U" ("ID" INT)') == 999002
    assert refused(user, 'ALTER TABLE "T" ADD COLUMN "W" INT') == 999002
    assert refused(user, 'TRUNCATE TABLE "T"') == 999002
    assert run(user, "COMMIT", 'SELECT count(*) FROM "T"') == [(1,)]


def test_a_failed_statement_leaves_its_transaction_as_it_was(user: SnowflakeConnection) -> None:
    run(user, "BEGIN", """INSERT INTO "T" ("ID", "V") VALUES (1, 'one')""")

    assert refused(user, 'SELECT * FROM "NOWHERE"') == 2003
    assert refused(user, "SELEC 1") == 1003
    assert refused(user, """UPDATE "T" SET "V" = 'too long'""") == 100078

    assert run(user, "COMMIT", 'SELECT "ID", "V" FROM "T"') == [(1, "one")]


def test_a_second_begin_and_a_commit_without_one_do_nothing(user: SnowflakeConnection) -> None:
    run(user, "COMMIT", "ROLLBACK", "BEGIN", 'INSERT INTO "T" ("ID") VALUES (1)', "BEGIN")

    assert run(user, "ROLLBACK", 'SELECT count(*) FROM "T"') == [(0,)]


def test_several_rows_of_the_source_for_one_of_the_target_are_refused(
    user: SnowflakeConnection,
) -> None:
    merge = """
        MERGE INTO "T" AS t
        USING (SELECT column1 AS "ID", column2 AS "V" FROM VALUES {}) AS s ON t."ID" = s."ID"
        WHEN MATCHED AND t."V" <> s."V" THEN UPDATE SET t."V" = s."V"
        WHEN NOT MATCHED THEN INSERT ("ID", "V") VALUES (s."ID", s."V")"""
    assert run(user, merge.format("(1, 'a'), (1, 'a')")) == [(2, 0)]  # keys are not enforced
    run(user, 'DELETE FROM "T"', """INSERT INTO "T" ("ID", "V") VALUES (1, 'a')""")

    assert refused(user, merge.format("(1, 'b'), (1, 'c')")) == 100090
    assert run(user, merge.format("(1, 'b'), (1, 'a'), (2, 'z')")) == [(1, 1)]
    assert run(user, 'SELECT "ID", "V" FROM "T" ORDER BY "ID"') == [(1, "b"), (2, "z")]


def test_a_merge_can_be_part_of_a_transaction(user: SnowflakeConnection) -> None:
    run(
        user,
        'INSERT INTO "T" ("ID") VALUES (1), (2)',
        "BEGIN",
        'MERGE INTO "T" AS t USING (SELECT 1 AS "ID") AS s ON t."ID" = s."ID"'
        " WHEN MATCHED THEN DELETE",
        'INSERT INTO "T" ("ID") VALUES (3)',
    )

    assert run(user, 'SELECT "ID" FROM "T" ORDER BY 1') == [(2,), (3,)]
    assert run(user, "ROLLBACK", 'SELECT "ID" FROM "T" ORDER BY 1') == [(1,), (2,)]


def test_columns_of_a_primary_key_are_not_null_and_lengths_are_kept(
    user: SnowflakeConnection,
) -> None:
    assert refused(user, """INSERT INTO "T" ("V") VALUES ('a')""") == 100072
    assert refused(user, """INSERT INTO "T" ("ID", "V") VALUES (1, 'abcdef')""") == 100078
    run(user, 'ALTER TABLE "T" ALTER COLUMN "V" SET DATA TYPE VARCHAR(6)')
    run(user, """INSERT INTO "T" ("ID", "V") VALUES (1, 'abcdef')""")
    run(user, 'CREATE TRANSIENT TABLE "LIKE_T" LIKE "T"')

    assert refused(user, """INSERT INTO "LIKE_T" ("ID", "V") VALUES (1, 'abcdefg')""") == 100078
    assert run(
        user, 'CREATE TABLE IF NOT EXISTS "T" ("ID" INT, "V" VARCHAR(1))', 'SELECT "V" FROM "T"'
    ) == [("abcdef",)]


def test_values_hold_nothing_semi_structured(user: SnowflakeConnection) -> None:
    assert refused(user, """INSERT INTO "T" ("ID", "D") VALUES (1, PARSE_JSON('{}'))""") == 2014

    run(
        user,
        """INSERT INTO "T" ("ID", "D") SELECT column1, PARSE_JSON(column2) FROM VALUES
        (1, '{"a": [1, 2]}')""",
    )
    assert run(user, 'SELECT "D":a[1]::INT FROM "T"') == [(2,)]


def test_changes_of_one_table_wait_for_each_other_and_see_what_came_before(
    account: SnowflakeAccount, user: SnowflakeConnection
) -> None:
    run(user, """INSERT INTO "T" ("ID", "V") VALUES (1, 'free')""", "BEGIN")
    claim = """UPDATE "T" SET "V" = '{}' WHERE "V" = 'free'"""
    assert run(user, claim.format("mine")) == [(1,)]
    claims = []

    with account.connect() as other:
        run(other, "BEGIN", 'INSERT INTO "T" ("ID") VALUES (2)')  # does not wait
        waiting = threading.Thread(target=lambda: claims.extend(run(other, claim.format("his"))))
        waiting.start()
        wait_until(lambda: account.waiting() == 1, "the other one waits")
        assert not claims
        run(user, "COMMIT")
        waiting.join()
        run(other, "COMMIT")

    assert claims == [(0,)]
    assert run(user, 'SELECT "ID", "V" FROM "T" ORDER BY 1') == [(1, "mine"), (2, None)]


def test_those_who_wait_for_each_other_are_told_so(
    account: SnowflakeAccount, user: SnowflakeConnection
) -> None:
    run(user, 'CREATE TABLE "U" ("ID" INT)', "BEGIN", 'DELETE FROM "T"')
    with account.connect() as other:
        run(other, "BEGIN", 'DELETE FROM "U"')
        waiting = threading.Thread(target=lambda: run(user, 'DELETE FROM "U"'))
        waiting.start()
        wait_until(lambda: account.waiting() == 1, "one waits for the other")

        assert refused(other, 'DELETE FROM "T"') == 625

        run(other, "ROLLBACK")
        waiting.join()


def test_files_are_put_copied_once_listed_and_removed(
    user: SnowflakeConnection, tmp_path: Path
) -> None:
    select = "SELECT 7::BIGINT AS id, 'text' AS v, '{\"a\": 1}' AS d, TIMESTAMP '2026-01-02' AS at"
    duckdb.execute(f"COPY ({select}) TO '{tmp_path}/a b.parquet'")
    run(user, 'CREATE STAGE "S"', 'ALTER TABLE "T" ADD COLUMN "AT" TIMESTAMP_NTZ')
    copy = """COPY INTO "T" FROM '@"S"/run/' FILE_FORMAT = (TYPE = PARQUET{})
        MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"""

    put = run(user, f"""PUT 'file://{tmp_path}/*.parquet' '@"S"/run/' AUTO_COMPRESS = FALSE""")

    assert [(row[1], row[6]) for row in put] == [("a b.parquet", "UPLOADED")]
    assert refused(user, copy.format("")) == 999003  # a time would be taken for a number
    logical = copy.format(" USE_LOGICAL_TYPE = TRUE")
    assert [row[:4] for row in run(user, logical)] == [("s/run/a b.parquet", "LOADED", 1, 1)]
    assert [row[:2] for row in run(user, logical)] == [("s/run/a b.parquet", "LOAD_SKIPPED")]
    text = r'"{\"a\": 1}"'  # in a VARIANT: nothing parses it
    assert run(user, 'SELECT "ID", "V", "D" FROM "T"') == [(7, "text", text)]
    assert [row[0] for row in run(user, 'LIST @"S"/run')] == ["s/run/a b.parquet"]
    assert run(user, 'REMOVE @"S"/run', 'LIST @"S"') == []


def test_names_are_in_capitals_unless_quoted_and_then_exactly_so(
    user: SnowflakeConnection,
) -> None:
    run(user, "INSERT INTO t (id, \"V\") SELECT 1, upper(v) FROM (SELECT 'a' AS v)")
    run(user, 'CREATE TEMPORARY TABLE mine (id INT, "small" INT)')

    assert refused(user, 'SELECT "id" FROM "T"') == 904
    assert refused(user, 'SELECT ID FROM "t"') == 2003
    assert refused(user, 'UPDATE "T" SET "v" = 1') == 904
    assert refused(user, "SELECT small FROM mine") == 904
    assert run(user, 'SELECT t.id, x."small" FROM t LEFT JOIN mine AS x ON t.id = x.id') == [
        (1, None)
    ]


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("strptime('1', '%d')", 2140),
        ("list_value(1)", 2140),
        ("regexp_matches('a', 'a')", 2140),
        ("count(*) FILTER (WHERE true)", 2140),
        ("'1'::JSON", 1003),
        ("'1'::UBIGINT", 1003),
    ],
)
def test_what_only_duckdb_has_is_unknown(
    user: SnowflakeConnection, expression: str, number: int
) -> None:
    assert refused(user, f"SELECT {expression}") == number


def test_semi_structured_values_tell_what_they_are(user: SnowflakeConnection) -> None:
    values = ['{"b": 1}', "[1]", '"text"', "1", "1.5", "true", "null"]
    listed = ", ".join(f"('{value}')" for value in values)

    found = run(user, f"SELECT TYPEOF(PARSE_JSON(column1)) FROM VALUES {listed}")

    assert [kind for (kind,) in found] == [
        "OBJECT",
        "ARRAY",
        "VARCHAR",
        "INTEGER",
        "DECIMAL",
        "BOOLEAN",
        "NULL_VALUE",
    ]
    assert run(
        user,
        """SELECT ARRAYS_OVERLAP(PARSE_JSON('["a", "b"]')::ARRAY, PARSE_JSON('["b"]')::ARRAY),
        ARRAYS_OVERLAP(REGEXP_SUBSTR_ALL('k1:a k2:b', '(k[0-9]):', 1, 1, 'e', 1),
            PARSE_JSON('["k3"]')::ARRAY)""",
    ) == [(True, False)]


def test_bound_values_find_their_places(account: SnowflakeAccount) -> None:
    values = (1, "one", None, 2.5, True)
    with account.connect(paramstyle="numeric") as numeric, account.connect() as plain:
        named = numeric.cursor().execute("SELECT :2, :1, :3, :1, '?', :4, :5", values).fetchall()
        run(plain, 'CREATE TABLE "T" ("ID" NUMBER(38, 0), "V" VARCHAR, "AT" TIMESTAMP_NTZ)')
    with account.connect(paramstyle="qmark") as user:
        cursor = user.cursor()
        cursor.executemany("INSERT INTO t (id, v) VALUES (?, ?)", [(1, "a"), (2, None)])
        cursor.execute(
            """MERGE INTO t USING (SELECT ? AS id, ? AS v) AS s ON t.id = s.id AND ? IS NULL
            WHEN MATCHED THEN UPDATE SET v = s.v, at = ?::TIMESTAMP_NTZ
            WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)""",
            (2, "new", None, "2026-01-02 03:04:05"),
        )
        cursor.execute("CREATE TEMPORARY TABLE u AS SELECT id, v FROM t WHERE id < ?", (2,))
        few = cursor.execute("SELECT id, length(uuid_string()) FROM u").fetchall()
        rows = cursor.execute("SELECT id, v, at FROM t ORDER BY id").fetchall()

    assert named == [("one", 1, None, 1, "?", 2.5, True)]
    assert few == [(1, 36)]
    assert [row[:2] for row in rows] == [(1, "a"), (2, "new")]
    assert str(rows[1][2]) == "2026-01-02 03:04:05"


CSV = """COPY INTO raw (file, row_no, a, b) FROM (
    SELECT METADATA$FILENAME, METADATA$FILE_ROW_NUMBER, $1, t.$2 FROM @outside/ AS t
) FILES = ({}) FILE_FORMAT = (TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '"' NULL_IF = ())"""
JSON = """COPY INTO raw (file, row_no, a, v) FROM (
    SELECT METADATA$FILENAME, METADATA$FILE_ROW_NUMBER, $1:id::VARCHAR, $1 FROM @outside
) FILES = ({}) FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = {})"""


@pytest.mark.parametrize("bucket", [snowflake.NAME], indirect=True)
def test_named_files_of_a_bucket_are_read_with_their_name_and_rows(
    bucket: SnowflakeConnection,
) -> None:
    done = run(bucket, CSV.format("'a.csv', 'b.csv'"))
    run(bucket, JSON.format("'c.json'", "TRUE"), JSON.format("'d.ndjson'", "FALSE"))

    assert [row[:4] for row in done] == [
        ("s3://drops/in/a.csv", "LOADED", 3, 3),
        ("s3://drops/in/b.csv", "LOADED", 1, 1),
    ]
    assert run(bucket, "SELECT file, row_no, a, b FROM raw WHERE v IS NULL ORDER BY 1, 2") == [
        ("in/a.csv", 1, "id", "name"),
        ("in/a.csv", 2, "1", 'a "b",\nc'),
        ("in/a.csv", 3, "2", None),
        ("in/b.csv", 1, "7", "grün"),
    ]
    assert run(bucket, "SELECT file, row_no, a FROM raw WHERE v IS NOT NULL ORDER BY 1, 2") == [
        ("in/c.json", 1, "1.25"),
        ("in/c.json", 2, "2"),
        ("in/d.ndjson", 1, "3"),
        ("in/d.ndjson", 2, "4"),
    ]
    assert run(bucket, "SELECT v:of.x[0]::BOOLEAN FROM raw WHERE a = '1.25'") == [(True,)]
    assert [row[1] for row in run(bucket, CSV.format("'a.csv'"))] == ["LOAD_SKIPPED"]


@pytest.mark.parametrize("bucket", [snowflake.NAME], indirect=True)
def test_a_copy_that_snowflake_would_not_take_changes_nothing(bucket: SnowflakeConnection) -> None:
    run(bucket, "BEGIN")

    assert refused(bucket, CSV.format("'a.csv', 'nowhere.csv'")) == 91016
    assert refused(bucket, JSON.format("'d.ndjson', 'bad.json'", "FALSE")) == 100069
    assert refused(bucket, CSV.format("'a.csv'").replace("AS t", "AS t WHERE true")) == 1003
    assert refused(bucket, CSV.format(", ".join(f"'{name}'" for name in range(1001)))) == 1003
    assert refused(bucket, CSV.format("'a.csv'") + " ON_ERROR = CONTINUE") == 999001
    assert refused(bucket, "COPY INTO raw FROM @elsewhere") == 2003
    assert run(bucket, "COMMIT", "SELECT count(*) FROM raw") == [(0,)]


@pytest.mark.parametrize("bucket", [snowflake.NAME], indirect=True)
def test_a_copy_may_pass_over_files_that_it_cannot_read(
    bucket: SnowflakeConnection, tmp_path: Path
) -> None:
    os.utime(tmp_path / "in/d.ndjson", (1_800_000_000, 1_800_000_000))
    run(bucket, "CREATE TEMPORARY TABLE seen (file VARCHAR, changed TIMESTAMP_NTZ)")

    done = run(
        bucket,
        "COPY INTO seen FROM (SELECT METADATA$FILENAME, METADATA$FILE_LAST_MODIFIED FROM @outside)"
        " FILES = ('bad.json', 'd.ndjson', 'nowhere.json')"
        " FILE_FORMAT = (TYPE = JSON) ON_ERROR = SKIP_FILE",
    )

    assert [row[:3] for row in done] == [
        ("s3://drops/in/bad.json", "LOAD_FAILED", 0),
        ("s3://drops/in/d.ndjson", "LOADED", 2),
    ]
    when = datetime(2027, 1, 15, 8, tzinfo=UTC).replace(tzinfo=None)
    assert run(bucket, "SELECT * FROM seen") == [("in/d.ndjson", when)] * 2


@pytest.mark.parametrize("bucket", [snowflake.NAME], indirect=True)
def test_a_stage_tells_where_it_leads(bucket: SnowflakeConnection) -> None:
    (told,) = run(bucket, "DESCRIBE STAGE outside")

    assert told[1:4:2] == ("URL", '["s3://drops/in/"]')
    assert refused(bucket, "DESCRIBE STAGE elsewhere") == 2003
