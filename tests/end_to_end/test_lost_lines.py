"""No line of a CSV drop is lost without a word, whatever the engine's reader makes of quotes."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.command import ask

Outcome = tuple[int, int, int]

CUT = {
    "behind an escaped line feed": (
        b'eventId,data\ne1,"{""text"":""Hi\\nthere""}"\ne2,"{""text"":""cut',
        (2, 1, 1),
    ),
    "with rows behind it": (
        b'eventId,data\ne1,"{""x"":""a\\nb\\nc\\nd""}"\ne2,"{""x"":""cut\ne3,x\ne4,y\n',
        (4, 3, 1),
    ),
    "in lines that end in carriage returns": (
        b'eventId,note\re1,"two\nlines"\re2,"cut\re3,z\re4,z\r',
        (4, 3, 1),
    ),
    "in the last of such lines": (b'eventId,note\re1,"a\nb"\re2,"cut', (2, 1, 1)),
    "behind a carriage return that stands alone": (
        b'eventId,note\r\ne1,x\r\ne2,y\r\ne3,""""\r"cut',
        (4, 3, 1),
    ),
}
CELLS = ('"', '""""', "x", '"two\nlines"', '"{""x"":""a\\nb""}"', '"cut', '"a\rb"', "a\\nb", "")
ENDS = ("\n", "\r\n", "\r")
DROPS = 300


def loaded(folder: Path, name: Callable[[Path], str]) -> dict[str, Outcome]:
    """Load all drops of a folder; return what the ledger says of each that could be read."""
    database = folder.with_suffix(".duckdb")
    answer = ask("run", str(folder), "--into", str(database), "--json", cwd=folder)
    assert answer.code == 0, answer.err
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "SELECT key, rows_parsed, rows_parsed - rows_quarantined, rows_quarantined"
            " FROM dotdigital._firehose_drops"
        ).fetchall()
    return {name(Path(key)): (parsed, kept, held) for key, parsed, kept, held in found}


@pytest.mark.parametrize("case", CUT)
def test_a_quote_that_is_not_closed_costs_its_own_row_alone(case: str, tmp_path: Path) -> None:
    content, expected = CUT[case]
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "drop.csv").write_bytes(content)

    assert loaded(tmp_path / "drops", str) == {"drop.csv": expected}


def test_what_is_made_of_quotes_hangs_on_nothing_but_the_drop(tmp_path: Path) -> None:
    """In a zip, a drop is for the strict parser; beside others, for the engine's reader."""
    chance = random.Random(7)  # noqa: S311 - which drops there are
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.mkdir()
    packed.mkdir()
    for number in range(DROPS):
        usual = chance.choice(ENDS)
        text = f"eventId,note,data{usual}"
        for row in range(chance.randrange(1, 5)):
            end = usual if chance.random() < 0.9 else chance.choice(ENDS)
            text += f"e{number}-{row},{chance.choice(CELLS)},{chance.choice(CELLS)}{end}"
        text = text[: len(text) - chance.randrange(3)]
        (plain / f"{number}.csv").write_bytes(text.encode())
        with zipfile.ZipFile(packed / f"{number}.zip", "w") as archive:
            archive.writestr("drop.csv", text)

    together = loaded(plain, lambda key: key.stem)
    apart = loaded(packed, lambda key: key.stem)

    assert {
        name: (together[name], apart[name]) for name in apart if together[name] != apart[name]
    } == {}
    assert len(apart) == DROPS
