"""What networks do to an object store's answers: told as it is, and patience mends it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from firehose_loader.errors import DropChanged, StorageUnavailable
from firehose_loader.protocols import Storage
from firehose_loader.retry import RetryPolicy
from firehose_loader.storage.retrying import RetryingStorage
from tests.conftest import CLOUDS, CloudServer
from tests.rigs import radosgw
from tests.rigs.proxy import Fault, FaultProxy
from tests.rigs.rig import CloudRig

CONTENT = os.urandom(1_000_000)
BROKEN = {
    "ended": Fault(cut_after=300_000),
    "reset": Fault(cut_after=300_000, reset=True),
    "silent": Fault(stall_after=600_000),
}


@pytest.fixture(
    params=[
        *(one for one in CLOUDS if one != radosgw.NAME),
        pytest.param(radosgw.NAME, marks=pytest.mark.long),  # reached as the other S3 is
    ]
)
def cloud(request: pytest.FixtureRequest) -> CloudServer:
    """Each server of an object store that speaks plain HTTP."""
    server: CloudServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def storage(far_rig: CloudRig) -> Iterator[Storage]:
    """A storage behind the proxy that takes a second of silence for the end."""
    with closing(far_rig.impatient(1)) as storage:
        yield storage


@pytest.fixture
def patient(storage: Storage) -> Storage:
    return RetryingStorage(storage, RetryPolicy(attempts=3, sleep=lambda _: None))


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_a_read_that_breaks_is_never_taken_for_the_end(
    far_rig: CloudRig, proxy: FaultProxy, storage: Storage, fault: Fault
) -> None:
    far_rig.put("in/a", CONTENT)
    (drop,) = storage.list_drops()
    proxy.arm(fault)

    with storage.open(drop) as file, pytest.raises(StorageUnavailable, match="in/a"):
        file.read()
    with storage.open(drop, start=10, end=900_000) as file, pytest.raises(StorageUnavailable):
        file.read()


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_a_read_that_breaks_goes_on_where_it_stopped(
    far_rig: CloudRig, proxy: FaultProxy, patient: Storage, fault: Fault
) -> None:
    far_rig.put("a", CONTENT)
    (drop,) = patient.list_drops()
    proxy.arm(fault)

    # The fault strikes every connection: only going on, and never starting anew, can succeed.
    with patient.open(drop) as file:
        assert file.read() == CONTENT


def test_a_connection_that_is_reset_every_64_kilobytes_still_brings_everything(
    far_rig: CloudRig, proxy: FaultProxy, patient: Storage
) -> None:
    far_rig.put("a", CONTENT)
    (drop,) = patient.list_drops()
    proxy.arm(Fault(cut_after=64 * 2**10, reset=True))

    with patient.open(drop) as file:
        assert file.read() == CONTENT


def test_a_read_that_goes_on_does_not_mix_two_versions(
    far_rig: CloudRig, proxy: FaultProxy, patient: Storage
) -> None:
    far_rig.put("a", CONTENT)
    (drop,) = patient.list_drops()
    proxy.arm(Fault(cut_after=300_000, times=1))

    with patient.open(drop) as file:
        file.read(1000)
        far_rig.put("a", os.urandom(len(CONTENT)))
        with pytest.raises(DropChanged):
            file.read()


def test_an_endpoint_that_falls_silent_is_unavailable_and_not_waited_for_for_ever(
    far_rig: CloudRig, proxy: FaultProxy, storage: Storage
) -> None:
    far_rig.put("a", b"1")
    (drop,) = storage.list_drops()
    proxy.arm(Fault(stall_after=0))

    with pytest.raises(StorageUnavailable):
        next(storage.list_drops())
    with pytest.raises(StorageUnavailable):
        storage.open(drop)


def test_an_endpoint_that_hangs_up_is_unavailable(
    far_rig: CloudRig, proxy: FaultProxy, storage: Storage
) -> None:
    far_rig.put("a", b"1")
    (drop,) = storage.list_drops()
    proxy.arm(Fault(refuse=True))

    with pytest.raises(StorageUnavailable):
        next(storage.list_drops())
    with pytest.raises(StorageUnavailable):
        storage.confirm(drop)


def test_a_slow_network_is_no_fault(far_rig: CloudRig, proxy: FaultProxy, storage: Storage) -> None:
    far_rig.put("a", CONTENT)
    proxy.arm(Fault(latency_seconds=0.01))

    (drop,) = storage.list_drops()
    with storage.open(drop) as file:
        assert file.read() == CONTENT


@pytest.mark.parametrize(
    "fault",
    [
        Fault(cut_after=2000, times=1),
        Fault(cut_after=2000, reset=True, times=1),
        Fault(stall_after=2000, times=1),
        Fault(refuse=True, times=2),
    ],
    ids=["ended", "reset", "silent", "refused"],
)
def test_a_listing_that_breaks_misses_nothing_and_repeats_nothing(
    far_rig: CloudRig, proxy: FaultProxy, patient: Storage, fault: Fault
) -> None:
    keys = [f"{number:03}" for number in range(30)]
    for key in keys:
        far_rig.put(key, b"1")
    proxy.arm(fault)

    assert [drop.key for drop in patient.list_drops()] == keys


def test_patience_ends(far_rig: CloudRig, proxy: FaultProxy, patient: Storage) -> None:
    far_rig.put("a", CONTENT)
    (drop,) = patient.list_drops()
    proxy.arm(Fault(cut_after=0))

    with pytest.raises(StorageUnavailable):
        list(patient.list_drops())
    with pytest.raises(StorageUnavailable):
        patient.open(drop)
