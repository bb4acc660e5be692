"""What every warehouse makes of runs that claim sources."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest

from firehose_loader.protocols import SourceClaims
from tests.rigs.warehouses import WarehouseRig

LEASE = timedelta(minutes=5)
ELSEWHERE = "another-machine:17"


@pytest.fixture
def claims(place: WarehouseRig) -> SourceClaims:
    place.warehouse.prepare()
    return place.warehouse.claims()


def held_by(place: WarehouseRig, holder: str) -> None:
    place.execute(f"UPDATE {{schema}}._firehose_claims SET holder = '{holder}'")


def claimed(place: WarehouseRig) -> list[str]:
    rows = place.execute("SELECT source, run_id FROM {schema}._firehose_claims")
    return sorted(f"{row['source']} {row['run_id']}" for row in rows)


def test_a_claimed_source_is_refused_to_others_until_it_is_given_up(
    place: WarehouseRig, claims: SourceClaims
) -> None:
    assert claims.take(["a", "b"], run_id="one", lease=LEASE) is None

    other = claims.take(["b", "c"], run_id="two", lease=LEASE)

    assert other is not None
    assert (other.source, other.run_id) == ("b", "one")
    assert other.holder == f"{socket.gethostname()}:{os.getpid()}"
    assert other.expires_at - other.since == LEASE
    assert claimed(place) == ["a one", "b one"]
    assert claims.take(["c"], run_id="three", lease=LEASE) is None
    claims.end("one")
    assert claims.take(["b"], run_id="two", lease=LEASE) is None
    claims.end("two")
    claims.end("three")
    assert claimed(place) == []


def test_a_claim_that_nobody_renews_runs_out(place: WarehouseRig, claims: SourceClaims) -> None:
    assert claims.take(["a"], run_id="one", lease=timedelta(seconds=-1)) is None
    held_by(place, ELSEWHERE)

    assert claims.take(["a"], run_id="two", lease=timedelta(seconds=-1)) is None
    held_by(place, ELSEWHERE)
    assert claimed(place) == ["a two"]
    claims.renew("two", lease=LEASE)
    other = claims.take(["a"], run_id="three", lease=LEASE)

    assert other is not None
    assert (other.run_id, other.holder) == ("two", ELSEWHERE)


def test_a_claim_of_a_dead_process_of_this_machine_counts_for_nothing(
    place: WarehouseRig, claims: SourceClaims
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait(60)
    assert claims.take(["a"], run_id="one", lease=LEASE) is None
    held_by(place, f"{socket.gethostname()}:{dead.pid}")

    assert claims.take(["a"], run_id="two", lease=LEASE) is None

    assert claimed(place) == ["a two"]


def test_a_claim_of_a_living_process_of_this_machine_counts(
    place: WarehouseRig, claims: SourceClaims
) -> None:
    assert claims.take(["a"], run_id="one", lease=LEASE) is None
    held_by(place, f"{socket.gethostname()}:{os.getppid()}")

    assert claims.take(["a"], run_id="two", lease=LEASE) is not None
