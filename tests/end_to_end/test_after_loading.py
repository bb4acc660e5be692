"""What becomes of drops at their source once they are loaded."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firehose_loader import service
from firehose_loader.config import Config
from firehose_loader.summary import RunSummary
from tests.command import Row, ask, table
from tests.rigs import moto
from tests.rigs.s3 import S3Rig

HEADER = "eventId,eventType,eventDate\n"
DELIVERED = datetime(2026, 1, 5, 10, tzinfo=UTC).timestamp()


class Place:
    """A folder with drops, and runs over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drops = folder / "in"
        self.database = folder / "events.duckdb"

    def write(self, name: str, *ids: str, date: str = "2026-01-05T10:00:00Z") -> None:
        path = self.drops / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEADER + "".join(f"{one},emailOpen,{date}\n" for one in ids))
        os.utime(path, (DELIVERED + len(ids), DELIVERED + len(ids)))

    def run(self, **settings: object) -> RunSummary:
        source = {"name": "s", "url": str(self.drops), **settings}
        warehouse = {"url": str(self.database)}
        config = Config.model_validate(
            {"warehouse": warehouse, "spool": self.folder, "source": [source]}
        )
        return service.run(config, lambda _: None)

    def archive(self, **settings: object) -> RunSummary:
        return self.run(after="archive", archive="done/{yyyy}/{mm}/{dd}/{key}", **settings)

    def files(self) -> list[str]:
        files = (path for path in self.drops.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.drops).as_posix() for path in files)

    def departures(self) -> list[Row]:
        return table(self.database, "_firehose_archive")

    def events(self) -> int:
        return len(table(self.database, "email_open"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_loaded_drops_are_archived_and_not_found_again(place: Place) -> None:
    place.write("a.csv", "1")
    place.write("sub/b.csv", "2")

    first = place.archive()
    second = place.archive()

    assert place.files() == ["done/2026/01/05/a.csv", "done/2026/01/05/sub/b.csv"]
    assert (first.drops["loaded"], first.drops["archived"], first.exit_code) == (2, 2, 0)
    assert (second.drops["listed"], second.drops["archived"], second.exit_code) == (0, 0, 0)
    assert {(row["action"], row["moved_to"]) for row in place.departures()} == {
        ("archived", "done/2026/01/05/a.csv"),
        ("archived", "done/2026/01/05/sub/b.csv"),
    }
    assert {row["state"] for row in table(place.database, "_firehose_drops")} == {"loaded"}


def test_loaded_drops_are_deleted_once_they_have_been_kept_long_enough(place: Place) -> None:
    place.write("a.csv", "1")

    early = place.run(after="delete", after_days=1)
    kept = place.files()
    late = place.run(after="delete")

    assert kept == ["a.csv"]
    assert (early.drops["deleted"], late.drops["deleted"]) == (0, 1)
    assert place.files() == []
    assert place.events() == 1


def test_what_is_not_wholly_in_the_warehouse_stays(place: Place) -> None:
    place.write("whole.csv", "1")
    place.write("some rows.csv", "2", date="never")
    (place.drops / "nothing.csv").write_bytes(b"%PDF-1.7\n\x00\x01")

    summary = place.run(after="delete")

    assert place.files() == ["nothing.csv", "some rows.csv"]
    assert summary.drops["deleted"] == 1


def test_a_run_that_died_behind_a_move_is_taken_up(place: Place) -> None:
    place.write("a.csv", "1")
    place.run()
    target = place.drops / "done/2026/01/05/a.csv"
    target.parent.mkdir(parents=True)
    (place.drops / "a.csv").rename(target)

    summary = place.archive()

    assert summary.drops["archived"] == 1
    assert [row["moved_to"] for row in place.departures()] == ["done/2026/01/05/a.csv"]


def test_a_drop_that_somebody_else_took_away_is_asked_for_once(place: Place) -> None:
    place.write("a.csv", "1")
    place.run()
    (place.drops / "a.csv").unlink()

    summaries = [place.archive(), place.archive()]

    assert [summary.exit_code for summary in summaries] == [0, 0]
    assert [row["action"] for row in place.departures()] == ["gone"]


@pytest.mark.parametrize("after", ["archive", "delete"])
def test_a_name_that_is_not_utf_8_leaves_like_any_other(place: Place, after: str) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    place.write(name, "1")
    archive = {"archive": "done/{key}"} if after == "archive" else {}

    summaries = [place.run(after=after, **archive) for _ in range(2)]

    assert [summary.exit_code for summary in summaries] == [0, 0]
    assert place.files() == ([f"done/{name}"] if after == "archive" else [])
    assert [row["action"] for row in place.departures()] == [after + "d"]


def test_an_archived_drop_is_replayed_once_it_was_moved_back_and_leaves_again(
    place: Place,
) -> None:
    place.write("a.csv", "1")
    place.archive()
    config = place.folder / "firehose.toml"
    config.write_text(
        f'[warehouse]\nurl = "{place.database}"\n[[source]]\nname = "s"\nurl = "{place.drops}"\n'
    )

    refused = ask("replay", "a.csv", "-c", config)
    (place.drops / "done/2026/01/05/a.csv").rename(place.drops / "a.csv")
    replayed = ask("replay", "a.csv", "-c", config)
    again = place.archive()

    assert (refused.code, replayed.code) == (4, 0), refused.err + replayed.err
    assert "archived, to 'done/2026/01/05/a.csv'" in refused.err
    assert "move it back" in refused.err
    assert (again.exit_code, again.drops["archived"]) == (0, 1)
    assert place.files() == ["done/2026/01/05/a.csv"]
    assert place.events() == 1


def test_new_content_is_loaded_and_never_taken_for_the_old(place: Place) -> None:
    place.write("a.csv", "1")
    place.archive()
    place.write("a.csv", "1", "2")
    place.archive()

    archived = place.files()
    contents = {(place.drops / name).read_text().count("\n") for name in archived}

    assert len(archived) == 2
    assert archived[0].startswith("done/2026/01/05/")
    assert contents == {2, 3}
    assert place.events() == 2


def test_new_content_that_came_before_the_old_was_archived_is_the_one_archived(
    place: Place,
) -> None:
    place.write("a.csv", "1")
    place.run()
    place.write("a.csv", "1", "2")

    place.archive()

    moved, other = sorted(place.departures(), key=lambda row: str(row["action"]))
    assert moved["action"] == "archived"
    assert other["action"] in {"replaced", "gone"}  # whichever of the two came first
    assert place.files() == ["done/2026/01/05/a.csv"]


@pytest.mark.parametrize("s3_server", [moto.NAME], indirect=True)  # the one that knows of rights
def test_without_the_right_to_archive_drops_are_loaded_and_the_run_says_what_it_takes(
    s3_rig: S3Rig, place: Place
) -> None:
    s3_rig.put("a.csv", f"{HEADER}1,emailOpen,2026-01-05T10:00:00Z\n".encode())
    bucket = {"url": f"s3://{s3_rig.bucket}/{s3_rig.prefix}", "endpoint": s3_rig.endpoint}

    def run(who: str) -> RunSummary:
        keys = getattr(s3_rig.server, who)
        return place.run(
            **bucket,
            region="us-east-1",
            access_key_id=keys.access_key_id,
            secret_access_key=keys.secret_access_key,
            after="archive",
            archive="/done/{key}",
        )

    refused, allowed = run("reader"), run("tidier")

    assert (refused.exit_code, refused.drops["loaded"]) == (2, 1)
    assert "s3:PutObject" in refused.errors[0].message
    assert (allowed.exit_code, allowed.drops["archived"]) == (0, 1)
    assert [drop.key for drop in s3_rig.storage.list_drops()] == []
