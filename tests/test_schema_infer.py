"""``schema infer``: documents proposed from real drops, that the same drops then fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firehose_loader.schema.catalog import load_catalog
from firehose_loader.schema.model import FieldType, Version
from tests.command import ask, load, table


def a_drop(folder: Path, name: str, *rows: dict[str, object]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


ORDERS: tuple[dict[str, object], ...] = (
    {
        "orderId": "0012",
        "total": 12.5,
        "items": 3,
        "placed": "2026-01-05T10:00:00Z",
        "shipBy": "2026-01-07",
        "isGift": 1,
        "paid": "yes",
        "lines": [{"sku": "a"}],
        "note": "Grüße",
        "email": "anna@example.com",
    },
    {
        "orderId": "0013",
        "total": 7,
        "items": 1,
        "placed": "2026-01-05T11:00:00Z",
        "shipBy": "2026-01-08",
        "isGift": 0,
        "paid": "no",
        "lines": [],
        "note": "7",
        "email": None,
    },
)


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Return a folder with orders and the schema inferred from them, and the answer."""
    folder = tmp_path_factory.mktemp("infer")
    a_drop(folder, "in/orders.json", *ORDERS)
    answer = ask(
        "schema",
        "infer",
        "in",
        "--event-type",
        "shop.order",
        "--output",
        "mine",
        "--json",
        cwd=folder,
    )
    assert answer.code == 0, answer.err
    return folder, answer.json


def test_a_new_event_type_is_proposed_with_the_narrowest_types(proposed: tuple[Path, Any]) -> None:
    folder, _ = proposed

    schema = load_catalog(folder / "mine").latest("shop.order")

    types = {field.column: field.type for field in schema.fields}
    assert types == {
        "event_id": FieldType.TEXT,
        "event_type": FieldType.TEXT,
        "event_date": FieldType.TIMESTAMP,
        "email": FieldType.TEXT,
        "order_id": FieldType.TEXT,
        "total": FieldType.NUMBER,
        "items": FieldType.INTEGER,
        "placed": FieldType.TIMESTAMP,
        "ship_by": FieldType.DATE,
        "is_gift": FieldType.BOOLEAN,
        "paid": FieldType.BOOLEAN,
        "lines": FieldType.JSON,
        "note": FieldType.TEXT,
    }
    assert (schema.version, schema.event_time) == (Version(1, 0, 0), "placed")


def test_it_is_told_why_a_field_has_its_type_and_no_value_is_shown(
    proposed: tuple[Path, Any],
) -> None:
    _, answer = proposed

    (proposal,) = answer["proposals"]
    why = proposal["new_fields"]
    assert proposal["rows"] == 2
    assert why["orderId"] == "2 values begin with a zero, as ids do; such as 9999"
    assert why["items"] == "all 2 values are whole numbers; such as 9"
    assert why["shipBy"] == "all 2 values are dates; such as 9999-99-99"
    assert why["note"].startswith("values of several kinds, or texts")
    assert "Grüße" not in json.dumps(answer, ensure_ascii=False)
    assert proposal["document"]["properties"]["email"] == {
        "$ref": "../common/1-0-0.json#/$defs/email"
    }


def test_the_drops_fit_what_was_inferred_from_them(proposed: tuple[Path, Any]) -> None:
    folder, _ = proposed
    config = folder / "firehose.toml"
    config.write_text(
        'schemas = "mine"\n[warehouse]\nurl = "e.duckdb"\n'
        '[[source]]\nname = "in"\nurl = "in"\nevents = {"**" = "shop.order"}\n'
    )

    answer = ask("run", "-c", config, "--json", cwd=folder)

    assert answer.json["rows"]["inserted"] == 2, answer.err
    rows = table(folder / "e.duckdb", "shop_order")
    assert sorted(row["order_id"] for row in rows) == ["0012", "0013"]
    assert [row["_rescued"] for row in rows] == [None, None]
    assert table(folder / "e.duckdb", "_firehose_schemas") == []


def test_new_fields_of_a_known_event_type_make_its_next_version(tmp_path: Path) -> None:
    drop = a_drop(
        tmp_path,
        "emailOpen.json",
        {"eventId": "1", "mailClient": "x", "score": "5", "clientOs": "y"},
    )

    shown = ask("schema", "infer", drop)
    written = ask("schema", "infer", drop, "--output", tmp_path / "mine")

    document = json.loads(shown.out)
    assert written.code == 0, written.err
    assert json.loads((tmp_path / "mine/email.open/1-0-1.json").read_text()) == document
    assert document["properties"]["score"]["type"] == ["integer", "null"]
    assert document["properties"]["eventId"] == {"$ref": "../common/1-0-0.json#/$defs/eventId"}
    assert "email.open: 1 rows, 2 new fields" in shown.err
    assert "  score: all 1 values are whole numbers; such as 9\n" in shown.err
    catalog = load_catalog(tmp_path / "mine")
    assert catalog.latest("email.open").by_column["score"].evidence == "observed"


def test_nothing_is_proposed_where_all_is_known(tmp_path: Path) -> None:
    drop = a_drop(tmp_path, "emailOpen.json", {"eventId": "1", "mailClient": "x"})

    answer = ask("schema", "infer", drop)

    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "email.open: 1 rows, no new field\n"


def test_a_document_that_is_there_is_replaced_on_demand_only(tmp_path: Path) -> None:
    drop = a_drop(tmp_path, "emailOpen.json", {"eventId": "1", "score": "5"})
    words = ("schema", "infer", drop, "--output", tmp_path / "mine")
    ask(*words)
    path = tmp_path / "mine/email.open/1-0-1.json"
    path.write_text("{}")

    refused = ask(*words)
    replaced = ask(*words, "--overwrite")

    assert refused.code == 2
    assert f"{path}: is there already; move it, or give --overwrite" in refused.err
    assert replaced.code == 0
    assert json.loads(path.read_text())["x-version"] == "1-0-1"


def test_rows_that_cannot_be_loaded_propose_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"%PDF-1.4")

    answer = ask("schema", "infer", tmp_path / "a.csv")

    assert (answer.code, answer.out) == (0, "")
    assert "see firehose-loader inspect" in answer.err


def test_a_type_inferred_after_its_column_was_made_otherwise_is_refused_with_advice(
    tmp_path: Path,
) -> None:
    a_drop(tmp_path, "in/emailOpen.json", {"eventId": "1", "score": "5"})
    load(tmp_path / "in", tmp_path / "e.duckdb")
    ask("schema", "infer", tmp_path / "in", "--output", tmp_path / "mine")
    a_drop(tmp_path, "in/emailOpen2.json", {"eventId": "2", "score": "6"})

    config = tmp_path / "firehose.toml"
    config.write_text(f'schemas = "{tmp_path}/mine"\n')
    refused = ask("run", "in", "--into", "e.duckdb", cwd=tmp_path)

    assert refused.code == 2
    assert "has score as integer, the table dotdigital.email_open has it as text" in refused.err
