"""Two models of an event type in force: the feed may still send the old one, and send it late."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.command import Answer, Row, ask, select
from tests.end_to_end.test_changing_feed import as_csv, as_lines
from tests.schema_documents import VERSIONS

WRITERS = {"csv": as_csv, "json": as_lines}


def row(event_id: str, **fields: str) -> Row:
    return {"eventId": event_id, "eventType": "shop.review", "sku": event_id, **fields}


def deliver(home: Path, name: str, *rows: Row) -> None:
    """Write rows as one drop of each form, their ids apart."""
    for form, write in WRITERS.items():
        own = [{**one, "eventId": f"{form}-{one['eventId']}"} for one in rows]
        (home / "drops").mkdir(exist_ok=True)
        (home / f"drops/{name}.{form}").write_text(write(own))


def run(home: Path) -> Answer:
    answer = ask("run", "drops", "--into", "e.duckdb", "--json", cwd=home)
    assert answer.code == 0, answer.err
    return answer


def put_into_force(home: Path, version: str) -> None:
    folder = home / "mine/shop.review"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(VERSIONS / f"shop.review/{version}.json", folder)
    (home / "firehose.toml").write_text('schemas = "mine"\n')


def ratings(home: Path, table: str) -> Sequence[tuple[object, ...]]:
    found = select(
        home / "e.duckdb",
        f"SELECT event_id, rating, _schema_version, _rescued FROM dotdigital.{table} ORDER BY 1",
    )
    return [tuple(one.values()) for one in found]


def test_a_drop_of_the_old_model_arrives_after_the_new_one_is_in_force(tmp_path: Path) -> None:
    put_into_force(tmp_path, "1-0-0")
    deliver(tmp_path, "1", row("a", rating="good"))
    run(tmp_path)
    put_into_force(tmp_path, "2-0-0")
    deliver(tmp_path, "2", row("b", rating="5", photos="[1]"))
    run(tmp_path)

    late = [row("c", rating="fine"), row("a", rating="good")]
    deliver(tmp_path, "late", *late)
    deliver(tmp_path, "both", row("d", rating="4"), row("e", rating="bad", mood="x"))
    told = ask("inspect", "drops/late.csv", "drops/both.json", "--json", cwd=tmp_path)
    answer = run(tmp_path)

    rows = answer.json["rows"]
    assert (rows["parsed"], rows["inserted"], rows["duplicate"]) == (8, 6, 2)
    assert ratings(tmp_path, "shop_review") == [
        (f"{form}-{of}", rating, version, None)
        for form in ("csv", "json")
        for of, rating, version in (
            ("a", "good", "1-0-0"),
            ("c", "fine", "1-0-1"),  # its batch added a field
            ("e", "bad", "1-0-1"),
        )
    ]
    assert ratings(tmp_path, "shop_review_2") == [
        (f"{form}-{of}", rating, "2-0-0", None)
        for form in ("csv", "json")
        for of, rating in (("b", 5), ("d", 4))
    ]
    one, both = told.json["drops"]
    assert [(of["table"], of["rows"]) for of in one["event_types"]] == [("shop_review", 2)]
    assert [(of["table"], of["versions"]) for of in both["event_types"]] == [
        ("shop_review", {"1-0-1": 1}),
        ("shop_review_2", {"2-0-0": 1}),
    ]
    proposed = ask("schema", "infer", "drops/both.json", "--json", cwd=tmp_path)
    assert [
        (one["rows"], one["document"] and one["document"]["x-version"])
        for one in proposed.json["proposals"]
    ] == [(1, "1-0-1"), (1, None)]
