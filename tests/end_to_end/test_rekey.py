"""Keys that are rotated, and what was hashed with the old ones brought under the new."""

from __future__ import annotations

import hmac
from pathlib import Path

import pytest

from tests.command import Answer, ask, events, select, table
from tests.past import copied

DATE = "2026-01-05T10:00:00Z"
K1, K2 = "the first of two secret keys", "the second of two secret keys"


class Place:
    """A folder with drops, a database and a configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "events.duckdb"

    def fill(self) -> None:
        (self.folder / "drops").mkdir()
        for name, email in (("a", "jo@example.com"), ("b", "al@example.com")):
            self.drop(f"email.open.{name}.csv", f"{name}1,{DATE},{email}\n,{DATE},{email}\n")
        self.drop("email.send.csv", f"s1,{DATE},jo@example.com\nbad,never,jo@example.com\n")

    def drop(self, name: str, rows: str) -> None:
        (self.folder / "drops" / name).write_text(f"eventId,eventDate,email\n{rows}")

    def call(self, *words: object, key_id: str, key: str, old: str = "") -> Answer:
        (self.folder / "firehose.toml").write_text(
            '[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "feed"\nurl = "drops"\n'
            f'[pii]\nkey_id = "{key_id}"\nkey = "{key}"\n{old}\n'
            '[pii.policy]\nemail = "hash"\n'
        )
        return ask(*words, cwd=self.folder)

    def first(self, *words: object) -> Answer:
        return self.call(*words, key_id="k1", key=K1)

    def rotated(self, *words: object) -> Answer:
        return self.call(*words, key_id="k2", key=K2, old=f'keys = {{ k1 = "{K1}" }}')

    def emails(self, name: str = "email_open") -> set[str]:
        return {row["email"] for row in table(self.database, name)}


def hashed(key_id: str, key: str, email: str) -> str:
    return f"{key_id}:{hmac.digest(key.encode(), email.encode(), 'sha256').hex()}"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was hashed with the first key, loaded once for all tests."""
    place = Place(tmp_path_factory.mktemp("rekey"))
    place.fill()
    assert place.first("run").code == 0
    return place.folder


@pytest.fixture
def place(loaded: Path, tmp_path: Path) -> Place:
    return Place(copied(loaded, tmp_path))


def test_what_can_be_read_again_is_hashed_with_the_key_in_use_and_the_rest_is_told(
    place: Place,
) -> None:
    before = {name: len(rows) for name, rows in events(place.database).items()}
    (place.folder / "drops" / "email.open.b.csv").unlink()

    preview = place.rotated("pii", "rekey", "--preview", "--json").json
    unchanged = place.emails()
    done = place.rotated("pii", "rekey", "--json").json
    again = place.rotated("pii", "rekey", "--json").json

    assert {one["drop"]: (one["rows"], bool(one["gone"])) for one in preview["drops"]} == {
        "email.open.a.csv": (2, False),
        "email.open.b.csv": (2, True),
        "email.send.csv": (2, False),
    }
    assert unchanged == {hashed("k1", K1, one) for one in ("jo@example.com", "al@example.com")}
    assert (preview["replayed"], done["replayed"], done["failed"]) == (0, 2, [])
    assert place.emails() == {
        hashed("k2", K2, "jo@example.com"),
        hashed("k1", K1, "al@example.com"),
    }
    assert [one["drop"] for one in again["drops"]] == ["email.open.b.csv"]
    assert {name: len(rows) for name, rows in events(place.database).items()} == before


def test_the_recipe_of_the_docs_joins_over_a_rotation(place: Place) -> None:
    place.drop("email.click.csv", f"c1,{DATE},Jo@Example.com\n")
    place.rotated("run")

    with_both = [(hashed("k1", K1, one), hashed("k2", K2, one)) for one in ("jo@example.com",)]
    values = ", ".join(f"('{old}', '{new}')" for old, new in with_both)
    rows = select(
        place.database,
        f"WITH same_person (old, new) AS (VALUES {values})"
        " SELECT o.event_id AS opened, c.event_id AS clicked FROM dotdigital.email_open AS o"
        " LEFT JOIN same_person AS p ON o.email = p.old"
        " JOIN dotdigital.email_click AS c ON c.email = coalesce(p.new, o.email)"
        " WHERE o.event_id IS NOT NULL",
    )

    assert rows == [{"opened": "a1", "clicked": "c1"}]


@pytest.mark.parametrize(
    ("key_id", "key", "old", "words"),
    [
        ("k1", K2, "", "'k1' is not the one that this warehouse has values of"),
        ("k2", K2, "", "keep it under [pii.keys]; nothing was changed"),
    ],
)
def test_keys_that_do_not_fit_are_refused_and_nothing_is_changed(
    key_id: str, key: str, old: str, words: str, place: Place
) -> None:
    refused = place.call("pii", "rekey", key_id=key_id, key=key, old=old)

    assert refused.code == 2
    assert words in refused.err
    assert place.emails() == {hashed("k1", K1, one) for one in ("jo@example.com", "al@example.com")}


def test_a_run_with_another_key_under_a_known_id_is_refused(place: Place) -> None:
    place.drop("email.open.c.csv", f"c1,{DATE},cy@example.com\n")

    refused = place.call("run", key_id="k1", key=K2)

    assert refused.code == 2
    assert "Nothing was changed" in refused.err
    assert len(place.emails()) == 2


def test_what_was_hashed_with_a_newer_key_is_not_replayed_with_an_older_one(place: Place) -> None:
    assert place.rotated("pii", "rekey").code == 0
    before = place.emails()

    refused = place.call(
        "replay", "email.open.a.csv", key_id="k1", key=K1, old=f'keys = {{ k2 = "{K2}" }}'
    )

    assert refused.code == 2
    assert "'k2' came into use in this warehouse after 'k1'" in refused.err
    assert place.emails() == before
