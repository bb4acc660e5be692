"""``land_only`` as a user meets it: rows as they came, and the way from there to events."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.checkout import ROOT
from tests.command import Answer, ask

CONFIG = """
[warehouse]
url = "events.duckdb"
{}
[[source]]
name = "s"
url = "drops"
"""
DROP = """eventId,eventType,eventDate,email,data
1,emailOpen,2026-01-05T10:00:00Z,a@example.com,
1,emailOpen,2026-01-05T10:00:00Z,a@example.com,
2,emailClick,2026-01-06T10:00:00Z,b@example.com,"{""url"": ""x""}"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text(DROP)
    configure(tmp_path, "land_only = true")
    return tmp_path


def configure(home: Path, *settings: str) -> None:
    (home / "firehose.toml").write_text(CONFIG.format("\n".join(settings)))


def told(home: Path, *words: str) -> Answer:
    answer = ask(*words, cwd=home)
    assert answer.code == 0, (words, answer)
    return answer


def ask_sql(home: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "events.duckdb")) as connection:
        rows: list[tuple[object, ...]] = connection.execute(sql).fetchall()
        return rows


COUNT = "SELECT count(*) FROM dotdigital."


def test_rows_are_landed_counted_audited_and_told_of(home: Path) -> None:
    run = told(home, "run", "--json").json

    assert run["rows"]["inserted"] == run["rows"]["parsed"] == 3
    assert {name: of["inserted"] for name, of in run["events"].items()} == {
        "email.open": 2,
        "email.click": 1,
    }
    assert told(home, "run", "--json").json["drops"]["new"] == 0
    told(home, "audit")
    (events,) = told(home, "status", "--json").json["events"]
    assert (events["table"], events["rows"]) == ("landed_rows", 3)
    needed = told(home, "sql", "--ddl", "-c", "firehose.toml", "--json").json
    tables = [one["what"] for one in needed if "_firehose" not in one["what"]]
    assert tables == ["schema dotdigital", "table landed_rows", "view events"]
    for words, said in (
        (("audit", "--deep"), "land_only: there are no typed cells"),
        (("trace", "1"), "landed_rows was not searched"),
        (("dbt",), "rows have only landed"),
    ):
        answer = ask(*words, cwd=home)
        assert answer.code == 2, words
        assert said in answer.err


def test_from_landed_to_events_by_the_files_or_by_the_rows(home: Path) -> None:
    told(home, "run")
    configure(home)
    page = (ROOT / "docs" / "existing.md").read_text()
    copy = page[page.index("COPY (") :].partition("\n\n")[0]
    ask_sql(home, copy.replace("'landed.ndjson'", f"'{home}/drops/landed.ndjson'"))

    by_rows = told(home, "run", "--json").json["rows"]
    by_files = told(home, "replay", "a.csv", "--json").json["rows"]

    assert (by_rows["inserted"], by_rows["duplicate"]) == (2, 1)
    assert (by_files["inserted"], by_files["duplicate"]) == (0, 3)
    assert ask_sql(home, f"{COUNT}landed_rows") == [(0,)]
    assert ask_sql(home, "SELECT url FROM dotdigital.email_click") == [("x",)]
    told(home, "audit", "--deep")


def test_personal_data_is_masked_in_what_is_landed(home: Path) -> None:
    text = (home / "firehose.toml").read_text()
    policy = '[source.pii]\nemail = "domain"\n'
    (home / "firehose.toml").write_text(text + policy)

    told(home, "run")

    found = ask_sql(home, "SELECT DISTINCT _rescued->>'email' FROM dotdigital.landed_rows")
    assert found == [("example.com",)]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (['parquet = "lake"'], "parquet follows the tables of event types"),
        (['leave_out = {"*" = ["ip_address"]}'], "land_only keeps whole rows"),
        (
            ['url = "snowflake://u@a/d"', 'connection = "c"', 'load = "external"'],
            'land_only needs load = "stage"',
        ),
    ],
)
def test_what_makes_no_sense_beside_it_is_refused(
    home: Path, settings: list[str], said: str
) -> None:
    configure(home, "land_only = true", *settings)
    text = (home / "firehose.toml").read_text()
    if "snowflake" in text:
        (home / "firehose.toml").write_text(text.replace('url = "events.duckdb"\n', ""))

    answer = ask("run", cwd=home)

    assert answer.code == 2
    assert said in answer.err
