"""Two loaders on one source: who comes second is told who is at it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from tests.command import ask, table
from tests.crowd import on_duckdb
from tests.past import opens

CLAIMED = (
    "INSERT INTO dotdigital._firehose_claims SELECT 'drops', 'another-machine:17', 'their-run',"
    " TIMESTAMP '2026-01-05 10:00:00', now()::TIMESTAMP + to_seconds(?)"
)


def test_a_source_that_another_run_holds_ends_with_5_and_tells_who_and_since_when(
    tmp_path: Path,
) -> None:
    (tmp_path / "drops").mkdir()
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\nlock_timeout = 0.5\n'
        '[[source]]\nname = "drops"\nurl = "drops"\n'
    )
    assert ask("run", cwd=tmp_path).code == 0
    database = tmp_path / "events.duckdb"
    assert table(database, "_firehose_claims") == []
    (tmp_path / "drops" / "a.csv").write_text(opens("1:x"))
    with closing(duckdb.connect(str(database))) as other:
        other.execute(CLAIMED, [3600])

    refused = ask("run", "--json", cwd=tmp_path)

    assert refused.code == 5
    assert "the source 'drops' is held by run their-run (another-machine:17)" in refused.err
    assert "since 2026-01-05 10:00:00 UTC" in refused.err
    with closing(duckdb.connect(str(database))) as other:
        other.execute("DELETE FROM dotdigital._firehose_claims")
        other.execute(CLAIMED, [-1])
    after = ask("run", "--json", cwd=tmp_path)
    assert after.code == 0, after.err
    assert after.json["drops"]["loaded"] == 1
    assert table(database, "_firehose_claims") == []


def test_two_at_once_of_whom_some_are_killed_load_each_drop_once(tmp_path: Path) -> None:
    codes = on_duckdb(tmp_path, loaders=2, seconds=4)

    assert codes.total() > 1
