"""Whether an account will do: what doctor finds before a run, and what a run says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firehose_loader.checks.snowflake import examine_account
from firehose_loader.config import Config, SnowflakeTarget
from tests.command import Answer, ask
from tests.rigs import snowflake
from tests.rigs.snowflake import DATABASE, ROLE, WAREHOUSE, SnowflakeAccount
from tests.test_snowflake_costs import configured

SCHEMA = f"{DATABASE}.DOTDIGITAL"
TO_ROLE = f'TO ROLE "{ROLE}"'
SEES = [["USAGE", "DATABASE", DATABASE], ["USAGE", "SCHEMA", SCHEMA]]
MAKES = [[f"CREATE {kind}", "SCHEMA", SCHEMA] for kind in ("TABLE", "VIEW", "STAGE")]
RUNS = [["USAGE", "WAREHOUSE", WAREHOUSE]]

pytestmark = pytest.mark.xdist_group(snowflake.NAME)
NewAccount = Callable[..., SnowflakeAccount]


@pytest.fixture
def new_account(request: pytest.FixtureRequest) -> Iterator[NewAccount]:
    """Accounts with settings of their own, in which the schema is there."""
    accounts = []

    def new(*rights: list[str], **settings: object) -> SnowflakeAccount:
        grants = {ROLE: list(rights)} if rights else {}
        server = request.getfixturevalue(snowflake.NAME)
        account = SnowflakeAccount(server, grants=grants, **settings)
        accounts.append(account)
        with account.connect(role="READER") as administrator:
            administrator.cursor().execute('CREATE SCHEMA "DOTDIGITAL"')
        return account

    yield new
    for account in accounts:
        account.close()


def of_warehouse(answer: Answer) -> list[tuple[str, str, str]]:
    """Return what doctor found of the warehouse: probe, state, words."""
    return [
        (one["name"], one["state"], one["found"])
        for one in answer.json["probes"]
        if one["subject"] == "warehouse"
    ]


def test_an_account_that_will_do_is_told_so_and_its_warehouse_woken(
    new_account: NewAccount, tmp_path: Path
) -> None:
    account = new_account(*SEES, *MAKES, *RUNS)
    config = configured(account, tmp_path)

    before = ask("doctor", "-c", config, "--json")
    run = ask("run", "-c", config)
    after = ask("doctor", "-c", config, "--json")

    assert run.code == 0, run.err
    assert before.code == 0, before.out
    found = {name: (state, said) for name, state, said in of_warehouse(before)}
    assert found["compute"] == ("ok", "LOADING (X-Small) was suspended and resumed by itself")
    assert found["rights"] == ("ok", "all 6 that are needed are there")
    assert found["role"][0] == found["schema"][0] == found["open"][0] == "ok"
    # The stage that the run made is its own; here it is one of which nobody knows whose it is.
    assert [said for name, state, said in of_warehouse(after) if state == "missing"] == [
        f'run: GRANT READ, WRITE ON STAGE "{DATABASE}"."DOTDIGITAL"."_FIREHOSE_STAGE" {TO_ROLE};'
    ]


def test_each_right_that_is_missing_is_told_with_the_statement_that_grants_it(
    new_account: NewAccount, tmp_path: Path
) -> None:
    account = new_account(*SEES, MAKES[0])

    told = ask("doctor", "-c", configured(account, tmp_path), "--json")

    assert told.code == 2
    missing = [said for _, state, said in of_warehouse(told) if state == "missing"]
    assert f'run: GRANT USAGE ON WAREHOUSE "{WAREHOUSE}" {TO_ROLE};' in missing
    schema = f'"{DATABASE}"."DOTDIGITAL"'
    assert f"run: GRANT CREATE VIEW, CREATE STAGE ON SCHEMA {schema} {TO_ROLE};" in missing
    assert any("no warehouse to run on (loading)" in said for said in missing)


def test_a_role_that_is_another_ones_has_its_rights_and_an_administrators_is_told(
    new_account: NewAccount, tmp_path: Path
) -> None:
    account = new_account(
        ["USAGE", "ROLE", "SYSADMIN"],
        users={
            snowflake.USER: {"password": snowflake.PASSWORD, "roles": ["SYSADMIN", "READER", ROLE]}
        },
    )
    config = configured(account, tmp_path)
    config.write_text(config.read_text().replace("role=loader", "role=sysadmin"))

    told = ask("doctor", "-c", config, "--json")

    found = {name: (state, said) for name, state, said in of_warehouse(told)}
    assert found["role"][0] == "warning"
    assert found["rights"][0] == "ok"


def test_tables_that_another_role_made_are_told_with_what_hands_them_over(
    new_account: NewAccount, tmp_path: Path
) -> None:
    account = new_account()
    config = configured(account, tmp_path)
    text = config.read_text()
    config.write_text(text.replace("role=loader", "role=reader"))
    ask("run", "-c", config)
    own = ask("doctor", "-c", config, "--json")
    config.write_text(text)

    told = ask("doctor", "-c", config, "--json")

    found = {name: (state, said) for name, state, said in of_warehouse(told)}
    assert next(one for one in of_warehouse(own) if one[0] == "tables")[1] == "ok"
    assert found["tables"][0] == "missing"
    hand_over = f'GRANT OWNERSHIP ON ALL TABLES IN SCHEMA "{DATABASE}"."DOTDIGITAL" {TO_ROLE}'
    assert f"which is READER's. Run: {hand_over} COPY CURRENT GRANTS;" in found["tables"][1]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"auto_suspend": 3600}, "it stays on for 3600 s after each run"),
        ({"auto_suspend": 0}, "it stays on for ever"),
        ({"auto_resume": False, "state": "STARTED"}, "it does not resume by itself"),
    ],
)
def test_a_warehouse_that_costs_more_than_it_need_is_told(
    new_account: NewAccount, tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    account = new_account(warehouse_settings={WAREHOUSE: settings})

    told = ask("doctor", "-c", configured(account, tmp_path), "--json")

    assert told.code == 0
    assert [
        one[2].startswith(said) for one in of_warehouse(told) if one[:2] == ("compute", "warning")
    ] == [True]


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        ([*SEES, *MAKES[1:], *RUNS], f'GRANT CREATE TABLE ON SCHEMA "{DATABASE}"."DOTDIGITAL"'),
        ([*SEES, *MAKES[:2], *RUNS], f'GRANT CREATE STAGE ON SCHEMA "{DATABASE}"."DOTDIGITAL"'),
        ([*SEES, MAKES[0], MAKES[2], *RUNS], "GRANT CREATE VIEW ON SCHEMA"),
        ([SEES[0], *RUNS], "GRANT USAGE, CREATE TABLE, CREATE VIEW, CREATE STAGE ON SCHEMA"),
        ([*SEES, *MAKES], "GRANT USAGE ON WAREHOUSE"),
    ],
    ids=["table", "stage", "view", "schema", "warehouse"],
)
def test_a_run_without_a_right_names_the_statement_that_grants_it(
    new_account: NewAccount, tmp_path: Path, rights: list[list[str]], said: str
) -> None:
    config = configured(new_account(*rights), tmp_path)

    run = ask("run", "-c", config)

    assert run.code == 2, run.err
    assert said in run.err
    assert "Traceback" not in run.err


def test_a_suspended_warehouse_that_may_not_be_resumed_is_told_with_what_to_do(
    new_account: NewAccount, tmp_path: Path
) -> None:
    off = {"auto_resume": False, "state": "SUSPENDED"}
    config = configured(new_account(warehouse_settings={WAREHOUSE: off}), tmp_path)

    run = ask("run", "-c", config)
    told = ask("doctor", "-c", config, "--json")

    assert run.code == told.code == 2
    assert "SET AUTO_RESUME = TRUE" in run.err
    assert ("compute", "missing") in [one[:2] for one in of_warehouse(told)]


def test_a_wrong_account_is_told_in_one_sentence(new_account: NewAccount, tmp_path: Path) -> None:
    account = new_account()
    config = configured(account, tmp_path)
    config.write_text(config.read_text().replace(account.name.lower(), "nobody"))

    run = ask("run", "-c", config)
    told = ask("doctor", "-c", config, "--json")

    assert run.code == told.code == 2
    assert "there is no such account" in run.err
    assert [one[:2] for one in of_warehouse(told)] == [("sign in", "missing")]


@pytest.mark.parametrize(
    ("url", "state", "said"),
    [
        ("s3://drops/prod/", "ok", "leads to s3://drops/prod/"),
        ("s3://drops", "ok", "leads to s3://drops/prod/"),
        ("s3://drops/pro", "missing", "the drops lie in s3://drops/prod/: correct its URL"),
        ("s3://others/prod/", "missing", "the drops lie in s3://drops/prod/: correct its URL"),
        (None, "missing", f'"DOTDIGITAL"."FIREHOSE_PROD" {TO_ROLE};'),
    ],
)
def test_a_stage_that_does_not_lead_to_all_drops_of_a_source_is_told(
    new_account: NewAccount, tmp_path: Path, url: str | None, state: str, said: str
) -> None:
    account = new_account()
    if url is not None:
        with account.connect() as user:
            stage = f'"{DATABASE}"."DOTDIGITAL"."FIREHOSE_PROD"'
            user.cursor().execute(f"CREATE STAGE {stage} URL = '{url}'")
    warehouse = {"url": account.url(), **account.settings()}
    source = {"name": "prod", "url": "s3://drops/prod"}
    config = Config.model_validate({"warehouse": warehouse, "source": [source], "spool": tmp_path})
    target = config.warehouse.model_copy(update={"load": "external"})
    assert isinstance(target, SnowflakeTarget)

    (probe,) = (one for one in examine_account(config, target) if one.name == "stage")

    assert probe.state == state
    assert said in probe.found


def test_the_stage_that_is_named_is_looked_at(new_account: NewAccount, tmp_path: Path) -> None:
    account = new_account()
    with account.connect() as user:
        user.cursor().execute(f"CREATE STAGE {DATABASE}.PUBLIC.SHARED URL = 's3://drops/'")
    warehouse = {
        "url": account.url(),
        **account.settings(),
        "load": "external",
        "external_stage": f"{DATABASE}.public.shared",
    }
    source = {"name": "prod", "url": "s3://drops/prod"}
    config = Config.model_validate({"warehouse": warehouse, "source": [source], "spool": tmp_path})
    assert isinstance(config.warehouse, SnowflakeTarget)

    (probe,) = (one for one in examine_account(config, config.warehouse) if one.name == "stage")

    assert probe.state == "ok"
    assert '"PUBLIC"."SHARED" leads to s3://drops/prod/' in probe.found


def test_a_role_that_may_make_nothing_loads_into_tables_that_others_made(
    new_account: NewAccount, tmp_path: Path
) -> None:
    account = new_account(*SEES, *RUNS)
    config = configured(account, tmp_path, manage_tables=False)

    run = ask("run", "-c", config)
    before = ask("doctor", "-c", config, "--json")

    assert run.code == 2
    assert "stage _firehose_stage" in run.err
    assert "table email_open is not there" in before.out.replace("\\n", " ")
    ddl = ask("sql", "--ddl", "-c", config).out
    with account.connect(role="READER") as administrator:
        for statement in filter(None, map(str.strip, ddl.split(";"))):
            administrator.cursor().execute(statement)

    doctor = ask("doctor", "-c", config, "--json")
    run = ask("run", "-c", config, "--json")

    assert run.code == 0, run.err
    assert run.json["rows"]["inserted"] == 1
    # Who made them has still to grant what a run needs of them; the double lets everybody.
    schema = f'"{DATABASE}"."DOTDIGITAL"'
    rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON"
    missing = [said for _, state, said in of_warehouse(doctor) if state == "missing"]
    assert missing == [
        f'run: GRANT READ, WRITE ON STAGE {schema}."_FIREHOSE_STAGE" {TO_ROLE};',
        f"run: {rights} ALL TABLES IN SCHEMA {schema} {TO_ROLE};",
        f"run: {rights} FUTURE TABLES IN SCHEMA {schema} {TO_ROLE};",
    ]
