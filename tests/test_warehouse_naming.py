"""How names become those of a warehouse, and what is told where that cannot be."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from firehose_loader.config.warehouses.names import Names
from firehose_loader.schema.names import VIEWS, snake
from firehose_loader.warehouse.naming import Naming
from tests.command import ask
from tests.past import opens
from tests.schema_documents import a_document, write

CASES = st.sampled_from([None, "snake", "upper", "camel", "pascal"])
WORDS = st.one_of(st.from_regex(r"[a-z]{1,3}(_[a-z0-9]{0,3}){0,3}", fullmatch=True), st.text())
AROUND = st.from_regex(r"[A-Za-z ]{0,4}", fullmatch=True)


def naming(own: str = "snake", **names: object) -> Naming:
    return Naming(Names.model_validate(names), own=own)


@pytest.mark.parametrize(
    ("case", "table", "column"),
    [
        ("snake", "stg_email_open", "event_id"),
        ("upper", "stg_EMAIL_OPEN", "EVENT_ID"),
        ("camel", "stg_emailOpen", "eventId"),
        ("pascal", "stg_EmailOpen", "EventId"),
        (None, "stg_email_open", "event_id"),
    ],
)
def test_a_template_and_a_case_make_a_name(case: str | None, table: str, column: str) -> None:
    made = naming(table="stg_{event_type}", table_case=case, column_case=case)

    assert (made.table("email_open"), made.column("event_id")) == (table, column)


def test_in_snowflake_names_are_in_capitals_unless_a_case_is_chosen() -> None:
    assert naming("upper", table="stg_{event_type}").table("email_open") == "STG_EMAIL_OPEN"
    chosen = naming("upper", table="stg_{event_type}", table_case="snake")
    assert chosen.table("email_open") == "stg_email_open"


@pytest.mark.parametrize(
    ("name", "written"), [("line_2", "line_2"), ("a__b", "a_B"), ("x_ßa", "x_ßa"), ("2_fa", "2Fa")]
)
def test_what_has_no_capital_keeps_its_underscore(name: str, written: str) -> None:
    assert naming(column_case="camel").column(name) == written


@given(name=WORDS, case=CASES, own=st.sampled_from(["snake", "upper"]), around=AROUND)
def test_a_name_is_read_back_as_what_it_was(name: str, case: str, own: str, around: str) -> None:
    name = snake(name)
    made = naming(
        own,
        table=f"{around}{{event_type}}{around}",
        column=f"{around}{{column}}{around}",
        table_case=case,
        column_case=case,
    )
    if name.upper().lower() != name or name in VIEWS:
        return  # a name that the whole of Snowflake's capitals cannot tell

    assert made.known_column("email_open", made.column(name)) == name
    assert made.known_table(made.table(name)) == name


@given(stored=st.text(min_size=1), case=CASES, around=AROUND)
def test_a_column_of_any_name_is_found_again_as_it_is_stored(
    stored: str, case: str, around: str
) -> None:
    made = naming(column=f"{around}{{column}}", column_case=case)

    assert made.column(made.known_column("email_open", stored)) == stored


def test_the_loaders_own_tables_and_columns_keep_their_names() -> None:
    made = naming(table="x{event_type}", column="y{column}", table_case="upper")

    assert made.table("_firehose_drops") == "_firehose_drops"
    assert made.column("_drop_id") == "_drop_id"


def test_tables_that_fit_no_template_are_nobodys() -> None:
    made = naming(table="stg_{event_type}", view="{view}_v")

    assert made.known_table("email_open") is None
    assert made.known_table("stg_events") is None
    assert made.known_table("events_v") == "events"


@pytest.mark.parametrize(
    ("key", "template"),
    [
        ("table", "events"),
        ("table", "{event_type}_{event_type}"),
        ("table", "{column}"),
        ("column", "_{column}"),
        ("view", "{view}{"),
        ("column", "a\n{column}"),
        ("column", "a" * 101 + "{column}"),
    ],
)
def test_templates_that_make_no_names_are_refused(key: str, template: str) -> None:
    with pytest.raises(ValidationError, match=key):
        Names.model_validate({key: template})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text(opens("1:x"))
    return tmp_path


def configure(home: Path, names: str) -> None:
    schemas = 'schemas = "schemas"' if (home / "schemas").exists() else ""
    (home / "firehose.toml").write_text(
        f'{schemas}\n[warehouse]\nurl = "events.duckdb"\n'
        f'[warehouse.names]\n{names}\n[[source]]\nname = "s"\nurl = "drops"\n'
    )


def test_two_things_of_one_name_are_refused_before_anything_is_made(home: Path) -> None:
    write(home / "schemas", a_document(**{"x-event-type": "funnel"}), "funnel/1-0-0.json")
    configure(home, 'table = "Campaign_{event_type}"')

    answer = ask("run", cwd=home)

    assert answer.code == 2
    assert "the table of funnel would be 'Campaign_funnel'" in answer.err
    assert "the view campaign_funnel 'campaign_funnel'" in answer.err
    assert not (home / "events.duckdb").exists()


def test_columns_that_differ_in_capitals_only_are_one_name(home: Path) -> None:
    columns = {
        "one": {"type": "string", "x-column": "order_no"},
        "two": {"type": "string", "x-column": "orderno"},
    }
    properties = {**a_document()["properties"], **columns}
    write(home / "schemas", a_document(properties=properties))
    configure(home, 'column_case = "camel"')

    answer = ask("run", cwd=home)

    assert answer.code == 2
    assert "order_no of shop.order" in answer.err
    assert "orderno of shop.order" in answer.err


def test_another_template_later_is_refused_with_what_to_do(home: Path) -> None:
    configure(home, 'table = "stg_{event_type}"\ncolumn_case = "pascal"')
    assert ask("run", "--strict", cwd=home).code == 0
    configure(home, 'table = "src_{event_type}"\ncolumn_case = "pascal"')

    for command in (["run"], ["status"], ["forget", "--email", "a@example.com"], ["dbt"]):
        answer = ask(*command, cwd=home)
        assert answer.code == 2, (command, answer)
        assert "email_open is 'stg_email_open' there, and would be 'src_email_open'" in answer.err
        assert "Put [warehouse.names] back" in answer.err

    with duckdb.connect(str(home / "events.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT EventId FROM dotdigital.stg_email_open").fetchall()
    assert found == [("1",)]


def test_what_follows_the_tables_and_what_is_told_of_the_feed_knows_the_names(home: Path) -> None:
    header, row = opens("1:x").splitlines()
    (home / "drops" / "a.csv").write_text(f"{header},brandNew\n{row},n\n")
    told = []
    for place, names in (
        ("plain", ""),
        ("named", 'table = "stg_{event_type}"\ncolumn = "c_{column}"'),
    ):
        configure(home, names)
        given = (
            (home / "firehose.toml")
            .read_text()
            .replace(
                '"events.duckdb"',
                f'"{place}.duckdb"\nparquet = "{place}"\npublish = "read_{place}.duckdb"',
            )
        )
        (home / "firehose.toml").write_text(given)
        assert ask("run", cwd=home).code == 0
        diff = ask("schema", "diff", "--json", cwd=home)
        assert "brand_new" in diff.out
        file = next((home / place).rglob("email_open.parquet"))
        with duckdb.connect() as connection:
            rows = connection.execute(f"SELECT * FROM read_parquet('{file}')")
            columns = [column[0] for column in rows.description or ()]
        told.append(
            (
                columns,
                diff.json["steps"],
                [(one["column"], one["verdict"]) for one in diff.json["observed"]],
            )
        )

    assert told[0] == told[1]
    with duckdb.connect(str(home / "read_named.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT c_event_id, c_brand_new FROM dotdigital.stg_email_open")
        assert found.fetchall() == [("1", "n")]


def test_dbt_reads_the_tables_by_their_names_and_gives_the_loaders(home: Path) -> None:
    configure(home, 'table = "stg_{event_type}"\ncolumn_case = "pascal"')
    assert ask("run", cwd=home).code == 0

    answer = ask("dbt", "--output", "models", cwd=home)

    assert answer.code == 0, answer.err
    sources = (home / "models" / "sources.yml").read_text()
    assert "identifier: stg_email_open" in sources
    assert "name: EventId" in sources
    model = next((home / "models").glob("*email_open.sql")).read_text()
    assert '"EventId" AS "event_id"' in model


def test_sql_shows_the_statements_with_the_names(home: Path) -> None:
    configure(home, 'table = "stg_{event_type}"\ncolumn = "dd_{column}"')

    answer = ask("sql", "email.open", "-c", "firehose.toml", cwd=home)

    assert answer.code == 0, answer.err
    assert '"dotdigital"."stg_email_open" ("dd_event_id"' in answer.out
