"""Masked rows are told apart, or for one, as the rows were that they are masks of."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

import pytest

from firehose_loader.config import Pii
from firehose_loader.errors import ConfigError
from firehose_loader.history import DropFilter
from firehose_loader.model import RowCounts
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import WarehouseRig

DATE = "2026-01-05T10:00:00Z"
K1, K2 = "the first key, of 24 bytes", "the second key, of 25 bytes"
HASH_ALL = dict.fromkeys(
    ("email", "phone", "ip", "user_agent", "free_text", "url_query", "id"), "hash"
)
LESS = {"email": "domain", "ip": "truncate", "user_agent": "truncate", "url_query": "drop"}
ROTATED: Mapping[str, object] = {"key_id": "k2", "key": K2, "keys": {"k1": K1}, "policy": HASH_ALL}
FIRST: Mapping[str, object] = {"key_id": "k1", "key": K1, "policy": HASH_ALL}
HEADER = "eventId,eventDate,contactId,email,ipAddress,userAgent,url,extra"
ROW = (DATE, 42, "jo@example.com", "192.0.2.7", "Mozilla/5.0 Firefox/1", "https://x.example/?q=jo")


def under(feed: Feed, policies: Mapping[str, object]) -> Feed:
    feed.pii = Pii.model_validate(policies)
    return feed


def clicks(key: str, *ids: str, email: str = "jo@example.com", extra: str = "1") -> Given:
    rows = [
        (one, *ROW[:2], email, *ROW[3:], f'{{"email": "jo@example.com", "n": {extra}}}')
        for one in ids
    ]
    return csv_drop(key, HEADER, rows, event_type="email.click")


def pseudonym(key_id: str, key: str, text: str) -> str:
    return f"{key_id}:{hmac.digest(key.encode(), text.encode(), 'sha256').hex()}"


def counted(feed: Feed, *drops: Given) -> RowCounts:
    total = RowCounts()
    for counts in feed.load(*drops).drops.values():
        total.add(counts)
    return total


def test_hashes_are_those_that_anyone_with_the_key_can_make(feed: Feed) -> None:
    under(feed, FIRST).load(clicks("a", "e1", email=" Jo@Example.COM "))
    feed.load(
        csv_drop(
            "bb",
            "eventId,eventDate,contactId,phone",
            [f"s1,{DATE},0042,00447700900123"],
            event_type="sms.send",
        )
    )

    (click,), (sms,) = feed.rows("email_click"), feed.rows("sms_send")
    assert click["email"] == pseudonym("k1", K1, "jo@example.com")
    assert click["ip_address"] == pseudonym("k1", K1, "192.0.2.7")
    assert click["user_agent"] == pseudonym("k1", K1, "Mozilla/5.0 Firefox/1")
    assert click["url"] == f"https://x.example/?{pseudonym('k1', K1, 'q=jo')}"
    assert sms["mobile_number"] == pseudonym("k1", K1, "+447700900123")
    assert click["contact_id"] == pseudonym("k1", K1, "42") != sms["contact_id"]


def test_an_address_has_one_hash_however_it_is_spelled(feed: Feed) -> None:
    spellings = (
        "Jo@example.com",
        " jo@example.com",
        "jo@example.com\u00a0",
        "\u3000JO@example.com",
    )
    more = ("jo@example.com ", "Jo <jo@example.com>", "jö@example.com", "jÖ@example.com")

    under(feed, FIRST).load(
        *(clicks(f"a{n}", f"e{n}", email=one) for n, one in enumerate(spellings + more))
    )

    found = [str(row["email"]) for row in feed.rows("email_click")]
    wanted = ["jo@example.com"] * 6 + ["jö@example.com"] * 2
    assert sorted(found) == sorted(pseudonym("k1", K1, one) for one in wanted)


@pytest.mark.parametrize(
    "then",
    [
        ROTATED,
        {"key_id": "k2", "key": K2, "policy": HASH_ALL},
        {"policy": LESS},
        {"policy": {"email": "drop"}},
        {},
    ],
    ids=["rotated", "the old key lost", "other policies", "dropped", "kept"],
)
def test_a_redelivery_under_other_policies_or_keys_is_a_duplicate(
    feed: Feed, then: Mapping[str, object]
) -> None:
    under(feed, FIRST).load(clicks("a", "e1", "e2"))

    counts = counted(under(feed, then), clicks("bb", "e1", "e2"))

    assert counts == RowCounts(parsed=2, identical=2)


@pytest.mark.parametrize("first", [{}, {"policy": LESS}], ids=["kept", "truncated"])
def test_a_redelivery_after_policies_came_into_force_is_a_duplicate(
    feed: Feed, first: Mapping[str, object]
) -> None:
    row = (",".join(map(str, ("e1", *ROW))),)
    header = HEADER.removesuffix(",extra")
    drops = [csv_drop(key, header, row, event_type="email.click") for key in ("a", "bb", "ccc")]
    under(feed, first).load(drops[0])

    less, hashed = (
        counted(under(feed, {"policy": LESS}), drops[1]),
        counted(under(feed, FIRST), drops[2]),
    )

    assert less == hashed == RowCounts(parsed=1, identical=1)


def test_what_differs_under_one_key_is_still_a_conflict(feed: Feed) -> None:
    under(feed, FIRST).load(clicks("a", "e1", "e2"))

    counts = counted(
        feed, clicks("bb", "e1", email="other@example.com"), clicks("ccc", "e2", extra="2")
    )

    assert counts == RowCounts(parsed=2, conflicting=2)


def test_what_is_not_hashed_still_makes_a_conflict_after_a_rotation(feed: Feed) -> None:
    header, row = "eventId,eventDate,email,campaignId", f"e1,{DATE},jo@example.com"
    under(feed, FIRST).load(csv_drop("a", header, [f"{row},1"], event_type="email.send"))

    counts = counted(
        under(feed, ROTATED), csv_drop("bb", header, [f"{row},2"], event_type="email.send")
    )

    assert counts == RowCounts(parsed=1, conflicting=1)


NAMELESS = json_drop(
    "a",
    [
        {"eventDate": DATE, "email": one, "campaignId": 1}
        for one in ("a@x.example", "b@x.example", "a@x.example")
    ],
    event_type="email.open",
)


@pytest.mark.parametrize("policies", [FIRST, {"policy": LESS}, {"policy": {"email": "drop"}}, {}])
def test_rows_without_an_id_that_come_again_are_duplicates(
    feed: Feed, policies: Mapping[str, object]
) -> None:
    under(feed, policies).load(NAMELESS)

    assert counted(feed, NAMELESS.renamed("bb")) == RowCounts(parsed=3, identical=3)


def test_rows_without_an_id_outlive_a_rotation(feed: Feed) -> None:
    under(feed, FIRST).load(NAMELESS)

    assert counted(under(feed, ROTATED), NAMELESS.renamed("bb")) == RowCounts(parsed=3, identical=3)


def test_rows_without_an_id_are_refused_where_the_key_that_names_them_is_gone(feed: Feed) -> None:
    under(feed, FIRST).load(NAMELESS)

    with pytest.raises(ConfigError, match=r"'k1'.*Keep it under \[pii.keys\]; nothing was changed"):
        under(feed, {"key_id": "k2", "key": K2, "policy": HASH_ALL}).stage(NAMELESS.renamed("bb"))


def test_the_name_of_a_row_without_an_id_does_not_follow_from_what_it_says(
    place: WarehouseRig, feed: Feed
) -> None:
    """Else whoever has the table could try one address after the other."""
    under(feed, FIRST).load(NAMELESS)
    keyed = {row["_key"] for row in feed.rows()}
    place.warehouse.undo(place.warehouse.drops(DropFilter()), preview=False)
    under(feed, {**FIRST, "policy": {"email": "keep"}}).load(NAMELESS)

    assert keyed.isdisjoint(row["_key"] for row in feed.rows())


def test_ids_become_text_and_stay_it_where_one_source_keeps_them(feed: Feed) -> None:
    under(feed, {}).load(clicks("a", "e1"))
    under(feed, FIRST).load(clicks("bb", "e2"))

    under(feed, {}).load(clicks("ccc", "e3"))

    assert [row["contact_id"] for row in feed.rows("email_click")].count("42") == 2
