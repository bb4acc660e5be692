"""A feed that changes six times under its users: no row is lost, nothing stops, old rows stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import Row

ROWS = 4
"""Of each phase."""


def phases() -> list[list[tuple[Row, Row]]]:
    """Return by phase rows as the feed sends them, each with the event that must come of it."""
    return [
        [_event(phase, 10 * phase + number) for number in range(1, ROWS + 1)] for phase in range(7)
    ]


def _event(phase: int, number: int) -> tuple[Row, Row]:
    """Return what a phase sends of an event, and what the warehouse must show of it."""
    sent: Row = {
        "eventId": f"e{number}",
        "eventType": "email.open",
        "eventDate": f"2026-01-05T10:{number % 60:02d}:00Z",
        "email": f"a{number}@x.org",
        "campaignId": number,
    }
    shown: Row = {
        "event_id": f"e{number}",
        "event_type": "email.open",
        "event_date": datetime(2026, 1, 5, 10, number % 60, tzinfo=UTC).replace(tzinfo=None),
        "email": f"a{number}@x.org",
        "campaign_id": number,
    }
    if phase == 1:  # a new column
        sent["shoeSize"], shown["shoe_size"] = f"{number}.5", f"{number}.5"
    if phase == 2:  # a column is missing
        del sent["email"], shown["email"]
    if phase == 3:  # columns are renamed
        sent["emailAddress"], sent["timeStamp"] = sent.pop("email"), sent.pop("eventDate")
        sent["SHOE-SIZE"], shown["shoe_size"] = "44", "44"
    if phase == 4:  # a type is widened
        sent["campaignId"] = f"A-{number}"
        del shown["campaign_id"]
        shown["_rescued"] = json.dumps({"campaignId": f"A-{number}"}, separators=(",", ":"))
    if phase == 5:  # an object comes
        sent["place"] = {"city": "Ülm", "at": [number, None]}
        shown["place"] = f'{{"city":"Ülm","at":[{number},null]}}'
    if phase == 6:  # an event type that nobody knows
        sent["eventType"] = shown["event_type"] = "loyalty.spin"
        sent["prize"], shown["prize"] = f"p{number}", f"p{number}"
    return sent, shown


def as_csv(key: str, rows: Sequence[Row]) -> list[Given]:
    """One drop for each header."""
    drops = []
    for number in range(0, len(rows), ROWS):
        same = rows[number : number + ROWS]
        cells = [
            [json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else v for v in row.values()]
            for row in same
        ]
        drops.append(csv_drop(f"{key}{number}", list(same[0]), cells))
    return drops


def as_lines(key: str, rows: Sequence[Row]) -> list[Given]:
    """One drop, which changes in its middle."""
    return [json_drop(key, rows)]


def as_array(key: str, rows: Sequence[Row]) -> list[Given]:
    return [json_drop(key, rows, array=True)]


def in_envelopes(key: str, rows: Sequence[Row]) -> list[Given]:
    """What is not the envelope's stands in its payload."""
    outer = ("eventId", "eventType", "eventDate", "timeStamp")
    return [
        json_drop(
            key,
            [
                {name: row[name] for name in outer if name in row}
                | {"data": {name: value for name, value in row.items() if name not in outer}}
                for row in rows
            ],
        )
    ]


Writer = Callable[[str, Sequence[Row]], list[Given]]
WRITERS: dict[str, Writer] = {
    "csv": as_csv,
    "lines": as_lines,
    "array": as_array,
    "envelopes": in_envelopes,
}


def expected() -> tuple[list[Row], list[Row]]:
    """Return the events of both tables, as worked out by hand."""
    shown = [[event for _, event in phase] for phase in phases()]
    return [event for phase in shown[:6] for event in phase], shown[6]


def as_expected(feed: Feed, writer: str) -> bool:
    opens, spins = expected()
    if writer == "envelopes":  # the path tells where a text that is kept stood
        opens = [
            {**event, "_rescued": str(event["_rescued"]).replace("campaignId", "data.campaignId")}
            if "_rescued" in event
            else event
            for event in opens
        ]
    by_id = {str(event["event_id"]): event for event in feed.events()}
    assert by_id == {str(event["event_id"]): event for event in opens}
    by_id = {str(event["event_id"]): event for event in feed.events("unknown")}
    assert by_id == {str(event["event_id"]): event for event in spins}
    assert not feed.quarantine()
    return True


BATCHES = {
    "one": ("csv", "lines", "envelopes"),
    "one a phase": ("csv", "array"),
    "newest first": ("lines", "envelopes"),
}
"""Ways of delivery, each with the forms that it is tried with unless there is time."""


@pytest.mark.parametrize(
    ("batches", "writer"),
    [
        pytest.param(batches, writer, marks=[] if writer in soon else pytest.mark.long)
        for batches, soon in BATCHES.items()
        for writer in WRITERS
    ],
)
def test_the_tables_are_those_worked_out_by_hand(feed: Feed, writer: str, batches: str) -> None:
    rows = [[sent for sent, _ in phase] for phase in phases()]
    write = WRITERS[writer]

    if batches == "one":
        feed.load(*write("all", [row for phase in rows for row in phase]))
    else:
        order = range(7) if batches == "one a phase" else reversed(range(7))
        for number in order:
            feed.load(*write(f"phase {number}", rows[number]))

    assert as_expected(feed, writer)


@pytest.mark.parametrize(
    "writer",
    [
        "csv",
        "envelopes",
        *(pytest.param(one, marks=pytest.mark.long) for one in ("lines", "array")),
    ],
)
def test_all_of_it_again_in_another_form_changes_nothing(feed: Feed, writer: str) -> None:
    rows = [sent for phase in phases() for sent, _ in phase]
    feed.load(*WRITERS[writer]("first", rows))
    before = feed.all_events()

    for name, write in WRITERS.items():
        receipt = feed.load(*write(f"again as {name}", rows))
        assert sum(counts.identical for counts in receipt.events.values()) == len(rows)

    assert feed.all_events() == before


def test_the_schemas_on_record_tell_what_came_and_when(feed: Feed) -> None:
    for number, phase in enumerate(phases()):
        feed.load(*as_lines(f"phase {number}", [sent for sent, _ in phase]))

    keys = {row["drop_id"]: key for key, row in feed.ledger().items()}
    recorded = [
        (row["event_type"], row["version"], row["field"], row["type"], keys[row["first_drop_id"]])
        for row in feed.rig.execute("SELECT * FROM {schema}._firehose_schemas ORDER BY version")
    ]
    assert sorted(recorded, key=str) == [
        ("email.open", "1-0-1", "shoeSize", "text", "phase 1"),
        ("email.open", "1-0-2", "place", "json", "phase 5"),
        ("unknown", "1-0-1", "prize", "text", "phase 6"),
    ]
    versions = {str(row["event_id"]): row["_schema_version"] for row in feed.rows()}
    assert [versions[f"e{10 * phase + 1}"] for phase in range(6)] == [
        "1-0-0",
        *["1-0-1"] * 4,
        "1-0-2",
    ]


def test_very_many_new_fields_are_each_told_as_they_are(feed: Feed) -> None:
    fields = range(120)
    rows: list[Row] = [
        {"eventId": f"e{row}", "eventType": f"email.{kind}"}
        | {f"new{n}": {"at": n} if n % 7 == 0 else f"Ab-{n}" for n in fields if row <= n % 3}
        for row, kind in enumerate(["open", "click", "open"])
    ]

    feed.load(json_drop("wide", rows))

    recorded = {
        (row["event_type"], row["field"]): (
            row["type"],
            row["rows_seen"],
            row["rows_filled"],
            row["sample"],
        )
        for row in feed.rig.execute("SELECT * FROM {schema}._firehose_schemas")
    }
    for n in fields:
        digits, filled = "9" * len(str(n)), 2 if n % 3 == 2 else 1
        told = ("json", f'{{"xx":{digits}}}') if n % 7 == 0 else ("text", f"Xx-{digits}")
        assert recorded["email.open", f"new{n}"] == (told[0], 2, filled, told[1])
    of_clicks = {field for kind, field in recorded if kind == "email.click"}
    assert of_clicks == {f"new{n}" for n in fields if n % 3}
