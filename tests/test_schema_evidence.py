"""What a warehouse knows of the feed: ``schema evidence``, ``export`` and ``diff``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firehose_loader.schema.catalog import load_catalog
from firehose_loader.schema.gather import gather
from firehose_loader.schema.model import FieldType
from tests.command import ask, load, table
from tests.schema_documents import VERSIONS

DATE = "2026-01-05T10:00:00Z"


def a_drop(folder: Path, name: str, header: str, *rows: str) -> None:
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows, ""]), "utf-8")


def by_field(answer: Any, event_type: str = "email.open") -> dict[str, Any]:  # noqa: ANN401
    (found,) = [one for one in answer["event_types"] if one["event_type"] == event_type]
    return {field["field"]: field for field in found["fields"]}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a feed of opens that went another way than the schema says."""
    folder = tmp_path_factory.mktemp("feed")
    header = "id,eventDate,emailAddress,contactId,campaignId,mailClient"
    a_drop(
        folder,
        "email.open/1.csv",
        header,
        f"1,{DATE},a@example.com,12,5,Outlook",
        f"2,{DATE},b@example.com,x-12,5,Outlook",
    )
    load(folder / "in", folder / "e.duckdb")
    a_drop(
        folder,
        "email.open/2.csv",
        "id,eventDate,emailAddress,contactId,campaignId,mail_client_name",
        f"3,{DATE},c@example.com,y-13,,Outlook",
    )
    a_drop(folder, "3.json", json.dumps({"eventType": "wishlist.add", "eventId": "4"}))
    load(folder / "in", folder / "e.duckdb")
    return folder


def test_each_field_has_a_verdict(loaded: Path) -> None:
    answer = ask("schema", "evidence", "emailOpen", "--into", loaded / "e.duckdb", "--json")

    fields = by_field(answer.json)
    assert {name: field["verdict"] for name, field in fields.items()} == {
        "eventId": "spelled otherwise",
        "eventType": "confirmed",
        "eventDate": "confirmed",
        "processedDate": "absent",
        "accountId": "absent",
        "contactId": "of another type",
        "email": "spelled otherwise",
        "campaignId": "confirmed",
        "campaignName": "absent",
        "mailClient": "no longer sent",
        "mailClientVersion": "absent",
        "ipAddress": "absent",
        "userAgent": "absent",
        "isHtml": "absent",
        "isForward": "absent",
        "data": "absent",
        "mail_client_name": "new",
    }
    assert fields["email"]["message"] == "the feed spells it emailAddress"
    assert (fields["contactId"]["misfits"], fields["contactId"]["better_type"]) == (2, "text")
    assert fields["contactId"]["sample"] == "x-99"
    assert fields["mailClient"]["filled"] == 2
    assert "mailClient stopped coming" in fields["mail_client_name"]["message"]
    assert "example.com" not in answer.out


def test_what_rows_of_unknown_type_call_themselves_is_told(loaded: Path) -> None:
    answer = ask("schema", "evidence", "unknown", "--into", loaded / "e.duckdb", "--json")
    told = ask("schema", "evidence", "--into", loaded / "e.duckdb")

    (unknown,) = answer.json["event_types"]
    assert unknown["new_event_types"] == {"wishlist.add": 1}
    assert "a new event type: wishlist.add, 1 rows; see schema infer" in told.out


def test_the_corrected_version_keeps_the_rules_and_holds_what_did_not_fit(loaded: Path) -> None:
    words = ("schema", "evidence", "--into", loaded / "e.duckdb", "--output", loaded / "mine")
    answer = ask(*words, "email.open", "--json")
    assert answer.code == 0, answer.err

    schema = load_catalog(loaded / "mine").latest("email.open")
    contact, email = schema.by_column["contact_id"], schema.by_column["email"]
    assert answer.json["written"] == [str(loaded / "mine/email.open/1-1-0.json")]
    assert gather(loaded / "mine").findings == []
    assert (email.name, email.evidence) == ("emailAddress", "observed")
    assert {"email", "emailaddress"} <= set(email.spellings)
    assert contact.type is FieldType.TEXT
    assert schema.by_column["mail_client_name"].evidence == "observed"
    assert schema.by_column["ip_address"].evidence == "inferred"
    assert ask(*words, "email.open").code == 0, "the same again is no conflict"


def test_rows_load_under_the_corrected_version(loaded: Path, tmp_path: Path) -> None:
    ask(
        "schema",
        "evidence",
        "--into",
        loaded / "e.duckdb",
        "--output",
        loaded / "mine",
        "email.open",
    )
    a_drop(tmp_path, "email.open/9.csv", "id,contactId,emailAddress", "9,z-99,d@example.com")
    (tmp_path / "firehose.toml").write_text(f'schemas = "{loaded / "mine"}"\n')
    database = tmp_path / "copy.duckdb"
    database.write_bytes((loaded / "e.duckdb").read_bytes())

    answer = ask("run", "in", "--into", database, cwd=tmp_path)

    assert answer.code == 0, answer.err
    assert "email_open: wider columns contact_id" in answer.err
    rows = {row["event_id"]: row for row in table(database, "email_open")}
    assert {name: row["contact_id"] for name, row in rows.items()} == {
        "1": "12",
        "2": None,
        "3": None,
        "9": "z-99",
    }
    assert rows["9"]["_rescued"] is None
    assert rows["9"]["_schema_version"] == "1-1-0"


def test_nothing_is_corrected_where_nothing_was_loaded(tmp_path: Path) -> None:
    answer = ask("schema", "evidence", "--into", tmp_path / "e.duckdb")

    assert (answer.code, answer.out) == (0, "nothing was loaded yet\n")


def test_an_event_type_that_no_schema_has_is_refused(loaded: Path) -> None:
    answer = ask("schema", "evidence", "email.opn", "--into", loaded / "e.duckdb")

    assert answer.code == 2
    assert "did you mean 'email.open'?" in answer.err


def test_a_field_that_is_only_rescued_is_new_and_gets_a_column_when_corrected(
    tmp_path: Path,
) -> None:
    a_drop(tmp_path, "email.open/1.csv", "id,Shoe Size,hat", "1,42,0", "2,43,")
    (tmp_path / "firehose.toml").write_text(
        '[[source]]\nname = "feed"\nurl = "in"\ndrift = "rescue"\n'
    )
    ask("run", "--into", "e.duckdb", cwd=tmp_path)

    answer = ask(
        *("schema", "evidence", "--into", "e.duckdb", "--json", "--output", "mine"), cwd=tmp_path
    )

    size = by_field(answer.json)["Shoe Size"]
    assert size["verdict"] == "new"
    assert size["message"] == "2 values are in _rescued only; all 2 values are whole numbers"
    schema = load_catalog(tmp_path / "mine").latest("email.open")
    assert schema.by_column["shoe_size"].type is FieldType.INTEGER


@pytest.mark.parametrize(("rows", "verdict"), [(3, "confirmed"), (30, "no longer sent")])
def test_that_a_json_field_stopped_is_told_only_where_it_is_no_chance(
    tmp_path: Path, rows: int, verdict: str
) -> None:
    """Of JSON, the header is that of the first object only."""
    first = [{"eventId": f"a{n}", **({"mailClient": "x"} if n % 4 else {})} for n in range(8)]
    later = [{"eventId": f"b{n}"} for n in range(rows)]
    for name, objects in (("1.json", first), ("2.json", later)):
        (tmp_path / "in" / "email.open").mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / "email.open" / name).write_text(json.dumps(objects))
        load(tmp_path / "in", tmp_path / "e.duckdb")

    answer = ask("schema", "evidence", "--into", tmp_path / "e.duckdb", "--json")

    assert by_field(answer.json)["mailClient"]["verdict"] == verdict


def test_a_new_event_type_is_told_by_diff(loaded: Path) -> None:
    answer = ask("schema", "diff", "unknown", "--into", loaded / "e.duckdb")

    assert answer.out.splitlines() == [
        "unknown: what the feed changed by itself",
        "  wishlist.add: new event type: no schema has it; 1 rows of unknown name it",
        "firehose-loader schema infer FILE --event-type TYPE proposes a schema for a new type",
    ]


def test_a_field_that_may_tell_the_event_type_and_does_not_is_written_as_any_other(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    row = {"eventId": "1", "name": "message.sent", "payload": {"status": "failed"}}
    (tmp_path / "in/hook.json").write_text(json.dumps([row]))
    ask("run", "in", "--into", "e.duckdb", cwd=tmp_path)
    words = ("--into", "e.duckdb", "--output")

    ask("schema", "export", *words, "exported", cwd=tmp_path)
    ask("schema", "evidence", *words, "corrected", cwd=tmp_path)
    infer = ("schema", "infer", "in/hook.json", "--event-type", "message.sent")
    ask(*infer, "--output", "inferred", cwd=tmp_path)

    for folder in ("exported", "corrected", "inferred"):
        answer = ask("schema", "lint", folder, cwd=tmp_path)
        assert answer.code == 0, answer.out
    (tmp_path / "in/again.json").write_text(json.dumps([row, {**row, "eventId": "2"}]))
    (tmp_path / "firehose.toml").write_text('schemas = "corrected"\n')
    ask("run", "in", "--into", "e.duckdb", cwd=tmp_path)
    assert {
        (row["event_id"], row["event_type"], row["name"], row["status"])
        for row in table(tmp_path / "e.duckdb", "unknown")
    } == {("1", None, "message.sent", "failed"), ("2", None, "message.sent", "failed")}


# -- export --------------------------------------------------------------------------------------


def test_observed_versions_become_files_that_the_loader_takes_as_its_own(
    loaded: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    answer = ask("schema", "export", "--into", loaded / "e.duckdb", "--output", mine, "--json")
    again = ask("schema", "export", "--into", loaded / "e.duckdb", "--schemas", mine)

    document = json.loads((mine / "email.open/1-0-1.json").read_text())
    field = document["properties"]["mail_client_name"]
    assert answer.json["written"] == [str(mine / "email.open/1-0-1.json")]
    assert field["type"] == ["string", "null"]
    assert field["x-evidence"] == "observed"
    assert "in 1 of 1 rows, such as Xxxxxxx." in field["$comment"]
    assert gather(mine).findings == []
    assert load_catalog(mine).latest("email.open").by_column["mail_client_name"].name
    assert (again.out, again.err) == ("", "the feed added nothing that is not on file\n")


# -- diff ----------------------------------------------------------------------------------------


def test_diff_tells_the_steps_between_versions_on_file() -> None:
    answer = ask("schema", "diff", "shop.order", "--schemas", VERSIONS)
    one = ask("schema", "diff", "shop.order", "1-0-1", "1-1-0", "--schemas", VERSIONS, "--json")

    assert answer.out.splitlines() == [
        "shop.order 1-0-0 -> 1-0-1 (addition)",
        "  currency is new: column currency, text",
        "shop.order 1-0-1 -> 1-1-0 (revision)",
        "  orderTotal was integer and is number",
        "  orderTotal was total; both fill the column total",
        "  orderTotal is also spelled amount",
        "  placedOn was date and is timestamp",
    ]
    (step,) = one.json["steps"]
    assert (step["from"], step["to"], step["step"]) == ("1-0-1", "1-1-0", "revision")
    assert [change["kind"] for change in step["changes"]] == [
        "type widened",
        "field renamed",
        "alias added",
        "type widened",
    ]


def test_diff_tells_what_the_feed_changed_by_itself(loaded: Path) -> None:
    answer = ask("schema", "diff", "email.open", "--into", loaded / "e.duckdb")

    lines = answer.out.splitlines()
    assert lines[0] == "email.open: what the feed changed by itself"
    assert [line.split(":")[:2] for line in lines[1:]] == [
        ["  eventId", " spelled otherwise"],
        ["  contactId", " of another type"],
        ["  email", " spelled otherwise"],
        ["  mailClient", " no longer sent"],
        ["  mail_client_name", " new"],
    ]
    assert "text holds them too" in lines[2]


def test_diff_between_files_needs_no_warehouse(tmp_path: Path) -> None:
    (tmp_path / "firehose.toml").write_text(
        f'schemas = "{VERSIONS}"\n[warehouse]\nurl = "nowhere/e.duckdb"\n'
    )

    answer = ask("schema", "diff", "shop.order", "1-0-0", "1-0-1", cwd=tmp_path)

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0] == "shop.order 1-0-0 -> 1-0-1 (addition)"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("email.open", "1-0-7"), "has no version 1-0-7; there are 1-0-0"),
        (("email.open", "7"), "is not a version like 1-0-0"),
        (("shop.order", "1-1-0", "1-0-0"), "1-1-0 is newer than 1-0-0"),
        (("email.opn",), "did you mean 'email.open'?"),
    ],
)
def test_diff_between_versions_that_are_not_there_is_refused(
    words: tuple[str, ...], message: str
) -> None:
    answer = ask("schema", "diff", *words, "--schemas", VERSIONS)

    assert answer.code == 2
    assert message in answer.err
