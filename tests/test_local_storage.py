"""What only a folder has: links, permissions, files that are written while they are read."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from firehose_loader.config import LocalSource
from firehose_loader.errors import AccessDenied, ConfigError, DropChanged, DropMissing
from firehose_loader.model import Drop
from firehose_loader.storage.local import LocalStorage

NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "drops"
    folder.mkdir()
    return folder


@pytest.fixture
def storage(folder: Path) -> LocalStorage:
    return LocalStorage(LocalSource(name="local", url=str(folder)))


def keys(storage: LocalStorage) -> list[str]:
    return [drop.key for drop in storage.list_drops()]


def only(storage: LocalStorage) -> Drop:
    (drop,) = storage.list_drops()
    return drop


@contextmanager
def without_privileges(folder: Path) -> Iterator[None]:
    """Act as a user whom permissions bind, who may look into a folder made for tests."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.parents):
        if path.stat().st_mode & 0o7777 == 0o700:  # as pytest makes its own
            path.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


# -- links ---------------------------------------------------------------------------------------


def test_a_link_to_a_file_inside_is_a_drop(folder: Path, storage: LocalStorage) -> None:
    (folder / "a").write_bytes(b"content")
    (folder / "b").symlink_to("a")

    by_key = {drop.key: drop for drop in storage.list_drops()}

    assert list(by_key) == ["a", "b"]
    with storage.open(by_key["b"]) as file:
        assert file.read() == b"content"


def test_links_that_lead_nowhere_outside_or_in_circles_are_no_drops(
    folder: Path, storage: LocalStorage
) -> None:
    (folder.parent / "secret").write_bytes(b"not a drop")
    (folder / "a").write_bytes(b"1")
    (folder / "outside").symlink_to("../secret")
    (folder / "broken").symlink_to("nothing")
    (folder / "circle").symlink_to("circle")
    (folder / "in").mkdir()
    (folder / "in" / "again").symlink_to("..")
    (folder / "away").symlink_to(folder.parent)

    assert keys(storage) == ["a"]


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    (folder / "a").write_bytes(b"1")
    (folder / "b").symlink_to("a")
    (folder.parent / "link").symlink_to(folder)
    storage = LocalStorage(LocalSource(name="link", url=str(folder.parent / "link")))

    assert keys(storage) == ["a", "b"]


def test_what_is_no_file_is_no_drop(folder: Path, storage: LocalStorage) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "a").write_bytes(b"1")

    assert keys(storage) == ["a"]


@pytest.mark.parametrize("key", ["../secret", "in/../../secret", "/etc/hostname"])
def test_no_key_leads_outside(key: str, folder: Path, storage: LocalStorage) -> None:
    (folder.parent / "secret").write_bytes(b"1")
    (folder / "a").write_bytes(b"1")
    drop = replace(only(storage), key=key)

    for use in (storage.open, storage.confirm, storage.local_path):
        with pytest.raises(DropMissing, match="below"):
            use(drop)


# -- places --------------------------------------------------------------------------------------


def test_a_file_in_place_of_the_folder_says_what_to_write(folder: Path) -> None:
    (folder / "a.csv").write_bytes(b"1")
    storage = LocalStorage(LocalSource(name="file", url=str(folder / "a.csv")))

    with pytest.raises(AccessDenied, match=r"include = \[.a\.csv.\]"):
        keys(storage)


def test_a_folder_that_must_not_be_read_is_denied(folder: Path, storage: LocalStorage) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "a").write_bytes(b"1")
    (folder / "in").chmod(0)

    with (
        without_privileges(folder),
        pytest.raises(AccessDenied, match="in: no permission"),
    ):
        keys(storage)
    (folder / "in").chmod(0o755)


def test_a_file_that_must_not_be_read_is_denied(folder: Path, storage: LocalStorage) -> None:
    (folder / "a").write_bytes(b"1")
    (folder / "a").chmod(0)

    with without_privileges(folder):
        drop = only(storage)
        with pytest.raises(AccessDenied, match="a: no permission"):
            storage.open(drop)


def test_a_folder_that_vanishes_while_it_is_listed_takes_its_drops_along(
    folder: Path, storage: LocalStorage
) -> None:
    for name in ("1", "2", "3"):
        (folder / name).mkdir()
        (folder / name / "a").write_bytes(b"1")
        (folder / name / "b").write_bytes(b"1")
    drops = storage.list_drops()

    seen = [next(drops).key]
    shutil.rmtree(folder / "2")
    (folder / "1" / "b").unlink()

    assert [*seen, *(drop.key for drop in drops)] == ["1/a", "3/a", "3/b"]


def test_folders_may_be_nested_deeper_than_python_recurses(
    folder: Path, storage: LocalStorage
) -> None:
    depth = 1200
    path = folder
    for _ in range(depth):
        path /= "d"
        path.mkdir()
    (path / "a").write_bytes(b"1")

    assert keys(storage) == ["d/" * depth + "a"]

    (path / "a").unlink()  # what tidies up after the tests does recurse
    while path != folder:
        path.rmdir()
        path = path.parent


# -- versions ------------------------------------------------------------------------------------


def test_a_copy_that_keeps_the_time_is_the_same_version(
    folder: Path, storage: LocalStorage
) -> None:
    (folder / "a").write_bytes(b"1")
    before = only(storage)

    shutil.copy2(folder / "a", folder.parent / "copy")
    (folder.parent / "copy").replace(folder / "a")
    (folder / "a").chmod(0o600)

    assert only(storage) == before


def test_a_time_beyond_the_calendar_is_listed(folder: Path, storage: LocalStorage) -> None:
    (folder / "a").write_bytes(b"1")
    os.utime(folder / "a", (300_000_000_000, 300_000_000_000))

    assert only(storage).key == "a"


@pytest.mark.parametrize("change", ["shortened", "overwritten", "lengthened"])
def test_a_file_that_is_written_while_it_is_read_has_changed(
    change: str, folder: Path, storage: LocalStorage
) -> None:
    size = 1_000_000
    (folder / "a").write_bytes(b"x" * size)
    os.utime(folder / "a", (1, 1))
    drop = only(storage)

    with storage.open(drop) as file:
        file.read(10)
        with (folder / "a").open("r+b") as writer:
            match change:
                case "shortened":
                    writer.truncate(1000)
                case "overwritten":
                    writer.write(b"y" * size)
                case _:
                    writer.seek(0, os.SEEK_END)
                    writer.write(b"y")
        with pytest.raises(DropChanged):
            file.read()


def test_a_file_that_is_replaced_while_it_is_read_is_read_as_it_was(
    folder: Path, storage: LocalStorage
) -> None:
    (folder / "a").write_bytes(b"old" * 100_000)
    drop = only(storage)

    with storage.open(drop) as file:
        first = file.read(3)
        (folder / "new").write_bytes(b"new" * 100_000)
        (folder / "new").replace(folder / "a")

        assert first + file.read() == b"old" * 100_000
    with pytest.raises(DropChanged):
        storage.confirm(drop)


# -- moving --------------------------------------------------------------------------------------


def test_a_drop_can_be_moved_to_anywhere_on_its_file_system(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(b"1")
    storage = LocalStorage(LocalSource(name="local", url=str(tmp_path / "in")))
    (drop,) = storage.list_drops()

    storage.move(drop, f"{tmp_path}/done/a.csv")

    assert list(storage.list_drops()) == []
    assert (tmp_path / "done" / "a.csv").read_bytes() == b"1"


def test_a_drop_is_not_moved_by_a_way_that_leads_back(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"1")
    storage = LocalStorage(LocalSource(name="local", url=str(tmp_path)))
    (drop,) = storage.list_drops()

    with pytest.raises(ConfigError, match=r"without \.\."):
        storage.move(drop, "done/../../a.csv")


def test_an_archive_on_another_file_system_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"1")
    storage = LocalStorage(LocalSource(name="local", url=str(tmp_path)))
    (drop,) = storage.list_drops()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        assert Path(elsewhere).stat().st_dev != tmp_path.stat().st_dev

        with pytest.raises(ConfigError, match="another file system"):
            storage.move(drop, f"{elsewhere}/a.csv")

    assert list(storage.list_drops()) == [drop]
