"""``[warehouse.leave_out]`` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.command import ask

CONFIG = """
[warehouse]
url = "events.duckdb"
[warehouse.leave_out]
{}
[[source]]
name = "s"
url = "drops"
"""
DROP = """eventId,eventType,eventDate,ipAddress,mailClient,campaignId
1,emailOpen,2026-01-05T10:00:00Z,10.0.0.1,client,x7
2,emailOpen,2026-01-05T10:00:00Z,10.0.0.2,client,7
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text(DROP)
    return tmp_path


def configure(home: Path, left_out: str) -> None:
    (home / "firehose.toml").write_text(CONFIG.format(left_out))


def opens(home: Path) -> list[dict[str, object]]:
    with duckdb.connect(str(home / "events.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT * FROM dotdigital.email_open ORDER BY event_id")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_tables_have_no_such_columns_and_all_commands_go_on(home: Path) -> None:
    configure(home, '"*" = ["ip_address"]\n"emailOpen" = ["campaign_id", "mail_client"]')

    ddl = ask("sql", "email.open", "--ddl", "-c", "firehose.toml", cwd=home).out
    run = ask("run", "--json", cwd=home)

    assert run.code == 0, run.err
    assert run.json["rows"]["inserted"] == 2
    left_out = {"ip_address", "campaign_id", "mail_client"}
    assert left_out.isdisjoint(opens(home)[0])
    assert "mail_client_version" in opens(home)[0]
    assert '"mail_client"' not in ddl.partition("-- view")[0]
    assert [row["_rescued"] for row in opens(home)] == [None, None]
    for words in (
        ("audit", "--deep"),
        ("schema", "evidence"),
        ("schema", "diff"),
        ("views",),
        ("dbt", "--output", "dbt"),
        ("replay", "a.csv"),
        ("inspect", "drops/a.csv"),
    ):
        answer = ask(*words, cwd=home)
        assert answer.code == 0, (words, answer)
    assert '"ip_address"' not in (home / "dbt" / "stg_dotdigital__email_open.sql").read_text()


def test_what_is_left_out_later_or_brought_back_stands_in_new_rows_only(home: Path) -> None:
    configure(home, "")
    assert ask("run", cwd=home).code == 0
    configure(home, '"email.open" = ["mail_client"]')
    (home / "drops" / "b.csv").write_text(
        DROP.replace("1,email", "3,email").replace("2,email", "4,email")
    )

    assert ask("run", cwd=home).code == 0
    assert [row["mail_client"] for row in opens(home)] == ["client", "client", None, None]
    assert ask("audit", "--deep", cwd=home).code == 0
    configure(home, "")
    assert ask("replay", "b.csv", cwd=home).code == 0
    assert [row["mail_client"] for row in opens(home)] == ["client"] * 4


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ('"*" = ["event_id"]', "'event_id' cannot be left out: it tells which event of"),
        ('"email.open" = ["event_date"]', "'event_date' cannot be left out"),
        ('"email.open" = ["event_type"]', "'event_type' cannot be left out"),
        ('"email.open" = ["_drop_id"]', "'_drop_id' cannot be left out: it tells where a row"),
        ('"email.opened" = ["ip_address"]', "email.opened"),
        ('"email.open" = ["mail_clients"]', "no column 'mail_clients'; did you mean 'mail_client'"),
    ],
)
def test_what_cannot_be_left_out_is_told(home: Path, left_out: str, said: str) -> None:
    configure(home, left_out)

    answer = ask("run", cwd=home)

    assert answer.code == 2
    assert said in answer.err
