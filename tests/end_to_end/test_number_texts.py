"""A number has one text, whichever way its row takes: the reader, or the strict parser."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.command import ask, select

NUMBERS = (
    *("1e16", "1e21", "1E22", "123456789012345678.5", "99999999999999999999.0", "-1e19"),
    *("1e-4", "1e-5", "1e-6", "1.5e-7", "0.000001234", "1.50", "12", "-0.0", "1e400"),
)
EVENT = '"eventId":"{}","eventType":"email.open","eventDate":"2026-01-05T10:00:00Z"'
FIELDS = '"campaignName":{0},"odd":"x","other":[{0}]'
ROWS = [f"{{{EVENT.format(n)},{FIELDS.format(one)}}}" for n, one in enumerate(NUMBERS)]
ENVELOPES = [
    f'{{{EVENT.format(n)},"data":{{{FIELDS.format(one)}}}}}' for n, one in enumerate(NUMBERS)
]
TWIN = f'{{{EVENT.format("t")},"campaignName":"x","CampaignName":"y"}}'
TWIN_WITHIN = f'{{{EVENT.format("t")},"data":{{"campaignName":"x","CampaignName":"y"}}}}'
TEXT_WITHIN = f'{{{EVENT.format("t")},"data":{json.dumps(json.dumps({"campaignName": "x"}))}}}'


def lines(rows: list[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def zipped(name: str, data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, data)
    return target.getvalue()


def cells() -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["eventId", "eventType", "eventDate", "data"])
    for n, one in enumerate(NUMBERS):
        payload = f"{{{FIELDS.format(one)}}}"
        writer.writerow([str(n), "email.open", "2026-01-05T10:00:00Z", payload])
    return target.getvalue().encode()


WAYS: Mapping[str, Callable[[], Mapping[str, bytes]]] = {
    "array": lambda: {"a.json": f"[{','.join(ROWS)}]".encode()},
    "zip": lambda: {"a.zip": zipped("a.json", lines(ROWS))},
    "bad line": lambda: {"a.json": lines([*ROWS, "oops"])},
    "twin": lambda: {"a.json": lines([TWIN, *ROWS])},
    "twin elsewhere": lambda: {"a.json": lines(ROWS), "b.json": lines([TWIN])},
    "payload": lambda: {"a.json": lines(ENVELOPES)},
    "payload in zip": lambda: {"a.zip": zipped("a.json", lines(ENVELOPES))},
    "payload, twin": lambda: {"a.json": lines([TWIN_WITHIN, *ENVELOPES])},
    "payload, text": lambda: {"a.json": lines([*ENVELOPES, TEXT_WITHIN])},
    "payload, rare member": lambda: {
        "a.json": lines([*ENVELOPES * 80, ENVELOPES[0].replace("odd", "rare")])
    },
    "csv": lambda: {"a.csv": cells()},
    "csv in zip": lambda: {"a.zip": zipped("a.csv", cells())},
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    found = loaded(tmp_path_factory.mktemp("plain"), {"a.json": lines(ROWS)})
    assert len(found) == len(NUMBERS)
    return found


def loaded(home: Path, drops: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Return the texts that a load gives to the numbers, in their order."""
    (home / "drops").mkdir()
    for name, data in drops.items():
        (home / "drops" / name).write_bytes(data)
    answer = ask("run", "drops", "--into", "events.duckdb", cwd=home)
    assert answer.code in {0, 3}, answer.err
    rows = select(
        home / "events.duckdb",
        "SELECT campaign_name, other::VARCHAR AS other FROM dotdigital.email_open"
        " WHERE event_id <> 't' ORDER BY event_id::INTEGER",
    )
    return [(row["campaign_name"], row["other"]) for row in rows]


@pytest.mark.parametrize("way", WAYS)
def test_a_number_has_the_same_text_whichever_way_it_takes(
    way: str, plain: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert loaded(tmp_path, WAYS[way]()) == plain


def test_an_event_without_id_is_known_again_in_a_drop_that_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    row = '{"eventType":"email.open","contactId":7,"campaignName":0.00001,"unknown":1e16}'
    (tmp_path / "drops" / "a.json").write_bytes(lines([row]))
    (tmp_path / "drops" / "b.json").write_bytes(lines([row, "oops"]))

    told = ask("run", "drops", "--into", "events.duckdb", "--json", cwd=tmp_path).json

    assert (told["rows"]["inserted"], told["rows"]["identical"]) == (1, 1)
