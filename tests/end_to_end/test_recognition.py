"""Whatever plausible form a drop has, the same events come out; by content, never by extension."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.command import ask, load, select, table

EVENTS = [
    {
        "eventId": str(number),
        "eventType": "email.click",
        "eventDate": f"2026-01-05T10:00:0{number}.500Z",
        "contactId": number,
        "url": f'https://example.com/?a={number}&q="x,y"',
        "campaignName": "Été, Noël\nline two, 日本 🎉",
    }
    for number in range(1, 4)
]


def delimited(delimiter: str = ",", newline: str = "\n") -> bytes:
    def cell(value: object) -> str:
        return '"' + str(value).replace('"', '""') + '"'

    lines = [delimiter.join(EVENTS[0])]
    lines += [delimiter.join(cell(value) for value in event.values()) for event in EVENTS]
    return (newline.join(lines) + newline).encode()


def ndjson() -> bytes:
    return "".join(json.dumps(event) + "\n" for event in EVENTS).encode()


def array(indent: int | None = None) -> bytes:
    return json.dumps(EVENTS, ensure_ascii=False, indent=indent).encode()


def zipped(*members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"part-{number}", member)
    return file.getvalue()


def utf_16(content: bytes, encoding: str) -> bytes:
    return ("\ufeff" + content.decode()).encode(encoding)


FORMS: dict[str, Callable[[], bytes]] = {
    "comma": delimited,
    "semicolon": lambda: delimited(";"),
    "tab": lambda: delimited("\t"),
    "pipe": lambda: delimited("|"),
    "CRLF": lambda: delimited(newline="\r\n"),
    "BOM": lambda: b"\xef\xbb\xbf" + delimited(),
    "UTF-16 LE": lambda: utf_16(delimited(), "utf-16-le"),
    "UTF-16 BE": lambda: utf_16(ndjson(), "utf-16-be"),
    "NDJSON": ndjson,
    "NDJSON with BOM and blank lines": lambda: b"\xef\xbb\xbf" + ndjson().replace(b"\n", b"\n\n"),
    "array": array,
    "indented array": lambda: array(indent=2),
    "wrapper": lambda: json.dumps({"checkPoint": "x", "events": EVENTS}).encode(),
    "indented wrapper": lambda: json.dumps({"events": EVENTS}, indent=2).encode(),
    "indented objects": lambda: "\n".join(json.dumps(one, indent=1) for one in EVENTS).encode(),
    "gzip": lambda: gzip.compress(delimited()),
    "gzip of two members": lambda: gzip.compress(ndjson()[:100]) + gzip.compress(ndjson()[100:]),
    "gzip array": lambda: gzip.compress(array()),
    "zstd": lambda: zstandard.compress(ndjson()),
    "zip": lambda: zipped(delimited()),
    "zip of three members": lambda: zipped(
        *(json.dumps(event).encode() + b"\n" for event in EVENTS)
    ),
}


MISLEADING = [
    (form, name) for form in ("comma", "NDJSON", "gzip") for name in ("x.json", "x.csv", "x.gz")
]


@pytest.mark.parametrize(("form", "name"), [*((form, "drop") for form in FORMS), *MISLEADING])
def test_every_form_gives_the_same_events(tmp_path: Path, form: str, name: str) -> None:
    database = tmp_path / "events.duckdb"
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / name).write_bytes(FORMS[form]())

    loaded = load(tmp_path / "drops", database)

    assert (loaded.code, loaded.json["status"]) == (0, "ok"), loaded.err
    found = select(
        database,
        "SELECT event_id, event_date::VARCHAR AS at, contact_id, url, campaign_name, _row"
        " FROM dotdigital.email_click ORDER BY event_id",
    )
    assert [
        {
            "event_id": str(number),
            "at": f"2026-01-05 10:00:0{number}.5",
            "contact_id": number,
            "url": event["url"],
            "campaign_name": event["campaignName"],
            "_row": number,
        }
        for number, event in enumerate(EVENTS, 1)
    ] == found


def test_a_single_object_is_one_event(tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "one").write_text(json.dumps(EVENTS[0]))

    load(tmp_path / "drops", tmp_path / "events.duckdb")

    assert [row["event_id"] for row in table(tmp_path / "events.duckdb", "email_click")] == ["1"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"eventId,eventDate\n",
        b"eventId,eventDate",
        b"[]",
        b" [ ] \n",
        gzip.compress(b"", mtime=0),  # an id of a test is the same in every process
        gzip.compress(b"[]", mtime=0),
        zipped(),
    ],
)
def test_a_drop_without_rows_is_loaded_with_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "empty").write_bytes(content)

    first = load(tmp_path / "drops", tmp_path / "events.duckdb")
    second = load(tmp_path / "drops", tmp_path / "events.duckdb")

    assert (
        first.json["drops"]["loaded"],
        first.json["rows"]["parsed"],
        first.json["status"],
        first.code,
    ) == (1, 0, "ok", 0), first.err
    assert second.json["drops"]["new"] == 0


PLAIN = "eventId,eventDate\n1,2026-01-05T10:00:00Z\n"


@pytest.mark.parametrize(
    ("key", "content", "wanted"),
    [
        ("x/a.csv", "eventId,eventType\n1,emailClick\n", "email_click"),
        ("x/a.csv", "eventId,event\n1,EMAIL_OPEN\n", "email_open"),
        ("x/a.csv", "eventId,eventType\n1,email.somethingNew\n", "unknown"),
        ("email.send/2026/01/05/a.csv", PLAIN, "email_send"),
        ("email_send/a.csv", PLAIN, "email_send"),
        ("12345/EmailSend/a.csv", PLAIN, "email_send"),
        ("x/prod_sms_delivered_20260105T1000.csv", PLAIN, "sms_delivered"),
        ("x/transactional_emailFailed_1.csv", PLAIN, "transactional_email_failed"),
        ("x/a.csv", "eventId,eventDate,optinCode\n1,2026-01-05,true\n", "email_double_opt_in"),
        ("x/a.csv", PLAIN, "unknown"),
    ],
)
def test_the_event_type_is_found(tmp_path: Path, key: str, content: str, wanted: str) -> None:
    path = tmp_path / "drops" / key
    path.parent.mkdir(parents=True)
    path.write_text(content)

    load(tmp_path / "drops", tmp_path / "events.duckdb")

    assert [row["event_id"] for row in table(tmp_path / "events.duckdb", wanted)] == ["1"]


def test_a_rule_of_the_configuration_stands_above_what_the_drop_says(tmp_path: Path) -> None:
    path = tmp_path / "drops" / "email.open" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text("eventId,eventType\n1,email.click\n")
    (tmp_path / "firehose.toml").write_text(
        f'[warehouse]\nurl = "{tmp_path}/events.duckdb"\n[[source]]\nname = "s"\n'
        f'url = "{tmp_path}/drops"\nevents = {{ "email.open/*" = "smsReply" }}\n'
    )

    ask("run", "-c", tmp_path / "firehose.toml")

    found = table(tmp_path / "events.duckdb", "sms_reply")
    assert [(row["event_id"], row["event_type"]) for row in found] == [("1", "sms.reply")]


def test_a_run_tells_which_drops_it_read_in_another_encoding(tmp_path: Path) -> None:
    drops, database = tmp_path / "drops", tmp_path / "events.duckdb"
    drops.mkdir()
    row = "eventId,eventType,campaignName\n{},email.open,Caf\u00e9 \u20ac\n"
    for number, encoding in enumerate(["utf-8", "windows-1252", "utf-16"]):
        (drops / f"{encoding}.csv").write_bytes(row.format(number).encode(encoding))

    loaded = ask("run", drops, "--into", database, "--json", cwd=tmp_path)

    assert (loaded.code, loaded.json["status"]) == (0, "ok")
    assert loaded.json["sources"][0]["encodings"] == {"utf-16-le": 1, "windows-1252": 1}
    assert "windows-1252.csv: no UTF-8: read as windows-1252" in loaded.err
    found = select(database, "SELECT campaign_name FROM dotdigital.email_open")
    assert [one["campaign_name"] for one in found] == ["Caf\u00e9 \u20ac"] * 3
