from __future__ import annotations

from itertools import pairwise

import pytest
from msgspec.structs import replace

from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.evolve import (
    LEAST,
    WIDER,
    Kind,
    Step,
    breaches,
    changes,
    raised,
    step,
    widens,
)
from firehose_loader.schema.model import EventSchema, Field, FieldType, Version
from tests.schema_documents import VERSIONS

ID = Field(name="eventId", column="event_id", type=FieldType.TEXT, aliases=("id", "guid"))
TOTAL = Field(name="total", column="total", type=FieldType.INTEGER)
SIZE = Field(name="size", column="size", type=FieldType.TEXT)
OLD = EventSchema(event_type="shop.order", version=Version(1, 0, 0), fields=(ID, TOTAL))


def with_fields(*fields: Field) -> EventSchema:
    return replace(OLD, fields=fields)


# Each: the new version, what it does, and the smallest step that may do it.
CHANGES: dict[str, tuple[EventSchema, list[Kind], Step]] = {
    "a new field": (with_fields(ID, TOTAL, SIZE), [Kind.FIELD_ADDED], Step.ADDITION),
    "better evidence": (
        with_fields(ID, replace(TOTAL, evidence="known")),
        [Kind.EVIDENCE_CHANGED],
        Step.ADDITION,
    ),
    "another description": (
        with_fields(ID, replace(TOTAL, description="?")),
        [],
        Step.ADDITION,
    ),
    "another order of the fields": (with_fields(TOTAL, ID), [], Step.ADDITION),
    "another spelling of the name": (
        with_fields(replace(ID, name="EVENT_ID"), TOTAL),
        [],
        Step.ADDITION,
    ),
    "one alias more": (
        with_fields(ID, replace(TOTAL, aliases=("amount",))),
        [Kind.SPELLING_ADDED],
        Step.REVISION,
    ),
    "a field renamed, its column kept": (
        with_fields(ID, replace(TOTAL, name="sum", aliases=("total",))),
        [Kind.FIELD_RENAMED],
        Step.REVISION,
    ),
    "a field renamed, its old name lost": (
        with_fields(ID, replace(TOTAL, name="sum")),
        [Kind.FIELD_RENAMED, Kind.SPELLING_LOST],
        Step.MODEL,
    ),
    "an alias first that was second": (
        with_fields(replace(ID, aliases=("guid", "id")), TOTAL),
        [Kind.ORDER_CHANGED],
        Step.REVISION,
    ),
    "an alias lost": (
        with_fields(replace(ID, aliases=("id",)), TOTAL),
        [Kind.SPELLING_LOST],
        Step.MODEL,
    ),
    "a wider type": (
        with_fields(ID, replace(TOTAL, type=FieldType.NUMBER)),
        [Kind.TYPE_WIDENED],
        Step.REVISION,
    ),
    "another type": (
        with_fields(ID, replace(TOTAL, type=FieldType.DATE)),
        [Kind.TYPE_CHANGED],
        Step.MODEL,
    ),
    "a key of another type": (
        replace(with_fields(ID, replace(TOTAL, type=FieldType.NUMBER)), key=("event_id", "total")),
        [Kind.TYPE_WIDENED, Kind.KEY_CHANGED],
        Step.MODEL,
    ),
    "a field gone": (with_fields(ID), [Kind.FIELD_REMOVED], Step.MODEL),
    "a field in another column": (
        with_fields(ID, replace(TOTAL, column="sum")),
        [Kind.FIELD_REMOVED, Kind.FIELD_ADDED],
        Step.MODEL,
    ),
    "a field that is now required": (
        with_fields(ID, replace(TOTAL, required=True)),
        [Kind.REQUIREMENT_MADE],
        Step.MODEL,
    ),
    "a new field that is required": (
        with_fields(ID, TOTAL, replace(SIZE, required=True)),
        [Kind.REQUIREMENT_MADE],
        Step.MODEL,
    ),
    "personal data marked": (
        with_fields(replace(ID, pii="id"), TOTAL),
        [Kind.PII_CHANGED],
        Step.REVISION,
    ),
    "a field that tells of the delivery": (
        with_fields(ID, replace(TOTAL, delivery=True)),
        [Kind.DELIVERY_CHANGED],
        Step.MODEL,
    ),
    "another key": (replace(OLD, key=("total",)), [Kind.KEY_CHANGED], Step.MODEL),
    "another event time": (replace(OLD, event_time=None), [Kind.EVENT_TIME_CHANGED], Step.MODEL),
    "another merge": (replace(OLD, merge="upsert"), [Kind.MERGE_CHANGED], Step.MODEL),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_version_changes_is_told_and_bound_to_the_step_it_takes(name: str) -> None:
    new, kinds, least = CHANGES[name]

    assert [change.kind for change in changes(OLD, new)] == kinds
    for taken in Step:
        later = replace(new, version=raised(OLD.version, taken))
        assert (not list(breaches(OLD, later))) is (taken >= least), taken


def test_a_requirement_may_be_lifted_by_a_revision() -> None:
    old = with_fields(ID, replace(TOTAL, required=True))

    assert [change.kind for change in changes(old, OLD)] == [Kind.REQUIREMENT_LIFTED]
    assert not list(breaches(old, replace(OLD, version=Version(1, 1, 0))))
    assert list(breaches(old, replace(OLD, version=Version(1, 0, 1))))


def test_a_change_is_told_in_a_sentence() -> None:
    new = with_fields(
        ID, replace(TOTAL, name="sum", aliases=("total",), type=FieldType.NUMBER), SIZE
    )

    assert [change.message for change in changes(OLD, new)] == [
        "sum was integer and is number",
        "sum was total; both fill the column total",
        "size is new: column size, text",
    ]


@pytest.mark.parametrize(
    ("old", "new", "taken"),
    [
        ("1-0-0", "1-0-1", Step.ADDITION),
        ("1-0-9", "1-1-0", Step.REVISION),
        ("1-0-0", "1-2-3", Step.REVISION),
        ("1-5-5", "2-0-0", Step.MODEL),
    ],
)
def test_the_step_is_the_biggest_part_that_was_raised(old: str, new: str, taken: Step) -> None:
    assert step(Version.parse(old), Version.parse(new)) is taken


def test_every_kind_of_change_has_its_step_and_every_type_its_wider_ones() -> None:
    assert set(LEAST) == set(Kind)
    assert set(WIDER) == set(FieldType)
    assert not any(widens(kind, kind) for kind in FieldType)
    for kind in FieldType:
        for wider in WIDER[kind]:
            assert WIDER[wider] <= WIDER[kind], "what is wider than the wider is wider too"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(VERSIONS)


def test_all_versions_at_hand_keep_the_rules(catalog: Catalog) -> None:
    pairs = [
        (old, new)
        for old, new in pairwise(catalog)
        if old.event_type == new.event_type and old.version.model == new.version.model
    ]

    assert len(pairs) >= 4
    for old, new in pairs:
        assert list(breaches(old, new)) == []
