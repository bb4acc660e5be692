"""The page for analysts answers its questions, as it stands, from what the demonstration loads."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from tests.checkout import ROOT
from tests.command import ask

PAGE = (ROOT / "docs" / "analysis.md").read_text("utf-8")
SAMPLE = [
    "--events",
    "5000",
    "--drops",
    "40",
    "--seed",
    "7",
    "--duplicates",
    "0.03",
    "--bad",
    "0.01",
    "--late",
    "0.05",
]


def test_every_question_of_the_page_is_answered_from_a_demo_database(tmp_path: Path) -> None:
    assert ask("sample", "drops", *SAMPLE, cwd=tmp_path).code == 0
    assert ask("run", "drops", "--into", "demo.duckdb", cwd=tmp_path).code == 0
    (command,) = re.findall(r"^    firehose-loader (.*)$", PAGE, re.MULTILINE)
    assert ask(*command.split(), cwd=tmp_path).code == 0
    best, late, drops = re.findall(r"^```sql\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)

    with duckdb.connect(str(tmp_path / "demo.duckdb"), read_only=True) as connection:
        campaigns = connection.sql(best).fetchall()
        (opens,) = connection.sql(late).fetchall()
        brought = connection.sql(drops).fetchall()
        (counted,) = connection.sql(
            "SELECT count(*), count(*) FILTER (d.modified - e.event_date > INTERVAL '1 hour')"
            " FROM dotdigital.email_open AS e JOIN dotdigital._firehose_drops AS d"
            " ON d.drop_id = e._drop_id"
        ).fetchall()

    assert campaigns
    assert [row[4] for row in campaigns] == sorted((row[4] for row in campaigns), reverse=True)
    assert (opens[0], opens[1]) == counted
    assert opens[1] > opens[2] > 0
    assert brought
