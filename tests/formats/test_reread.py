"""A row that was kept is read by itself as it was read in its drop."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from firehose_loader.formats.reread import RowText, csv_context, json_context, reread
from firehose_loader.model import Salvage
from tests.formats.outcomes import outcome

CSV_ROWS = [
    r'1,"{""x"": 1, ""id"": [2]}",a,\N',
    r"2,words,,b",
    r'3,"{""x"": ""\u00e9"", ""y"": NaN}",c,d',
]
JSON_ROWS = ['{"id":1,"data":{"x":1},"data.x":2}', '{"id":2,"data":"{\\"y\\":[1, 2]}"}']


def texts(saved: Salvage) -> list[dict[str, str]]:
    with saved.path.open(newline="", encoding="utf-8") as file:
        return [
            {name: text for name, text in zip(saved.fields, row[1:], strict=False) if text}
            for row in csv.reader(file)
        ]


@pytest.mark.parametrize(
    ("head", "rows", "context"),
    [
        (
            "id,data,data.x,z\n",
            CSV_ROWS,
            csv_context(",", ["id", "data", "data.x", "z"]),
        ),
        ("", JSON_ROWS, json_context(b"", {})),
    ],
)
def test_a_kept_row_gives_the_same_fields(
    head: str, rows: list[str], context: str, tmp_path: Path
) -> None:
    whole = outcome(tmp_path, (head + "\n".join(rows) + "\n").encode())

    kept = [RowText(number, raw, context) for number, raw in enumerate(rows, 1)]
    again = texts(reread(kept, tmp_path / "again.csv"))

    assert again == whole.records
    assert {"data.x", "data.x 2"} <= set(whole.fields)
