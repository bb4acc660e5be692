"""What is promised of a load: every event once, every row accounted for, whatever is delivered."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.command import Answer, ask, call, event_tables, events, load, select, table

HEADER = "eventId,eventType,eventDate,contactId,email"
FEW_TYPES = tuple(f"--event-type={name}" for name in ("email.open", "email.click", "sms.send"))
"""Each table takes its time, and one test loads events of all types."""


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    folder = tmp_path / "drops"
    folder.mkdir()
    return folder


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "events.duckdb"


def test_thousands_of_mixed_events_load_as_the_sample_told(drops: Path, database: Path) -> None:
    told = ask(
        *("sample", drops, "--events", 4000, "--drops", 10, "--seed", 11, *FEW_TYPES),
        *("--duplicates", 0.03, "--bad", 0.01, "--late", 0.05, "--drift", "--json"),
    ).json

    first = load(drops, database)
    second = load(drops, database)

    rows = first.json["rows"]
    assert told["rows"] == told["events"] + told["duplicates"] + told["bad"] >= 4100
    assert {
        "parsed": told["rows"],
        "inserted": told["events"],
        "updated": 0,
        "duplicate": told["duplicates"],
        "quarantined": told["bad"],
        "expired": 0,
        "identical": told["duplicates"],
        "superseded": 0,
        "conflicting": 0,
    } == rows
    assert (told["drops"], 0, "partial", 0) == (
        first.json["drops"]["loaded"],
        first.json["drops"]["failed"],
        first.json["status"],
        first.code,
    )
    in_tables = sum(
        select(database, f'SELECT count(*) AS n FROM dotdigital."{name}"')[0]["n"]
        for name in event_tables(database)
    )
    distinct = select(
        database,
        "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM dotdigital._firehose_quarantine",
    )[0]
    assert told["events"] == in_tables
    assert {"n": told["bad"], "ids": told["bad"]} == distinct
    assert second.json["drops"]["new"] == second.json["rows"]["parsed"] == 0
    assert told["drops"] == second.json["drops"]["skipped"]


def test_what_each_event_table_holds_is_what_the_sample_told(drops: Path, database: Path) -> None:
    told = call("sample", drops, "--events", 1000, "--drops", 20, "--duplicates", 0.1, "--json")

    load(drops, database)

    found = {
        row["event_type"]: row["rows"]
        for row in ask("status", "--into", database, "--json").json["events"]
    }
    wanted = {name: of["events"] for name, of in told.json["event_types"].items() if of["events"]}
    assert wanted == {name: rows for name, rows in found.items() if rows}


def test_a_renamed_drop_adds_nothing(drops: Path, database: Path) -> None:
    write(drops / "a.csv", [event(1), event(2)])
    load(drops, database)
    before = events(database)

    (drops / "a.csv").rename(drops / "b.csv")
    again = load(drops, database)

    assert counts(again) == {"parsed": 2, "inserted": 0, "duplicate": 2}
    assert before == events(database)


def test_a_drop_sent_twice_under_two_names_counts_once(drops: Path, database: Path) -> None:
    write(drops / "a.csv", [event(1), event(2)])
    shutil.copy(drops / "a.csv", drops / "b.csv")

    loaded = load(drops, database)

    assert counts(loaded) == {"parsed": 4, "inserted": 2, "duplicate": 2}


def test_a_drop_overwritten_with_more_rows_adds_only_those(drops: Path, database: Path) -> None:
    write(drops / "a.csv", [event(1), event(2)])
    load(drops, database)

    write(drops / "a.csv", [event(1), event(2), event(3)])
    again = load(drops, database)

    assert counts(again) == {"parsed": 3, "inserted": 1, "duplicate": 2}
    assert ids(database) == ["1", "2", "3"]


def test_a_whole_folder_loaded_again_without_its_ledger_changes_nothing(
    drops: Path, database: Path
) -> None:
    ask(
        *("sample", drops, "--events", 1000, "--drops", 20, *FEW_TYPES),
        *("--bad", 0.02, "--duplicates", 0.05),
    )
    load(drops, database)
    before, quarantine = events(database), table(database, "_firehose_quarantine")
    with duckdb.connect(str(database)) as connection:
        connection.execute("DELETE FROM dotdigital._firehose_drops")

    again = load(drops, database)

    assert again.json["rows"]["inserted"] == again.json["rows"]["updated"] == 0
    assert again.json["drops"]["loaded"] == 20
    assert before == events(database)
    assert quarantine == table(database, "_firehose_quarantine")


def test_two_equal_rows_without_an_id_are_two_events_and_stay_two(
    drops: Path, database: Path
) -> None:
    row = ["", "email.open", "2026-01-05T10:00:00Z", "7", "a@example.com"]
    write(drops / "a.csv", [row, row])

    first = load(drops, database)
    (drops / "a.csv").rename(drops / "renamed.csv")
    second = load(drops, database)

    assert counts(first) == {"parsed": 2, "inserted": 2, "duplicate": 0}
    assert counts(second) == {"parsed": 2, "inserted": 0, "duplicate": 2}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("eventDate,eventId,eventType", "2026-01-05T10:00:00Z,1,email.open"),
        ("EVENT_ID,Event_Type,event date", "1,email.open,2026-01-05T10:00:00Z"),
        ("eventid,EVENTTYPE,timeStamp", "1,EmailOpen,2026-01-05T12:00:00+02:00"),
    ],
    ids=["reordered", "cased", "aliased"],
)
def test_columns_are_found_by_name(drops: Path, database: Path, header: str, row: str) -> None:
    write(drops / "usual.csv", [event(2)])
    (drops / "other.csv").write_text(f"{header}\n{row}\n")

    load(drops, database)

    (found,) = select(
        database,
        "SELECT event_type, event_date::VARCHAR AS at, contact_id FROM dotdigital.email_open"
        " WHERE event_id = '1'",
    )
    assert found == {
        "event_type": "email.open",
        "at": "2026-01-05 10:00:00",
        "contact_id": None,
    }


def test_good_neighbours_of_damage_load_and_the_damage_is_told(drops: Path, database: Path) -> None:
    """Each kind of damage ends in quarantine with file, line and reason."""
    import gzip

    good = [",".join(event(number)) for number in range(1, 400)]
    packed = gzip.compress(("\n".join([HEADER, *good]) + "\n").encode())
    (drops / "torn.csv.gz").write_bytes(packed[: len(packed) * 3 // 4])
    lines = [HEADER, ",".join(event(1001)), '1002,"email.open,x,y,z', ",".join(event(1003))]
    (drops / "quote.csv").write_text("\n".join(lines) + "\n")
    binary = b"\n".join(
        [HEADER.encode(), ",".join(event(2001)).encode(), b"\x80\xff\xfe\x00\x01", b""]
    )
    (drops / "binary.csv").write_bytes(binary + ",".join(event(2003)).encode() + b"\n")
    whole = json.dumps(
        {"eventId": "3001", "eventType": "email.open", "eventDate": "2026-01-05T10:00:00Z"}
    )
    (drops / "half.json").write_text(f'{whole}\n{{"eventId": "3002", "eventTy\n')

    loaded = load(drops, database)
    strict = load(drops, database.with_name("strict.duckdb"), "--strict")

    found = select(
        database,
        "SELECT d.key, q.line, q.row_no, q.reason, q.raw FROM dotdigital._firehose_quarantine q"
        " JOIN dotdigital._firehose_drops d USING (drop_id) ORDER BY d.key",
    )
    by_key = {row["key"]: row for row in found}
    assert {"binary.csv", "half.json", "quote.csv", "torn.csv.gz"} == by_key.keys()
    assert {"unparseable"} == {row["reason"] for row in found}
    assert (by_key["quote.csv"]["line"], by_key["quote.csv"]["row_no"]) == (3, 2)
    assert by_key["quote.csv"]["raw"] == '1002,"email.open,x,y,z'
    assert (by_key["binary.csv"]["line"], by_key["binary.csv"]["row_no"]) == (3, 2)
    assert (by_key["half.json"]["line"], by_key["half.json"]["row_no"]) == (2, 2)
    assert {"1001", "1003", "2001", "2003", "3001"} <= set(ids(database))
    assert len([key for key in ids(database) if int(key) < 400]) > 50
    assert (loaded.json["status"], loaded.code) == ("partial", 0)
    assert loaded.json["rows"]["quarantined"] == 4
    assert (strict.code, strict.json["exit_code"]) == (3, 3)


@pytest.mark.parametrize("packed", [False, True])
def test_an_unclosed_quote_among_many_sound_drops_loses_nothing(
    drops: Path,
    database: Path,
    packed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Reading several files at once, the engine drops what follows such a quote without a word."""
    import gzip

    for number in range(8):
        (drops / f"sound-{number}.csv").write_text(f"eventId,eventType\na{number},email.open\n")
    open_quote = b'eventId,eventType\nb1,email.open\nb2,"email.open\nb3,email.open\n'
    (drops / "z.csv").write_bytes(gzip.compress(open_quote) if packed else open_quote)

    loaded = load(drops, database)

    assert tuple(loaded.json["rows"][name] for name in ("parsed", "inserted", "quarantined")) == (
        11,
        10,
        1,
    )


def test_a_drop_of_more_fields_than_are_loaded_is_set_aside(drops: Path, database: Path) -> None:
    write(drops / "good.csv", [event(1)])
    (drops / "wide.csv").write_text(",".join(f"f{n}" for n in range(1001)) + "\n")

    loaded = load(drops, database)

    assert (loaded.json["drops"]["loaded"], loaded.json["drops"]["quarantined"]) == (1, 1)
    assert "max_fields = 1000" in loaded.json["errors"][0]["message"]


def test_a_file_that_cannot_be_read_at_all_is_set_aside_and_the_others_load(
    drops: Path, database: Path
) -> None:
    write(drops / "good.csv", [event(1)])
    (drops / "noise.csv").write_bytes(bytes(range(256)) * 50)
    (drops / "broken.gz").write_bytes(b"\x1f\x8b\x08\x00broken")

    loaded = load(drops, database)
    again = load(drops, database)

    assert {name: loaded.json["drops"][name] for name in ("loaded", "quarantined", "failed")} == {
        "loaded": 1,
        "quarantined": 2,
        "failed": 0,
    }
    assert {"broken.gz", "noise.csv"} == {error["drop"] for error in loaded.json["errors"]}
    assert again.json["drops"]["new"] == 0
    assert ids(database) == ["1"]


def test_lineage_leads_from_each_row_to_its_line(drops: Path, database: Path) -> None:
    rows = [["x", "email.open", "2026-01-05T10:00:00Z", "", 'a "quoted"\nline'], event(2), event(3)]
    write(drops / "a.csv", rows)

    load(drops, database)

    found = select(
        database,
        "SELECT e.event_id, d.key, e._row FROM dotdigital.email_open e"
        " JOIN dotdigital._firehose_drops d ON d.drop_id = e._drop_id ORDER BY e._row",
    )
    assert [tuple(row.values()) for row in found] == [
        ("x", "a.csv", 1),
        ("2", "a.csv", 2),
        ("3", "a.csv", 3),
    ]


def test_the_view_shows_all_events_whatever_their_table_and_columns(
    drops: Path, database: Path
) -> None:
    write(drops / "a.csv", [event(1)])
    load(drops, database)
    (drops / "b.csv").write_text(
        "eventId,eventType,eventDate,url,strange\n2,smsClick,2026-01-05T11:00:00Z,https://x,y\n"
    )

    load(drops, database)

    found = select(
        database,
        "SELECT event_id, event_type, email, rest->>'url' AS url, rest->>'strange' AS strange"
        " FROM dotdigital.events ORDER BY event_id",
    )
    assert [tuple(row.values()) for row in found] == [
        ("1", "email.open", "1@example.com", None, None),
        ("2", "sms.click", None, "https://x", "y"),
    ]


def test_the_oldest_drop_is_loaded_first(drops: Path, database: Path) -> None:
    """Of two drops that tell of one event, the row of the one delivered first stays."""
    write(drops / "late.csv", [[*event(1)[:3], "8", ""]])
    write(drops / "young.csv", [[*event(1)[:3], "9", ""]])
    os.utime(drops / "late.csv", (2_000_000_000, 2_000_000_000))
    os.utime(drops / "young.csv", (1_900_000_000, 1_900_000_000))

    loaded = load(drops, database)

    assert [row["contact_id"] for row in table(database, "email_open")] == [9]
    assert loaded.json["rows"]["conflicting"] == 1


@pytest.mark.parametrize("rows", [(9000, 9000), (9000, 3)], ids=["alike", "one"])
def test_rows_of_large_drops_are_numbered_as_they_stand(
    rows: tuple[int, ...], drops: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether each has a thread of its own, or one that outweighs the others is divided.

    The large ones are longer than the buffer of the reader, which has 32 MiB.
    """
    monkeypatch.setenv("FIREHOSE_THREADS", "2")
    for number, count in enumerate(rows):
        of = range(number * 1_000_000 + 1, number * 1_000_000 + 1 + count)
        write(drops / f"{number}.csv", [[*event(row)[:4], "x" * 4000] for row in of])

    loaded = load(drops, database)

    told = select(
        database,
        "SELECT count(*) AS rows, count_if(event_id::BIGINT % 1_000_000 = _row) AS right"
        " FROM dotdigital.email_open",
    )
    assert loaded.json["rows"]["inserted"] == sum(rows)
    assert told == [{"rows": sum(rows), "right": sum(rows)}]


def event(number: int) -> list[str]:
    return [str(number), "email.open", "2026-01-05T10:00:00Z", str(number), f"{number}@example.com"]


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        writer.writerows(rows)


def counts(answer: Answer) -> dict[str, int]:
    return {name: answer.json["rows"][name] for name in ("parsed", "inserted", "duplicate")}


def ids(database: Path) -> list[str]:
    rows = select(database, "SELECT event_id FROM dotdigital.email_open ORDER BY event_id::BIGINT")
    return [row["event_id"] for row in rows]
