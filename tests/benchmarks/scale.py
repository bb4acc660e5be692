"""What one container carries, derived from measured costs and held against a simulation.

``python -m tests.benchmarks.scale`` prints the tables of docs/scale.md, and fails where a day that
is simulated drop by drop does not bear the derivation out.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import sys
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

_DAY = 86_400.0
_AGREE = 0.1
"""By how much of itself a derived figure may be off."""


class Costs(Struct, frozen=True, kw_only=True):
    """Seconds on two cores, as docs/performance.md has them measured."""

    start: float = 0.7
    """Of a run, whatever it finds: Python, schemas, the ledger, the last checkpoint."""
    batch: float = 0.3
    """Of a transaction: statements that are planned, commit."""
    drop: float = 0.001
    """Of a drop at hand: recognised, its lines counted, noted in the ledger; all in one thread."""
    fetched: float = 0.0035
    """Of an object of S3: client's CPU, on top of ``drop``, on either core."""
    row: float = 7e-6
    """CPU of a CSV row: parsed, typed, compared, put in. JSON with a payload takes 11e-6."""
    cores: float = 1.7
    """How many of the two cores the engine keeps busy."""
    probe: float = 0.007
    """Of a transaction, for each million rows in the event tables that it goes into."""


class Feed(Struct, frozen=True, kw_only=True):
    """What is delivered."""

    cadence: float = 900.0
    accounts: int = 100
    types: int = 27
    rows: float = 100.0
    """In a drop, on average; most have fewer, some have many more."""
    row_bytes: float = 280.0
    held: float = 50e6
    """Rows that are in the event tables already."""

    @property
    def drops(self) -> int:
        """Drops of a slot."""
        return self.accounts * self.types


class Limits(Struct, frozen=True, kw_only=True):
    """The configuration's own."""

    batch_files: int = 2000
    batch_bytes: float = 320 * 2**20


def busy(feed: Feed, costs: Costs, limits: Limits) -> float:
    """Derive the part of the time that one container works; over 1 it falls behind."""
    rows = feed.drops * feed.rows
    batches = max(
        1,
        math.ceil(feed.drops / limits.batch_files),
        math.ceil(rows * feed.row_bytes / limits.batch_bytes),
    )
    held = feed.held + rows * _DAY / feed.cadence / 2  # at noon
    return (
        costs.start
        + batches * (costs.batch + held / 1e6 * costs.probe)
        + feed.drops * (costs.drop + costs.fetched / 2)
        + rows * costs.row / costs.cores
    ) / feed.cadence


def simulated(feed: Feed, costs: Costs, limits: Limits, *, seed: int = 1) -> tuple[float, float]:
    """Let a day's drops come, drop by drop, and load them run by run.

    Returns the part of the time that runs took, and the longest that a drop waited to be loaded.
    """
    coming = list(_deliveries(feed, random.Random(seed)))  # noqa: S311 - chance, not secrets
    heapq.heapify(coming)
    clock, worked, longest, held = feed.cadence, 0.0, 0.0, feed.held
    while coming:
        ready = []
        while coming and coming[0][0] <= clock:
            ready.append(heapq.heappop(coming))
        began = clock
        clock += costs.start
        for batch in _batches(ready, feed, limits):
            rows = sum(rows for _, rows in batch)
            clock += costs.batch + held / 1e6 * costs.probe
            clock += len(batch) * (costs.drop + costs.fetched / 2)
            clock += rows * costs.row / costs.cores
            held += rows
            longest = max(longest, clock - min(at for at, _ in batch))
        worked += clock - began
        clock = max(clock, math.ceil(clock / feed.cadence) * feed.cadence)
    return worked / _DAY, longest


def _deliveries(feed: Feed, chance: random.Random) -> Iterator[tuple[float, int]]:
    """Yield when each drop of a day comes and its rows: within five minutes, one in 100 later."""
    spread = 1.5
    middle = math.log(feed.rows) - spread**2 / 2
    slots = int(_DAY / feed.cadence)
    for slot in range(slots):
        for _ in range(feed.drops):
            late = chance.expovariate(1 / 3600) if chance.random() < 0.01 else 0.0
            at = slot * feed.cadence + chance.uniform(0, 300) + late
            yield at, max(1, round(chance.lognormvariate(middle, spread)))


def _batches(
    drops: list[tuple[float, int]], feed: Feed, limits: Limits
) -> Iterator[list[tuple[float, int]]]:
    batch: list[tuple[float, int]] = []
    size = 0.0
    for at, rows in drops:
        weight = rows * feed.row_bytes
        if batch and (len(batch) >= limits.batch_files or size + weight > limits.batch_bytes):
            yield batch
            batch, size = [], 0.0
        batch.append((at, rows))
        size += weight
    if batch:
        yield batch


def carried(feed: Feed, costs: Costs, limits: Limits, *, share: float) -> float:
    """Derive the rows in a drop at which one container works for ``share`` of the time."""
    low, high = 1.0, 1e9
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (
            (middle, high)
            if busy(replace(feed, rows=middle), costs, limits) < share
            else (low, middle)
        )
    return low


def main() -> int:
    """Print what is derived beside what the simulation says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json-rows", action="store_true", help="rows cost what JSON's cost")
    words = parser.parse_args()
    costs = Costs(row=11e-6) if words.json_rows else Costs()
    limits = Limits()
    feeds = [
        Feed(accounts=accounts, rows=rows, held=held)
        for accounts, rows in ((1, 1000), (10, 1000), (100, 100), (100, 1000))
        for held in (1e6, 50e6, 1e9)
    ]
    print("| drops a day | rows a day | rows held | busy, derived | simulated | longest wait |")
    print("|---|---|---|---|---|---|")
    wrong = False
    for feed in feeds:
        derived = busy(feed, costs, limits)
        found, longest = simulated(feed, costs, limits)
        wrong = wrong or abs(found - derived) > max(_AGREE * derived, 0.002)
        slots = _DAY / feed.cadence
        figures = f"{feed.drops * slots:,.0f} | {feed.drops * slots * feed.rows:,.0f}"
        print(f"| {figures} | {feed.held:,.0f} | {derived:.1%} | {found:.1%} | {longest:,.0f} s |")
    print()
    print("| accounts | rows held | rows a day at half the time |")
    print("|---|---|---|")
    for accounts in (1, 100):
        for held in (50e6, 1e9, 5e9):
            feed = Feed(accounts=accounts, held=held)
            rows = carried(feed, costs, limits, share=0.5)
            a_day = rows * feed.drops * _DAY / feed.cadence
            print(f"| {accounts} | {held:,.0f} | {a_day:,.0f} |")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
