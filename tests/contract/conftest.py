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
    # What is hashed, parsed or refused before there is a statement.
    "_an_address_has_one_hash_",
    "_hashes_are_those_that_anyone_",
    "_name_of_a_row_without_an_id_does_not_",
    "_rejected_rows_are_kept_",
    "_is_rejected_as_a_whole_",
    "_an_empty_row_is_set_aside",
    "_batch_of_one_empty_row_",
    "_drop_without_rows_is_loaded",
    "_rows_keep_their_numbers_when_",
    # The statements of others, which run here, with other rows.
    "_order_of_drops_and_batches_makes_",
    "_equal_content_is_not_rewritten",
    "_newer_version_without_a_value_",
    "_older_version_never_replaces_",
    "_of_one_batch_the_newest_version_",
    "_new_column_comes_with_the_newer_",
    "_rows_without_an_id_are_facts_",
    "_same_rows_in_another_drop_",
    "_of_two_rows_of_one_event_",
    "_one_view_shows_the_events_",
    "_what_is_not_hashed_still_makes_",
    "_rows_without_an_id_that_come_again_",
    "_another_sources_drops_",
    "_ledger_come_in_pages_",
    "_each_event_type_grows_",
    "_every_failure_counts_",
    "_new_content_under_a_known_key_",
    "_preparing_makes_the_loaders_",
    "_field_that_is_never_filled_",
    "_is_recorded_with_its_first_drop",
    "_load_that_takes_too_long_",
    "_load_is_still_there_when_",
    "_stays_as_long_as_one_of_its_",
    "_whom_nothing_names_",
    "_nothing_is_accepted_while_",
    "_held_rows_tell_all_",
    "_column_never_becomes_narrower",
    "_new_model_has_a_table_",
    "_each_row_of_a_drop_has_its_account",
    "_what_was_undone_accounts_for_",
    "_names_beside_tables_",
    "_column_that_is_left_out_later_",
    "_figures_tell_what_became_",
    "_left_out_while_none_of_its_tables_",
    "_late_by_the_hours_",
    # Previews: that what is done is undone, an atomic load shows.
    "_would_be_removed_is_told_",
    "_preview_tells_what_a_retry_",
    "_preview_of_an_undo_",
)

_GROUP = pytest.mark.xdist_group("contract")
"""Added to that of the double: so the contract has a server of its own, beside all other tests."""


@pytest.hookimpl(tryfirst=True)  # before they are shuffled
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have most of the contract run once on Snowflake's double; WHOLE_CONTRACT=1: all of it.

    Every statement is a request there and is translated: a test takes ten times as long. So of the
    variations of what is loaded it gets the first one, and some parts only with all.
    """
    whole = os.environ.get("WHOLE_CONTRACT")
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    seen: set[str] = set()
    for item in items:
        if not _is_on_double(item):
            kept.append(item)
            continue
        item.add_marker(_GROUP)
        name, _, _ = item.nodeid.partition("[")
        is_long = item.get_closest_marker("long") is not None  # another of its kind is taken
        dear = is_long or any(part in name for part in (*_WHOLE_ONLY, *_TOO_DEAR))
        dear = dear or name in seen
        if not is_long:
            seen.add(name)
        (left_out if dear and not whole else kept).append(item)
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
