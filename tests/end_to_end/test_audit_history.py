"""What an audit makes of a warehouse with a past: nothing that the loader did itself differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from msgspec.structs import replace

from firehose_loader.cli import main
from firehose_loader.sample.write import write_sample
from firehose_loader.schema.catalog import load_catalog
from tests.command import ask, table
from tests.sampled import EVERYTHING
from tests.schema_documents import a_document, write

SHARED = "../common/1-0-0.json#/$defs/"
PROPERTIES = {
    "eventId": {"$ref": f"{SHARED}eventId"},
    "eventDate": {"$ref": f"{SHARED}eventDate"},
    "processedDate": {"$ref": f"{SHARED}processedDate"},
    "email": {"$ref": f"{SHARED}email"},
    "total": {"type": ["number", "null"]},
    "note": {"type": ["string", "null"]},
}
STRICT = a_document(**{"properties": PROPERTIES, "required": ["total"], "x-merge": "upsert"})
RELAXED = a_document(
    **{
        "properties": {**PROPERTIES, "total": {"type": ["string", "null"]}},
        "x-version": "1-1-0",
        "x-merge": "upsert",
    }
)
SECOND = a_document(
    **{
        "properties": {**PROPERTIES, "basket": {"type": "string"}},
        "required": ["basket"],
        "x-version": "2-0-0",
    }
)
REVIEW = a_document(**{"x-event-type": "shop.review"})
HEADER = "eventId,eventType,processedDate,total,note,email\n"


def at(hour: int) -> str:
    return f"2026-01-05T{hour:02}:00:00Z"


class Home:
    """A folder with a configuration, and the command line in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        (folder / "drops").mkdir()
        self.configure()

    def configure(self, *more: str) -> None:
        lines = [
            f'schemas = "{self.folder}/schemas"',
            "[warehouse]",
            f'url = "{self.folder}/events.duckdb"',
            "[[source]]",
            'name = "s"',
            f'url = "{self.folder}/drops"',
            *more,
        ]
        (self.folder / "firehose.toml").write_text("\n".join(lines))

    def do(self, *words: str, code: int = 0) -> Any:  # noqa: ANN401 - whatever was printed
        self._capsys.readouterr()
        answered = main([*words, "-c", str(self.folder / "firehose.toml"), "--json"])
        said = self._capsys.readouterr()
        assert answered == code, said.out + said.err
        return json.loads(said.out)

    def deliver(self, name: str, text: str) -> None:
        (self.folder / "drops" / name).write_text(text)
        self.do("run")

    def audited(self, *words: str, code: int = 0) -> Any:  # noqa: ANN401 - as above
        found = self.do("audit", "--deep", *words, code=code)
        if code == 0:
            assert (found["differences"], found["not_read"]) == ([], [])
        return found


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Home:
    write(tmp_path / "schemas", STRICT)
    return Home(tmp_path, capsys)


def orders(*rows: str) -> str:
    """Rows: event id, hour of processing, total, note; joined by colons."""
    cells = [row.split(":") for row in rows]
    return HEADER + "".join(
        f"{one},shop.order,{at(int(hour))},{total},{note},ann@example.com\n"
        for one, hour, total, note in cells
    )


def test_all_that_the_loader_does_itself_agrees_with_the_files(home: Home) -> None:
    home.deliver("a.csv", orders("1:10:5:x", "2:10:7.5:x", "3:10::y", "4:10::z", ":10::same"))
    # Replaced, come again later with nothing new, and older than what is there.
    home.deliver("b.csv", orders("1:11:6:x", "2:12:7.5:x", "5:10:1:x", "5:9:2:x"))
    home.deliver("c.csv", "eventId,eventType,stars\n1,shop.review,5\n2,shop.review,4\n")
    home.deliver("d.csv", orders("1:10:5:x", "9:10:1:x").replace("note", "mood"))
    assert home.audited()["rows"]["superseded"] > 0

    # Rows retried under a later version, whose total is text now; one row given up for good.
    write(home.folder / "schemas", RELAXED, "shop.order/1-1-0.json")
    home.do("quarantine", "retry", "--drop", "a.csv")
    home.deliver("e.csv", orders("20:10::x,a cell too many", "21:10:12:x"))
    write(home.folder / "schemas", SECOND, "shop.order/2-0-0.json")
    write(home.folder / "schemas", REVIEW, "shop.review/1-0-0.json")
    home.deliver("f.csv", "eventId,eventType,basket,total\n30,shop.order,b,1\n31,shop.order,,2\n")
    home.deliver("g.csv", "eventId,eventType,total\n1,shop.review,5\n2,shop.review,4\n")
    versions = {
        row["_schema_version"] for row in table(home.folder / "events.duckdb", "shop_order")
    }
    assert len(versions) >= 2
    home.audited()

    assert {row["event_id"] for row in table(home.folder / "events.duckdb", "shop_order_2")} == {
        "30"
    }
    home.do("undo", "g.csv", "--yes")
    (home.folder / "drops" / "g.csv").unlink()
    home.do("quarantine", "remove", "--drop", "e.csv", "--yes")
    home.audited()


def test_masked_rescued_and_archived_rows_agree_with_the_files(home: Home) -> None:
    home.configure(
        *('drift = "rescue"', 'after = "archive"', 'archive = "done/{key}"'),
        *("[pii]", 'key_id = "k1"', f'key = "{"ab" * 16}"'),
        *("[pii.policy]", 'email = "hash"'),
    )
    home.deliver("a.csv", orders("1:10:5:x", "2:10::y", "3:10:1:x").replace("note", "mood"))
    home.deliver(
        "b.ndjson", '{"eventType": "sms.send", "email": "bo@example.com", "odd": [1]}\n{\n'
    )
    held = home.do("quarantine", "list")["held"]
    assert len(held) == 2
    assert not any("example.com" in row["raw"] for row in held)
    home.audited()
    home.do("quarantine", "remove", "--yes", "--all")
    home.deliver("c.csv", "eventId,eventType,odd\n1,sms.send,2\n")
    archived = sorted(path.name for path in (home.folder / "drops" / "done").iterdir())
    assert "c.csv" in archived

    found = home.audited()

    assert found["rows"]["in_files"] == 6
    (home.folder / "drops" / "done" / "c.csv").unlink()
    found = home.audited("c.csv", code=4)
    assert [(one["drop"], one["why"]) for one in found["not_read"]] == [("c.csv", "gone")]


def test_a_version_that_is_on_file_no_more_is_told(home: Home) -> None:
    home.deliver("a.csv", orders("1:10:5:x"))
    (home.folder / "schemas" / "shop.order" / "1-0-0.json").unlink()
    write(home.folder / "schemas", RELAXED, "shop.order/1-1-0.json")

    found = home.audited(code=4)

    assert [(one["drop"], one["why"]) for one in found["not_read"]] == [("a.csv", "schema")]
    assert "version 1-0-0 of shop_order" in found["not_read"][0]["message"]
    assert home.do("audit")["exit_code"] == 0


def test_a_sample_of_every_shape_that_changes_half_way_agrees_with_its_files(home: Home) -> None:
    options = replace(EVERYTHING, events=150, drops=12, event_types=("email.open", "sms.send"))
    write_sample(home.folder / "drops", options, catalog=load_catalog(None))
    home.do("run")

    rows = home.audited()["rows"]

    assert rows["identical"] > 0
    assert rows["quarantined"] > 0


def test_json_is_compared_by_what_it_says(tmp_path: Path) -> None:
    """A warehouse may have a spelling of its own for it."""
    (tmp_path / "in").mkdir()
    document = {"a": "text", "b": {"x": 1000, "y": [1, None]}}
    (tmp_path / "in" / "email.open.json").write_text(
        json.dumps([{"eventId": f"{n}", "eventDate": at(1), "basket": document} for n in range(6)])
    )
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "e.duckdb"\n[[source]]\nname = "feed"\nurl = "in"\n'
    )
    assert ask("run", cwd=tmp_path).code == 0
    differs = {
        '{"b": {"y": [1.0, null], "x": 1e3}, "a": "text"}': False,
        json.dumps(json.dumps(document, separators=(",", ":"))): False,  # kept as a text
        '{"a": "text", "b": {"x": 1000, "y": [null, 1]}}': True,
        '{"a": "text", "b": {"x": 1001, "y": [1, null]}}': True,
        '{"a": "text"}': True,
        None: True,
    }

    with duckdb.connect(str(tmp_path / "e.duckdb")) as connection:
        for number, stored in enumerate(differs):
            connection.execute(
                "UPDATE dotdigital.email_open SET basket = ? WHERE event_id = ?",
                [stored, str(number)],
            )
    audit = ask("audit", "--deep", "--json", cwd=tmp_path)

    assert audit.code == 6
    found = {one["row"] for one in audit.json["differences"]}
    assert found == {row for row, differing in enumerate(differs.values(), 1) if differing}
