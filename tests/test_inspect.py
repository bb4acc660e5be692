"""``inspect``: what a drop is and what would become of it; and what a first run assumes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import Answer, ask
from tests.conftest import new_rig
from tests.rigs.s3 import S3Rig
from tests.schema_documents import a_document, write

HEADER = "Event ID,EVENT_DATE,email,mailClient,shoe size,data"
ROWS = [
    "1,2026-01-05T10:00:00Z,anna@example.com,Outlook,Grösse 42,",
    '2,2026-01-05T11:00:00Z,bob@example.com,,,"{""name"": ""Bob""}"',
    "3,yesterday,eve@example.com,Outlook,,",
    "1,2026-01-05T10:00:00Z,anna@example.com,Outlook,Grösse 42,",
]


def a_drop(folder: Path, name: str = "email.open/a.csv", rows: list[str] = ROWS) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    return path


def looked_at(*words: object, cwd: Path | None = None) -> Any:  # noqa: ANN401 - a JSON document
    answer = ask("inspect", *words, "--json", cwd=cwd)
    assert answer.code == 0, answer.err
    return answer.json["drops"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """What is said of a drop that has something of everything."""
    return ask("inspect", a_drop(tmp_path_factory.mktemp("told")), "--json")


def test_a_drop_is_told_with_all_that_would_become_of_it(told: Answer) -> None:
    assert told.code == 0, told.err
    (drop,) = told.json["drops"]

    (event_type,) = drop["event_types"]
    fields = {field["column"]: field for field in event_type["fields"]}
    assert drop["content"]["format"] == "csv"
    assert drop["content"]["header"] == HEADER.split(",")
    assert drop["rows"] == {
        "parsed": 4,
        "inserted": 2,
        "duplicate": 1,
        "quarantined": 1,
        "expired": 0,
    }
    assert (event_type["event_type"], event_type["versions"]) == ("email.open", {"1-0-1": 2})
    assert event_type["why"] == "the folder 'email.open'"
    assert fields["event_id"]["spelled"] == ["Event ID"]
    assert (fields["mail_client"]["state"], fields["mail_client"]["filled"]) == ("inferred", 1)
    assert (fields["is_html"]["state"], fields["is_html"]["spelled"]) == ("missing", [])
    assert fields["shoe_size"] == {
        "name": "shoe size",
        "column": "shoe_size",
        "type": "text",
        "state": "unknown",
        "spelled": ["shoe size"],
        "filled": 1,
        "rescued": 0,
        "sample": "Xxxxxx 99",
        "why": "no event schema knows it; text holds whatever comes",
    }


def test_values_that_do_not_fit_and_fields_without_values_are_told(tmp_path: Path) -> None:
    path = tmp_path / "emailOpen.csv"
    path.write_text("eventId,contactId,hat\n1,12,\n2,x-12,\n")

    (drop,) = looked_at(path)

    fields = {field["name"]: field for field in drop["event_types"][0]["fields"]}
    contact, hat = fields["contactId"], fields["hat"]
    assert (contact["filled"], contact["rescued"]) == (1, 1)
    assert contact["why"] == "kept in _rescued: x-99"
    assert (hat["state"], hat["column"], hat["filled"]) == ("unknown", None, 0)
    assert hat["why"] == "no event schema knows it; it has no value"


def test_rows_are_shown_as_they_would_land_and_no_personal_data(told: Answer) -> None:
    (drop,) = told.json["drops"]
    first, second = drop["event_types"][0]["samples"]
    assert first == {
        "event_id": "1",
        "event_type": "email.open",
        "event_date": "2026-01-05 10:00:00",
        "email": "xxxx@xxxxxxx.xxx",
        "mail_client": "Outlook",
        "shoe_size": "Xxxxxx 99",
    }
    assert second["data_name"] == "Xxx"
    assert not [name for name in ("anna", "bob", "eve@", "Grösse", "Bob") if name in told.out]


def test_what_would_be_quarantined_is_shown_with_its_reason(told: Answer) -> None:
    (drop,) = told.json["drops"]

    (row,) = drop["set_aside"]
    assert (row["row"], row["line"], row["reason"], row["field"]) == (
        3,
        4,
        "bad_event_time",
        "eventDate",
    )
    assert row["message"] == "eventDate is not a date and time"
    assert row["text"] == "9,xxxxxxxxx,xxx@xxxxxxx.xxx,Xxxxxxx,,"


def test_the_page_for_people_says_the_same(tmp_path: Path) -> None:
    answer = ask("inspect", a_drop(tmp_path))

    assert answer.code == 0
    assert "4 rows: 2 would be loaded, 1 are duplicates, 1 would be quarantined" in answer.out
    assert "csv, utf-8, delimiter ',', 6 fields" in answer.out
    assert "email.open, because of this: the folder 'email.open'" in answer.out
    assert "missing" in answer.out
    assert "would land as {" in answer.out


def test_nothing_is_written_and_no_warehouse_is_needed(tmp_path: Path) -> None:
    a_drop(tmp_path)

    looked_at("email.open/a.csv", cwd=tmp_path)

    assert [path.name for path in tmp_path.rglob("*")] == ["email.open", "a.csv"]


@pytest.mark.parametrize(
    ("row", "name", "event_type", "why"),
    [
        ({"eventId": "1"}, "smsSend-1.json", "sms.send", "the file name 'smsSend-1.json'"),
        ({"eventId": "1", "type": "sms.send"}, "a.json", "sms.send", "the rows say so in type"),
        (
            {"eventId": "1", "type": "sms.send"},
            "smsSend-1.json",
            "sms.send",
            "type, in rows where it names the type; else the file name 'smsSend-1.json'",
        ),
        ({"eventId": "1"}, "a.json", "unknown", "neither a rule, a column, a folder"),
        (
            {"mailClient": "x", "isForward": "true"},
            "a.json",
            "email.open",
            "no other event type has all fields of its header",
        ),
    ],
)
def test_it_is_told_what_told_the_event_type(
    tmp_path: Path, row: dict[str, str], name: str, event_type: str, why: str
) -> None:
    (tmp_path / name).write_text(json.dumps(row))

    (drop,) = looked_at(tmp_path / name)

    (found,) = drop["event_types"]
    assert found["event_type"] == event_type
    assert found["why"].startswith(why)


def test_a_drop_that_cannot_be_read_is_told_as_the_quarantine_would(tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_bytes(b"%PDF-1.4 \x00\x01")

    (drop,) = looked_at(tmp_path / "report.csv")

    assert drop["content"] is None
    assert drop["rows"]["parsed"] == 0
    assert [(row["row"], row["reason"]) for row in drop["set_aside"]] == [(None, "unparseable")]
    assert "PDF" in drop["set_aside"][0]["message"]


def test_a_folder_and_a_glob_are_looked_at_up_to_a_limit(tmp_path: Path) -> None:
    for number in range(3):
        a_drop(tmp_path, f"{number}.csv", ROWS[:1])
    (tmp_path / "4.json.gz").write_bytes(gzip.compress(b'{"type": "email.open"}'))

    assert len(looked_at(tmp_path, "--limit", 2)) == 2
    (packed,) = looked_at(f"{tmp_path}/*.gz", "--rows", 0)
    assert packed["content"]["compression"] == "gzip"
    assert packed["event_types"][0]["samples"] == []


def test_a_drop_of_a_configured_source_has_the_rules_and_schemas_of_the_configuration(
    tmp_path: Path,
) -> None:
    write(tmp_path / "mine", a_document())
    a_drop(tmp_path / "in", "orders/a.csv", ["1,2026-01-05,,,,"])
    (tmp_path / "firehose.toml").write_text(
        'schemas = "mine"\n[warehouse]\nurl = "never.duckdb"\n[[source]]\nname = "shop"\n'
        'url = "in"\nevents = {"orders/*" = "shop.order"}\n'
    )

    (drop,) = looked_at("in/orders/a.csv", cwd=tmp_path)
    (same,) = looked_at("shop", cwd=tmp_path)

    assert drop == same
    assert drop["event_types"][0]["event_type"] == "shop.order"
    assert drop["event_types"][0]["why"] == "the rule 'orders/*' of the source"
    assert not (tmp_path / "never.duckdb").exists()


@pytest.mark.parametrize("policy", ["rescue", "freeze"])
def test_what_a_source_does_with_unknown_fields_is_shown(tmp_path: Path, policy: str) -> None:
    path = tmp_path / "in" / "emailOpen.csv"
    path.parent.mkdir()
    path.write_text("eventId,hat\n1,7\n")
    (tmp_path / "firehose.toml").write_text(
        f'[[source]]\nname = "feed"\nurl = "in"\ndrift = "{policy}"\n'
    )

    (drop,) = looked_at("feed", cwd=tmp_path)
    inferred = ask("schema", "infer", "feed", cwd=tmp_path)

    assert json.loads(inferred.out)["properties"]["hat"]["type"] == ["integer", "null"]
    if policy == "freeze":
        assert drop["event_types"] == []
        assert [row["reason"] for row in drop["set_aside"]] == ["schema_frozen"]
    else:
        fields = {field["name"]: field for field in drop["event_types"][0]["fields"]}
        assert fields["hat"]["column"] is None
        assert fields["hat"]["rescued"] == 1
        assert fields["hat"]["why"] == "no event schema knows it; kept in _rescued"


def test_a_drop_in_a_bucket_is_looked_at_by_its_url(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rig = new_rig("s3-moto", request, tmp_path)
    assert isinstance(rig, S3Rig)
    rig.put("email.open/a.csv", a_drop(tmp_path).read_bytes())
    reader = rig.server.reader
    (tmp_path / "firehose.toml").write_text(
        f'[[source]]\nname = "bucket"\nurl = "s3://{rig.bucket}/out"\n'
        f'endpoint = "{rig.endpoint}"\nregion = "us-east-1"\n'
        f'access_key_id = "{reader.access_key_id}"\n'
        f'secret_access_key = "{reader.secret_access_key}"\n'
    )

    (drop,) = looked_at(f"s3://{rig.bucket}/out/email.open/a.csv", cwd=tmp_path)
    rig.close()

    assert drop["drop"] == "email.open/a.csv"
    assert drop["rows"]["inserted"] == 2


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nowhere.csv", "nowhere.csv"),
        ("./empty", "./empty: there is no drop; name a file, a folder or a URL"),
        ("ftp://x/y.csv", "unknown kind of source in 'ftp://x/'"),
        ("s3:///a.csv", "names no bucket"),
        ("azure://account/container/a.csv", "auth"),
        ("", "url: write a text in quotes, not an empty one"),
    ],
)
def test_a_place_without_drops_is_an_error(tmp_path: Path, word: str, message: str) -> None:
    (tmp_path / "empty").mkdir()

    answer = ask("inspect", word, cwd=tmp_path)

    assert answer.code == 2
    (line,) = answer.err.splitlines()
    assert line.startswith("error: ")
    assert message in line


# -- the page after a first run ------------------------------------------------------------------


def test_a_first_run_says_what_it_assumed_and_a_second_one_does_not(tmp_path: Path) -> None:
    a_drop(tmp_path)

    first = ask("run", tmp_path, "--into", tmp_path / "e.duckdb")
    a_drop(tmp_path, "email.open/b.csv", ["4,2026-01-05,,,,"])
    second = ask("run", tmp_path, "--into", tmp_path / "e.duckdb")

    assert first.code == second.code == 0
    assert "  email.open: of its fields, 16 are inferred" in first.err
    assert "2 were unknown and got a column" in first.err
    assert "firehose-loader schema evidence" in first.err
    assert "assumed" not in second.err


def test_a_configuration_for_snowflake_does_not_stand_in_the_way(tmp_path: Path) -> None:
    """Nothing is connected to; what only Snowflake has does not concern the trial."""
    a_drop(tmp_path)
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "snowflake://me@acme/db/s?warehouse=w"\naccess_token = "${env:T}"\n'
        'schema = "marketing"\n[[source]]\nname = "s"\nurl = "."\n'
    )

    answer = ask("inspect", "email.open", "--json", cwd=tmp_path, environ={"T": "token"})

    assert answer.code == 0, answer.err
    assert [drop["drop"] for drop in answer.json["drops"]] == ["a.csv"]
