"""Files that were made to break a loader, in one batch with sound ones."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.command import Row, ask, select

HEADER = "eventId,eventType,eventDate,email\n"
TAIL = "email.open,2026-01-05T10:00:00Z"
LIMITS = """
max_file_bytes = "2MiB"
max_row_bytes = "128KiB"
max_fields = 60
max_rows = 4500
max_depth = 20
max_members = 20
"""
DEEP = 20_000
SOME = -1
"""How many rows of a torn file can be read hangs on the packing."""


def line(number: object, *more: str) -> str:
    """A sound row of CSV."""
    return ",".join((str(number), TAIL, *(more or ("a@example.com",)))) + "\n"


def event(number: object, **more: object) -> str:
    """A sound row of JSON."""
    return json.dumps(
        {
            "eventId": number,
            "eventType": "email.open",
            "eventDate": "2026-01-05T10:00:00Z",
            **more,
        }
    )


def wide(name: str, fields: int) -> str:
    names = ",".join(f"{name}{number}" for number in range(fields))
    return HEADER.strip() + f",{names}\n" + line(name, "", *["1"] * fields)


def nested(depth: int) -> object:
    return [nested(depth - 1)] if depth else 0


def zipped(**members: bytes) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(f"{name}.csv", content)
        return file.getvalue()


NINE = HEADER + "".join(map(line, range(9)))
LONG = "".join(line(f"long{number}") for number in range(3000))
TORN = gzip.compress((HEADER + "".join(line(f"torn{n * n * n}") for n in range(4000))).encode())

pytestmark = pytest.mark.xdist_group("hostile")  # one batch serves all

# What each drop holds, and what becomes of it: rows inserted, rows quarantined, what is said.
DROPS: dict[str, tuple[str | bytes, int, int, str]] = {
    "good.csv": (NINE, 9, 0, ""),
    "good.ndjson": ("\n".join(event(f"n{n}") for n in range(9)), 9, 0, ""),
    "good.json": ("[" + ",".join(event(f"j{n}") for n in range(9)) + "]", 9, 0, ""),
    "long.csv.gz": (gzip.compress((HEADER + LONG).encode()), 3000, 0, ""),
    "wide-1.csv": (wide("first", 50), 1, 0, ""),
    "wide-2.csv": (wide("second", 50), 1, 0, ""),
    "too-wide.csv": (wide("x", 100_000), 0, 0, "max_fields = 60"),
    "new-keys.ndjson": (
        "\n".join(event(f"k{n}", **{f"key{n}": 1}) for n in range(500)),
        *(0, 0, "max_fields = 60"),
    ),
    "new-keys-torn.json": (
        "[" + ",".join(event(f"t{n}", **{f"key{n}": 1}) for n in range(500)) + ',{"a',
        *(0, 0, "max_fields = 60"),
    ),
    "bomb.csv.gz": (gzip.compress(HEADER.encode() + b"\n" * 2**24), 0, 0, "max_file_bytes"),
    "bomb.zip": (zipped(a=HEADER.encode(), b=b"," * 2**24), 0, 0, "max_file_bytes"),
    "bomb.csv": (HEADER + line("bomb", '"' + "x" * 10**6 + '"') + line("after"), 1, 1, "row has"),
    "nested.zip": (zipped(inner=zipped(x=b"a,b\n1,2\n")), 0, 0, "compressed twice"),
    "binary.csv": (
        (HEADER + line("b1")).encode() + bytes(range(128, 256)) + b"\n" + line("b2").encode(),
        *(2, 1, "not UTF-8"),
    ),
    "binary": (bytes(range(256)) * 40, 0, 0, "no text"),
    "surrogate.csv": (
        HEADER.encode() + line("s1\ud800").encode("utf-8", "surrogatepass") + line("s2").encode(),
        *(1, 1, "not UTF-8"),
    ),
    "surrogate.ndjson": (event("\ud800") + "\n" + event("s3"), 2, 0, ""),
    "nul.csv": (HEADER + line("z\0z") + line("zz"), 2, 0, ""),
    "nul.ndjson": (event("y\0y", **{"a\0b": 1}), 1, 0, ""),
    "deep.ndjson": (
        event("d1", x=0).replace("0}", "[" * DEEP + "]" * DEEP + "}") + "\n" + event("d2"),
        *(1, 1, "nested too deeply"),
    ),
    "deep.json": ("[" * DEEP + "]" * DEEP, 0, 1, "object"),
    "truncated.csv.gz": (TORN[: len(TORN) // 2], SOME, 1, "cut off"),
    "too-deep.ndjson": (
        event("e1") + "\n" + event("e2", x=nested(20)) + "\n" + event("e3", x=nested(19)),
        *(2, 1, "max_depth"),
    ),
    "long-but-shallow.ndjson": (event("f1", x=[{"a": [f"[{n}"]} for n in range(99)]), 1, 0, ""),
    "too-deep.json": (f"[{event('g1')},{event('g2', x=nested(30))}]", 1, 1, "max_depth"),
    "too-long.csv": (HEADER + "".join(line(f"r{n}") for n in range(4501)), 0, 0, "max_rows"),
    "too-long.ndjson": (
        "\n".join(event(f"v{n}") for n in range(4501)) + '\n{"a',
        *(0, 0, "max_rows"),
    ),
    "members.zip": (zipped(**{f"m{n}": HEADER.encode() for n in range(21)}), 0, 0, "max_members"),
    "slip.zip": (zipped(**{"../../etc/x": (HEADER + line("zip")).encode()}), 0, 0, "leads out"),
    "absolute.zip": (zipped(**{"/etc/x": (HEADER + line("zip")).encode()}), 0, 0, "leads out"),
    "unclosed.csv": (HEADER + line("u1") + line("u2", '"open') + line("u3"), 2, 1, "a quote opens"),
    "half.json": (event("half")[:-20], 0, 1, "cut off"),
    "half-array.json": (f"[{event('h1')},{event('h2')[:-20]}", 1, 1, "cut off"),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database into which all the drops were loaded as one batch."""
    home = tmp_path_factory.mktemp("hostile")
    (home / "drops").mkdir()
    for name, (content, *_) in DROPS.items():
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        (home / "drops" / name).write_bytes(raw)
    (home / "firehose.toml").write_text(
        f'{LIMITS}[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "s"\nurl = "drops"\n'
    )

    answer = ask("run", "--json", cwd=home)
    again = ask("run", "--json", cwd=home)

    assert (answer.code, answer.json["status"]) == (0, "partial"), answer.err
    assert "Traceback" not in answer.err
    assert answer.json["drops"]["failed"] == 0
    assert (again.json["drops"]["new"], again.json["rows"]["inserted"]) == (0, 0)
    return home / "events.duckdb"


@pytest.mark.parametrize("name", DROPS)
def test_each_file_has_its_own_fate(database: Path, name: str) -> None:
    _, inserted, quarantined, told = DROPS[name]

    (drop,) = select(
        database,
        "SELECT drop_id, state, error, rows_inserted, rows_quarantined"
        " FROM dotdigital._firehose_drops WHERE key = ?",
        [name],
    )
    reasons: list[Row] = select(
        database,
        "SELECT message FROM dotdigital._firehose_quarantine WHERE drop_id = ?",
        [drop["drop_id"]],
    )

    assert quarantined == drop["rows_quarantined"], reasons
    assert drop["rows_inserted"] > 0 if inserted == SOME else drop["rows_inserted"] == inserted
    assert bool(told) == bool(reasons)
    assert all(told in row["message"] for row in reasons), reasons
