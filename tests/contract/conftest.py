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
from tests.rigs import snowflake, snowflake_account
from tests.rigs.rig import Rig
from tests.rigs.snowflake import SnowflakeAccount, SnowflakeRig
from tests.rigs.snowflake_account import RealAccount
from tests.rigs.warehouses import WAREHOUSES, WarehouseRig, new_warehouse_rig

_WHOLE_ONLY = (
    "_changed.py",
    "_held.py",
    "_listing.py",
    "_archive.py",
    "_identity.py",
    "_activity.py",
)
"""Parts of the contract whose statements the twin test runs on the double, too."""
_TOO_DEAR = (
    "_fails_at_any_statement_",
    "_hundred_thousand_",
    # Of what becomes too old the others run the same statements.
    "_portions_are_as_large_",
    "_loaded_again_has_its_rows_but_the_old_ones",
    "_what_would_go_is_told_",
    "_only_what_is_chosen_goes",
    "_times_only_move_on",
    "_becomes_too_old_while_",
    # Where others make the tables, they fail before a statement of Snowflake's own.
    "_needs_a_column_leaves_nothing_",
    "_views_are_told_and_not_made",
)


@pytest.hookimpl(tryfirst=True)  # before they are shuffled
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have most of the contract run once on Snowflake's double; WHOLE_CONTRACT=1: all of it.

    Every statement is a request there and is translated: a test takes ten times as long. So of the
    variations of what is loaded it gets the first one, and some parts only with all.
    """
    if os.environ.get("WHOLE_CONTRACT"):
        return
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    seen: set[str] = set()
    for item in items:
        if not _is_on_double(item):
            kept.append(item)
            continue
        name, _, _ = item.nodeid.partition("[")
        dear = name in seen or any(part in name for part in (*_WHOLE_ONLY, *_TOO_DEAR))
        seen.add(name)
        (left_out if dear else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def _is_on_double(item: pytest.Item) -> bool:
    params = getattr(getattr(item, "callspec", None), "params", {})
    return params.get("place") == snowflake.NAME


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


_ACCOUNTS = [snowflake_account.NAME] if snowflake_account.is_named() else []


@pytest.fixture(params=[*WAREHOUSES, snowflake.NAME, *_ACCOUNTS])
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
        account = SnowflakeAccount(request.getfixturevalue(snowflake.NAME))
        return SnowflakeRig(name, account, folder)
    if name == snowflake_account.NAME:
        return SnowflakeRig(name, RealAccount(), folder)
    return new_warehouse_rig(name, folder)


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    return Feed(place, tmp_path)
