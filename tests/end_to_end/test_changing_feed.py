"""A feed that changes six times under its user, as the command line tells of it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from tests.command import Row, ask, load, select
from tests.schema_documents import VERSIONS

FIRST = {"eventType": "shop.order", "eventDate": "2026-01-01T10:00:00Z"}
PHASES: Sequence[Sequence[Row]] = (
    [{**FIRST, "eventId": "1", "orderNo": "7", "total": "12", "placedOn": "2026-01-01"}],
    # a new column
    [{**FIRST, "eventId": "2", "orderNo": "8", "total": "13", "coupon": "SPRING"}],
    # a missing one, in so many rows that it is no chance
    [{**FIRST, "eventId": f"3-{number:02}", "total": "14"} for number in range(20)],
    # one renamed and one widened, as version 1-1-0 has it
    [{**FIRST, "eventId": "4", "orderNo": "A-9", "orderTotal": "15.5"}],
    [{**FIRST, "eventId": "5", "placedOn": "2026-01-05T08:30:00Z", "orderTotal": "16"}],
    # a nested object, and an event type that nobody knows
    [
        {**FIRST, "eventId": "6", "orderTotal": "17", "shipping": '{"city":"York"}'},
        {**FIRST, "eventType": "shop.teleport", "eventId": "7"},
    ],
)
WIDENED = 3
"""The phase before which version 1-1-0 comes."""
ORDERS = [
    ("1", "7", 12.0, datetime(2026, 1, 1), None, None),  # noqa: DTZ001 - the tables hold naive UTC
    ("2", "8", 13.0, None, "SPRING", None),
    *((f"3-{number:02}", None, 14.0, None, None, None) for number in range(20)),
    ("4", "A-9", 15.5, None, None, None),
    ("5", None, 16.0, datetime(2026, 1, 5, 8, 30), None, None),  # noqa: DTZ001
    ("6", None, 17.0, None, None, '{"city":"York"}'),
]


MISSING = {
    ("as_csv", True): [
        ("orderNo", "no longer sent"),
        ("placedOn", "no longer sent"),
        ("coupon", "no longer sent"),
    ],
    ("as_csv", False): [
        ("orderNo", "not always sent"),
        ("placedOn", "not always sent"),
        ("coupon", "not always sent"),
    ],
    ("as_lines", True): [("orderNo", "not always sent"), ("coupon", "no longer sent")],
    ("as_lines", False): [("orderNo", "not always sent")],
}
"""What is told of columns that went missing, by form and by whether each drop has its run. A header
tells for sure, and what stopped behind a run; of JSON, chance has to be ruled out."""


def as_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_lines(rows: Sequence[Row]) -> str:
    objects = [
        {name: json.loads(text) if text.startswith("{") else text for name, text in row.items()}
        for row in rows
    ]
    return "".join(json.dumps(one) + "\n" for one in objects)


@pytest.mark.parametrize(
    ("batches", "write"),
    [
        ("one run for each change", as_csv),
        ("one run for all", as_lines),
        pytest.param("one run for each change", as_lines, marks=pytest.mark.long),
        pytest.param("one run for all", as_csv, marks=pytest.mark.long),
    ],
)
def test_a_feed_that_changes_six_times_is_loaded_whole_and_told_of(
    write: Callable[[Sequence[Row]], str], batches: str, tmp_path: Path
) -> None:
    drops, database, schemas = tmp_path / "drops", tmp_path / "e.duckdb", tmp_path / "schemas"
    (schemas / "shop.order").mkdir(parents=True)
    drops.mkdir()
    config = tmp_path / "firehose.toml"
    config.write_text(f'schemas = "{schemas}"\n[warehouse]\nurl = "{database}"\n')
    each = batches == "one run for each change"

    shutil.copy(VERSIONS / "shop.order" / "1-0-0.json", schemas / "shop.order")
    for number, phase in enumerate(PHASES):
        (drops / f"{number}").write_text(write(phase))
        if number == WIDENED:
            for version in ("1-0-1", "1-1-0"):
                shutil.copy(VERSIONS / "shop.order" / f"{version}.json", schemas / "shop.order")
        if each or number == len(PHASES) - 1:
            assert load(drops, database, "-c", str(config)).json["status"] == "ok"

    found = select(
        database,
        "SELECT event_id, order_no, total, placed_on, coupon, shipping::VARCHAR AS shipping"
        " FROM dotdigital.shop_order ORDER BY event_id",
    )
    assert [tuple(row.values()) for row in found] == ORDERS
    assert select(database, "SELECT event_id FROM dotdigital.unknown") == [{"event_id": "7"}]
    told = ask("schema", "diff", "--into", database, "-c", config, "--json")
    assert told.code == 0, told.err
    assert [
        (step["from"], step["to"], change["field"], change["kind"])
        for step in told.json["steps"]
        for change in step["changes"]
    ] == [
        ("1-0-0", "1-0-1", "currency", "optional field added"),
        ("1-0-1", "1-1-0", "orderTotal", "type widened"),
        ("1-0-1", "1-1-0", "orderTotal", "field renamed"),
        ("1-0-1", "1-1-0", "orderTotal", "alias added"),
        ("1-0-1", "1-1-0", "placedOn", "type widened"),
    ]
    assert sorted(
        (one["event_type"], one["field"], one["verdict"]) for one in told.json["observed"]
    ) == sorted(
        [
            *(("shop.order", *of) for of in MISSING[write.__name__, each]),
            ("shop.order", "coupon", "new"),
            ("shop.order", "shipping", "new"),
            ("unknown", "shop.teleport", "new event type"),
        ]
    )
    again = load(drops, database, "-c", str(config)).json
    assert (again["drops"]["new"], again["rows"]["inserted"]) == (0, 0)
