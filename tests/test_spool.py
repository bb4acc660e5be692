"""What is downloaded is for one user alone, and does not outlive its process for long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firehose_loader.errors import ConfigError
from firehose_loader.spool import SpoolFolder, sweep

KILLED = """
import sys
from pathlib import Path
from firehose_loader.spool import SpoolFolder
folder = SpoolFolder(Path(sys.argv[1]), "spool")
Path(folder.name, "drop").write_text("jo@example.com")
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_folder_is_for_its_user_alone_and_goes_when_it_is_closed(tmp_path: Path) -> None:
    with SpoolFolder(tmp_path, "batch") as name:
        assert Path(name).stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in Path(name).iterdir()} == {0o600}

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "firehose-engine").mkdir()
    (tmp_path / "firehose-engine" / "spilled.tmp").write_text("jo@example.com")
    (tmp_path / "firehose-of-another-kind").mkdir()
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert killed.stdout
    assert killed.stdin
    assert killed.stdout.readline() == b"ready\n"
    with SpoolFolder(tmp_path, "batch") as living:
        while_both_live = sweep(tmp_path)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        after_the_kill = sweep(tmp_path)
        left = {path.name for path in tmp_path.iterdir()}
    killed.stdin.close()
    killed.stdout.close()

    assert (while_both_live, after_the_kill) == (0, 1)
    assert left == {Path(living).name, "firehose-engine", "firehose-of-another-kind"}


def test_what_the_engine_spilled_goes_when_nobody_lives_who_may_need_it(tmp_path: Path) -> None:
    (tmp_path / "firehose-engine").mkdir()
    (tmp_path / "firehose-spool-1").mkdir()
    (tmp_path / "firehose-spool-1" / ".lock").touch()

    assert sweep(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    full = Path("/dev/full")

    with (
        pytest.raises(ConfigError, match="No space left on device; make room, or choose another"),
        SpoolFolder(tmp_path, "batch"),
        full.open("wb", buffering=0) as file,
    ):
        file.write(b"x")

    assert list(tmp_path.iterdir()) == []


def test_another_failure_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), SpoolFolder(tmp_path, "batch") as name:
        Path(name, "nothing").read_bytes()


def test_the_lock_of_a_folder_is_the_last_that_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what is left where the process is killed in between would stay for ever."""
    seen: list[set[str]] = []
    folder = SpoolFolder(tmp_path, "batch")
    for name in ("a", "z"):
        Path(folder.name, name).write_text("jo@example.com")
    unlink = Path.unlink

    def noted(path: Path, *, missing_ok: bool = False) -> None:
        seen.append({one.name for one in Path(folder.name).iterdir()})
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", noted)
    folder.cleanup()

    assert len(seen) == 2
    assert all(".lock" in names for names in seen)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", [[], [".lock.new"]], ids=["empty", "not locked yet"])
def test_a_folder_that_was_only_begun_is_removed_once_it_is_old(
    tmp_path: Path, left: list[str]
) -> None:
    for name, age in (("firehose-batch-old", 7200), ("firehose-spool-new", 0)):
        (tmp_path / name).mkdir()
        for file in left:
            (tmp_path / name / file).touch()
        made = time.time() - age
        os.utime(tmp_path / name, (made, made))

    sweep(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["firehose-spool-new"]


def test_a_link_is_not_followed_to_what_is_removed(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".lock.new").touch()
    os.utime(elsewhere, (0, 0))
    (tmp_path / "spool" / "firehose-batch-link").symlink_to(elsewhere)

    sweep(tmp_path / "spool")

    assert (elsewhere / ".lock.new").exists()
