"""What a warehouse remembers of the keys of its pseudonyms."""

from __future__ import annotations

import pytest

from firehose_loader.errors import ConfigError
from firehose_loader.privacy import Keyring
from tests.rigs.warehouses import WarehouseRig

FIRST, SECOND = b"a key of sixteen bytes", b"another of sixteen bytes"


def test_keys_are_remembered_in_the_order_of_their_use_and_without_themselves(
    place: WarehouseRig,
) -> None:
    place.warehouse.prepare()

    place.warehouse.record_keys(Keyring("z", {"z": FIRST}).records())
    place.warehouse.record_keys(Keyring("a", {"a": SECOND, "z": FIRST}).records())
    known = place.reopen().keys()

    assert [record.key_id for record in known] == ["z", "a"]
    assert all(record.first_used_at for record in known)
    assert FIRST.decode() not in str(known)
    Keyring("z", {"z": FIRST, "b": SECOND}).check(known)


def test_a_key_id_that_is_known_keeps_its_key(place: WarehouseRig) -> None:
    place.warehouse.prepare()
    place.warehouse.record_keys(Keyring("z", {"z": FIRST}).records())

    place.warehouse.record_keys(Keyring("z", {"z": SECOND}).records())

    Keyring("z", {"z": FIRST}).check(place.warehouse.keys())
    with pytest.raises(ConfigError, match="'z' is not the one"):
        Keyring("z", {"z": SECOND}).check(place.warehouse.keys())


def test_a_warehouse_that_was_never_prepared_knows_no_key(place: WarehouseRig) -> None:
    assert list(place.warehouse.keys()) == []


def test_keys_keep_their_order_when_the_clock_jumps_back(place: WarehouseRig) -> None:
    place.warehouse.prepare()
    place.warehouse.record_keys(Keyring("z", {"z": FIRST}).records())
    place.execute(
        "UPDATE {schema}.\"_firehose_keys\" SET first_used_at = '2090-01-01 00:00:00'::TIMESTAMP"
    )

    place.warehouse.record_keys(Keyring("a", {"a": SECOND}).records())

    known = place.reopen().keys()
    assert [record.key_id for record in known] == ["z", "a"]
