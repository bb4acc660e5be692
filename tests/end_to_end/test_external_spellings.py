"""Spellings that two readers may take otherwise: whoever reads them, the tables are the same.

Each comes in a drop of its own, for one odd row makes all of its drop one that is read here.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from firehose_loader.external import loading
from tests.command import Row, ask
from tests.end_to_end.test_snowflake_twin import OF_A_BATCH, _of_duckdb, _of_snowflake, _toml
from tests.rigs import moto, snowflake
from tests.rigs.external import external_stage, in_bucket
from tests.rigs.snowflake import SnowflakeAccount

pytestmark = pytest.mark.xdist_group(snowflake.NAME)

WHOLE = "WHOLE_CONTRACT" in os.environ
BUCKET = "drops-in-odd-spellings"
AT = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventDate,campaignId,campaignName\n"
CELLS: Mapping[str, list[str]] = {
    # What a cell holds, as it stands in the drop; the first few of each are tried every time.
    "campaignName": [
        *(' "x"', '"x"', '{"a": 1}', '"{""a"": 1}"', "a'b", "a\\nb", "  x", "x  ", "null", "\\N"),
        *("é", "\u2028", "a\tb", "{}", '["a"]', "NaN", "x\u00a0", "😀", "email.open", '""', 'a"b'),
        *('"a\nb"', '"a"b', '"a', "a\0b"),
    ],
    "campaignId": [
        *("007", "N/A", "5.0", "", "+5", "-0", " 7", "7 ", "1e3", "9223372036854775807", "0x1A"),
        *("9223372036854775808", "999999999999999999", "1234567890123456789", "null", "\\N", "é"),
        *("true", "\u0661", '"12,5"', "_1"),
    ],
    "eventDate": [
        *(
            "2026-01-05",
            "2026-02-30T10:00:00Z",
            "2026-01-05T10:00:00.1234567Z",
            "never",
            "infinity",
        ),
        *("2026-01-05T10:00", "2026-01-05T10:00:00.5Z", "2026-01-05T24:00:00Z", "1767607200"),
        *("2026-01-05T23:59:60Z", "2026-01-05T10:00:00+14:59", "2026-01-05T10:00:00-00:00"),
        *("2026-01-05T10:00:00+0100", "2026-01-05t10:00:00z", "2026-01-05  10:00:00", "05/01/2026"),
        *("2026-01-05T10:00:00 +01:00", "1900-01-01T00:00:00+02:00", "2099-12-31T23:59:59-14:00"),
        *("2026-1-5 10:00:00", "2026-01-05 10:00:00 UTC", "now", "2026-01-05T25:00:00Z"),
        *("2026-01-05T10:00:00.Z", "2026-00-05T10:00:00Z", "2026-01-05 10:00:00+02:00"),
    ],
    "eventId": [
        *("null", " n1", "3F2504E04F8911D39A0C0305E82C3301", "n1 ", "N1", "é", "\\N", "-", "x\ty"),
        *("00000000-0000-0000-0000-000000000000", "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}"),
        *("3f2504e0-4f89-11d3-9a0c-0305e82c330", "3f2504e0-4f89-11d3-9a0c-0305e82c3301 "),
        *("3f2504e04f89-11d3-9a0c-0305e82c3302", "\u00a0x", "d41d8cd98f00b204e9800998ecf8427e"),
    ],
}
MEMBERS: Mapping[str, list[str]] = {
    # What a member of an object is, in JSON.
    "campaignName": [
        *("1.0", "12345678901234567890123", '"\\u00e9"', "1", "1.10", "1e5", "true", "null", '""'),
        *(
            "[]",
            "{}",
            '{"b":1, "a": 2}',
            '"a\\"b"',
            '"a\\\\b"',
            '"a\\/b"',
            '"\\ud83d\\ude00"',
            "-0",
        ),
        *('"null"', '"{\\"a\\": 1}"', "0.1", "-0.0", '"\\u0000"', '" "'),
    ],
    "campaignId": [
        *("1.0", "1e2", '"5"', "1", "-0", "12345678901234567890", '"5.0"', "true", "null", '""'),
        *("[1]", '{"a":1}', '"x"', "9223372036854775808", "0.5"),
    ],
    "data": [
        *(
            '{"campaignId": 1.0}',
            '{"x": null}',
            "5",
            "{}",
            "[]",
            "null",
            '"x"',
            '{"campaignId": 1}',
        ),
        *('{"campaignId": null}', "[1.0, 2]", '{"data": {"campaignId": 3}}', '{"zz": 1}', "true"),
        *('{"campaignName": "in"}', '{"campaignName": [1.50]}'),
    ],
    "eventDate": ["1767607200", f'"{AT}"', "1767607200000", "1767607200.5", '""', '"x"', "null"],
    "eventId": ["1", "1.0", "null", '""', "true", '"a b"', '["a"]', "12345678901234567890"],
    "isHtml": ["1", "true", '"TRUE"', "0", '"yes"', '"t"', "null", '"maybe"'],
}
OBJECT = f'{{"eventId": "o", "eventDate": "{AT}"}}'
OTHER = f'{{"eventId": "w33", "eventDate": "{AT}"}}'
WHOLE_DROPS: Mapping[str, str | bytes] = {
    "blank-before-name.csv": f"eventId, eventDate\nw1,{AT}\n",
    "scalar.ndjson": f"5\n{OBJECT}\n",
    "blank-before-member.ndjson": f'{{"eventId": "w2", " eventDate": "{AT}"}}\n',
    "same-type.csv": f"eventId,eventDate,eventType\nw3,{AT}, email.click \nw4,{AT},email.open\n",
    "two-gzips.csv.gz": gzip.compress(f"{HEADER}w5,{AT},1,n\n".encode(), mtime=0)
    + gzip.compress(f"w6,{AT},1,n\n".encode(), mtime=0),
    "mark.csv": f"\ufeff{HEADER}w7,{AT},1,n\n",
    "mark.ndjson": f"\ufeff{OBJECT}\n",
    "crlf.csv": f"{HEADER}w8,{AT},1,n\n".replace("\n", "\r\n"),
    "no-end.csv": f"{HEADER}w9,{AT},1,n",
    "empty-line.csv": f"{HEADER}w10,{AT},1,n\n\nw11,{AT},1,n\n",
    "empty-lines.csv": f"{HEADER}w12,{AT},1,n\n\n\n",
    "semicolons.csv": f"{HEADER}w13,{AT},1,n\n".replace(",", ";"),
    "short.csv": f"{HEADER}w14,{AT},1\n",
    "long.csv": f"{HEADER}w15,{AT},1,n,x\n",
    "header-again.csv": f"{HEADER}w16,{AT},1,n\n{HEADER}w17,{AT},1,n\n",
    "latin.csv": f"{HEADER}w18,{AT},1,café\n".encode("latin-1"),
    "utf-16.csv": f"{HEADER}w19,{AT},1,n\n".encode("utf-16"),
    "only-header.csv": HEADER,
    "nothing.csv": "",
    "no-header.csv": f"w20,{AT},1,n\n",
    "name-twice.csv": f"eventId,eventDate,campaignName,campaignName\nw21,{AT},a,b\n",
    "alias.csv": f"eventId,eventDate,timeStamp\nw22,{AT},{AT}\nw23,,{AT}\n",
    "strange.csv": f"eventId,eventDate,strange\nw24,{AT},1\nw25,{AT},\n",
    "no-name.csv": f"eventId,eventDate,\nw26,{AT},\n",
    "upper.csv": f"EVENTID,EventDate\nw27,{AT}\n",
    "repeated.csv": f"{HEADER}w28,{AT},1,n\nw28,{AT},1,n\nw28,{AT},2,n\n",
    "no-cell.csv": f"{HEADER}w29,{AT},1,n\n,,,\n",
    "packed.csv": gzip.compress(f"{HEADER}w30,{AT},1,n\n".encode(), mtime=0),
    "plain.csv.gz": f"{HEADER}w31,{AT},1,n\n",
    "objects.csv": f"{OBJECT}\n",
    "cells.json": f"{HEADER}w32,{AT},1,n\n",
    "array.json": f"[{OBJECT}, {OTHER}]",
    "one.json": OBJECT.replace(", ", ",\n"),
    "lines.json": f"{OBJECT}\n{OBJECT}\n",
    "one-line.ndjson": f"{OBJECT} {OBJECT}\n",
    "commas.ndjson": f"{OBJECT},\n{OBJECT}\n",
    "member-twice.ndjson": f'{{"eventId": "w34", "eventDate": "{AT}", "url": "a", "url": "b"}}\n',
    "both-cases.ndjson": f'{{"eventId": "w35", "EventDate": "{AT}", "eventDate": "{AT}"}}\n',
    "inside-too.ndjson": f'{{"eventId": "w36", "eventDate": "{AT}", "campaignId": 4,'
    ' "data": {"campaignId": 5}}\n',
    "array-in-array.json": f"[[{OBJECT}]]",
    "torn.ndjson": f'{OBJECT}\n{{"eventId": "w37", \n',
    "no-member.ndjson": f"{{}}\n{OBJECT}\n",
    "null.ndjson": f"null\n{OBJECT}\n",
    "no-element.json": "[]",
    "empty-line.ndjson": f"{OBJECT}\n\n{OBJECT}\n",
    "types.ndjson": "".join(
        f'{{"eventId": "t{number}", "eventDate": "{AT}", "eventType": {value}}}\n'
        for number, value in enumerate(('"email.click"', '"nope"', "null", '""', "5"))
    ),
    "name.ndjson": f'{{"eventId": "w38", "eventDate": "{AT}", "name": "email.click"}}\n'
    f'{{"eventId": "w39", "eventDate": "{AT}", "name": "Bob"}}\n',
    "no-type.csv": f"eventId,eventDate,eventType\nw40,{AT},null\nw41,{AT},\nw42,{AT},email_click\n",
}
OF_A_RUN = {"_firehose_runs", "_firehose_alerts", "_firehose_schemas", "_firehose_versions"}
"""Tables whose rows tell of runs and batches."""
FEW_CELLS, FEW_MEMBERS, FEW_DROPS = 2, 1, 2
"""How many of each are tried every time; WHOLE_CONTRACT=1 has all of them tried."""


def _drops() -> Iterator[tuple[str, bytes]]:
    for column, cells in CELLS.items():
        for number, cell in enumerate(cells if WHOLE else cells[:FEW_CELLS]):
            row = {"eventId": f"c{column}{number}", "eventDate": AT, "campaignId": "1", "name": "n"}
            row[column if column != "campaignName" else "name"] = cell
            lines = f"{HEADER}good{column}{number},{AT},2,n\n{','.join(row.values())}\n"
            yield f"{column}.{number:02}.csv", lines.encode()
    for column, values in MEMBERS.items():
        for number, value in enumerate(values if WHOLE else values[:FEW_MEMBERS]):
            row = {"eventId": f'"m{column}{number}"', "eventDate": f'"{AT}"', column: value}
            members = ", ".join(f'"{name}": {text}' for name, text in row.items())
            yield f"{column}.{number:02}.ndjson", f"{{{members}}}\n".encode()
    few = None if WHOLE else FEW_DROPS
    for name, drop in list(WHOLE_DROPS.items())[:few]:
        yield name, drop if isinstance(drop, bytes) else drop.encode()


@pytest.mark.parametrize("drift", ["evolve", "rescue"] if WHOLE else ["rescue"])
def test_spellings_mean_the_same(
    drift: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # However often the readers take turns: else one of them would have all of the batch.
    monkeypatch.setattr(loading, "_MOST_TURNS", 1000)
    drops, bucket = tmp_path / "drops", f"{BUCKET}-{drift}"
    (drops / "email.open").mkdir(parents=True)
    for name, content in _drops():
        (drops / "email.open" / name).write_bytes(content)
    account = SnowflakeAccount(
        request.getfixturevalue(snowflake.NAME), buckets={f"s3://{bucket}/": str(drops)}
    )
    with closing(account):
        file: dict[str, object] = {"url": "events.duckdb"}
        way: dict[str, object] = {
            **account.settings(),
            "url": account.url(),
            "load": "external",
            "external_stage": external_stage(account, f"s3://{bucket}/"),
        }
        source: dict[str, object] = {
            "name": "feed",
            "drift": drift,
            **in_bucket(request.getfixturevalue(moto.NAME), bucket, drops),
        }
        for name, settings in (("duckdb", file), ("snowflake", way)):
            (tmp_path / f"{name}.toml").write_text(
                f"[warehouse]\n{_toml(settings)}[[source]]\n{_toml(source)}"
            )
        one, other = (
            ask("run", "--json", "-c", f"{name}.toml", cwd=tmp_path)
            for name in ("duckdb", "snowflake")
        )
        assert (one.code, other.code) == (0, 0), other.err
        read = other.json["sources"][0]["read"]
        assert read["warehouse"] > 1
        assert sum(read.values()) == one.json["drops"]["new"]
        ours, theirs = _of_duckdb(tmp_path / "events.duckdb"), _of_snowflake(account)
    assert ours.keys() == theirs.keys()
    for table, rows in ours.items():
        if table not in OF_A_RUN:
            found, expected = _of_rows(theirs[table]), _of_rows(rows)
            assert not [one for one in found if one not in expected], table
            assert found == expected, table


def _of_rows(rows: Sequence[Row]) -> list[str]:
    """Return what rows say, in an order of their own, without what tells of their batch.

    The form of a drop is what its name says, where the warehouse reads it.
    """
    apart = {*OF_A_BATCH, "schema_version", "format"}
    return sorted(
        json.dumps({name: row[name] for name in row.keys() - apart}, sort_keys=True, default=str)
        for row in rows
    )
