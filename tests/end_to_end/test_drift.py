"""Drift policies as a user configures them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import ask, select

BASE = {"eventId": "1", "eventType": "email.open", "eventDate": "2026-01-05T10:00:00Z"}


def configured(home: Path, drift: str) -> Path:
    (home / "drops").mkdir(exist_ok=True)
    path = home / "firehose.toml"
    path.write_text(
        f'[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "s"\nurl = "drops"\n{drift}\n'
    )
    return path


def test_a_drop_that_a_frozen_schema_does_not_know_is_set_aside_until_that_changes(
    tmp_path: Path,
) -> None:
    config = configured(tmp_path, 'drift = {"*" = "rescue", emailOpen = "freeze"}')
    drops = tmp_path / "drops"
    rows = [{**BASE, "eventId": "2"}, {**BASE, "eventId": "3", "shoeSize": 44}]
    (drops / "a.json").write_text(json.dumps(BASE))
    (drops / "b.json").write_text("\n".join(map(json.dumps, rows)))
    (drops / "c.json").write_text(json.dumps({**BASE, "eventType": "email.click", "hat": "x"}))

    run = ask("run", "-c", config, "--json", cwd=tmp_path)

    assert (run.code, run.json["status"]) == (0, "partial")
    assert run.json["drops"]["quarantined"] == 1
    (error,) = run.json["errors"]
    assert (error["drop"], error["error"]) == ("b.json", "schema_frozen")
    assert "email.open 1-0-0 does not know 'shoeSize'" in error["message"]
    assert "set drift to evolve or rescue" in error["message"]
    database = tmp_path / "events.duckdb"
    (row,) = select(
        database, "SELECT reason, field, row_no, raw FROM dotdigital._firehose_quarantine"
    )
    assert (row["reason"], row["field"], row["row_no"]) == ("schema_frozen", "shoeSize", None)
    assert "shoeSize" in str(row["raw"])
    assert select(database, "SELECT event_id FROM dotdigital.email_open") == [{"event_id": "1"}]
    assert select(database, "SELECT _rescued FROM dotdigital.email_click") == [
        {"_rescued": '{"hat":"x"}'}
    ]
    assert ask("run", "-c", config, "--strict", "--json", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("drift", "told"),
    [
        ('drift = "grow"', "evolve"),
        ('drift = {"email.opne" = "freeze"}', "did you mean 'email.open'"),
    ],
)
def test_a_policy_that_cannot_be(tmp_path: Path, drift: str, told: str) -> None:
    run = ask("run", "-c", configured(tmp_path, drift), "--json", cwd=tmp_path)

    assert run.code == 2
    assert told in run.json["errors"][0]["message"]
