"""Whether a source and the ledger agree, and how to bring them together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firehose_loader import service
from firehose_loader.config import load_config
from firehose_loader.observe import Event, SourceListed
from tests.command import ask, load

HEADER = "eventId,eventType,eventDate\n"


def write(path: Path, event_id: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}{event_id},emailOpen,2026-01-05T10:00:00Z\n")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "events.duckdb"


def test_every_kind_of_difference_is_found_and_told(tmp_path: Path, database: Path) -> None:
    folder = tmp_path / "in"
    for name in ("same", "gone", "changed"):
        write(folder / f"{name}.csv", name)
    load(folder, database)
    (folder / "gone.csv").unlink()
    write(folder / "changed.csv", "changed again")
    write(folder / "new.csv", "new")
    write(folder / "new.csv.tmp", "half")

    found = ask("reconcile", folder, "--into", database, "--json")
    text = ask("reconcile", folder, "--into", database)
    load(folder, database)
    after = ask("reconcile", folder, "--into", database, "--json")

    assert found.code == text.code == 6
    assert {one["drop"]: one["difference"] for one in found.json["differences"]} == {
        "changed.csv": "changed",
        "new.csv": "missing",
        "gone.csv": "gone",
    }
    (counts,) = found.json["sources"]
    assert (counts["listed"], counts["agreed"], counts["missing"], counts["gone"]) == (4, 1, 1, 1)
    assert "new.csv" in text.out
    assert after.code == 0  # what is gone is in the warehouse
    assert after.json["sources"][0]["agreed"] == 3


def test_what_was_archived_is_not_gone(tmp_path: Path, database: Path) -> None:
    write(tmp_path / "in" / "a.csv", "1")
    (tmp_path / "firehose.toml").write_text(
        f"[warehouse]\nurl = '{database}'\n[[source]]\nname = 's'\nurl = 'in'\n"
        "after = 'archive'\narchive = 'done/{key}'\n"
    )

    ran = ask("run", "--json", cwd=tmp_path)
    found = ask("reconcile", "--json", cwd=tmp_path)

    assert ran.json["drops"]["archived"] == 1
    assert (found.code, found.json["differences"]) == (0, [])


def test_what_could_never_be_loaded_and_is_gone_is_lost_until_somebody_gives_it_up(
    tmp_path: Path, database: Path
) -> None:
    folder = tmp_path / "in"
    write(folder / "a.csv", "1")
    write(folder / "b.csv", "2")
    config = tmp_path / "firehose.toml"
    config.write_text(
        f"[warehouse]\nurl = '{database}'\n[[source]]\nname = 's'\nurl = '{folder}'\n"
    )

    def vanish(event: Event) -> None:
        if isinstance(event, SourceListed):
            (folder / "b.csv").unlink()

    service.run(load_config(config), vanish)

    lost = ask("reconcile", "-c", config, "--json")
    undone = ask("undo", "b.csv", "--yes", "-c", config)
    after = ask("reconcile", "-c", config, "--json")

    assert (lost.code, lost.json["differences"][0]["difference"]) == (6, "lost")
    assert undone.code == 0, undone.err
    assert (after.code, after.json["differences"]) == (0, [])


def test_nothing_loaded_yet_means_that_all_is_missing(tmp_path: Path, database: Path) -> None:
    for number in range(3):
        write(tmp_path / "in" / f"{number}.csv", str(number))

    found = ask("reconcile", tmp_path / "in", "--into", database, "--examples", "2", "--json")

    assert found.code == 6
    assert found.json["sources"][0]["missing"] == 3
    assert len(found.json["differences"]) == 2


def test_a_prefix_narrows_the_listing_and_a_full_run_makes_up_for_it(
    tmp_path: Path, database: Path
) -> None:
    today = datetime.now(UTC)
    for days in (0, 2, 30):
        day = today - timedelta(days=days)
        write(tmp_path / "in" / f"{day:%Y/%m/%d}/a.csv", f"{days} days ago")
    (tmp_path / "firehose.toml").write_text(
        f"[warehouse]\nurl = '{database}'\n[[source]]\nname = 's'\nurl = 'in'\n"
        "prefix = '{yyyy}/{mm}/{dd}/'\nlook_back = '3d'\n"
    )

    narrow = ask("run", "--json", cwd=tmp_path).json["drops"]
    missing = ask("reconcile", "--json", cwd=tmp_path)
    full = ask("run", "--full", "--json", cwd=tmp_path).json["drops"]
    agreed = ask("reconcile", "--json", cwd=tmp_path)

    assert (narrow["listed"], narrow["loaded"]) == (2, 2)
    assert (missing.code, missing.json["sources"][0]["missing"]) == (6, 1)
    assert (full["listed"], full["loaded"]) == (3, 1)
    assert agreed.code == 0
