"""What decides on rows may change between batches: what is read by then is read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firehose_loader import loader
from tests.command import ask, table
from tests.in_between import before_reading, configure, event_ids, two_batches


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return two_batches(tmp_path)


def with_keys(home: Path, active: str, **keys: str) -> None:
    """Configure a source that hashes; each key is a word, made long enough."""
    configure(home)
    older = ", ".join(f'{name} = "{key * 16}"' for name, key in keys.items() if name != active)
    with (home / "firehose.toml").open("a") as file:
        file.write(
            f'[pii]\nkey_id = "{active}"\nkey = "{keys[active] * 16}"\nkeys = {{ {older} }}\n'
            '[pii.policy]\nemail = "hash"\n'
        )


def with_people(home: Path, *names: str) -> None:
    """Make it one drop for each person."""
    for number, name in enumerate(names, 1):
        (home / "drops" / f"{number}.csv").write_text(
            f"eventId,eventType,eventDate,email\n{number},email.open,2026-01-05,{name}@example.com\n"
        )


def test_a_run_with_an_older_key_ends_once_what_it_hashed_is_brought_under_a_newer_one(
    home: Path,
) -> None:
    with_people(home, "jo", "al")
    with_keys(home, "k1", k1="a")
    answers = []

    def rekeyed(number: int) -> None:
        if number == 2:
            with_keys(home, "k2", k1="a", k2="b")
            answers.append(ask("pii", "rekey", "--json", cwd=home))

    with before_reading(rekeyed):
        answer = ask("run", "--json", cwd=home)

    assert answers[0].json["replayed"] == 1, answers[0].err
    assert answer.code == 2
    assert "'k2' came into use in this warehouse after 'k1'" in answer.err
    hashes = [row["email"] for row in table(home / "events.duckdb", "email_open")]
    assert [one.partition(":")[0] for one in hashes] == ["k2"]
    assert ask("run", "--json", cwd=home).json["drops"]["loaded"] == 1
    assert ask("pii", "rekey", "--json", cwd=home).json["drops"] == []
    with_people(home, "jo", "al", "cy")
    with_keys(home, "k1", k1="a", k2="b")
    assert ask("run", cwd=home).code == 2


def test_people_who_are_forgotten_in_between_are_not_loaded(home: Path) -> None:
    with_people(home, "jo", "jo")
    with_keys(home, "k1", k1="a")
    answers = []

    def forgotten(number: int) -> None:
        if number == 2:
            answers.append(ask("forget", "--email", "jo@example.com", "--yes", cwd=home))

    with before_reading(forgotten):
        answer = ask("run", "--json", cwd=home)

    assert answers[0].code == 0, answers[0].err
    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert answer.json["rows"]["quarantined"] == 1
    assert event_ids(home) == []


def test_what_expires_in_between_is_not_loaded(home: Path) -> None:
    answers = []

    def expired(number: int) -> None:
        if number == 2:
            kept = home / "kept.toml"
            kept.write_text("retention = 30\n" + (home / "firehose.toml").read_text())
            answers.append(ask("expire", "-c", kept, "--yes", "--json", cwd=home))

    with before_reading(expired):
        answer = ask("run", "--json", cwd=home)

    assert answers[0].code == 0, answers[0].err
    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert (answer.json["rows"]["inserted"], answer.json["rows"]["expired"]) == (1, 1)
    assert event_ids(home) == []
    assert ask("audit", "--deep", cwd=home).code == 0


@pytest.mark.parametrize(("theirs", "ours"), [("plain", {"a": 1}), ({"a": 1}, "plain")])
def test_a_field_that_others_add_in_between_with_another_type_is_theirs(
    home: Path, theirs: object, ours: object
) -> None:
    other = home / "other"
    (other / "drops").mkdir(parents=True)
    configure(other, source="t")
    answers = []
    for place, number, value in ((home, 2, ours), (other, 3, theirs)):
        row = {"eventId": str(number), "eventType": "email.open", "eventDate": "2026-01-05"}
        (place / "drops" / f"{number}.csv").write_text(json.dumps({**row, "novelty": value}))

    def beside(number: int) -> None:
        if number == 2:
            answers.append(ask("run", "--json", "--into", home / "events.duckdb", cwd=other))

    with before_reading(beside):
        answer = ask("run", "--json", cwd=home)

    assert answers[0].json["drops"]["loaded"] == 1, answers[0].err
    assert answer.json["drops"]["loaded"] == 2, answer.err
    assert event_ids(home) == ["1", "2", "3"]
    (added,) = table(home / "events.duckdb", "_firehose_schemas")
    assert added["field"] == "novelty"
    assert ask("run", cwd=home).code == ask("audit", "--deep", "2.csv", cwd=home).code == 0


def test_a_batch_that_is_overtaken_time_and_again_is_left_to_the_next_run(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "_MOST_OVERTAKEN", 2)  # of 5: each time somebody is forgotten
    with_people(home, "jo")
    with_keys(home, "k1", k1="a")

    def forgotten(number: int) -> None:
        if number < 20:
            person = f"{number}@example.com"
            done = ask("forget", "--email", person, "--suppress-anyway", "--yes", cwd=home)
            assert done.code == 0, done.err

    with before_reading(forgotten):
        answer = ask("run", "--json", cwd=home)

    assert answer.code == 4
    assert "changed by another process meanwhile" in answer.err
    assert ask("run", cwd=home).code == 0
    assert event_ids(home) == ["1", "2"]
