"""Each row's number in its drop, whatever the threads of the engine do with the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import ask, select

ROWS = (1, 5000, 17, 30_000, 2048, 9000)
"""By the size of their drops: within and beyond what one thread reads at once."""


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
@pytest.mark.parametrize("largest", [9000, 30_000])
def test_rows_keep_their_numbers_when_several_threads_read_them(
    kind: str, largest: int, tmp_path: Path
) -> None:
    folder = tmp_path / "drops"
    folder.mkdir()
    sizes = [rows for rows in ROWS * 2 if rows <= largest]
    for drop, rows in enumerate(sizes):
        # The text makes the largest drops longer than what is read out of order.
        ids = [f"{drop:02}-{row:06}{'x' * 120}" for row in range(1, rows + 1)]
        if kind == "csv":
            lines = ["eventId,eventType,eventDate"]
            lines += [f"{one},emailOpen,2026-01-01T00:00:00Z" for one in ids]
        else:
            lines = [
                json.dumps({"id": one, "type": "emailOpen", "timeStamp": "2026-01-01T00:00:00Z"})
                for one in ids
            ]
        (folder / f"{drop:02}.{kind}").write_text("\n".join(lines) + "\n", "utf-8")
    database = tmp_path / "events.duckdb"

    answer = ask(*("run", folder, "--into", database, "--json"), environ={"FIREHOSE_THREADS": "4"})

    assert answer.json["rows"]["inserted"] == sum(sizes)
    wrong = select(
        database,
        "SELECT event_id, _row, d.key FROM dotdigital.email_open"
        " JOIN dotdigital._firehose_drops AS d ON _drop_id = d.drop_id"
        " WHERE event_id[4:9]::BIGINT <> _row OR event_id[:2] <> d.key[:2]",
    )
    assert wrong == []
