"""What a run on Snowflake is known by there, and what it is told to have cost."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.command import ask
from tests.rigs import snowflake
from tests.rigs.snowflake import SnowflakeAccount

DROP = "eventId,eventType,eventDate\n1,email.open,2026-01-05T10:00:00Z\n"


def configured(account: SnowflakeAccount, folder: Path, **warehouse: object) -> Path:
    """Write a configuration with one drop to load, and return where it is."""
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text(DROP)
    given = {"url": account.url(), **account.settings(), **warehouse}
    lines = [f"{key} = {json.dumps(value)}" for key, value in given.items()]
    source = f'[[source]]\nname = "prod"\nurl = "{folder}/in"\n'
    path = folder / "firehose.toml"
    path.write_text("\n".join(["[warehouse]", *lines, source]))
    return path


def tags(account: SnowflakeAccount) -> list[dict[str, Any]]:
    """Return the tags of the loader's statements."""
    return [json.loads(entry["query_tag"]) for entry in account.log() if entry.get("query_tag")]


def test_a_run_tells_what_its_statements_took_and_each_says_whose_it_is(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    config = configured(account, tmp_path)

    run = ask("run", "-c", config, "--json")
    again = ask("run", "-c", config, "--profile")
    told = ask("status", "-c", config, "--runs", "--json").json["runs"]
    shown = ask("status", "-c", config, "--runs")
    plain = ask("status", "-c", config)

    assert run.code == 0, run.err
    costs = run.json["costs"]
    assert (costs["warehouse"], costs["size"]) == (snowflake.WAREHOUSE, "X-Small")
    assert costs["total"]["bytes_scanned"] > costs["events"]["email.open"]["bytes_scanned"] > 0
    assert costs["events"]["email.open"]["credits"] > 0
    assert costs["bytes_uploaded"] > 0
    opens = [one for one in tags(account) if one.get("event") == "email.open"]
    assert len(costs["events"]["email.open"]["query_ids"]) == len(opens)
    assert {one["run"] for one in opens} == {run.json["run_id"]}
    assert {one["source"] for one in opens} == {"prod"}
    assert {"table_create", "merge_insert", "stage_copy"} <= {one["statement"] for one in opens}
    assert "a password alone signs in" in run.err
    assert "cloud credits" in again.out
    assert told[1]["costs"] == costs
    assert told[0]["costs"]["events"] == {}
    assert "bytes scanned" in shown.out
    last = told[0]["costs"]["total"]
    assert f"it took {last['queries']} queries, {last['bytes_scanned']:,} bytes" in plain.out


def test_a_run_does_not_fail_for_want_of_a_look_at_the_history(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    config = configured(account, tmp_path)
    account.order("query_history_by_session", "error", code=3001, message="no privileges")

    run = ask("run", "-c", config, "--json")

    assert run.code == 0, run.err
    opens = run.json["costs"]["events"]["email.open"]
    assert opens["queries"] == len(opens["query_ids"]) > 0
    assert opens["bytes_scanned"] is opens["credits"] is None


def test_a_run_leaves_the_warehouse_and_the_home_folder_alone(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    config = configured(account, tmp_path, revocation="advisory", cache=str(tmp_path / "cache"))

    run = ask("run", "-c", config, environ={"HOME": str(home)})

    assert run.code == 0, run.err
    assert not [sql for sql in account.statements() if re.search(r"(?i)\bwarehouse\s", sql)]
    assert list(home.rglob("*")) == []
