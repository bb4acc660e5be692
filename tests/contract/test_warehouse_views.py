"""What the views for marketing give, of events few enough to count on one's fingers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from firehose_loader.errors import SchemaError
from firehose_loader.protocols import MadeView
from firehose_loader.warehouse.actions import MARKETING
from tests.feed import Feed, Given, csv_drop
from tests.rigs.warehouses import Row, WarehouseRig

MAIL = (
    "eventId,eventType,eventDate,accountId,contactId,email,campaignId,campaignName,url,failureType"
)
SMS = "eventId,eventType,eventDate,accountId,contactId,mobileNumber,campaignId,failureType"
EVENTS = """
s1 email.send           01T09:00 1  ann@x.org 7 Spring
s2 email.send           01T09:00 2  bob@x.org 7 Spring
s3 email.send           01T09:00 3  cem@x.org 7 Spring
s4 email.send           01T09:01 4  dee@x.org 7 Spring
s5 email.send           02T09:00 1  ann@x.org 8 Summer
f1 email.failed         01T09:02 3  cem@x.org 7 Spring - hardBounced
f2 email.failed         01T09:02 4  dee@x.org 7 Spring - softBounced
o1 email.open           01T10:00 1  ann@x.org 7 Spring
o2 email.open           01T11:30 1  ann@x.org 7 Spring!
o3 email.open           01T10:30 2  bob@x.org 7 Spring
c1 email.click          01T10:05 1  ann@x.org 7 Spring https://x.org/a
c2 email.click          01T10:06 1  ann@x.org 7 Spring https://x.org/a
c3 email.click          01T10:07 2  bob@x.org 7 Spring https://x.org/a
c4 email.click          01T10:08 1  ann@x.org 7 Spring https://x.org/b
r1 email.reply          03T08:00 2  bob@x.org 7 Spring
u1 email.unsubscribed   01T12:00 1  ann@x.org 7 Spring
u2 email.unsubscribed   01T12:00 2  bob@x.org 7 Spring
p1 email.ispComplained  01T13:00 2  bob@x.org 7 Spring
d1 email.doubleOptIn    04T12:00 1  ann@x.org
t1 transactional.emailCampaignSend 05T09:00 1 ann@x.org 7 Receipt
"""
"""Event id, event type, day and time in January 2026, contact, ...; all of account 5."""
MESSAGES = """
m1 sms.send             01T09:00 1 +491 9
m2 sms.send             01T09:00 2 +492 9
m3 sms.send             01T09:00 3 +493 9
m4 sms.send             01T09:00 3 +493 9
m5 sms.delivered        01T09:01 1 +491 9
m6 sms.failed           01T09:01 2 +492 9 hardBounced
m7 sms.click            06T09:00 1 +491 9
m8 sms.reply            01T09:30 1 +491 9
m9 sms.unsubscribed     01T09:31 1 +491 9
"""


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-{text}")


def _mail(key: str, lines: str) -> Given:
    return csv_drop(key, MAIL, [_mail_row(*line.split()) for line in lines.split("\n") if line])


def _mail_row(event: str, kind: str, at: str, contact: str, *rest: str) -> Sequence[object]:
    cells = [None if cell == "-" else cell for cell in rest] + [None] * (5 - len(rest))
    email, campaign, name, url, failure = cells
    return [event, kind, f"2026-01-{at}:00Z", 5, contact, email, campaign, name, url, failure]


def _messages(key: str, lines: str) -> Given:
    rows = []
    for event, kind, at, contact, number, campaign, *failure in map(
        str.split, lines.split("\n")[1:-1]
    ):
        of = failure[0] if failure else None
        rows.append([event, kind, f"2026-01-{at}:00Z", 5, contact, number, campaign, of])
    return csv_drop(key, SMS, rows)


def _view(feed: Feed, name: str, *order: str) -> list[Row]:
    found = feed.rig.execute(f'SELECT * FROM {{schema}}."{name}"')
    return sorted(found, key=lambda row: [str(row[column]) for column in order])


def _made(views: Sequence[MadeView]) -> set[str]:
    return {one.name for one in views if one.sql is not None}


def test_every_view_gives_what_was_counted_by_hand(feed: Feed) -> None:
    """One load for all: each view is looked at in a function of its own."""
    feed.load(_mail("mail", EVENTS), _messages("text-messages", MESSAGES))

    made = feed.rig.warehouse.install_views(preview=False)

    assert _made(made) == {"events", *MARKETING}
    for name, view in MARKETING.items():
        assert all(tuple(row) == view.columns for row in _view(feed, name)), name
    _check_funnel(feed)
    _check_contacts(feed)
    _check_suppression(feed)
    _check_messages(feed)
    _check_links(feed)
    _check_roll_ups(feed)


def _check_funnel(feed: Feed) -> None:
    """Of four contacts two failed, so that two were reached; both opened and clicked."""
    spring, summer, receipt = _view(feed, "campaign_funnel", "channel", "campaign_id")

    assert spring == {
        "account_id": 5,
        "channel": "email",
        "campaign_id": 7,
        "campaign_name": "Spring",
        "first_send": _at("01T09:00"),
        "last_send": _at("01T09:01"),
        "last_event": _at("03T08:00"),
        "sends": 4,
        "unique_sends": 4,
        "bounces": 2,
        "unique_bounces": 2,
        "delivered": 2,
        "unique_delivered": 2,
        "opens": 3,
        "unique_opens": 2,
        "clicks": 4,
        "unique_clicks": 2,
        "replies": 1,
        "unique_replies": 1,
        "unsubscribes": 2,
        "unique_unsubscribes": 2,
        "complaints": 1,
        "unique_complaints": 1,
        "delivery_rate": 0.5,
        "bounce_rate": 0.5,
        "open_rate": 1.0,
        "click_rate": 1.0,
        "click_to_open_rate": 1.0,
        "unsubscribe_rate": 1.0,
        "complaint_rate": 0.5,
    }
    assert (summer["campaign_name"], summer["sends"], summer["delivered"]) == ("Summer", 1, 1)
    assert (summer["open_rate"], summer["click_to_open_rate"]) == (0.0, None)
    assert (receipt["channel"], receipt["campaign_id"], receipt["sends"]) == ("transactional", 7, 1)


def _check_contacts(feed: Feed) -> None:
    ann, bob, cem, dee = _view(feed, "contact_engagement", "contact_id")

    assert ann == {
        "account_id": 5,
        "contact_id": 1,
        "email": "ann@x.org",
        "mobile_number": "+491",
        "sends": 4,
        "last_send": _at("05T09:00"),
        "opens": 2,
        "last_open": _at("01T11:30"),
        "clicks": 4,
        "last_click": _at("06T09:00"),
        "replies": 1,
        "last_reply": _at("01T09:30"),
        "last_engaged": _at("06T09:00"),
        "last_channel": "sms",
    }
    assert (bob["opens"], bob["clicks"], bob["last_channel"]) == (1, 1, "email")
    assert bob["last_engaged"] == _at("03T08:00")
    assert (cem["sends"], cem["last_engaged"], cem["last_channel"]) == (3, None, None)
    assert (dee["sends"], dee["opens"]) == (1, 0)


def _check_suppression(feed: Feed) -> None:
    """Ann left and came back by e-mail; Dee failed softly, which is no reason to stop."""
    found = _view(feed, "contact_suppression", "channel", "contact_id")

    assert [
        (row["channel"], row["contact_id"], row["state"], row["suppressed"], row["since"])
        for row in found
    ] == [
        ("email", 1, "opted_in", False, _at("04T12:00")),
        ("email", 2, "complained", True, _at("01T13:00")),
        ("email", 3, "bounced", True, _at("01T09:02")),
        ("sms", 1, "unsubscribed", True, _at("01T09:31")),
        ("sms", 2, "bounced", True, _at("01T09:01")),
    ]
    assert found[0]["last_unsubscribe"] == found[1]["last_unsubscribe"] == _at("01T12:00")
    assert (found[3]["mobile_number"], found[3]["email"]) == ("+491", None)


def _check_messages(feed: Feed) -> None:
    """Of four messages one arrived and one failed: nothing was heard of the two to one contact."""
    (found,) = _view(feed, "sms_delivery")

    assert found == {
        "account_id": 5,
        "campaign_id": 9,
        "campaign_name": None,
        "first_send": _at("01T09:00"),
        "last_send": _at("01T09:00"),
        "sends": 4,
        "unique_sends": 3,
        "delivered": 1,
        "unique_delivered": 1,
        "failures": 1,
        "unique_failures": 1,
        "hard_bounces": 1,
        "unsettled": 2,
        "clicks": 1,
        "unique_clicks": 1,
        "replies": 1,
        "unique_replies": 1,
        "unsubscribes": 1,
        "unique_unsubscribes": 1,
        "delivery_rate": 0.25,
        "failure_rate": 0.25,
        "click_rate": 1.0,
    }


def _check_links(feed: Feed) -> None:
    first, second, message = _view(feed, "link_performance", "channel", "url")

    assert first == {
        "account_id": 5,
        "channel": "email",
        "campaign_id": 7,
        "url": "https://x.org/a",
        "campaign_name": "Spring",
        "clicks": 3,
        "unique_clicks": 2,
        "first_click": _at("01T10:05"),
        "last_click": _at("01T10:07"),
        "share_of_clicks": 0.75,
    }
    assert (second["url"], second["clicks"], second["unique_clicks"]) == ("https://x.org/b", 1, 1)
    assert (second["share_of_clicks"], message["channel"], message["url"]) == (0.25, "sms", None)


def _check_roll_ups(feed: Feed) -> None:
    """The drops are dated 2026-01-01 00:04 and 00:13: before what they tell, so nothing is late."""
    hourly = _view(feed, "events_hourly", "event_type", "event_hour")
    daily = _view(feed, "events_daily", "event_type", "event_day")

    clicks = {"account_id": 5, "event_type": "email.click", "events": 4, "contacts": 2}
    at_ten = {"campaigns": 1, "late_1h": 0, "late_24h": 0, "longest_delay_seconds": -36060}
    (found,) = [row for row in hourly if row["event_type"] == "email.click"]
    assert found == {"event_hour": _at("01T10:00"), **clicks, **at_ten}
    opens = [row for row in hourly if row["event_type"] == "email.open"]
    assert [(row["event_hour"], row["events"], row["contacts"]) for row in opens] == [
        (_at("01T10:00"), 2, 2),
        (_at("01T11:00"), 1, 1),
    ]
    assert [
        (row["event_day"], row["events"]) for row in daily if row["event_type"] == "email.send"
    ] == [
        (date(2026, 1, 1), 4),
        (date(2026, 1, 2), 1),
    ]
    assert sum(int(str(row["events"])) for row in daily) == 20 + 9


def test_events_are_late_by_the_hours_between_them_and_their_drop(feed: Feed) -> None:
    """The drop is dated 2026-01-01 00:04; they happened 1 hour, 2 hours and 2 days before."""
    feed.load(
        csv_drop(
            "late",
            "eventId,eventType,eventDate",
            [
                f"{n},email.open,{at}:00Z"
                for n, at in enumerate(
                    ("2025-12-31T23:04", "2025-12-31T22:04", "2025-12-30T00:04"), 1
                )
            ],
        )
    )
    feed.rig.warehouse.install_views(preview=False)

    found = _view(feed, "events_daily", "event_day")

    assert [(row["late_1h"], row["late_24h"], row["longest_delay_seconds"]) for row in found] == [
        (1, 1, 172800),
        (1, 0, 7200),
    ]


def test_a_view_is_left_out_while_none_of_its_tables_is_there(feed: Feed) -> None:
    assert _made(feed.rig.warehouse.install_views(preview=False)) == set()

    feed.load(_mail("mail", "o1 email.open 01T10:00 1 ann@x.org 7 Spring"))
    assert "campaign_funnel" in _made(feed.rig.warehouse.install_views(preview=True))
    assert not feed.rig.warehouse.columns("campaign_funnel")

    found = {one.name: one for one in feed.rig.warehouse.install_views(preview=False)}

    assert _made(list(found.values())) == {
        *("events", "campaign_funnel", "contact_engagement", "events_daily", "events_hourly")
    }
    assert "sms.send" in found["sms_delivery"].without
    assert "email.send" in found["campaign_funnel"].without
    assert "email.open" not in found["campaign_funnel"].without
    (funnel,) = _view(feed, "campaign_funnel")
    assert (funnel["opens"], funnel["sends"], funnel["open_rate"]) == (1, 0, None)


def test_views_that_are_there_follow_the_tables_that_come_later(feed: Feed) -> None:
    feed.load(_mail("mail", "o1 email.open 01T10:00 1 ann@x.org 7 Spring"))
    feed.rig.warehouse.install_views(preview=False)

    feed.load(_mail("more", "s1 email.send 01T09:00 1 ann@x.org 7 Spring"))

    (funnel,) = _view(feed, "campaign_funnel")
    assert (funnel["sends"], funnel["opens"], funnel["open_rate"]) == (1, 1, 1.0)


def test_a_view_of_somebody_else_is_never_replaced(feed: Feed) -> None:
    feed.load(_mail("mail", "o1 email.open 01T10:00 1 ann@x.org 7 Spring"))
    feed.rig.execute('CREATE VIEW {schema}."campaign_funnel" AS SELECT 1 AS "mine"')

    with pytest.raises(SchemaError, match="campaign_funnel is not one that this loader made"):
        feed.rig.warehouse.install_views(preview=False)
    feed.load(_mail("more", "s1 email.send 01T09:00 1 ann@x.org 7 Spring"))

    assert _view(feed, "campaign_funnel") == [{"mine": 1}]
    assert not feed.rig.warehouse.columns("events_daily")


def test_views_read_tables_whose_columns_are_missing_or_of_another_type(
    place: WarehouseRig, tmp_path: Path
) -> None:
    """As after a change of schemas: of one table an id is text, of another it is not there."""
    feed = Feed(place, tmp_path)
    feed.load(
        _mail(
            "mail",
            "o1 email.open 01T10:00 1 ann@x.org 7\nc1 email.click 01T10:01 1 ann@x.org 7 - u",
        )
    )
    for change in (
        'email_click" DROP COLUMN "url"',
        'email_open" DROP COLUMN "contact_id"',
        'email_open" ADD COLUMN "contact_id" VARCHAR',
        'email_open" DROP COLUMN "campaign_name"',
    ):
        place.execute(f'ALTER TABLE {{schema}}."{change}')
    place.execute("""UPDATE {schema}."email_open" SET "contact_id" = 'k1:ab'""")
    place.reopen().install_views(preview=False)

    (link,) = _view(feed, "link_performance")
    contacts = _view(feed, "contact_engagement", "contact_id")
    events = _view(feed, "events", "contact_id")

    assert (link["url"], link["clicks"]) == (None, 1)
    assert [row["contact_id"] for row in contacts] == ["1", "k1:ab"]
    assert [row["contact_id"] for row in events] == ["1", "k1:ab"]
