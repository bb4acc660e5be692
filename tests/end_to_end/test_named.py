"""Every command that looks knows the names that a configuration gives to tables and columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import ask
from tests.past import copied, opens


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Opens, one of them twice, a row that is set aside, and an event type that nobody knows."""
    folder = tmp_path_factory.mktemp("named")
    (folder / "drops").mkdir()
    (folder / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\n'
        '[warehouse.names]\ntable = "stg_{event_type}"\ncolumn = "dd_{column}"\n'
        'column_case = "camel"\n'
        '[[source]]\nname = "s"\nurl = "drops"\nretention = 1000\n'
    )
    (folder / "drops" / "a.csv").write_text(opens("1:x", "2:x"))
    (folder / "drops" / "b.csv").write_text(
        opens("2:x", "3:x").replace("Name\n", "Name,brandNew\n").replace(",x\n", ",x,n\n")
    )
    (folder / "drops" / "c.json").write_text(
        '{"eventType": "wishlist.add", "eventId": "w1", "x": 1}\noops\n'
    )
    assert ask("run", cwd=folder).code == 0
    return folder


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return copied(loaded, tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        "status",
        "status --runs",
        "check",
        "reconcile",
        "doctor",
        "audit",
        "audit --deep",
        "audit --event-type email.open",
        "audit --event-type wishlist.add",
        "replay --event-type email.open",
        "replay --event-type wishlist.add",
        "undo b.csv --preview",
        "explain a.csv",
        "trace 2",
        "inspect drops/b.csv",
        "schema evidence",
        "schema evidence unknown",
        "schema evidence --output out",
        "schema diff",
        "schema infer drops/b.csv",
        "schema export --output out",
        "report",
        "quarantine list",
        "quarantine list --event-type email.open",
        "quarantine retry",
        "views",
        "dbt --output models",
        "forget --email jo@example.com --suppress-anyway --dry-run",
        "expire --dry-run",
    ],
)
def test_what_only_looks_finds_its_columns(home: Path, words: str) -> None:
    answer = ask(*words.split(), cwd=home)

    assert answer.code == (6 if words == "check" else 0), answer.err


def test_rows_of_an_event_type_are_audited_and_replayed(home: Path) -> None:
    audited = ask("audit", "--event-type", "email.open", "--json", cwd=home)
    assert (audited.code, audited.json["drops"]["audited"]) == (0, 2)

    replayed = ask("replay", "--event-type", "email.open", "--json", cwd=home)
    assert replayed.code == 0, replayed.err
