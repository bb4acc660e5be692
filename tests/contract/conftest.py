"""A storage or a warehouse of its own for each test of the contract, once for every kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from firehose_loader.protocols import Storage
from tests.conftest import new_rig
from tests.contract.wrappers import COMBINATIONS, wrapped
from tests.feed import Feed
from tests.rigs import snowflake
from tests.rigs.rig import Rig
from tests.rigs.snowflake import SnowflakeRig
from tests.rigs.warehouses import WAREHOUSES, WarehouseRig, new_warehouse_rig

_ON_SNOWFLAKE = {
    f"test_warehouse{part}"
    for part in (
        "",
        "_accounts",
        "_atomicity",
        "_figures",
        "_ledger",
        "_quarantine",
        "_undo",
        "_upsert",
        "_versions",
    )
}
_TOO_DEAR = ("_fails_at_any_statement_", "_order_of_drops_and_batches_")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on Snowflake's double what takes long there; WHOLE_CONTRACT=1 leaves out nothing.

    Every statement is a request there and is translated: a test takes ten times as long. What is
    left tries every method of the contract, without all the variations of what is loaded.
    """
    if os.environ.get("WHOLE_CONTRACT"):
        return
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        dear = params.get("place") == snowflake.NAME and (
            len(params) > 1
            or item.path.stem not in _ON_SNOWFLAKE
            or any(part in item.name for part in _TOO_DEAR)
        )
        (left_out if dear else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


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


@pytest.fixture(params=[*WAREHOUSES, snowflake.NAME])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WarehouseRig]:
    rig = _new_place(request.param, request, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def another_place(
    place: WarehouseRig, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WarehouseRig]:
    """A second place of the same kind."""
    rig = _new_place(place.name, request, tmp_path_factory.mktemp("another"))
    yield rig
    rig.close()


def _new_place(name: str, request: pytest.FixtureRequest, folder: Path) -> WarehouseRig:
    if name == snowflake.NAME:
        return SnowflakeRig(request.getfixturevalue(snowflake.NAME), folder)
    return new_warehouse_rig(name, folder)


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    return Feed(place, tmp_path)
