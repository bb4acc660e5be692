"""Events that several drops brought, when these drops are read again: the rows leave with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.command import Answer, Row, ask, select
from tests.schema_documents import a_version_of, write_version

HEADER = "eventId,eventType,eventDate,email\n"
DATE = "2026-01-05T10:00:00Z"
K1, K2 = "the first of two secret keys", "the second of two secret keys"
CLEAR = ""
FIRST = f'[pii]\nkey_id = "k1"\nkey = "{K1}"\n[pii.policy]\nemail = "hash"\n'
ROTATED = (
    f'[pii]\nkey_id = "k2"\nkey = "{K2}"\nkeys = {{ k1 = "{K1}" }}\n[pii.policy]\nemail = "hash"\n'
)


class Place:
    """A folder with two sources, a database and a configuration."""

    def __init__(self, folder: Path, merge: str) -> None:
        self.folder = folder
        self.batch_files = 100
        for name in ("s", "t", "schemas"):
            (folder / name).mkdir()
        document = {**a_version_of("email.open", "2-0-0"), "x-merge": merge}
        write_version(folder / "schemas", document)

    def call(self, pii: str, *words: object) -> Answer:
        (self.folder / "firehose.toml").write_text(
            f'schemas = "schemas"\nbatch_files = {self.batch_files}\n'
            '[warehouse]\nurl = "events.duckdb"\n'
            '[[source]]\nname = "s"\nurl = "s"\n[[source]]\nname = "t"\nurl = "t"\n'
            f"{pii}"
        )
        return ask(*words, cwd=self.folder)

    def done(self, pii: str, *words: object) -> Answer:
        answer = self.call(pii, *words)
        assert answer.code == 0, answer.err
        return answer

    def deliver(self, pii: str, name: str, *ids: str, day: int | None = None) -> None:
        path = self.folder / name
        path.write_text(HEADER + "".join(row(one) for one in ids))
        if day is not None:
            os.utime(path, (86_400 * day, 86_400 * day))
        self.done(pii, "run")

    def emails(self) -> dict[str, str]:
        """Return what is stored of each address up to its hash, by event id."""
        return {one["event_id"]: one["email"].split(":")[0] for one in self.rows()}

    def owners(self) -> dict[str, str]:
        return {one["event_id"]: one["key"] for one in self.rows()}

    def rows(self) -> list[Row]:
        return select(
            self.folder / "events.duckdb",
            "SELECT o.event_id, o.email, d.key FROM dotdigital.email_open_2 AS o"
            " JOIN dotdigital._firehose_drops AS d ON o._drop_id = d.drop_id ORDER BY ALL",
        )

    def sound(self, pii: str) -> None:
        """Make sure that the tables hold what the files say."""
        audit = self.call(pii, "audit", "--deep")
        assert audit.code == 0, audit.out


def row(event_id: str) -> str:
    return f"{event_id},email.open,{DATE},jo@example.com\n"


def told(report: Mapping[str, Any]) -> dict[str, tuple[int, bool]]:
    """Return of each drop of a report how many rows it has, and whether it is gone."""
    return {one["drop"]: (one["rows"], bool(one["gone"])) for one in report["drops"]}


@pytest.fixture(params=["insert", "upsert"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path, request.param)


# -- over more than one batch ---------------------------------------------------------------------


@pytest.mark.parametrize("other", ["s/2.csv", "t/2.csv"])
def test_drops_of_several_batches_that_share_events_are_replayed(other: str, place: Place) -> None:
    place.batch_files = 1
    place.deliver(CLEAR, "s/1.csv", "a")
    place.deliver(CLEAR, other, "a", "b")

    again = place.done(CLEAR, "replay", "--since", "2020-01-01", "--json").json

    assert (again["drops"], again["failed"]) == (2, [])
    assert again["rows"]["inserted"] == 2
    assert place.owners().keys() == {"a", "b"}
    place.sound(CLEAR)


@pytest.mark.parametrize("other", ["s/2.csv", "t/2.csv"])
def test_drops_of_several_batches_that_share_events_are_rekeyed(other: str, place: Place) -> None:
    place.batch_files = 1
    place.deliver(FIRST, "s/1.csv", "a")
    place.deliver(FIRST, other, "a", "b")

    done = place.done(ROTATED, "pii", "rekey", "--json").json

    assert (done["replayed"], done["failed"]) == (2, [])
    assert place.emails() == {"a": "k2", "b": "k2"}
    place.sound(ROTATED)


# -- masks of today -------------------------------------------------------------------------------


def test_what_came_in_clear_and_again_is_masked_by_a_replay_over_two_sources(place: Place) -> None:
    place.deliver(CLEAR, "s/1.csv", "a")
    place.deliver(CLEAR, "t/2.csv", "a", "b")

    place.done(FIRST, "replay", "--since", "2020-01-01")

    assert place.emails() == {"a": "k1", "b": "k1"}
    place.sound(FIRST)


@pytest.mark.parametrize("day", [1, 3])
@pytest.mark.parametrize("batch_files", [1, 100])
def test_a_drop_that_brought_an_old_hash_again_is_read_again_too(
    day: int, batch_files: int, place: Place
) -> None:
    place.batch_files = batch_files
    place.deliver(FIRST, "s/1.csv", "a", "c", day=2)
    place.deliver(ROTATED, "s/2.csv", "a", "b", day=day)

    preview = place.done(ROTATED, "pii", "rekey", "--preview", "--json").json
    done = place.done(ROTATED, "pii", "rekey", "--json").json
    again = place.done(ROTATED, "pii", "rekey", "--json").json

    assert preview["drops"] == done["drops"]
    assert done["replayed"] == len(done["drops"])
    assert again["drops"] == []
    assert place.emails() == {"a": "k2", "b": "k2", "c": "k2"}
    place.sound(ROTATED)


@pytest.mark.parametrize("place", ["insert"], indirect=True)
def test_what_is_left_to_a_drop_that_is_gone_is_told_and_stays(place: Place) -> None:
    place.deliver(FIRST, "s/1.csv", "a", "c", day=1)
    place.deliver(ROTATED, "t/2.csv", "a", "b", day=2)
    (place.folder / "t" / "2.csv").unlink()

    done = place.done(ROTATED, "pii", "rekey", "--json").json
    again = place.done(ROTATED, "pii", "rekey", "--json").json

    assert told(done) == {"1.csv": (2, False), "2.csv": (1, True)}
    assert told(again) == {"2.csv": (1, True)}
    assert (done["replayed"], again["replayed"]) == (1, 0)
    assert place.emails() == {"a": "k1", "b": "k2", "c": "k2"}


@pytest.mark.parametrize("place", ["upsert"], indirect=True)
def test_a_drop_that_leaves_only_with_one_that_is_gone_cannot_be_read_again(place: Place) -> None:
    place.deliver(FIRST, "s/1.csv", "a", day=2)
    place.deliver(FIRST, "s/3.csv", "c", day=3)
    place.deliver(ROTATED, "t/2.csv", "a", "b", day=1)
    (place.folder / "t" / "2.csv").unlink()

    done = place.done(ROTATED, "pii", "rekey", "--json").json

    assert told(done) == {"1.csv": (1, True), "3.csv": (1, False)}
    assert "only with '2.csv'" in done["drops"][0]["gone"]
    assert place.emails() == {"a": "k1", "b": "k2", "c": "k2"}


@pytest.mark.parametrize("place", ["insert"], indirect=True)
def test_with_such_a_drop_those_are_read_again_without_which_it_cannot_leave(place: Place) -> None:
    place.deliver(FIRST, "s/1.csv", "a", day=1)
    place.deliver(ROTATED, "s/2.csv", "a", "b", day=2)
    (place.folder / "s" / "3.csv").write_text(
        HEADER.replace("\n", ",processedDate\n") + row("b").replace("\n", f",{DATE}\n")
    )
    place.done(ROTATED, "run")

    done = place.done(ROTATED, "pii", "rekey", "--json").json

    assert told(done) == {"1.csv": (1, False), "2.csv": (1, False), "3.csv": (0, False)}
    assert place.emails() == {"a": "k2", "b": "k2"}
    place.sound(ROTATED)


@pytest.mark.parametrize("place", ["insert"], indirect=True)
@pytest.mark.parametrize(("one", "other"), [("1.csv", "2.csv"), ("2.csv", "1.csv")])
def test_a_replay_tells_what_stays_as_a_drop_brought_it_that_is_not_replayed(
    one: str, other: str, place: Place
) -> None:
    place.deliver(CLEAR, "s/1.csv", "a", "c")
    place.deliver(CLEAR, "s/2.csv", "a", "b")

    alone = place.done(FIRST, "replay", one, "--json")
    stored = place.emails()["a"]
    both = place.done(FIRST, "replay", "--source", "s", "--json")

    assert (alone.json["stayed"], alone.json["stayed_with"]) == (1, [other])
    assert "1 rows stay as they were stored" in alone.err
    assert repr(other) in alone.err
    assert stored == "jo@example.com"
    assert (both.json["stayed"], both.json["stayed_with"], both.err) == (0, [], "")
    assert place.emails() == {"a": "k1", "b": "k1", "c": "k1"}
