"""Loads into Snowflake that are killed, that meet each other, or that an account refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from firehose_loader.resources import bundled
from firehose_loader.statements import statement, statement_names
from tests.rigs.processes import wait_until
from tests.rigs.snowflake import SnowflakeAccount
from tests.snowflake_place import DROPS, EVENTS, Place


@pytest.fixture
def place(account: SnowflakeAccount, tmp_path: Path) -> Place:
    return Place(account, tmp_path)


@pytest.mark.parametrize(
    "moment",
    [
        "^COPY INTO",
        # Within the transaction, as the next one, which is later there.
        pytest.param(r"^MERGE INTO \S+EMAIL_OPEN", marks=pytest.mark.long),
        r"^INSERT INTO \S+_FIREHOSE_DROPS",
        "^COMMIT",
    ],
    ids=["copy", "merge", "ledger", "commit"],
)
def test_what_a_killed_load_began_the_next_one_finishes(
    account: SnowflakeAccount, place: Place, moment: str
) -> None:
    is_committed = moment == "^COMMIT"
    place.run()  # makes the tables, and loads everything: to be loaded once more
    place.empty()
    account.order(moment, "slow", seconds=1.5, after=int(is_committed))
    before = len(account.statements())
    with place.begin() as loader:
        wait_until(
            lambda: (
                sum(bool(re.search(moment, sql)) for sql in account.statements()[before:])
                > is_committed
            ),
            "the loader is there",
        )
        loader.kill()
    if is_committed:
        wait_until(lambda: len(place.events()) == len(EVENTS), "the commit is carried out")
    account.end_sessions()
    assert place.staged()
    assert place.events() == (EVENTS if is_committed else [])
    if is_committed:
        place.deliver("late.csv", 7)

    again = place.run()

    assert again.code == 0, again.err
    assert again.json["drops"]["loaded"] == (1 if is_committed else len(DROPS))
    assert place.staged() == []
    if is_committed:
        assert place.events() == [*EVENTS, "7"]
    else:
        place.assert_whole()


def test_what_a_loader_was_putting_when_it_was_killed_stays_on_no_disk(
    account: SnowflakeAccount, place: Place
) -> None:
    spool, config = place.folder / "spool", place.folder / "firehose.toml"
    spool.mkdir()
    config.write_text(f'spool = "spool"\n{config.read_text()}')
    account.order("^COPY INTO|^PUT", "slow", seconds=1.5)
    with place.begin() as loader:
        wait_until(lambda: any(spool.rglob("*.parquet")), "files are written")
        loader.kill()
    account.end_sessions()
    assert any(spool.rglob("*.parquet"))

    again = place.run()

    assert again.code == 0, again.err
    assert [path for path in spool.rglob("*") if path.is_file()] == []
    place.assert_whole()


def test_a_killed_loaders_lock_is_waited_for_and_told(
    account: SnowflakeAccount, place: Place
) -> None:
    place.configure(lock_timeout=1)
    place.run()
    place.deliver("late.csv", 7)
    with account.connect(schema="DOTDIGITAL") as killed:
        for sql in ("BEGIN", "UPDATE _firehose_leases SET holder = 'a loader that was killed'"):
            killed.cursor().execute(sql)

        busy = place.run()

        assert busy.code == 5
        assert "another transaction holds a table" in busy.err
        account.end_sessions()
    assert place.run().json["rows"]["inserted"] == 1


def test_two_loaders_at_once_load_each_drop_once(account: SnowflakeAccount, place: Place) -> None:
    place.configure(lease_seconds=0)  # with a lease, the second one would wait for the first
    place.run()
    place.empty()
    # Each waits before it takes the lock, so that both have looked into the ledger by then.
    account.order("^BEGIN", "slow", seconds=2, times=2)

    loaders = [place.begin(), place.begin()]
    answers = [(*loader.communicate(timeout=120), loader.returncode) for loader in loaders]

    assert [code for *_, code in answers] == [0, 0], answers
    drops = [json.loads(out)["drops"] for out, *_ in answers]
    assert sorted(one["loaded"] for one in drops) == [0, len(DROPS)]
    assert [one["skipped"] for one in drops if one["loaded"] == 0] == [len(DROPS)]
    assert "another run" in next(err for out, err, _ in answers if '"loaded": 0' in out)
    place.assert_whole()


def test_a_commit_whose_answer_is_cut_off_is_known_by_the_ledger(
    account: SnowflakeAccount, place: Place
) -> None:
    account.order("^COMMIT", "cut", after=1)

    run = place.run()
    again = place.run()

    assert run.code == again.code == 0, run.err
    assert run.json["drops"]["loaded"] == len(DROPS)
    assert run.json["rows"]["inserted"] == len(EVENTS)
    assert again.json["drops"]["new"] == 0
    place.assert_whole()


@pytest.mark.parametrize(
    ("at", "error", "said"),
    [
        (
            r"^MERGE INTO \S+EMAIL_OPEN",
            {"code": 90064, "state": "57P03", "message": "Warehouse 'LOADING' cannot be resumed"},
            "AUTO_RESUME",
        ),
        (
            r"^MERGE INTO \S+EMAIL_OPEN",
            {
                "code": 3001,
                "state": "42501",
                "message": "Insufficient privileges to operate on table 'EMAIL_OPEN'",
            },
            "EMAIL_OPEN",
        ),
        (
            "^PUT",
            {
                "code": 3001,
                "state": "42501",
                "message": "Insufficient privileges to operate on stage '_FIREHOSE_STAGE'",
            },
            "_FIREHOSE_STAGE",
        ),
    ],
    ids=["warehouse", "table", "stage"],
)
def test_what_an_account_refuses_in_mid_load_is_told_and_leaves_nothing(
    account: SnowflakeAccount, place: Place, at: str, error: dict[str, object], said: str
) -> None:
    account.order(at, "error", **error)

    refused = place.run()

    assert refused.code == 2, refused.err
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert place.rows("SELECT count(*) FROM _firehose_drops WHERE state = 'loaded'") == [(0,)]
    assert place.events() == []
    assert place.run().code == 0
    place.assert_whole()


@pytest.mark.parametrize(
    ("broken", "mended", "said"),
    [
        (
            "ALTER COLUMN campaign_name SET DATA TYPE VARCHAR(3)",
            "ALTER COLUMN campaign_name SET DATA TYPE VARCHAR",
            r"EMAIL_OPEN.*is too long.*SET DATA TYPE VARCHAR",
        ),
        (
            "DROP COLUMN _rescued",
            "ADD COLUMN _rescued VARIANT",
            "email_open is not one that this loader made",
        ),
        (
            "ALTER COLUMN campaign_name SET DATA TYPE BINARY",
            "ALTER COLUMN campaign_name SET DATA TYPE VARCHAR",
            "campaign_name as text, the table dotdigital.email_open",
        ),
    ],
    ids=["length", "lineage", "type"],
)
def test_a_table_that_does_not_fit_is_told_and_the_load_completed_once_it_is_mended(
    place: Place, broken: str, mended: str, said: str
) -> None:
    place.run()
    place.empty()
    place.rows(f"ALTER TABLE email_open {broken}")

    refused = place.run()

    assert refused.code == 2, refused.err
    assert re.search(said, refused.err), refused.err
    assert "Traceback" not in refused.err
    assert place.rows("SELECT count(*) FROM _firehose_drops WHERE state = 'loaded'") == [(0,)]
    place.rows(f"ALTER TABLE email_open {mended}")
    assert place.run().code == 0
    place.assert_whole()


def test_claims_are_made_by_statements_that_lock() -> None:
    """INSERT ... WHERE NOT EXISTS would let two in: nobody waits for an insert."""
    for name in statement_names("snowflake"):
        text = (bundled("sql") / "snowflake" / f"{name}.sql").read_text("utf-8")
        assert not re.search(r"(?is)INSERT\s+INTO.*\bNOT\s+EXISTS\b", text), name
    lease = statement("snowflake", "leases_take", table="leases").sql
    assert lease.startswith("UPDATE leases")
