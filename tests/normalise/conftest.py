"""A warehouse of its own for each test of normalising, whose engine it brings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.feed import Feed
from tests.rigs.warehouses import WAREHOUSES, WarehouseRig, new_warehouse_rig
from tests.schema_documents import a_document, write

SHARED = "../common/1-0-0.json#/$defs/"
TYPES = {
    "whole": {"type": ["integer", "null"]},
    "real": {"type": ["number", "null"]},
    "flag": {"type": ["boolean", "null"]},
    "moment": {"type": ["string", "null"], "format": "date-time"},
    "day": {"type": ["string", "null"], "format": "date"},
    "thing": {"type": ["object", "null"]},
    "words": {"type": ["string", "null"]},
}
"""One field of each type."""


@pytest.fixture(params=WAREHOUSES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WarehouseRig]:
    rig = new_warehouse_rig(request.param, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    return Feed(place, tmp_path)


@pytest.fixture
def feed_of_each_type(place: WarehouseRig, tmp_path: Path) -> Feed:
    document = a_document(
        properties={
            "eventId": {"$ref": f"{SHARED}eventId"},
            "eventDate": {"$ref": f"{SHARED}eventDate"},
            **TYPES,
        }
    )
    write(tmp_path / "schemas", document)
    return Feed(place, tmp_path, schemas=tmp_path / "schemas")
