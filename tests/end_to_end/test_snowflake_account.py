"""Loads into a real account of Snowflake's, where FIREHOSE_SNOWFLAKE_URL names one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

from firehose_loader.errors import WarehouseUnavailable
from firehose_loader.schema.names import table_name
from firehose_loader.statements import Statement
from firehose_loader.warehouse.snowflake_session import SnowflakeSession
from tests.command import ask
from tests.rigs import snowflake_account
from tests.rigs.processes import wait_until
from tests.rigs.snowflake_account import RealAccount
from tests.snowflake_place import DROPS, EVENTS, Place

pytestmark = pytest.mark.skipif(
    not snowflake_account.is_named(), reason="FIREHOSE_SNOWFLAKE_URL names no account"
)


@pytest.fixture(params=[snowflake_account.NAME])
def place(tmp_path: Path) -> Iterator[Place]:
    account = RealAccount()
    yield Place(account, tmp_path)
    account.close()


def test_drops_are_brought_by_put_and_copy_once(place: Place) -> None:
    run, again = place.run(), place.run()

    assert run.code == again.code == 0, run.err
    assert run.json["rows"]["inserted"] == len(EVENTS)
    assert again.json["drops"]["new"] == 0
    place.assert_whole()


def test_what_copy_loaded_by_hand_is_known_by_its_history(place: Place) -> None:
    place.run()
    place.deliver("by-hand.csv", 7)
    for statement in (
        "CREATE STAGE by_hand",
        "CREATE TABLE by_hand (line VARCHAR)",
        f"PUT 'file://{place.folder}/in/by-hand.csv' @by_hand AUTO_COMPRESS = FALSE",
        "COPY INTO by_hand FROM @by_hand FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = NONE)",
    ):
        place.rows(statement)
    words = ("adopt", "prod", "--copy-history", "by_hand", "--json")

    adopted: list[int] = []

    def known() -> bool:  # the history may come a little later
        answer = ask(*words, cwd=place.folder)
        adopted.append(answer.json["adopted"] if answer.code == 0 else 0)
        return adopted[-1] == 1

    wait_until(known, "the history tells of the COPY", seconds=300)
    assert place.run().json["drops"]["new"] == 0
    assert place.events() == EVENTS


@pytest.mark.skipif(
    not snowflake_account.bucket(), reason="FIREHOSE_EXTERNAL_SOURCE names no bucket with drops"
)
def test_snowflake_reads_a_bucket_as_this_machine_does(place: Place, tmp_path: Path) -> None:
    """What no stand-in can prove: COPY with FILES, its transformation, the METADATA$ columns."""
    other = RealAccount()
    (tmp_path / "other").mkdir()
    twin = Place(other, tmp_path / "other")
    source = f'[[source]]\nname = "feed"\nurl = "{snowflake_account.bucket()}"\n'
    place.configure(source=source, load="external")
    twin.configure(source=source)

    with closing(other):
        by_snowflake, here = place.run(), twin.run()

        assert by_snowflake.code == here.code == 0, by_snowflake.err + here.err
        assert by_snowflake.json["sources"][0]["read"]["warehouse"], by_snowflake.err
        assert by_snowflake.json["rows"] == here.json["rows"]
        assert by_snowflake.json["events"] == here.json["events"]
        for event_type in here.json["events"]:
            table = table_name(event_type, 1)
            rows = f"SELECT * EXCLUDE (_loaded_at, _schema_version) FROM {table} ORDER BY _key"
            assert place.rows(rows) == twin.rows(rows), event_type


def test_two_loaders_at_once_load_each_drop_once(place: Place) -> None:
    place.run()
    place.empty()

    loaders = [place.begin(), place.begin()]
    answers = [(*loader.communicate(timeout=600), loader.returncode) for loader in loaders]

    assert {code for *_, code in answers} <= {0, 5}, answers
    assert sum(json.loads(out)["drops"]["loaded"] for out, *_ in answers) == len(DROPS)
    place.assert_whole()


def test_a_commit_whose_answer_is_lost_is_known_by_the_ledger(place: Place) -> None:
    place.run()
    place.empty()
    carry_out, lost = SnowflakeSession._carry_out, []

    def losing(
        session: SnowflakeSession, ready: Statement, values: list[object], table: str | None
    ) -> list[tuple[object, ...]]:
        rows = carry_out(session, ready, values, table)
        if ready.name == "drops_add":
            lost.append("next")
        if ready.name == "transaction_commit" and lost == ["next"]:
            lost.append("done")
            raise WarehouseUnavailable("the answer is lost, as ordered")
        return rows

    with patch.object(SnowflakeSession, "_carry_out", losing):
        run = place.run()

    assert lost == ["next", "done"]
    assert run.code == 0, run.err
    assert run.json["drops"]["loaded"] == len(DROPS)
    place.assert_whole()
