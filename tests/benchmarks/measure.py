"""Run programs in turn and compare them pair by pair."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A program that loads a workload into a file that is not there yet."""

    name: str
    command: Sequence[str]
    check: Callable[[], str]
    """Tells what is wrong with what it loaded; empty where all is right."""
    environ: Mapping[str, str]
    before: Callable[[], None]
    """Put everything back to how it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a program."""

    wall: float
    cpu: float
    peak_mib: float
    wrong: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All runs of a program, beside the first one's."""

    name: str
    runs: int
    wall: float
    cpu: float
    peak_mib: float
    wall_ratio: float
    """Median of the ratios of runs that followed each other, not ratio of the medians."""
    cpu_ratio: float
    wrong: str


def compared(contenders: Sequence[Contender], *, runs: int, log: Path) -> list[Result]:
    """Run all contenders in turn, so that whatever else the machine does falls on all."""
    found: dict[str, list[Run]] = {one.name: [] for one in contenders}
    for _ in range(runs):
        for one in contenders:
            found[one.name].append(_run(one, log))
    base = found[contenders[0].name]
    return [_result(name, of, base) for name, of in found.items()]


def _result(name: str, runs: Sequence[Run], base: Sequence[Run]) -> Result:
    pairs = list(zip(runs, base, strict=True))
    return Result(
        name=name,
        runs=len(runs),
        wall=median(run.wall for run in runs),
        cpu=median(run.cpu for run in runs),
        peak_mib=max(run.peak_mib for run in runs),
        wall_ratio=median(run.wall / other.wall for run, other in pairs),
        cpu_ratio=median(run.cpu / other.cpu for run, other in pairs),
        wrong=next((run.wrong for run in runs if run.wrong), ""),
    )


def _run(one: Contender, log: Path) -> Run:
    one.before()
    report = log.with_suffix(".json")
    subprocess.run(
        [sys.executable, Path(__file__).with_name("launch.py"), log, report, *one.command],
        check=True,
        # As installers leave programs: compiled, and free to keep what is compiled.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **one.environ},
    )
    told = json.loads(report.read_text("utf-8"))
    code = told.pop("code")
    return Run(**told, wrong=one.check() if code == 0 else f"exit code {code}: {log}.err")
