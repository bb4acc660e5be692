"""What a run on Snowflake tries again by itself, and what it leaves to the next one."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firehose_loader.config import Config
from firehose_loader.errors import EngineError, WarehouseUnavailable
from firehose_loader.model import RunRecord
from firehose_loader.warehouse import open_warehouse
from firehose_loader.warehouse.snowflake import SnowflakeWarehouse
from tests.command import ask
from tests.rigs.snowflake import SnowflakeAccount
from tests.test_snowflake_costs import configured

MERGE = 'MERGE INTO "DOTDIGITAL"."EMAIL_OPEN"'
GONE: dict[str, Any] = {"kind": "error", "code": 390111, "state": "08001", "ends_session": True}
TOO_LONG: dict[str, Any] = {
    "kind": "error",
    "code": 630,
    "state": "57014",
    "message": "reached its timeout",
}


def opens(account: SnowflakeAccount) -> int:
    with account.connect() as user:
        rows = user.cursor().execute('SELECT count(*) FROM "DOTDIGITAL"."EMAIL_OPEN"').fetchall()
    return int(rows[0][0])


@pytest.mark.parametrize(
    "at",
    [
        "COPY INTO",
        # Within the transaction, as the next one; a session that ends twice does so here.
        pytest.param(MERGE, marks=pytest.mark.long),
        r"INSERT INTO \S+_FIREHOSE_DROPS",
    ],
)
def test_a_batch_whose_session_ends_is_loaded_in_another_one(
    account: SnowflakeAccount, tmp_path: Path, at: str
) -> None:
    config = configured(account, tmp_path)
    account.order(at, **GONE)

    run = ask("run", "-c", config, "--json")
    again = ask("run", "-c", config, "--json")

    assert run.json["rows"]["inserted"] == 1
    assert run.code == again.code == 0, run.err
    assert again.json["drops"]["new"] == 0
    assert opens(account) == 1


def test_a_session_that_ends_twice_leaves_the_batch_to_the_next_run(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    config = configured(account, tmp_path)
    account.order(MERGE, times=2, **GONE)

    run = ask("run", "-c", config, "--json")
    again = ask("run", "-c", config, "--json")

    assert run.code == 4
    assert "the session has ended" in run.err
    assert run.json["rows"]["inserted"] == 0
    assert again.code == 0
    assert again.json["rows"]["inserted"] == opens(account) == 1


def test_a_statement_that_takes_too_long_is_not_tried_again_in_the_same_run(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    config = configured(account, tmp_path)
    account.order(MERGE, **TOO_LONG)

    run = ask("run", "-c", config, "--json")

    assert run.code == 4
    assert "statement_timeout" in run.err
    assert sum(MERGE in sql for sql in account.statements()) == 1
    assert ask("run", "-c", config, "--json").json["rows"]["inserted"] == 1


def test_what_a_refused_commit_left_is_in_no_later_one(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    target = Config.model_validate(
        {"warehouse": {"url": account.url(), **account.settings()}, "spool": tmp_path}
    )
    with closing(open_warehouse(target)) as warehouse:
        warehouse.prepare()
        account.order("^COMMIT", kind="error", code=1000, state="42000")

        with pytest.raises(EngineError, match="refuses a statement"):
            warehouse.record_run(_run("refused"))
        warehouse.record_run(_run("next"))

        assert [run.run_id for run in warehouse.runs(limit=9)] == ["next"]


def _run(run_id: str) -> RunRecord:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return RunRecord(
        run_id=run_id,
        started_at=now,
        finished_at=now,
        status="ok",
        exit_code=0,
        loader_version="",
        summary="{}",
    )


def test_a_listing_that_ended_with_its_session_is_left_to_the_next_run(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    target = Config.model_validate(
        {"warehouse": {"url": account.url(), **account.settings()}, "spool": tmp_path}
    )
    with closing(open_warehouse(target)) as warehouse:
        assert isinstance(warehouse, SnowflakeWarehouse)
        warehouse.prepare()
        with closing(warehouse.listing("prod", new_only=True)) as listing:
            listing.add([])
            listing.finish()
            warehouse._snowflake.reconnect()

            with pytest.raises(WarehouseUnavailable, match=r"prod.*the next run lists it again"):
                listing.page(0)
