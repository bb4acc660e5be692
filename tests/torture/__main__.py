"""Run the attacks, print a table and write the page: ``python -m tests.torture``."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.torture import ATTACKS, endurance
from tests.torture.attack import Plan
from tests.torture.making import made
from tests.torture.page import PAGE, Row, faults, with_alone, written


def main() -> int:
    """Return 1 where an attack broke something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="attacks whose name holds this; writes no page")
    parser.add_argument("--share", type=float, default=1, help="of the tries; writes no page")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    plan = Plan(seed=given.seed, share=given.share)
    numbers = [
        number for number, attack in enumerate(ATTACKS) if given.only.lower() in attack.name.lower()
    ]
    # Commands are called in the main thread, as signals have it: side by side are processes only.
    began = time.monotonic()
    spawned = multiprocessing.get_context("spawn")
    rows = []
    with ProcessPoolExecutor(max(2, os.cpu_count() or 2), mp_context=spawned) as pool:
        found = pool.map(made, numbers, [plan] * len(numbers))
        for number, (outcome, seconds) in zip(numbers, found, strict=True):
            rows.append(Row(attack=ATTACKS[number], outcome=outcome, seconds=seconds))
            _say(str(rows[-1]))
            for wrong in outcome.wrong:
                _say(f"    {wrong}")
    if os.environ.get("ENDURANCE_DROPS") and [row.attack for row in rows] == [*endurance.ATTACKS]:
        PAGE.write_text(with_alone(PAGE.read_text("utf-8"), str(rows[0])), "utf-8")
    if len(rows) == len(ATTACKS) and plan.share == 1:
        PAGE.write_text(written(rows, plan, time.monotonic() - began), "utf-8")
        _say(f"{PAGE.name} is written; {len(faults(PAGE.read_text('utf-8'), ATTACKS))} faults")
    return int(any(row.outcome.wrong for row in rows))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
