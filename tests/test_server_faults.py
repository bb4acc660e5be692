"""What networks do to the answers of file servers: it is told as it is, and patience mends it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import TypeAlias

import pytest

from firehose_loader.errors import DropChanged, StorageUnavailable
from firehose_loader.protocols import Storage
from firehose_loader.retry import RetryPolicy
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from tests.rigs import ftps, sshd
from tests.rigs.ftps import FtpServer, FtpsRig
from tests.rigs.proxy import Fault, FaultProxy
from tests.rigs.rig import only
from tests.rigs.sshd import SftpRig, SshServer

FarRig: TypeAlias = SftpRig | FtpsRig
CONTENT = os.urandom(1_000_000)
BROKEN = {
    "ended": Fault(cut_after=300_000),
    "reset": Fault(cut_after=300_000, reset=True),
    "silent": Fault(stall_after=600_000),
}
TIMEOUT = 2
FAR = "127.0.0.2"
FILE_SERVERS = (sshd.NAME, ftps.PROFTPD)
"""One for each protocol."""


@pytest.fixture(params=[*FILE_SERVERS, pytest.param(ftps.VSFTPD, marks=pytest.mark.long)])
def server(request: pytest.FixtureRequest) -> SshServer | FtpServer:
    server: SshServer | FtpServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def proxy(server: SshServer | FtpServer) -> Iterator[FaultProxy]:
    # FTP takes a connection for each listing and each file: there the proxy stands before all of
    # the server's ports.
    ports = (server.port, *server.transfer_ports) if isinstance(server, FtpServer) else ()
    with FaultProxy(f"tcp://127.0.0.1:{server.port}", ports=ports, host=FAR) as proxy:
        yield proxy


@pytest.fixture
def far_rig(server: SshServer | FtpServer, proxy: FaultProxy) -> Iterator[FarRig]:
    """A folder whose storage reads through ``proxy``; the sender writes to it directly."""
    rig: FarRig
    if isinstance(server, FtpServer):
        rig = FtpsRig(server, host=FAR)
    else:
        rig = SftpRig(server, at=proxy.endpoint.removeprefix("http://"))
    yield rig
    rig.close()


@pytest.fixture
def storage(far_rig: FarRig) -> Iterator[Storage]:
    """A storage that takes a little silence for the end."""
    with closing(open_storage(far_rig.source(timeout=TIMEOUT))) as storage:
        yield storage


@pytest.fixture
def patient(storage: Storage) -> Storage:
    return RetryingStorage(storage, RetryPolicy(attempts=3, sleep=lambda _: None))


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_a_read_that_breaks_is_never_taken_for_the_end(
    far_rig: FarRig, proxy: FaultProxy, storage: Storage, fault: Fault
) -> None:
    far_rig.put("in/a", CONTENT)
    drop = only(storage.list_drops())
    proxy.arm(fault)

    with storage.open(drop) as file, pytest.raises(StorageUnavailable, match="in/a"):
        file.read()
    with storage.open(drop, start=10, end=900_000) as file, pytest.raises(StorageUnavailable):
        file.read()


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_a_read_that_breaks_goes_on_where_it_stopped(
    far_rig: FarRig, proxy: FaultProxy, patient: Storage, fault: Fault
) -> None:
    far_rig.put("a", CONTENT)
    drop = only(patient.list_drops())
    proxy.arm(fault)

    # The fault strikes every connection: only going on, and never starting anew, can succeed.
    with patient.open(drop) as file:
        assert file.read() == CONTENT


def test_a_connection_that_is_reset_every_64_kilobytes_brings_it_all(
    far_rig: FarRig, proxy: FaultProxy, patient: Storage
) -> None:
    far_rig.put("a", CONTENT[:400_000])
    drop = only(patient.list_drops())
    proxy.arm(Fault(cut_after=2**16, reset=True))

    with patient.open(drop) as file:
        assert file.read() == CONTENT[:400_000]


def test_a_read_that_goes_on_does_not_mix_two_versions(
    far_rig: FarRig, proxy: FaultProxy, patient: Storage
) -> None:
    far_rig.put("a", CONTENT)
    drop = only(patient.list_drops())
    proxy.arm(Fault(cut_after=300_000, times=1))

    with patient.open(drop) as file:
        file.read(1000)
        far_rig.put("a", os.urandom(len(CONTENT)))
        with pytest.raises(DropChanged):
            file.read()


def test_a_server_that_falls_silent_is_unavailable_and_not_waited_for_for_ever(
    far_rig: FarRig, proxy: FaultProxy, storage: Storage
) -> None:
    far_rig.put("a", b"1")
    drop = only(storage.list_drops())
    proxy.arm(Fault(stall_after=0))

    with pytest.raises(StorageUnavailable):
        next(storage.list_drops())
    with pytest.raises(StorageUnavailable):
        storage.open(drop)


def test_a_server_that_hangs_up_is_unavailable(
    far_rig: FarRig, proxy: FaultProxy, storage: Storage
) -> None:
    far_rig.put("a", b"1")
    drop = only(storage.list_drops())
    proxy.arm(Fault(refuse=True))

    with pytest.raises(StorageUnavailable):
        next(storage.list_drops())
    with pytest.raises(StorageUnavailable):
        storage.confirm(drop)


def test_a_slow_network_is_no_fault(far_rig: FarRig, proxy: FaultProxy, storage: Storage) -> None:
    far_rig.put("a", CONTENT)
    proxy.arm(Fault(latency_seconds=0.01))

    drop = only(storage.list_drops())
    with storage.open(drop) as file:
        assert file.read() == CONTENT


@pytest.mark.parametrize(
    "fault",
    [
        Fault(cut_after=8_000, times=1),
        Fault(cut_after=8_000, reset=True, times=1),
        Fault(stall_after=8_000, times=1),
        Fault(refuse=True, times=2),
    ],
    ids=["ended", "reset", "silent", "refused"],
)
def test_a_listing_that_breaks_misses_nothing_and_repeats_nothing(
    far_rig: FarRig, proxy: FaultProxy, patient: Storage, fault: Fault
) -> None:
    keys = [f"{number // 40}/{'x' * 200}{number:03}" for number in range(80)]
    for key in keys:
        far_rig.put(key, b"1")
    proxy.arm(fault)

    assert [drop.key for drop in patient.list_drops()] == keys


def test_a_damaged_byte_is_never_read(far_rig: FarRig, proxy: FaultProxy, patient: Storage) -> None:
    far_rig.put("a", CONTENT)
    drop = only(patient.list_drops())
    proxy.arm(Fault(flip_at=500_000, times=1))

    with patient.open(drop) as file:
        assert file.read() == CONTENT


def test_patience_ends(far_rig: FarRig, proxy: FaultProxy, patient: Storage) -> None:
    far_rig.put("a", CONTENT)
    drop = only(patient.list_drops())
    proxy.arm(Fault(cut_after=0))

    with pytest.raises(StorageUnavailable):
        list(patient.list_drops())
    with pytest.raises(StorageUnavailable):
        patient.open(drop)
