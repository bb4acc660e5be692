"""Downloads: complete, verified, side by side, and never half there."""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
import zlib
from collections.abc import Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest
from awscrt import checksums  # type: ignore[import-untyped]

from firehose_loader import fetch as fetch_module
from firehose_loader.config import LocalSource
from firehose_loader.errors import (
    AccessDenied,
    ConfigError,
    DropDamaged,
    DropMissing,
    DropTooLarge,
    StorageUnavailable,
)
from firehose_loader.fetch import Fetched, Fetcher, fetch
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import Storage, StorageTraits
from firehose_loader.storage import open_storage
from tests.conftest import S3_SERVERS
from tests.doubles.faulty import FaultyStorage
from tests.rigs.proxy import Fault, FaultProxy
from tests.rigs.rig import CloudRig, Rig
from tests.rigs.s3 import PART_BYTES, S3Rig

MAX_BYTES = 10**9
CONTENT = os.urandom(1_000_000)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in parts what is not tiny, so that the tests need not be large."""
    monkeypatch.setattr(fetch_module, "PART_BYTES", 300_000)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    folder = tmp_path / "remote"
    folder.mkdir()
    return Remote(folder)


class Remote(FaultyStorage):
    """A folder that behaves as a bucket does: nothing is read in place, digests are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(open_storage(LocalSource(name="remote", url=str(folder))))
        self.folder = folder
        self.digests: dict[str, Digest] = {}

    @property
    def traits(self) -> StorageTraits:
        return StorageTraits(partial_files_visible=False, parallel_ranges=True)

    def put(self, key: str, content: bytes, digest: Digest | None = None) -> Drop:
        (self.folder / key).write_bytes(content)
        if digest:
            self.digests[key] = digest
        (drop,) = (drop for drop in self.list_drops() if drop.key == key)
        return drop

    def digest(self, drop: Drop) -> Digest | None:
        super().digest(drop)
        return self.digests.get(drop.key)

    def local_path(self, drop: Drop) -> Path | None:  # noqa: ARG002 - as the protocol has it
        return None


def batch(storage: Storage, drops: Sequence[Drop], spool: Path) -> list[Fetched]:
    return Fetcher(storage, threads=4, max_bytes=MAX_BYTES).fetch(drops, spool)


def md5(content: bytes) -> Digest:
    return Digest(algorithm="md5", hex=hashlib.md5(content, usedforsecurity=False).hexdigest())


def md5_parts(content: bytes, size: int) -> str:
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    return md5(b"".join(bytes.fromhex(md5(part).hex) for part in parts)).hex


# -- with real servers ---------------------------------------------------------------------------


def test_a_batch_becomes_readable_in_its_order(rig: Rig, spool: Path) -> None:
    contents = {f"in/{number:02}": bytes([number]) * number * 1000 for number in range(12)}
    contents |= {"in/large": CONTENT, "in/zero": b""}
    for key, content in contents.items():
        rig.put(key, content)
    drops = list(rig.storage.list_drops())[::-1]

    fetched = batch(rig.storage, drops, spool)

    assert [each.drop for each in fetched] == drops
    for each in fetched:
        assert each.path is not None
        assert each.path.read_bytes() == contents[each.drop.key]
        assert each.in_place == (rig.name == "local")
        unchecked = rig.name.startswith(("local", "sftp", "ftps"))  # they keep no checksums
        kept = {"s3-moto": "crc32", "gcs-fake": "crc32c"}.get(rig.name, "md5")
        expected = None if unchecked else kept
        assert each.verified_by == expected
    assert len(list(spool.iterdir())) == (0 if rig.name == "local" else len(drops))


def test_a_drop_that_cannot_be_had_does_not_keep_the_others(rig: Rig, spool: Path) -> None:
    for key in ("a", "b", "c"):
        rig.put(key, b"1")
    drops = list(rig.storage.list_drops())
    rig.remove("b")

    a, b, c = batch(rig.storage, drops, spool)

    assert isinstance(b.error, DropMissing)
    assert (a.error, b.path, c.error) == (None, None, None)


@pytest.mark.parametrize("size", [200_000, 1_000_000], ids=["whole", "in-parts"])
def test_a_byte_that_is_flipped_on_the_way_is_noticed_and_fetched_again(
    far_rig: CloudRig, proxy: FaultProxy, spool: Path, size: int
) -> None:
    far_rig.put("a", CONTENT[:size])
    drops = list(far_rig.storage.list_drops())
    proxy.arm(Fault(flip_at=100_000, times=1))

    (fetched,) = batch(far_rig.storage, drops, spool)

    assert fetched.path is not None
    assert fetched.path.read_bytes() == CONTENT[:size]
    assert fetched.verified_by in {"crc32", "crc32c", "md5"}


@pytest.mark.parametrize("size", [200_000, 1_000_000], ids=["whole", "in-parts"])
def test_bytes_that_are_always_flipped_are_damage_and_leave_no_file(
    cloud_rig: CloudRig, spool: Path, size: int
) -> None:
    cloud_rig.put("a", CONTENT[:size])
    storage = FaultyStorage(cloud_rig.storage)
    storage.flip(100_000, times=2)

    (fetched,) = batch(storage, list(storage.list_drops()), spool)

    assert isinstance(fetched.error, DropDamaged)
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("cloud", S3_SERVERS, indirect=True)
def test_a_flipped_byte_of_a_multipart_upload_is_noticed(
    far_rig: CloudRig, proxy: FaultProxy, spool: Path
) -> None:
    assert isinstance(far_rig, S3Rig)
    parts = [CONTENT * 5 + b"x" * (PART_BYTES - 5_000_000), CONTENT]
    far_rig.put_in_parts("a", parts)
    drops = list(far_rig.storage.list_drops())
    proxy.arm(Fault(flip_at=100_000, times=1))

    (fetched,) = batch(far_rig.storage, drops, spool)

    assert fetched.path is not None
    assert fetched.path.read_bytes() == b"".join(parts)
    assert fetched.verified_by == "md5-parts"


def test_parts_of_an_unusual_size_are_verified_by_a_second_transfer(
    s3_rig: S3Rig, spool: Path
) -> None:
    parts = [b"x" * (PART_BYTES + 123_456), CONTENT[:1000]]
    s3_rig.put_in_parts("a", parts)
    drops = list(s3_rig.storage.list_drops())

    (fetched,) = batch(s3_rig.storage, drops, spool)

    assert fetched.path is not None
    assert fetched.path.read_bytes() == b"".join(parts)
    assert fetched.verified_by == "second transfer"


# -- verifying -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "digest",
    [
        md5(CONTENT),
        Digest(algorithm="sha1", hex=hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest()),
        Digest(algorithm="sha256", hex=hashlib.sha256(CONTENT).hexdigest()),
        Digest(algorithm="crc32", hex=f"{zlib.crc32(CONTENT):08x}"),
        Digest(algorithm="crc32c", hex=f"{checksums.crc32c(CONTENT):08x}"),
        Digest(algorithm="crc64nvme", hex=f"{checksums.crc64nvme(CONTENT):016x}"),
        Digest(
            algorithm="md5-parts", hex=md5_parts(CONTENT, 123_457), part_bytes=(10_000, 123_457)
        ),
        Digest(algorithm="md5-parts", hex=md5_parts(CONTENT, 250_000), part_bytes=(250_000,)),
    ],
    ids=lambda digest: f"{digest.algorithm}-{len(digest.part_bytes)}",
)
def test_every_kind_of_digest_is_checked(digest: Digest, remote: Remote, spool: Path) -> None:
    good = remote.put("good", CONTENT, digest)
    bad = remote.put("bad", CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]), digest)

    fetched = fetch(remote, good, spool / "good", max_bytes=MAX_BYTES)
    with pytest.raises(DropDamaged, match=rf"'bad'.*{digest.hex}"):
        fetch(remote, bad, spool / "bad", max_bytes=MAX_BYTES)

    assert fetched == Fetched(drop=good, path=spool / "good", verified_by=digest.algorithm)
    assert [path.name for path in spool.iterdir()] == ["good"]


def test_the_checksums_are_those_of_their_specifications(remote: Remote, spool: Path) -> None:
    check_values = {
        "crc32": "cbf43926",
        "crc32c": "e3069283",
        "crc64nvme": "ae8b14860a799888",
        "md5": "25f9e794323b453885f5181f1b624d0b",
    }
    for algorithm, value in check_values.items():
        drop = remote.put(algorithm, b"123456789", Digest(algorithm=algorithm, hex=value))

        fetched = fetch(remote, drop, spool / algorithm, max_bytes=MAX_BYTES)

        assert fetched.verified_by == algorithm


def test_a_drop_without_a_digest_is_fetched_once_and_said_to_be_unverified(
    remote: Remote, spool: Path
) -> None:
    drop = remote.put("a", b"content")

    fetched = fetch(remote, drop, spool / "a", max_bytes=MAX_BYTES)

    assert (fetched.verified_by, remote.calls["open"]) == (None, 1)


def test_a_digest_that_nobody_can_compute_here_verifies_nothing(
    remote: Remote, spool: Path
) -> None:
    drop = remote.put("a", b"content", Digest(algorithm="xxhash3", hex="00"))

    assert fetch(remote, drop, spool / "a", max_bytes=MAX_BYTES).verified_by is None


@pytest.mark.parametrize("flips", [1, 2])
def test_where_parts_are_guessed_two_transfers_must_agree(
    flips: int, remote: Remote, spool: Path
) -> None:
    guess = Digest(
        algorithm="md5-parts", hex=md5_parts(CONTENT, 7), part_bytes=(8, 9), guessed=True
    )
    sound = remote.put("sound", CONTENT[:100], guess)
    flipped = remote.put("flipped", CONTENT[:100], guess)

    fetched = fetch(remote, sound, spool / "sound", max_bytes=MAX_BYTES)
    for offset in range(flips):
        remote.flip(10 * offset)
    with pytest.raises(DropDamaged):
        fetch(remote, flipped, spool / "flipped", max_bytes=MAX_BYTES)

    assert fetched.verified_by == "second transfer"


# -- limits and ends -----------------------------------------------------------------------------


def test_a_drop_that_is_too_large_is_not_read(remote: Remote, spool: Path) -> None:
    drop = remote.put("a", b"12345")

    with pytest.raises(DropTooLarge, match="max_file_bytes"):
        fetch(remote, drop, spool / "a", max_bytes=4)
    (fetched,) = Fetcher(remote, threads=1, max_bytes=4).fetch([drop], spool)

    assert isinstance(fetched.error, DropTooLarge)
    assert remote.calls["open"] == 0


def test_a_drop_in_place_is_limited_too(tmp_path: Path, spool: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(b"12345")
    storage = open_storage(LocalSource(name="local", url=str(tmp_path / "in")))

    (fetched,) = Fetcher(storage, threads=1, max_bytes=4).fetch(list(storage.list_drops()), spool)

    assert isinstance(fetched.error, DropTooLarge)


def test_drops_in_place_are_left_once_it_is_stopped(tmp_path: Path, spool: Path) -> None:
    (tmp_path / "drop.csv").write_bytes(b"content")
    storage = open_storage(LocalSource(name="folder", url=str(tmp_path)))
    fetcher = Fetcher(storage, threads=2, max_bytes=100, max_spool_bytes=100)
    fetcher.stop()

    with pytest.raises(CancelledError):
        fetcher.fetch(list(storage.list_drops()), spool)


@pytest.mark.parametrize("size", [100, 1_000_000], ids=["whole", "in-parts"])
def test_a_failed_fetch_leaves_nothing(size: int, remote: Remote, spool: Path) -> None:
    drop = remote.put("a", CONTENT[:size])
    remote.fail("open", StorageUnavailable("cut"), after=50)

    with ThreadPoolExecutor(2) as pool, pytest.raises(StorageUnavailable, match="cut"):
        fetch(remote, drop, spool / "a", max_bytes=MAX_BYTES, pool=pool)

    assert list(spool.iterdir()) == []


def test_a_refusal_stops_the_batch(remote: Remote, spool: Path) -> None:
    drops = [remote.put(f"{number}", b"1") for number in range(50)]
    remote.fail("open", AccessDenied("no more"), times=50)

    with pytest.raises(AccessDenied, match="no more"):
        batch(remote, drops, spool)

    assert list(spool.iterdir()) == []


def test_a_storage_that_is_down_is_not_asked_for_every_drop(remote: Remote, spool: Path) -> None:
    drops = [remote.put(f"{number:02}", b"1") for number in range(60)]
    remote.fail("open", StorageUnavailable("down"), times=60)

    fetched = batch(remote, drops, spool)

    assert all(isinstance(each.error, StorageUnavailable) for each in fetched)
    assert "was not asked for" in str(fetched[-1].error)
    assert remote.calls["open"] < 10


def test_failures_in_between_do_not_stop_the_others(remote: Remote, spool: Path) -> None:
    drops = [remote.put(f"{number:02}", b"1") for number in range(20)]
    remote.fail("open", StorageUnavailable("down"))
    remote.fail("open", StorageUnavailable("down"))

    fetched = batch(remote, drops, spool)

    assert sum(each.error is None for each in fetched) == 18


@pytest.mark.parametrize("size", [100, 1_000_000], ids=["whole", "in-parts"])
def test_an_interrupt_leaves_nothing_half_there(size: int, remote: Remote, spool: Path) -> None:
    interrupted = Interrupting(remote.folder)
    drops = [interrupted.put(f"{number}", CONTENT[:size]) for number in range(6)]

    with pytest.raises(KeyboardInterrupt):
        batch(interrupted, drops, spool)

    assert [path for path in spool.iterdir() if path.suffix == ".part"] == []
    assert {path.stat().st_size for path in spool.iterdir()} <= {size}
    assert not [each for each in threading.enumerate() if each.name.startswith("fetch")]


class Interrupting(Remote):
    """A storage during whose third answer the user presses Ctrl-C."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._answers = itertools.count(1)

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        if next(self._answers) == 3:
            raise KeyboardInterrupt
        return super().open(drop, start=start, end=end)


def test_a_spool_that_cannot_be_written_is_a_mistake_in_the_configuration(
    remote: Remote, spool: Path
) -> None:
    drop = remote.put("a", b"1")

    with pytest.raises(ConfigError, match="spool"):
        batch(remote, [drop], spool / "nowhere")


def test_a_target_is_replaced(remote: Remote, spool: Path) -> None:
    drop = remote.put("a", b"new")
    (spool / "a").write_bytes(b"old and longer")

    fetch(remote, drop, spool / "a", max_bytes=MAX_BYTES)

    assert (spool / "a").read_bytes() == b"new"
