"""Events that several drops brought, when these drops are read again: the rows leave with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Answer, Row, ask, select
from tests.schema_documents import a_version_of, write_version

HEADER = "eventId,eventType,eventDate,email\n"
DATE = "2026-01-05T10:00:00Z"
CLEAR = ""


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

    def deliver(self, pii: str, name: str, *ids: str) -> None:
        (self.folder / name).write_text(HEADER + "".join(row(one) for one in ids))
        self.done(pii, "run")

    def owners(self) -> dict[str, str]:
        return {one["event_id"]: one["key"] for one in self.rows()}

    def rows(self) -> list[Row]:
        return select(
            self.folder / "events.duckdb",
            "SELECT o.event_id, d.key FROM dotdigital.email_open_2 AS o"
            " JOIN dotdigital._firehose_drops AS d ON o._drop_id = d.drop_id ORDER BY ALL",
        )

    def sound(self, pii: str) -> None:
        """Make sure that the tables hold what the files say."""
        audit = self.call(pii, "audit", "--deep")
        assert audit.code == 0, audit.out


def row(event_id: str) -> str:
    return f"{event_id},email.open,{DATE},jo@example.com\n"


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
    assert set(place.owners()) == {"a", "b"}
    place.sound(CLEAR)
