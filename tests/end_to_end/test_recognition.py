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

Event = dict[str, str | int]


def events_of(place: int) -> list[Event]:
    """Return the same three events but for their ids, which tell of their place."""
    return [{**event, "eventId": f"{place}-{event['eventId']}"} for event in EVENTS]


EVENTS: list[Event] = [
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


def delimited(events: list[Event], delimiter: str = ",", newline: str = "\n") -> bytes:
    def cell(value: object) -> str:
        return '"' + str(value).replace('"', '""') + '"'

    lines = [delimiter.join(events[0])]
    lines += [delimiter.join(cell(value) for value in event.values()) for event in events]
    return (newline.join(lines) + newline).encode()


def ndjson(events: list[Event]) -> bytes:
    return "".join(json.dumps(event) + "\n" for event in events).encode()


def array(events: list[Event], indent: int | None = None) -> bytes:
    return json.dumps(events, ensure_ascii=False, indent=indent).encode()


def zipped(*members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"part-{number}", member)
    return file.getvalue()


def utf_16(content: bytes, encoding: str) -> bytes:
    return ("\ufeff" + content.decode()).encode(encoding)


FORMS: dict[str, Callable[[list[Event]], bytes]] = {
    "comma": delimited,
    "semicolon": lambda of: delimited(of, ";"),
    "tab": lambda of: delimited(of, "\t"),
    "pipe": lambda of: delimited(of, "|"),
    "CRLF": lambda of: delimited(of, newline="\r\n"),
    "BOM": lambda of: b"\xef\xbb\xbf" + delimited(of),
    "UTF-16 LE": lambda of: utf_16(delimited(of), "utf-16-le"),
    "UTF-16 BE": lambda of: utf_16(ndjson(of), "utf-16-be"),
    "NDJSON": ndjson,
    "NDJSON with BOM and blank lines": lambda of: (
        b"\xef\xbb\xbf" + ndjson(of).replace(b"\n", b"\n\n")
    ),
    "array": array,
    "indented array": lambda of: array(of, indent=2),
    "wrapper": lambda of: json.dumps({"checkPoint": "x", "events": of}).encode(),
    "indented wrapper": lambda of: json.dumps({"events": of}, indent=2).encode(),
    "indented objects": lambda of: "\n".join(json.dumps(one, indent=1) for one in of).encode(),
    "gzip": lambda of: gzip.compress(delimited(of)),
    "gzip of two members": lambda of: (
        gzip.compress(ndjson(of)[:100]) + gzip.compress(ndjson(of)[100:])
    ),
    "gzip array": lambda of: gzip.compress(array(of)),
    "zstd": lambda of: zstandard.compress(ndjson(of)),
    "zip": lambda of: zipped(delimited(of)),
    "zip of three members": lambda of: zipped(
        *(json.dumps(event).encode() + b"\n" for event in of)
    ),
}


MISLEADING = [
    (form, name) for form in ("comma", "NDJSON", "gzip") for name in ("x.json", "x.csv", "x.gz")
]


NAMED = [*((form, "drop") for form in FORMS), *MISLEADING]


@pytest.fixture(scope="module")
def formed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database into which each form was loaded, alone in its batch."""
    home = tmp_path_factory.mktemp("forms")
    for number, (form, name) in enumerate(NAMED):
        path = home / "drops" / str(number) / name
        path.parent.mkdir(parents=True)
        path.write_bytes(FORMS[form](events_of(number)))
    (home / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "s"\nurl = "drops"\n'
        "batch_files = 1\n"
    )

    loaded = ask("run", "--json", cwd=home)

    assert (loaded.code, loaded.json["status"]) == (0, "ok"), loaded.err
    assert loaded.json["drops"]["loaded"] == len(NAMED)
    return home / "events.duckdb"


@pytest.mark.parametrize(("form", "name"), NAMED)
def test_every_form_gives_the_same_events(formed: Path, form: str, name: str) -> None:
    place = NAMED.index((form, name))

    found = select(
        formed,
        "SELECT event_id, event_date::VARCHAR AS at, contact_id, url, campaign_name, _row"
        " FROM dotdigital.email_click INNER JOIN dotdigital._firehose_drops AS d"
        " ON _drop_id = d.drop_id WHERE d.key = ? ORDER BY event_id",
        [f"{place}/{name}"],
    )
    assert [
        {
            "event_id": f"{place}-{number}",
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


EMPTY = (
    b"",
    b"\n\n",
    b"eventId,eventDate\n",
    b"eventId,eventDate",
    b"[]",
    b" [ ] \n",
    gzip.compress(b""),
    gzip.compress(b"[]"),
    zipped(),
)


def test_drops_without_rows_are_loaded_with_none(tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    for number, content in enumerate(EMPTY):
        (tmp_path / "drops" / f"empty {number}").write_bytes(content)
    (tmp_path / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "s"\nurl = "drops"\n'
        "batch_files = 1\n"
    )

    first = ask("run", "--json", cwd=tmp_path)
    second = ask("run", "--json", cwd=tmp_path)

    assert (
        first.json["drops"]["loaded"],
        first.json["rows"]["parsed"],
        first.json["status"],
        first.code,
    ) == (len(EMPTY), 0, "ok", 0), first.err
    ledger = table(tmp_path / "events.duckdb", "_firehose_drops")
    assert {(row["state"], row["rows_parsed"]) for row in ledger} == {("loaded", 0)}
    assert second.json["drops"]["new"] == 0


PLAIN = "eventId,eventDate\n1,2026-01-05T10:00:00Z\n"


TYPED = [
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
]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database into which each of these drops was loaded, from a source of its own."""
    home = tmp_path_factory.mktemp("types")
    config = '[warehouse]\nurl = "events.duckdb"\n'
    for number, (key, content, _) in enumerate(TYPED):
        path = home / f"drops{number}" / key
        path.parent.mkdir(parents=True)
        path.write_text(content.replace("\n1,", f"\nid{number},"))
        config += f'[[source]]\nname = "s{number}"\nurl = "drops{number}"\n'
    (home / "firehose.toml").write_text(config)

    loaded = ask("run", "--json", cwd=home)

    assert loaded.json["rows"]["inserted"] == len(TYPED), loaded.err
    return home / "events.duckdb"


@pytest.mark.parametrize("number", range(len(TYPED)))
def test_the_event_type_is_found(typed: Path, number: int) -> None:
    _, _, wanted = TYPED[number]

    assert f"id{number}" in {row["event_id"] for row in table(typed, wanted)}


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
