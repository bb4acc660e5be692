"""What lies on a server beside plain files, and how servers write it down."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from firehose_loader.errors import AccessDenied, DropMissing, DropUnreadable, StorageUnavailable
from firehose_loader.fetch import Fetcher
from firehose_loader.retry import RetryPolicy
from firehose_loader.storage import open_storage
from firehose_loader.storage.ftps.listing import Facts, Found, human_entry, machine_entry
from firehose_loader.storage.retrying import RetryingStorage
from tests.rigs import ftps
from tests.rigs.ftps import FtpsRig
from tests.rigs.rig import content, keys, only


@pytest.fixture(params=[ftps.PROFTPD, ftps.VSFTPD])
def rig(request: pytest.FixtureRequest) -> Iterator[FtpsRig]:
    rig = FtpsRig(request.getfixturevalue(request.param))
    yield rig
    rig.close()


# -- links and rights ----------------------------------------------------------------------------


def test_links_that_lead_nowhere_are_no_drops(rig: FtpsRig) -> None:
    rig.put("a", b"1")
    (rig.folder / "nowhere").symlink_to("gone")
    (rig.folder / "itself").symlink_to("itself")

    assert keys(rig.storage.list_drops()) == ["a"]


def test_links_that_lead_back_do_not_make_an_endless_listing(rig: FtpsRig) -> None:
    rig.put("in/a", b"1")
    (rig.folder / "in" / "again").symlink_to("..")

    assert keys(rig.storage.list_drops())[0] == "in/a"
    assert len(keys(rig.storage.list_drops())) == 1


def test_a_file_that_became_a_folder_is_gone(rig: FtpsRig) -> None:
    rig.put("a", b"1")
    drop = only(rig.storage.list_drops())
    rig.remove("a")
    rig.make_folder("a")

    with pytest.raises(DropMissing, match="gone since it was listed"):
        rig.storage.open(drop)


def test_a_folder_without_permission_is_denied_by_name(rig: FtpsRig) -> None:
    rig.put("in/closed/a", b"1")
    (rig.folder / "in" / "closed").chmod(0)

    with pytest.raises(AccessDenied, match=r"in/closed.*no permission to read it"):
        list(rig.storage.list_drops())
    (rig.folder / "in" / "closed").chmod(0o755)


def test_a_drop_that_may_not_be_moved_says_what_to_do(rig: FtpsRig) -> None:
    rig.put("in/a", b"1")
    (rig.folder / "in").chmod(0o555)
    drop = only(rig.storage.list_drops())

    with pytest.raises(AccessDenied, match=r'after = "keep"'):
        rig.storage.move(drop, "done/a")
    with pytest.raises(AccessDenied, match=r'after = "keep"'):
        rig.storage.remove(drop)
    (rig.folder / "in").chmod(0o755)


def test_a_rehearsal_finds_folders_that_drops_may_not_leave_or_go_to(
    rig: FtpsRig,
) -> None:
    rig.make_folder("done")
    (rig.folder / "done").chmod(0o555)

    rig.storage.rehearse(None)
    with pytest.raises(AccessDenied, match=r'after = "keep"'):
        rig.storage.rehearse("done/2026/a")
    (rig.folder / "done").chmod(0o755)
    rig.storage.rehearse("done/2026/a")
    rig.folder.chmod(0o555)
    with pytest.raises(AccessDenied, match=r'after = "keep"'):
        rig.storage.rehearse(None)
    rig.folder.chmod(0o755)

    assert [path.name for path in rig.folder.rglob("*")] == ["done"]


def test_a_path_may_begin_where_the_user_is_after_login(rig: FtpsRig) -> None:
    rig.put("in/a", b"1")
    server = rig.server
    url = f"ftps://{server.user}@localhost:{server.port}/~/{rig.folder.name}/in"

    with closing(open_storage(rig.source(url=url))) as storage:
        drop = only(storage.list_drops())

        assert drop.key == "a"
        assert content(storage, drop) == b"1"
        storage.move(drop, "done/a")

    assert keys(rig.storage.list_drops()) == ["in/done/a"]


# -- names ---------------------------------------------------------------------------------------


def test_nothing_outside_the_folder_is_opened_whatever_a_key_says(rig: FtpsRig) -> None:
    rig.put("a", b"1")
    drop = only(rig.storage.list_drops())

    for key in ("../a", "/etc/passwd", "x/../../a"):
        with pytest.raises(DropMissing, match="does not lie below"):
            rig.storage.open(replace(drop, key=key))
        with pytest.raises(DropMissing, match="does not lie below"):
            rig.storage.remove(replace(drop, key=key))


def test_no_command_can_be_put_into_a_name(rig: FtpsRig) -> None:
    rig.put("a", b"1")
    drop = only(rig.storage.list_drops())

    with pytest.raises(DropUnreadable, match="a name with a line break"):
        rig.storage.open(replace(drop, key="a\r\nDELE a"))
    with pytest.raises(DropUnreadable, match="a name with a line break"):
        rig.storage.move(drop, "b\nDELE a")

    assert keys(rig.storage.list_drops()) == ["a"]


def test_a_name_with_a_line_break_cannot_be_read_and_the_others_can(rig: FtpsRig) -> None:
    rig.put("line\nbreak", b"1")
    rig.put("other", b"1")

    broken, other = rig.storage.list_drops()

    assert content(rig.storage, other) == b"1"
    with pytest.raises(DropUnreadable, match=r"line\\nbreak.*a name with a line break"):
        content(rig.storage, broken)


def test_odd_names_are_written_inside_the_spool_only(rig: FtpsRig, tmp_path: Path) -> None:
    names = ("..a", "a..", "%2E%2E/b", "not UTF-8 \udce9", "~", "-rf", "...", "*", "a b ")
    for name in names:
        rig.put(name, os.fsencode(name))
    spool = tmp_path / "spool"
    spool.mkdir()

    fetched = Fetcher(rig.storage, threads=2, max_bytes=1000).fetch(
        list(rig.storage.list_drops()), spool
    )

    assert len(fetched) == len(names)
    for one in fetched:
        assert one.path is not None
        assert one.path.parent == spool
        assert one.path.read_bytes() == os.fsencode(one.drop.key)
    assert list(tmp_path.iterdir()) == [spool]


# -- the server goes and comes back --------------------------------------------------------------


@pytest.mark.xdist_group(ftps.PROFTPD)
def test_a_server_that_was_restarted_between_listing_and_reading_is_read() -> None:
    with ftps.prepared_proftpd() as server:
        rig = FtpsRig(server)
        with closing(rig.storage):
            rig.put("a", b"content")
            patient = RetryingStorage(rig.storage, RetryPolicy(attempts=3, sleep=lambda _: None))
            with ftps.serving(server):
                drop = only(patient.list_drops())
            with pytest.raises(StorageUnavailable):
                patient.open(drop)
            with ftps.serving(server):
                assert content(patient, drop) == b"content"


# -- listings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "name", "is_folder"),
    [
        (b"-rw-r--r--    1 1000     1000           12 Nov 25 10:31 a b.csv", b"a b.csv", False),
        (b"-rw-r--r--+   1 ftp ftp 12 Jan  5  2024  leading", b" leading", False),
        (b"drwxr-sr-t    2 user     domain users 4096 Nov 25  2025 in", b"in", True),
        (b"-rw-rw-rw-   1 owner    group   5000000000 Feb 29 23:59 -> x", b"-> x", False),
        (b"01-05-26  10:00AM       <DIR>          in", b"in", True),
        (b"01-05-2026  10:00PM                   12 a b.csv", b"a b.csv", False),
    ],
)
def test_a_line_for_people_is_read(line: bytes, name: bytes, *, is_folder: bool) -> None:
    assert human_entry(line, "box") == Found(name, is_folder=is_folder, facts=None)


@pytest.mark.parametrize(
    "line",
    [
        b"total 12",
        b"drwxr-xr-x    2 0        0            4096 Nov 25 10:31 .",
        b"drwxr-xr-x    2 0        0            4096 Nov 25 10:31 ..",
        b"lrwxrwxrwx    1 0        0               7 Nov 25 10:31 link -> target",
        b"prw-r--r--    1 0        0               0 Nov 25 10:31 pipe",
    ],
)
def test_a_line_of_what_is_no_drop_is_left_out(line: bytes) -> None:
    assert human_entry(line, "box") is None


def test_a_line_that_cannot_be_made_out_stops_the_listing() -> None:
    with pytest.raises(AccessDenied, match=r"box: cannot make out b'break\.csv'"):
        human_entry(b"break.csv", "box")


def test_a_line_for_machines_is_read() -> None:
    line = b"Type=file;Size=12;Modify=20260105100000.25;UNIX.mode=0644;Unique=FD01U5; a; b=c"

    found = machine_entry(line, "box")

    facts = Facts(12, "20260105100000.25", "FD01U5")
    assert found == Found(b"a; b=c", is_folder=False, facts=facts)
    assert facts.modified == datetime(2026, 1, 5, 10, 0, 0, 250_000, tzinfo=UTC)
    assert facts.version == "12:20260105100000.25:FD01U5"


@pytest.mark.parametrize("kind", ["cdir", "pdir", "OS.unix=slink:/etc", "OS.unix=chr-1/3"])
def test_a_line_for_machines_of_what_is_no_drop_is_left_out(kind: str) -> None:
    assert machine_entry(f"type={kind};modify=20260105100000; x".encode(), "box") is None


@pytest.mark.parametrize(
    "facts", ["type=file;size=1", "type=file;modify=20260105100000", "type=file;size=x;modify=1"]
)
def test_a_server_that_tells_too_little_is_refused(facts: str) -> None:
    with pytest.raises(AccessDenied, match="box: the server tells no size or no time"):
        machine_entry(f"type=file;{facts}; a".encode(), "box")
