"""Drops, names and settings that are written to harm."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.command import Answer, ask
from tests.torture.attack import Attack, Outcome, Plan, place
from tests.torture.feed import Target
from tests.torture.kills import warehouses

_HEADER = "eventId,eventType,eventDate,campaignName\n"
_ROW = ",email.open,2026-01-05T10:00:00Z,x\n"
EVIL = (
    "'; DROP TABLE x; --",
    '"quoted"',
    "{{ table }}",
    ":name $1 %s ?",
    "\x1b[2J\x1b[31mred",
    "\x9b31m",
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "../../x",
    "a\nb\rc",
    "\u202egnp.exe",
    "`id` $(id)",
    "\\",
    "select",
    "_drop_id",
    "_row",
    "Event_ID",
    "x" * 300,
    "\u00fc\u0301",
    "NULL",
    "\\N",
)
_COMMANDS = (
    ("status",),
    ("quarantine", "list"),
    ("schema", "diff"),
    ("plan", "in"),
    ("inspect", "in"),
    ("explain", "x"),
    ("trace", "0-1"),
    ("views",),
    ("audit",),
    ("check",),
)
_STEERS = {*range(32), 127, *range(128, 160)} - {ord("\n"), ord("\t")}
"""What can steer a terminal."""


def injection(plan: Plan) -> Outcome:
    """Use hostile texts as names of files and fields, as event types and as values."""
    evil = EVIL[: max(3, plan.tries(len(EVIL)))]
    wrong: list[str] = []
    tries = 0
    for kind in ("DuckDB", "Snowflake's stand-in") if plan.share == 1 else ("DuckDB",):
        with warehouses(kind) as targets, place("injection") as home:
            rows, bad = _written(home / "in", evil)
            tries += rows + bad
            with targets.new(home) as target:
                wrong += [f"{kind}: {one}" for one in _injected(home, target, rows, bad)]
    with place("settings") as home:
        wrong += list(_settings(home, evil))
    return Outcome(
        tries=tries + 2 * len(evil),
        told=f"{len(evil)} texts as file names, field names, event types and values, each with"
        f" each, and as names of sources and schemas; {len(_COMMANDS)} commands print them escaped",
        wrong=tuple(wrong),
    )


def _written(folder: Path, evil: tuple[str, ...]) -> tuple[int, int]:
    """Write a drop for each text; return the good rows and the bad ones."""
    folder.mkdir()
    for number, name in enumerate(evil):
        rows = [
            {
                "eventId": f"{number}-{place}",
                "eventType": "email.open" if place % 3 else name,
                "eventDate": "2026-01-05T10:00:00Z",
                name: value,
                "campaignName": value,
                "nested": {name: [value]},
            }
            for place, value in enumerate(evil)
        ]
        text = "\n".join(map(json.dumps, rows)) + f'\n{{"broken {name!r}'
        file = f"{number}{name.replace('/', chr(0x2215))[:150]}.ndjson"
        (folder / file).write_text(text, "utf-8")
    return len(evil) ** 2, len(evil)


def _injected(home: Path, target: Target, rows: int, bad: int) -> Iterator[str]:
    (home / "firehose.toml").write_text(
        target.table() + '[[source]]\nname = "evil"\nurl = "in"\n', "utf-8"
    )
    first, again = (ask("run", "--json", cwd=home) for _ in range(2))
    if first.code or again.code:
        yield f"exit codes {first.code} and {again.code}: {first.err[-300:]}"
        return
    told = first.json["rows"]
    if (told["inserted"], told["quarantined"]) != (rows, bad):
        yield f"{rows} and {bad} rows were written, and these are counted: {told}"
    if again.json["drops"]["new"]:
        yield "drops were new twice"
    for words in _COMMANDS:
        answer = ask(*words, cwd=home)
        yield from _steering(" ".join(words), answer)
        if answer.code not in {0, 6}:
            yield f"{' '.join(words)}: exit code {answer.code}: {answer.err[-300:]}"


def _steering(words: str, answer: Answer) -> Iterator[str]:
    if signs := sorted({sign for sign in answer.out + answer.err if ord(sign) in _STEERS}):
        yield f"{words}: prints {signs}"
    if "Traceback" in answer.err:
        yield f"{words}: {answer.err[-300:]}"


def _settings(home: Path, evil: tuple[str, ...]) -> Iterator[str]:
    """Use them as names in the configuration: taken or refused in words, never carried out."""
    (home / "in").mkdir()
    (home / "in" / "a.csv").write_text(_HEADER + "1" + _ROW)
    for number, name in enumerate(evil):
        for setting in ("schema", "name"):
            table = f'[warehouse]\nurl = "e{number}{setting}.duckdb"\n'
            if setting == "schema":
                table += f"schema = {json.dumps(name)}\n"
            source = name if setting == "name" else "s"
            (home / "firehose.toml").write_text(
                f'{table}[[source]]\nname = {json.dumps(source)}\nurl = "in"\n'
            )
            answer = ask("run", "--json", cwd=home)
            loaded = answer.code == 0 and answer.json["rows"]["inserted"] == 1
            refused = answer.code == 2
            if not (loaded or refused):
                yield f"{setting} = {name!r}: exit code {answer.code}: {answer.err[-300:]}"
            yield from _steering(f"{setting} = {name!r}", answer)


# -- limits ---------------------------------------------------------------------------------------

_LIMITS = """
max_file_bytes = "2MiB"
max_row_bytes = "64KiB"
max_fields = 60
max_rows = 3000
max_depth = 20
max_ratio = 50
max_members = 20
max_spool_bytes = "4MiB"
"""


def _event(**more: object) -> str:
    return json.dumps({"eventId": "x", "eventType": "email.open", **more})


def _zip(**members: str) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members.items():
                archive.writestr(name, text)
        return file.getvalue()


def _nested(depth: int) -> object:
    return [_nested(depth - 1)] if depth else 0


def limits(plan: Plan) -> Outcome:
    """Go beyond each limit, in one batch with a sound drop."""
    drops: dict[str, tuple[str | bytes, str]] = {
        "bytes of a file": (_HEADER + f"1{_ROW}" * 70_000, "max_file_bytes"),
        "unpacked bytes": (
            gzip.compress((_HEADER + "\n" * 2**22).encode()),
            "max_file_bytes|max_spool_bytes",
        ),
        "bytes of a row": (_HEADER + f"1,email.open,,{'x' * 2**17}\n", "max_row_bytes"),
        "rows": (_HEADER + "".join(f"{n}{_ROW}" for n in range(3001)), "max_rows"),
        "rows of JSON": ("\n".join(_event(n=n) for n in range(3001)), "max_rows"),
        "100,000 columns": (",".join(f"c{n}" for n in range(100_000)) + "\n1\n", "max_fields"),
        "new names in each row": (
            "\n".join(_event(**{f"k{n}": 1}) for n in range(100)),
            "max_fields",
        ),
        "depth": (_event(a=_nested(20)), "max_depth"),
        "depth in an array": (f"[{_event()},{_event(a=_nested(900))}]", "max_depth"),
        "depth of a million": (f'{{"a":{"[" * 10**6}', "object is not closed|nested|max_row"),
        "members": (_zip(**{f"{n}.csv": _HEADER for n in range(21)}), "max_members"),
        "names that lead out": (_zip(**{"../../x.csv": _HEADER}), "leads out"),
        "a zip in a zip": (_zip(a=_zip(b="a,b\n1,2\n").decode("latin-1")), ""),
        "room for unpacking": (
            gzip.compress(
                (_HEADER + "".join(f"{n * 7919:0700}{_ROW}" for n in range(2000))).encode()
            ),
            "max_spool_bytes",
        ),
    }
    chosen = dict(list(drops.items())[-plan.tries(len(drops)) :])
    wrong: list[str] = []
    with place("limits") as home:
        (home / "in").mkdir()
        (home / "in" / "sound.csv").write_text(_HEADER + f"sound{_ROW}")
        for name, (content, _) in chosen.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (home / "in" / name).write_bytes(raw)
        (home / "firehose.toml").write_text(
            f'{_LIMITS}[warehouse]\nurl = "e.duckdb"\n[[source]]\nname = "s"\nurl = "in"\n'
        )
        answer = ask("run", "--json", cwd=home)
        if answer.code or answer.json["drops"]["failed"]:
            return Outcome(tries=len(chosen), told="", wrong=(answer.err[-500:],))
        held = ask("quarantine", "list", "--limit", "1000", "--json", cwd=home).json["held"]
        for name, (_, limit) in chosen.items():
            messages = [row["message"] for row in held if row["drop"] == name]
            if not any(one in message for message in messages for one in limit.split("|")):
                wrong.append(f"{name}: {messages}")
        if (inserted := answer.json["rows"]["inserted"]) < 1:
            wrong.append(f"{inserted} events of the sound drop")
    return Outcome(tries=len(chosen), told=", ".join(chosen), wrong=tuple(wrong))


ATTACKS = (
    Attack(
        name="Limits gone beyond, one drop each",
        promise="the drop or its row is quarantined, and told which limit; its neighbours load",
        run=limits,
    ),
    Attack(
        name="Injection",
        promise="every row is loaded or in quarantine; nothing is carried out; no sign that steers"
        " a terminal is printed",
        run=injection,
    ),
)
