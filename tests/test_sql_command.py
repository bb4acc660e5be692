"""``sql``: what a reviewer reads, without a connection and without secrets.

After a wanted change, write the files anew: REGENERATE=1 python -m pytest tests/test_sql_command.py
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.command import ask

GOLDEN = Path(__file__).parent / "golden" / "sql" / "whole"
DUCKDB = """
[warehouse]
url = "there/events.duckdb"
schema = "marketing"
"""
SNOWFLAKE = """
[warehouse]
url = "snowflake://loader@myorg-nobody/marketing/firehose?warehouse=loading&role=loader"
key = "${env:A_KEY_THAT_IS_NOT_SET}"
cluster = true
"""
CONFIGURED = {"duckdb": DUCKDB, "snowflake": SNOWFLAKE}


@pytest.mark.parametrize("kind", CONFIGURED)
def test_a_configuration_is_told_by_all_its_statements(kind: str, tmp_path: Path) -> None:
    (tmp_path / "firehose.toml").write_text(CONFIGURED[kind])

    told = ask("sql", "email.open", "sms.send", "-c", "firehose.toml", cwd=tmp_path)

    assert told.code == 0, told.err
    path = GOLDEN / f"{kind}.sql"
    if os.environ.get("REGENERATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(told.out, encoding="utf-8")
    assert told.out == path.read_text(encoding="utf-8")
    assert [one.name for one in tmp_path.iterdir()] == ["firehose.toml"]


def test_one_statement_of_several_event_types_is_told_once_for_each() -> None:
    words = ["email.open", "sms.send", "--dialect", "snowflake", "--statement", "merge_insert"]

    told = ask("sql", *words, "--json").json

    assert [(one["event_type"], one["statement"]) for one in told] == [
        ("email.open", "merge_insert"),
        ("sms.send", "merge_insert"),
    ]
    assert told[0]["part"].startswith("load, as one transaction")
    assert 'MERGE INTO "DOTDIGITAL"."SMS_SEND"' in told[1]["sql"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["email.opened"], "there is no event type 'email.opened'"),
        (["email.open", "--statement", "merge"], "no statement is named 'merge'.*merge_insert"),
        (["email.open", "-c", "x.toml", "--dialect", "duckdb"], "leave --dialect"),
        (["email.open", "-c", "nowhere.toml"], "no such file"),
    ],
)
def test_what_is_not_there_is_told(words: list[str], said: str, tmp_path: Path) -> None:
    told = ask("sql", *words, cwd=tmp_path)

    assert told.code == 2
    assert told.out == ""
    assert re.search(said, told.err)
