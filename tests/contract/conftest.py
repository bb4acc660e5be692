"""A storage or a warehouse of its own for each test of the contract, once for every kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from firehose_loader.protocols import Storage
from tests.conftest import new_rig
from tests.contract.wrappers import COMBINATIONS, wrapped
from tests.feed import Feed
from tests.rigs.rig import Rig
from tests.rigs.warehouses import WAREHOUSES, WarehouseRig, new_warehouse_rig


@pytest.fixture(params=COMBINATIONS, ids="-".join)
def combination(request: pytest.FixtureRequest) -> tuple[str, str]:
    combination: tuple[str, str] = request.param
    return combination


@pytest.fixture
def rig(
    combination: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Rig]:
    rig = new_rig(combination[0], request, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def storage(combination: tuple[str, str], rig: Rig) -> Storage:
    return wrapped(rig.storage, combination[1])


@pytest.fixture
def tidier(combination: tuple[str, str], rig: Rig) -> Storage:
    return wrapped(rig.tidier, combination[1])


@pytest.fixture(params=WAREHOUSES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WarehouseRig]:
    rig = new_warehouse_rig(request.param, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    return Feed(place, tmp_path)
