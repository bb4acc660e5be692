"""What every warehouse removes of a person: all that names them, and nothing else; for good."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from firehose_loader.aftercare.forgetting import ForgetReport, Forgetting, Identifier
from firehose_loader.config import Config, Pii
from firehose_loader.errors import ConfigError, NotFound
from firehose_loader.privacy import PiiClass
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import WarehouseRig
from tests.schema_documents import a_document, write

DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventDate,contactId,email,campaignName"
K1, K2 = "the first key, of 24 bytes", "the second key, of 25 bytes"
HASHED: Mapping[str, str] = {"email": "hash", "phone": "hash", "id": "hash"}
JO = Identifier(PiiClass.EMAIL, " Jo <JO@example.com>")


def opens(key: str, *rows: str) -> Given:
    """Return a drop of opens: id, contact, address and campaign of each, joined by colons."""
    cells = [row.split(":") for row in rows]
    return csv_drop(
        key, HEADER, [[one[0], DATE, *one[1:]] for one in cells], event_type="email.open"
    )


def forget(
    feed: Feed, *given: Identifier, preview: bool = False, always: bool = False
) -> ForgetReport:
    config = Config.model_validate({"warehouse": {"url": "x.duckdb"}, "pii": feed.pii})
    forgetting = Forgetting(feed.rig.warehouse, config, given)
    return forgetting.apply(preview=preview, always=always)


def counts(feed: Feed, key: str) -> dict[str, object]:
    row = feed.ledger()[key]
    return {
        name.removeprefix("rows_"): value
        for name, value in row.items()
        if name.startswith("rows_") and value
    }


def names(feed: Feed, text: str) -> list[str]:
    """Return the tables that have a text anywhere, in any case."""
    found = {table: json.dumps(rows, default=str) for table, rows in feed.everything().items()}
    return [table for table, rows in found.items() if text in rows.lower()]


@pytest.fixture
def past(feed: Feed) -> Feed:
    """Three drops in which Jo is, with others, as what becomes of any row."""
    feed.load(
        opens(
            "a", "1:42:jo@example.com:x", "2:43:al@example.com:x", "3:42::x", ":42:jo@example.com:"
        ),
        json_drop(
            "bb",
            [
                {"eventId": "c1", "eventDate": DATE, "seen": {"by": "Jo@Example.com"}},
                {
                    "eventId": "c2",
                    "eventDate": DATE,
                    "url": "https://x.example/?e=jo%40example.com",
                },
                {"eventId": "c3", "eventDate": "never", "email": "jo@example.com"},
                {"eventId": "c4", "eventDate": DATE, "email": "anjo@example.com"},
            ],
            event_type="email.click",
        ),
    )
    feed.load(
        opens(
            "ccc", "1:42:jo@example.com:x", "2:43:jo@example.com:x", "1:42:al@example.com:x", "4:::"
        ),
        csv_drop("without a header", ["8", DATE, "jo@example.com"], [], event_type="email.open"),
    )
    return feed


def test_a_person_goes_from_every_table_and_each_row_is_still_accounted_for(past: Feed) -> None:
    report = forget(past, JO, Identifier(PiiClass.ID, "42"))

    assert names(past, "jo@example.com") == ["email_click"]  # of anjo@example.com
    assert [row["event_id"] for row in past.events()] == ["2", "4"]
    assert [row["event_id"] for row in past.events("email_click")] == ["c4"]
    assert counts(past, "a") == {"parsed": 4, "inserted": 1, "quarantined": 3}
    assert counts(past, "bb") == {"parsed": 4, "inserted": 1, "quarantined": 3}
    assert counts(past, "ccc") == {"parsed": 4, "inserted": 1, "quarantined": 3}
    held = past.quarantine()
    assert {(row["reason"], row["state"], row["raw"]) for row in held} == {
        ("forgotten", "removed", "")
    }
    assert len({(row["key"], row["row_no"]) for row in held}) == len(held) == 9
    assert (report.receipt.events, report.receipt.duplicates, report.receipt.set_aside) == (5, 1, 3)
    past.undo_all()  # nothing looks as if it had been changed by hand


def test_a_person_who_was_forgotten_does_not_come_back(past: Feed) -> None:
    forget(past, JO)
    proof = past.rig.warehouse.forgotten()
    before = past.all_events()

    receipt = past.load(
        opens("dddd", "9:7:Jo@EXAMPLE.com:x", "3:7:jo@example.com:other", "8:8:al@example.com:x"),
        json_drop("eeeee", [{"eventId": "c9", "eventDate": DATE, "note": "of jo@example.com"}]),
    )

    assert counts(past, "dddd") == {"parsed": 3, "inserted": 1, "quarantined": 2}
    assert counts(past, "eeeee") == {"parsed": 1, "quarantined": 1}
    assert receipt.forgotten == 3
    assert [row["event_id"] for row in past.events()] == ["2", "3", "4", "8"]
    assert past.events("email_click") == before["email_click"]
    assert names(past, "jo@example.com") == ["email_click"]
    assert [(one.person.pii, dict(one.rows)) for one in proof] == [
        (
            PiiClass.EMAIL,
            {
                "_firehose_drops": 1,
                "_firehose_duplicates": 1,
                "_firehose_quarantine": 2,
                "email_click": 2,
                "email_open": 2,
            },
        )
    ]


def test_what_would_be_removed_is_told_and_not_done(
    past: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = past.everything()

    would = forget(past, JO, preview=True)
    monkeypatch.setattr("firehose_loader.warehouse.forget._NEEDLES", 1)  # in several passes

    assert past.everything() == before
    assert would.receipt == forget(past, JO).receipt


def test_whom_nothing_names_changes_nothing_unless_they_are_to_be_kept_away(past: Feed) -> None:
    before = past.everything()
    cy = Identifier(PiiClass.EMAIL, "cy@example.com")

    with pytest.raises(NotFound, match=r"nothing was changed.*--suppress-anyway"):
        forget(past, cy)
    assert past.everything() == before
    forget(past, cy, always=True)
    past.load(opens("dddd", "9:7:CY@example.com:x"))

    assert counts(past, "dddd") == {"parsed": 1, "quarantined": 1}
    assert forget(past, cy).known == {0}  # again: all is done already


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (JO, ["al"]),
        (Identifier(PiiClass.PHONE, "00 44 7700 900123"), ["al"]),
        (Identifier(PiiClass.ID, "42"), ["al"]),
        (Identifier(PiiClass.ID, "4"), None),
        (Identifier(PiiClass.PHONE, "+447700900"), None),
    ],
)
def test_hashes_by_any_key_at_hand_name_a_person(
    feed: Feed, given: Identifier, left: list[str] | None
) -> None:
    header = f"{HEADER},mobile"
    rows = {"jo": "42,jo@example.com,x,+44 (7700) 900-123", "al": "43,al@example.com,x,07700900123"}

    def drop(key: str, *people: str) -> Given:
        lines = [f"{key}{one},{DATE},{rows[one]}" for one in people]
        return csv_drop(key, header, lines, event_type="email.open")

    for number, keys in enumerate(
        (
            {"key_id": "k1", "key": K1, "policy": HASHED},
            {"key_id": "k2", "key": K2, "keys": {"k1": K1}, "policy": HASHED},
            {"key_id": "k2", "key": K2, "keys": {"k1": K1}},
        ),
        1,
    ):
        feed.pii = Pii.model_validate(keys)
        feed.load(drop("a" * number, "jo", "al"))

    if left is None:
        with pytest.raises(NotFound):
            forget(feed, given)
        left = ["jo", "al"]
    else:
        assert forget(feed, given).receipt.events == 3
        feed.load(drop("bbbb", "jo"))
    found = sorted(str(row["event_id"]) for row in feed.events())
    assert found == sorted(f"{'a' * number}{one}" for number in (1, 2, 3) for one in left)


def test_without_the_key_by_which_they_are_known_nothing_is_loaded(feed: Feed) -> None:
    feed.pii = Pii.model_validate({"key_id": "k1", "key": K1, "policy": HASHED})
    feed.load(opens("a", "1:42:jo@example.com:x"))
    forget(feed, JO)

    feed.pii = Pii.model_validate({"key_id": "k2", "key": K2, "policy": HASHED})
    with pytest.raises(ConfigError, match=r"they would come back\. Keep it under \[pii.keys\]"):
        feed.load(opens("bb", "2:42:jo@example.com:x"))

    assert (feed.events(), list(feed.ledger())) == ([], ["a"])


@pytest.mark.parametrize("lost", ["k2"])
def test_a_key_that_is_not_at_hand_is_told_and_what_it_hashed_stays(feed: Feed, lost: str) -> None:
    for number, (key_id, key) in enumerate((("k1", K1), (lost, K2)), 1):
        keys = {"key_id": key_id, "key": key, "keys": {"k1": K1} if key_id != "k1" else {}}
        feed.pii = Pii.model_validate({**keys, "policy": HASHED})
        feed.load(opens("a" * number, f"{number}:42:jo@example.com:x"))
    feed.pii = Pii.model_validate({"key_id": "k1", "key": K1})

    report = forget(feed, JO)

    assert [row["event_id"] for row in feed.events()] == ["2"]
    assert [lost in one for one in report.unsearched] == [True]


@pytest.mark.parametrize("merge", ["upsert"])
def test_rows_that_newer_ones_replaced_go_with_them(
    place: WarehouseRig, tmp_path: Path, merge: str
) -> None:
    document = a_document(
        **{
            "x-merge": merge,
            "properties": {
                name: {"$ref": f"../common/1-0-0.json#/$defs/{name}"}
                for name in ("eventId", "eventDate", "processedDate", "email")
            },
        }
    )
    write(tmp_path / "schemas", document)
    feed = Feed(place, tmp_path, schemas=tmp_path / "schemas")
    for hour in (1, 2, 3):
        feed.load(
            csv_drop(
                "a" * hour,
                "eventId,processedDate,email",
                [f"{who},2026-01-05T0{hour}:00:00Z,{who}@example.com" for who in ("jo", "al")],
                event_type="shop.order",
            )
        )

    report = forget(feed, JO)

    assert [row["event_id"] for row in feed.events("shop_order")] == ["al"]
    assert (report.receipt.events, report.receipt.duplicates) == (1, 2)
    assert [counts(feed, "a" * hour)["quarantined"] for hour in (1, 2, 3)] == [1, 1, 1]
    feed.undo_all()
