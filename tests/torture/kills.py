"""Processes that are killed, or told to end, at every step of the path and at random moments."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.command import clean_environ
from tests.rigs import snowflake
from tests.rigs.snowflake import SnowflakeAccount
from tests.torture import child
from tests.torture.attack import Attack, Outcome, Plan, place
from tests.torture.feed import (
    DuckDBTarget,
    Feed,
    SnowflakeTarget,
    State,
    Target,
    differences,
    finish,
)

_DUCKDB_STEPS, _DUCKDB_MOMENTS, _SNOWFLAKE_STEPS, _SNOWFLAKE_MOMENTS = 125, 45, 30, 12
_SIGNALS, _CROWDS = 20, 8
_SOON_SECONDS = 10
_PATIENCE_SECONDS = 180
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([child.__name__])
_FUNCTIONS = {name for _, _, name in child.FUNCTIONS} | {"begin", "commit"}


class Warehouses:
    """New targets of one kind."""

    def __init__(self, kind: str, server: snowflake.SnowflakeServer | None = None) -> None:
        self.kind = kind
        self._server = server

    @contextmanager
    def new(self, home: Path) -> Iterator[Target]:
        if self._server is None:
            yield DuckDBTarget(home / "events.duckdb")
            return
        account = SnowflakeAccount(self._server)
        try:
            yield SnowflakeTarget(account)
        finally:
            account.close()


@contextmanager
def warehouses(kind: str) -> Iterator[Warehouses]:
    """Give new targets of a kind, with the server that they need."""
    if kind == "DuckDB":
        yield Warehouses(kind)
        return
    with place("server") as folder, snowflake.started(folder) as server:
        yield Warehouses(kind, server)


class Process(Protocol):
    """The command in a process of its own, whose steps are watched."""

    def wait(self, seconds: float) -> int | None:
        """Wait so long; return the exit code, or None while it still runs."""

    def kill(self) -> None:
        """Send SIGKILL."""


class Forked:
    """From a process that has read the program: that saves half of a try's time."""

    def __init__(self, words: list[str], environ: dict[str, str], story: Path) -> None:
        self._process = _FORKS.Process(target=child.run, args=(words, environ, str(story)))
        self._process.start()

    def wait(self, seconds: float) -> int | None:
        self._process.join(seconds)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()


class Started:
    """From nothing: Snowflake's client does not bear to be forked."""

    def __init__(self, words: list[str], environ: dict[str, str], story: Path) -> None:
        with story.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", child.__name__, *words],
                env=environ,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )

    def wait(self, seconds: float) -> int | None:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        self._process.kill()


def watched(config: Path, target: Target, environ: Mapping[str, str]) -> Process:
    """Begin a run whose steps are watched."""
    make = Forked if isinstance(target, DuckDBTarget) else Started
    words = ["run", "-c", str(config), "--json"]
    return make(words, {**clean_environ(), **environ}, config.parent / "story")


def begin(config: Path) -> subprocess.Popen[bytes]:
    """Begin a run in a process of its own, which answers in a file beside the configuration."""
    return subprocess.Popen(
        [sys.executable, "-m", "firehose_loader", "run", "-c", str(config), "--json"],
        env=clean_environ(),
        stdout=(config.parent / "answer").open("ab"),
        stderr=(config.parent / "story").open("ab"),
    )


def kills(kind: str, steps: int, moments: int) -> Attack:
    """Return the attack of killing loaders on one kind of warehouse."""

    def run(plan: Plan) -> Outcome:
        chance = plan.chance(f"kills {kind}")
        with warehouses(kind) as targets, place("kills") as folder:
            size = {} if plan.share == 1 else {"events": 20, "drops": 3}
            feed = Feed.written(folder / "feed", seed=plan.seed, **size)
            oracle, trace, seconds = _unharmed(feed, targets, folder)
            killed = {"step": plan.tries(steps), "moment": plan.tries(moments)}
            candidates: list[tuple[str, str | float]] = [
                *(("step", point) for point in _points(trace, chance, 3 * killed["step"])),
                *(("moment", chance.uniform(0.1, 0.8) * seconds) for _ in range(3 * moments)),
            ]
            wrong: list[str] = []
            reached: dict[str, set[str]] = {}
            left, tried = dict(killed), 0
            for sort, point in candidates:
                if not left[sort]:
                    continue
                told, hit = _killed(feed, targets, folder, oracle, point)
                tried += 1
                left[sort] -= hit
                if hit and isinstance(point, str):
                    phase, _, name = point.split(" ", 2)
                    reached.setdefault(name, set()).add(phase)
                if told:
                    wrong.append(f"killed at {point}: {told}")
        named = len(reached.keys() & _FUNCTIONS)
        around = sum(len(phases) == 2 for name, phases in reached.items() if name in _FUNCTIONS)
        at_steps, at_moments = (killed[sort] - left[sort] for sort in killed)
        return Outcome(
            tries=tried,
            told=f"{at_steps + at_moments} killed: {at_steps} before or after {len(reached)}"
            f" different steps ({named} functions, {around} of them before and after;"
            f" {len(reached) - named} statements), {at_moments} at random moments;"
            f" {tried - at_steps - at_moments} were done before it came to that",
            wrong=tuple(wrong),
        )

    return Attack(
        name=f"SIGKILL, {kind}",
        promise="the next run completes; tables, ledger and quarantine equal those of a run that"
        " nobody killed; every file is kept",
        run=run,
    )


def _unharmed(feed: Feed, targets: Warehouses, folder: Path) -> tuple[State, list[str], float]:
    """Load without harm: what must be there, the steps, and how long it took."""
    home = folder / "oracle"
    home.mkdir()
    with targets.new(home) as target:
        config = feed.copied(home, target)
        began = time.monotonic()
        code = watched(config, target, {"TORTURE_TRACE": str(folder / "trace")}).wait(
            _PATIENCE_SECONDS
        )
        seconds = time.monotonic() - began
        if code != 0:
            raise RuntimeError((home / "story").read_text("utf-8"))
        state = target.state()
    counted = {name: len(rows) for name, rows in state.events.items()}
    expected = {kind.replace(".", "_"): count for kind, count in feed.expected.items()}
    if counted != expected:
        raise RuntimeError(f"without any attack: {counted}, expected {expected}")
    return state, (folder / "trace").read_text("utf-8").splitlines(), seconds


def _points(trace: Sequence[str], chance: random.Random, count: int) -> list[str]:
    """Choose steps: before and after each function, at each statement, then others by chance."""
    by_step: dict[str, list[str]] = {}
    for told in trace:
        phase, _, name = told.split(" ", 2)
        by_step.setdefault(f"{phase} {name}" if name in _FUNCTIONS else name, []).append(told)
    steps = sorted(by_step, key=lambda step: (step.endswith(".sql"), chance.random()))
    chosen = [chance.choice(by_step[step]) for step in steps][:count]
    more = [chance.choice(by_step[chance.choice(steps)]) for _ in range(count - len(chosen))]
    return chosen + more


def _killed(
    feed: Feed, targets: Warehouses, folder: Path, oracle: State, point: str | float
) -> tuple[str, bool]:
    """Kill one run, have the next one finish; return what is wrong, and whether it was killed."""
    home = folder / "try"
    home.mkdir()
    try:
        with targets.new(home) as target:
            config = feed.copied(home, target)
            environ = {"TORTURE_KILL": point} if isinstance(point, str) else {}
            process = watched(config, target, environ)
            if isinstance(point, float) and process.wait(point) is None:
                process.kill()
            code = process.wait(_PATIENCE_SECONDS)
            hit = code == -signal.SIGKILL
            if not hit and code != 0:
                process.kill()
                return f"it ended with {code}", hit
            target.after_kill()
            told = finish(config) or differences(target.state(), oracle)
            left = [path.name for path in (home / "spool").rglob("*") if path.is_file()]
            left = [name for name in left if name != ".lock.new"]  # empty, and gone in an hour
            if not told and left:
                told = f"left in the spool: {left}"
            return told or ("" if feed.is_kept(home) else "a file is gone"), hit
    finally:
        shutil.rmtree(home)


def signals(plan: Plan) -> Outcome:
    """Send SIGTERM and SIGINT at random moments."""
    chance = plan.chance("signals")
    wrong: list[str] = []
    slowest, stopped, count = 0.0, 0, plan.tries(_SIGNALS)
    with warehouses("DuckDB") as targets, place("signals") as folder:
        feed = Feed.written(folder / "feed", seed=plan.seed)
        oracle, _, seconds = _unharmed(feed, targets, folder)
        for number in range(count):
            kind, code = [(signal.SIGTERM, 143), (signal.SIGINT, 130)][number % 2]
            home = folder / "try"
            home.mkdir()
            with targets.new(home) as target:
                config = feed.copied(home, target)
                with begin(config) as process:
                    _wait_until_it_listens(process)
                    time.sleep(chance.uniform(0, 0.8) * seconds)
                    sent = time.monotonic()
                    process.send_signal(kind)
                    process.wait(60)
                took = time.monotonic() - sent
                slowest, stopped = max(slowest, took), stopped + (process.returncode == code)
                # Once all is done and told, while the interpreter ends, the signal is the system's.
                done = {0, -kind} if (home / "answer").read_text("utf-8").endswith("}\n") else set()
                told = finish(config) or differences(target.state(), oracle)
                if process.returncode not in {code, *done}:
                    told = f"it ended with {process.returncode}"
                if told or took > _SOON_SECONDS:
                    wrong.append(f"{kind.name}: {told} after {took:.1f} s")
            shutil.rmtree(home)
    return Outcome(
        tries=count,
        told=f"{stopped} stopped with 130 or 143, the slowest after {slowest:.1f} s;"
        f" {count - stopped} were done before",
        wrong=tuple(wrong),
    )


def _wait_until_it_listens(process: subprocess.Popen[bytes]) -> None:
    """Wait until SIGTERM is no longer the system's, which ends a process that is still starting."""
    status, over = Path(f"/proc/{process.pid}/status"), time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < over:
        caught = int(status.read_text("ascii").partition("SigCgt:")[2].split()[0], 16)
        if caught >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.01)


def crowds(plan: Plan) -> Outcome:
    """Have five loaders at once, of which some are killed, until all is loaded."""
    chance = plan.chance("crowds")
    wrong: list[str] = []
    count, killed, codes = plan.tries(_CROWDS), 0, dict.fromkeys((0, 4, 5), 0)
    with warehouses("DuckDB") as targets, place("crowds") as folder:
        feed = Feed.written(folder / "feed", seed=plan.seed)
        oracle, _, seconds = _unharmed(feed, targets, folder)
        for number in range(count):
            home = folder / "try"
            home.mkdir()
            with targets.new(home) as target:
                config = feed.copied(home, target, batch_files=2)
                loaders = [begin(config) for _ in range((2, 5)[number % 2])]
                victims = chance.sample(loaders, len(loaders) // 2)
                for victim in victims:
                    moment = chance.uniform(0.5, 2) * seconds
                    threading.Timer(moment, victim.kill).start()
                for one in loaders:
                    code = one.wait(_PATIENCE_SECONDS)
                    if code == -signal.SIGKILL and one in victims:
                        killed += 1
                    elif code in codes:
                        codes[code] += 1
                    else:
                        story = (home / "story").read_text("utf-8")[-300:]
                        wrong.append(f"round {number}: a loader ended with {code}: {story}")
                told = finish(config) or differences(_summed(target.state()), _summed(oracle))
                if told or not feed.is_kept(home):
                    wrong.append(f"round {number}: {told or 'a file is gone'}")
            shutil.rmtree(home)
    ended = ", ".join(f"{many} with {code}" for code, many in codes.items() if many)
    return Outcome(
        tries=count,
        told=f"{killed + sum(codes.values())} loaders, {killed} killed; the others ended {ended}",
        wrong=tuple(wrong),
    )


def _summed(state: State) -> State:
    """Leave out which drop brought an event first: that hangs on who came first."""
    return State(events=state.events, ledger=[str(len(state.ledger))], quarantine=state.quarantine)


ATTACKS = (
    kills("DuckDB", _DUCKDB_STEPS, _DUCKDB_MOMENTS),
    kills("Snowflake's stand-in", _SNOWFLAKE_STEPS, _SNOWFLAKE_MOMENTS),
    Attack(
        name="SIGTERM and Ctrl-C",
        promise="ends with 143 or 130 within 10 s; the next run completes to the oracle's tables",
        run=signals,
    ),
    Attack(
        name="Two and five loaders at once, half of them killed",
        promise="nobody waits for ever; each event once; the next run completes to the oracle's"
        " tables",
        run=crowds,
    ),
)
