"""``manage_tables = false`` as a user meets it: told what to make, then loaded without any DDL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.command import ask
from tests.past import opens

CONFIG = """
[warehouse]
url = "events.duckdb"
manage_tables = false
[warehouse.names]
table = "stg_{event_type}"
[[source]]
name = "s"
url = "drops"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "drops").mkdir()
    header, *rows = opens("1:x").splitlines()
    lines = [f"{header},brandNew", *(f"{row},new" for row in rows)]
    (tmp_path / "drops" / "a.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "firehose.toml").write_text(CONFIG)
    return tmp_path


def of_tables(home: Path) -> list[dict[str, Any]]:
    probes = ask("doctor", "--json", cwd=home).json["probes"]
    return [one for one in probes if one["name"] == "tables"]


def test_what_is_told_is_made_and_then_loaded_into(home: Path) -> None:
    before = ask("run", cwd=home)
    ddl = ask("sql", "--ddl", "-c", "firehose.toml", cwd=home)

    assert before.code == 2
    assert not (home / "events.duckdb").exists()
    assert "table _firehose_drops, " in before.err
    assert "_firehose_names, campaign_send, " in before.err
    told = re.findall(r"^CREATE .*$", before.err, re.MULTILINE)
    assert told == re.findall(r"^CREATE .*$", ddl.out, re.MULTILINE)
    assert of_tables(home)[0]["state"] == "missing"
    with duckdb.connect(str(home / "events.duckdb")) as connection:
        connection.execute(ddl.out)
        connection.execute("ALTER TABLE dotdigital.stg_email_open DROP COLUMN campaign_name")
    column, view = of_tables(home)
    assert column["state"] == "missing"
    assert "email_open.campaign_name" in column["found"]
    assert "view events is not there" in view["found"]
    (alter,) = column["statements"]
    with duckdb.connect(str(home / "events.duckdb")) as connection:
        connection.execute(alter)
    assert [(one["state"], one.get("statements")) for one in of_tables(home)] == [("ok", None)]

    run = ask("run", "--json", cwd=home)

    assert run.code == 0, run.err
    assert run.json["rows"]["inserted"] == 1
    with duckdb.connect(str(home / "events.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT event_id, _rescued FROM dotdigital.stg_email_open")
        assert rows.fetchall() == [("1", '{"brandNew":"new"}')]
    views = ask("views", cwd=home)
    assert views.code == 2
    assert "views --dry-run" in views.err


def test_doctor_tells_the_statements_where_they_can_be_copied(home: Path) -> None:
    doctor = ask("doctor", cwd=home)
    ddl = ask("sql", "--ddl", "-c", "firehose.toml", cwd=home)

    assert doctor.code == 2
    assert "table _firehose_drops is not there" in doctor.out
    _, _, below = doctor.out.partition("run this:\n\n")
    assert below.split() == re.sub(r"^-- .*$", "", ddl.out, flags=re.MULTILINE).split()


def test_the_statements_of_a_run_are_told_without_those_that_make_tables(home: Path) -> None:
    told = ask("sql", "email.open", "-c", "firehose.toml", "--json", cwd=home).json

    names = {one["statement"] for one in told}
    assert {"merge_insert", "listing_rank"} <= names
    assert not {"meta_drops", "table_create", "view_create"} & names


def test_only_the_tables_of_some_event_types_are_told() -> None:
    told = ask("sql", "emailOpen", "--ddl", "--dialect", "snowflake", "--json").json

    names = [one["what"] for one in told]
    assert [name for name in names if "_firehose" not in name] == [
        "schema dotdigital",
        "table email_open",
        "view events",
    ]
    assert {"table _firehose_leases", "stage _firehose_stage"} <= set(names)
