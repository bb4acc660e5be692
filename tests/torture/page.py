"""The page that tells what came of the attacks, and the form that it must have."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from firehose_loader import __version__
from tests.checkout import ROOT
from tests.torture.attack import Attack, Outcome, Plan

PAGE = ROOT / "docs" / "torture.md"
_INTRODUCTION = """# Torture

What was done to the loader to break it, how often, and what came of it. This page is written by
`make torture`, which runs each attack against the real command line; a few tries of some are part
of the tests. Promises that are attacked here: [limits.md](limits.md#what-is-read-at-most),
[threat-model.md](threat-model.md), the [README](../README.md).
"""
_ROW = re.compile(r"\| [^|]+ \| [^|]+ \| [\d,]+ \| (held|\*\*broken\*\*)[^|]* \| \d+ s \|")
_DATED = re.compile(
    r"^Run on \d{4}-\d\d-\d\d with seed \d+, .*DuckDB \d.*, \d+ cores\.$", re.MULTILINE
)
_HEADING = "| Attack | What must hold | Tries | Outcome | Took |\n|---|---|---|---|---|\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One attack and what came of it."""

    attack: Attack
    outcome: Outcome
    seconds: float

    def __str__(self) -> str:
        outcome = self.outcome
        held = f"**broken** {len(outcome.wrong)} times" if outcome.wrong else "held"
        told = " ".join(f"{held}: {outcome.told}".replace("|", "\u2223").split())
        promise = self.attack.promise
        cells = (self.attack.name, promise, f"{outcome.tries:,}", told, f"{self.seconds:.0f} s")
        return f"| {' | '.join(cells)} |"


def written(rows: Sequence[Row], plan: Plan, seconds: float) -> str:
    """Return the page of a run that took so long."""
    now = datetime.now(UTC)
    about = (
        f"\nRun on {now:%Y-%m-%d} with seed {plan.seed}, in"
        f" {seconds / 60:.0f} minutes, two or more attacks side by side:"
        f" firehose-loader {__version__}, Python {platform.python_version()}, DuckDB"
        f" {version('duckdb')}, snowflake-connector-python {version('snowflake-connector-python')},"
        f" {platform.system()} {platform.machine()}, {os.cpu_count()} cores.\n\n"
    )
    table = _HEADING + "".join(f"{row}\n" for row in rows)
    return with_alone(_INTRODUCTION + about + table + _NOTES, _alone(PAGE.read_text("utf-8")))


def with_alone(page: str, row: str) -> str:
    """Return a page with the row of the longest attack, run alone, in place of the one it has."""
    return page.partition(_ALONE)[0] + _ALONE + _HEADING + f"{row}\n"


def _alone(page: str) -> str:
    return page.partition(_ALONE)[2].removeprefix(_HEADING).rstrip("\n")


def faults(page: str, attacks: Sequence[Attack]) -> list[str]:
    """Return what is wrong with a page: it is none of ours, lacks an attack, or one was broken."""
    if not page.startswith(_INTRODUCTION):
        return ["it does not begin as make torture writes it"]
    alone = _alone(page)
    page = page.partition(_ALONE)[0]
    if not page.endswith(_NOTES):
        return ["it does not end as make torture writes it"]
    _, found, table = page.removesuffix(_NOTES).partition(_HEADING)
    rows = table.splitlines()
    judged = [*rows, alone]
    wrong = (
        []
        if found and re.search(r"^Run on \d{4}-\d\d-\d\d with seed \d+", page, re.MULTILINE)
        else ["no date"]
    )
    wrong += [f"no row of the table: {row}" for row in judged if not _ROW.fullmatch(row)]
    wrong += [f"broken: {row}" for row in judged if "**broken**" in row]
    names = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    if names != [attack.name for attack in attacks]:
        wrong.append(f"its attacks are {names}")
    return wrong


_NOTES = """
A try counts as held only if, after it, the next run of the plain command line completes and the
tables, the ledger and the quarantine equal those of a load that nobody disturbed, which in turn has
the events that a reader of the tests' own finds in the files.

- Steps are reached from outside: a program wraps the functions and SQL statements of each step of
  the path and kills its own process before or after one of them. The product knows nothing of it.
- Snowflake is a stand-in; sessions of a killed loader are ended as Snowflake ends them, but sooner.
- `make fuzz` tries what readers make of damaged texts.
- `make crowd` has two and five loaders at once on one source for two minutes each, on DuckDB and on
  the stand-in. On 2026-11-26: 912 drops, each loaded once, while 342 loaders were killed.
"""
_ALONE = """
## The longest watch

`make endurance` watches 240,000 drops, a quarter of a year, unless `ENDURANCE_MINUTES` end it
sooner: that takes hours. This is its last run, beside whatever else the machine did. The clock
of the loop is wound forward; what is late or missing is judged by the machine's, so that a pass
costs less here than one beside a month of drops.

"""
