"""What becomes of fields that no schema version knows: a column, a kept text, or no load."""

from __future__ import annotations

import json

import pytest

from firehose_loader.errors import DropsRefused, SchemaFrozen
from firehose_loader.model import Drift, RowCounts
from tests.feed import Feed, csv_drop, json_drop
from tests.rigs.warehouses import Row

BASE: Row = {"eventId": "1", "eventType": "emailOpen", "eventDate": "2026-01-05T10:00:00Z"}
MORE: Row = {"shoeSize": 44, "place": {"city": "Ulm"}, "campaignId": "seven"}


def rescued(feed: Feed, table: str = "email_open") -> list[Row]:
    return [json.loads(str(row["_rescued"] or "{}")) for row in feed.rows(table)]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_rescued_fields_are_kept_and_make_no_column(feed: Feed, form: str) -> None:
    feed.drift = {"email.open": Drift.RESCUE}
    row = {**BASE, **MORE, "place": '{"city":"Ulm"}'}
    drop = csv_drop("a", list(row), [list(row.values())])

    receipt = feed.load(drop if form == "csv" else json_drop("a", [{**BASE, **MORE}]))

    assert receipt.events == {"email.open": RowCounts(parsed=1, inserted=1)}
    assert rescued(feed) == [{"shoeSize": "44", "place": '{"city":"Ulm"}', "campaignId": "seven"}]
    assert set(feed.rig.warehouse.columns("email_open")).isdisjoint({"shoe_size", "place"})
    assert not feed.rig.warehouse.additions()


def test_each_event_type_has_its_own_policy(feed: Feed) -> None:
    feed.drift = {"email.open": Drift.RESCUE}
    click = {**BASE, "eventType": "email.click", **MORE}

    feed.load(json_drop("a", [{**BASE, **MORE}, click]))

    assert rescued(feed)[0].keys() == {"shoeSize", "place", "campaignId"}
    assert rescued(feed, "email_click") == [{"campaignId": "seven"}]
    assert feed.rows("email_click")[0]["shoe_size"] == "44"


def test_a_rescued_row_that_comes_again_is_known(feed: Feed) -> None:
    feed.drift = {"email.open": Drift.RESCUE}
    row: Row = {name: value for name, value in {**BASE, **MORE}.items() if name != "eventId"}
    feed.load(json_drop("a", [row]))

    again = feed.load(json_drop("b", [row]), csv_drop("c", "eventType,hat", ["emailOpen,x"]))

    assert again.events == {"email.open": RowCounts(parsed=2, inserted=1, identical=1)}


def test_a_field_that_evolved_stays_known_whatever_the_policy_is_then(feed: Feed) -> None:
    feed.load(json_drop("a", [{**BASE, "shoeSize": 44}]))

    for number, policy in enumerate((Drift.RESCUE, Drift.FREEZE), 2):
        feed.drift = {"email.open": policy}
        feed.load(json_drop(policy, [{**BASE, "eventId": str(number), "shoeSize": 45}]))

    assert [row["shoe_size"] for row in feed.rows()] == ["44", "45", "45"]
    assert rescued(feed) == [{}] * 3


def test_a_frozen_schema_refuses_every_drop_with_an_unknown_field(feed: Feed) -> None:
    feed.drift = {"email.open": Drift.FREEZE, "email.click": Drift.FREEZE}
    click: Row = {"eventId": "9", "eventType": "email.click"}
    drops = [
        json_drop("good", [BASE]),
        json_drop("bad", [BASE, {**BASE, "shoeSize": 44}, {**click, "data": {"hat": "x"}}]),
        csv_drop("empty", [*BASE, "shoeSize"], [[*BASE.values(), ""]]),
        csv_drop("worse", [*BASE, "shoeSize", "glove"], [[*BASE.values(), "1", "2"]]),
    ]

    with pytest.raises(DropsRefused) as refused:
        feed.stage(*drops)

    reasons = refused.value.reasons
    assert set(reasons) == {1, 3}
    assert all(isinstance(reason, SchemaFrozen) for reason in reasons.values())
    assert "email.open 1-0-0 does not know 'shoeSize'" in str(reasons[1])
    assert "email.click 1-0-0 does not know 'data.hat'" in str(reasons[1])
    assert "'shoeSize', 'glove'" in str(reasons[3])


def test_a_frozen_schema_still_rescues_values_that_do_not_fit(feed: Feed) -> None:
    feed.drift = {"email.open": Drift.FREEZE}

    feed.load(json_drop("a", [{**BASE, "CAMPAIGN_ID": "seven"}]))

    assert rescued(feed) == [{"CAMPAIGN_ID": "seven"}]
