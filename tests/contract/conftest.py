"""A warehouse of its own for each test of the contract, once for every kind of warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.feed import Feed
from tests.rigs.warehouses import WAREHOUSES, WarehouseRig, new_warehouse_rig


@pytest.fixture(params=WAREHOUSES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WarehouseRig]:
    rig = new_warehouse_rig(request.param, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    return Feed(place, tmp_path)
