"""What lies on a server beside plain files, and what becomes of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from firehose_loader.errors import AccessDenied, DropMissing, StorageUnavailable
from firehose_loader.fetch import Fetched, Fetcher
from firehose_loader.protocols import Storage
from firehose_loader.retry import RetryPolicy
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from tests.rigs import sshd
from tests.rigs.rig import content, keys, only
from tests.rigs.sshd import SftpRig

pytestmark = pytest.mark.xdist_group(sshd.NAME)


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[SftpRig]:
    rig = SftpRig(request.getfixturevalue(sshd.NAME))
    yield rig
    rig.close()


def fetched_all(storage: Storage, folder: Path, *, threads: int = 2) -> list[Fetched]:
    return Fetcher(storage, threads=threads, max_bytes=10**9).fetch(
        list(storage.list_drops()), folder
    )


# -- links and special files ---------------------------------------------------------------------


def test_links_to_files_inside_are_followed_and_others_are_not(rig: SftpRig) -> None:
    rig.put("real/file", b"12345")
    rig.put("b", b"1")
    (rig.folder / "a").symlink_to("real/file")
    (rig.folder / "absolute").symlink_to(rig.folder / "b")
    (rig.folder / "outside").symlink_to("/etc/passwd")
    (rig.folder / "folder").symlink_to("real")
    (rig.folder / "above").symlink_to("..")
    (rig.folder / "nowhere").symlink_to("gone")
    (rig.folder / "itself").symlink_to("itself")

    drops = list(rig.storage.list_drops())

    assert keys(iter(drops)) == ["a", "absolute", "b", "real/file"]
    assert drops[0].size_bytes == 5
    assert content(rig.storage, drops[0]) == b"12345"


def test_pipes_sockets_and_devices_are_no_drops(rig: SftpRig) -> None:
    rig.put("a", b"1")
    os.mkfifo(rig.folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(rig.folder / "socket"))

        assert keys(rig.storage.list_drops()) == ["a"]


def test_a_file_that_became_a_folder_is_gone(rig: SftpRig) -> None:
    rig.put("a", b"1")
    drop = only(rig.storage.list_drops())
    rig.remove("a")
    rig.make_folder("a")

    with pytest.raises(DropMissing, match="gone since it was listed"):
        rig.storage.open(drop)
    with pytest.raises(DropMissing, match="gone since it was listed"):
        rig.storage.confirm(drop)


# -- rights --------------------------------------------------------------------------------------


@pytest.fixture
def unprivileged(rig: SftpRig) -> SftpRig:
    """A rig whose server's user is not the one who runs the tests, or at least not root."""
    assert rig.server.user != "root"
    return rig


def test_a_folder_without_permission_is_denied_by_name(unprivileged: SftpRig) -> None:
    unprivileged.put("in/closed/a", b"1")
    (unprivileged.folder / "in" / "closed").chmod(0)

    with pytest.raises(AccessDenied, match=r"in/closed.*no permission to read it"):
        list(unprivileged.storage.list_drops())
    (unprivileged.folder / "in" / "closed").chmod(0o755)


def test_a_file_without_permission_is_denied_and_the_session_goes_on(
    unprivileged: SftpRig,
) -> None:
    unprivileged.put("a", b"1")
    (unprivileged.folder / "a").chmod(0)
    drop = only(unprivileged.storage.list_drops())

    with pytest.raises(AccessDenied, match="no permission to read it"):
        unprivileged.storage.open(drop)
    (unprivileged.folder / "a").chmod(0o644)

    assert content(unprivileged.storage, drop) == b"1"


def test_a_drop_that_may_not_be_moved_says_what_to_do(unprivileged: SftpRig) -> None:
    unprivileged.put("in/a", b"1")
    (unprivileged.folder / "in").chmod(0o555)
    drop = only(unprivileged.storage.list_drops())

    with pytest.raises(AccessDenied, match=r'after = "keep"'):
        unprivileged.storage.move(drop, "done/a")
    with pytest.raises(AccessDenied, match=r'after = "keep"'):
        unprivileged.storage.remove(drop)
    (unprivileged.folder / "in").chmod(0o755)


def test_a_rehearsal_finds_folders_that_drops_may_not_leave_or_go_to(
    unprivileged: SftpRig,
) -> None:
    unprivileged.make_folder("done")
    (unprivileged.folder / "done").chmod(0o555)

    unprivileged.storage.rehearse(None)
    with pytest.raises(AccessDenied, match=r'after = "keep"'):
        unprivileged.storage.rehearse("done/2026/a")
    (unprivileged.folder / "done").chmod(0o755)
    unprivileged.storage.rehearse("done/2026/a")
    unprivileged.folder.chmod(0o555)
    with pytest.raises(AccessDenied, match=r'after = "keep"'):
        unprivileged.storage.rehearse(None)
    unprivileged.folder.chmod(0o755)

    assert [path.name for path in unprivileged.folder.rglob("*")] == ["done"]


def test_a_drop_moves_to_a_path_from_the_root_of_the_server(rig: SftpRig) -> None:
    rig.put("in/a", b"1")
    drop = only(rig.storage.list_drops())

    rig.storage.move(drop, f"{rig.folder}/archive/2026/a")

    assert keys(rig.storage.list_drops()) == ["archive/2026/a"]


# -- names ---------------------------------------------------------------------------------------


def test_nothing_outside_the_folder_is_opened_whatever_a_key_says(
    rig: SftpRig, tmp_path: Path
) -> None:
    rig.put("a", b"1")
    drop = only(rig.storage.list_drops())

    for key in ("../a", "/etc/passwd", "x/../../a"):
        with pytest.raises(DropMissing, match="does not lie below"):
            rig.storage.open(replace(drop, key=key))
        with pytest.raises(DropMissing, match="does not lie below"):
            rig.storage.remove(replace(drop, key=key))

    assert list(tmp_path.iterdir()) == []


def test_odd_names_are_written_inside_the_spool_only(rig: SftpRig, tmp_path: Path) -> None:
    names = ("..a", "a..", "%2E%2E/b", "not UTF-8 \udcff", "line\nbreak", "~", "-rf", "...")
    for name in names:
        rig.put(name, os.fsencode(name))
    spool = tmp_path / "spool"
    spool.mkdir()

    fetched = fetched_all(rig.storage, spool)

    assert len(fetched) == len(names)
    for one in fetched:
        assert one.path is not None
        assert one.path.parent == spool
        assert one.path.read_bytes() == os.fsencode(one.drop.key)
    assert list(tmp_path.iterdir()) == [spool]


# -- size ----------------------------------------------------------------------------------------


def test_a_large_drop_is_fetched_in_parts_side_by_side(rig: SftpRig, tmp_path: Path) -> None:
    written = os.urandom(2**20) * 35
    rig.put("large", written)

    (fetched,) = fetched_all(rig.storage, tmp_path, threads=3)

    assert fetched.path is not None
    assert fetched.path.read_bytes() == written


def test_more_threads_than_connections_wait_for_each_other(rig: SftpRig, tmp_path: Path) -> None:
    for number in range(20):
        rig.put(f"{number:02}", b"x" * number)

    with closing(open_storage(rig.source(connections=1))) as storage:
        fetched = fetched_all(storage, tmp_path, threads=8)

    assert [one.path.stat().st_size for one in fetched if one.path] == list(range(20))


# -- the server goes and comes back --------------------------------------------------------------


def test_a_server_that_was_restarted_between_listing_and_reading_is_read() -> None:
    with sshd.prepared() as server:
        rig = SftpRig(server)
        with closing(rig.storage):
            rig.put("a", b"content")
            patient = RetryingStorage(rig.storage, RetryPolicy(attempts=3, sleep=lambda _: None))
            with sshd.serving(server):
                drop = only(patient.list_drops())
            with pytest.raises(StorageUnavailable):
                patient.open(drop)
            with sshd.serving(server):
                assert content(patient, drop) == b"content"
