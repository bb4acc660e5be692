"""The command ``views``, and what is said of the views; their numbers are in the contract."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import sqlfluff

from firehose_loader.schema.names import VIEWS
from firehose_loader.statements import shared
from firehose_loader.warehouse.actions import ACTIONS, MARKETING
from firehose_loader.warehouse.views import EVENTS
from tests.checkout import ROOT
from tests.command import ask

PAGE = (ROOT / "docs" / "views.md").read_text("utf-8")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    drop = tmp_path / "drops" / "email_open.csv"
    drop.parent.mkdir()
    drop.write_text("eventId,eventDate,contactId,campaignId\n1,2026-01-05T10:00:00Z,7,9\n")
    assert ask("run", drop.parent, "--into", tmp_path / "e.duckdb").code == 0
    return tmp_path / "e.duckdb"


def test_views_tells_which_it_made_and_why_others_are_left_out(database: Path) -> None:
    first = ask("views", "--into", database)
    told = ask("views", "--into", database, "--json").json["views"]

    assert first.code == 0
    assert re.search(r"sms_delivery +left out +there is no table yet of sms\.send", first.out)
    assert {one["view"]: one["state"] for one in told} == {
        **dict.fromkeys(("link_performance", "sms_delivery", "contact_suppression"), "left out"),
        **dict.fromkeys(("events", "campaign_funnel", "contact_engagement"), "made"),
        **dict.fromkeys(("events_daily", "events_hourly"), "made"),
    }
    (funnel,) = [one for one in told if one["view"] == "campaign_funnel"]
    assert "email.click" in funnel["without"]
    assert funnel["why"].startswith("counts none of, for want of tables: email.send")


def test_a_dry_run_prints_statements_that_make_the_views(database: Path) -> None:
    printed = ask("views", "--into", database, "--dry-run")
    (funnel,) = [
        one
        for one in ask("views", "--into", database, "--dry-run", "--json").json["views"]
        if one["view"] == "campaign_funnel"
    ]

    with duckdb.connect(str(database)) as connection:
        assert not connection.sql(
            "SELECT 1 FROM duckdb_views() WHERE view_name = 'campaign_funnel'"
        ).fetchall()
        connection.execute(printed.out)
        found = connection.sql("SELECT opens FROM dotdigital.campaign_funnel").fetchall()

    assert funnel["state"] == "would be made"
    assert found == [(1,)]


def test_a_table_under_the_name_of_a_view_is_refused(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE TABLE dotdigital.events_daily (mine INTEGER)")

    refused = ask("views", "--into", database)

    assert refused.code == 2
    assert "dotdigital.events_daily is not one that this loader made" in refused.err


def test_an_empty_warehouse_gets_no_view(tmp_path: Path) -> None:
    told = ask("views", "--into", tmp_path / "none.duckdb", "--dry-run")

    assert told.code == 0
    assert "campaign_funnel is left out: there is no table yet of email.send" in told.out
    refused = ask("views", "--into", tmp_path / "none.duckdb")
    assert refused.code == 2
    assert "nothing was loaded into this warehouse yet" in refused.err
    assert list(tmp_path.iterdir()) == []


def test_no_event_type_may_take_the_name_of_a_view() -> None:
    assert {EVENTS, *MARKETING} == VIEWS


@pytest.mark.parametrize("name", MARKETING)
def test_snowflakes_grammar_takes_every_view(name: str) -> None:
    holes = {"actions": "SELECT 1 AS a"}
    if not MARKETING[name].event_types:
        holes["drops"] = '"DOTDIGITAL"."_FIREHOSE_DROPS"'

    assert sqlfluff.parse(f"CREATE VIEW v AS {shared(name, **holes)};", dialect="snowflake")


@pytest.mark.parametrize("name", MARKETING)
def test_every_column_of_a_view_is_explained(name: str) -> None:
    (section,) = re.findall(
        rf"^## [^\n]*{name}\b[^\n]*\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE
    )
    cells = re.findall(r"^\|([^|]*)\|[^|]*\|[^|]*\|$", section, re.MULTILINE)
    told = [column for cell in cells for column in re.findall(r"`(\w+)`", cell)]

    other_half = {"events_daily": "event_hour", "events_hourly": "event_day"}.get(name)
    assert [column for column in told if column != other_half] == list(MARKETING[name].columns)


def test_the_table_of_actions_is_the_one_that_is_used() -> None:
    (header, *rows) = re.findall(r"^\| (?:Channel|`\w+`) \|.*\|$", PAGE, re.MULTILINE)[:5]
    actions = re.findall(r"`(\w+)`", header)

    told = {
        event_type: (re.findall(r"`(\w+)`", row)[0], action)
        for row in rows
        for action, cell in zip(actions, row.split("|")[2:-1], strict=True)
        for event_type in re.findall(r"`([\w.]+)`", cell)
    }

    assert told == dict(ACTIONS)
