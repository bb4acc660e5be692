"""A feed of 27 event types that is watched for very long: does anything grow?

``ENDURANCE_DROPS`` has more drops come than the suite has time for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.command import clean_environ
from tests.long_watch import ROWS
from tests.torture.attack import Attack, Outcome, Plan, place

WHOLE = 240_000
"""A quarter of a year of drops, one of each event type each quarter of an hour."""
_SHORT = 5_400


def endurance(plan: Plan) -> Outcome:
    """Have a process of its own do it, and look at whether anything grows."""
    drops = int(os.environ.get("ENDURANCE_DROPS", "0")) or plan.tries(_SHORT)
    with place("endurance") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.long_watch", str(drops), str(folder)],
            capture_output=True,
            check=False,
            env=clean_environ(),
            text=True,
        )
    if done.returncode:
        return Outcome(tries=0, told="", wrong=(done.stderr[-800:],))
    told = json.loads(done.stdout)
    seconds, memory = told["seconds"], told["memory"]
    wrong = []
    if (told["ledger"], told["events"]) != (told["drops"], told["drops"] * ROWS):
        wrong.append(f"{told['ledger']} drops and {told['events']} events are there")
    if memory[-1] > 1.3 * memory[1]:
        wrong.append(f"memory grew: {memory}")
    if seconds[-1] > 1.5 * seconds[1]:
        wrong.append(f"passes take longer and longer: {seconds}")
    if told["file_bytes"] > 3 * told["copy_bytes"]:
        wrong.append(f"the file has {told['file_bytes']} bytes, a copy {told['copy_bytes']}")
    return Outcome(
        tries=told["drops"],
        told=f"{told['drops']:,} drops of {WHOLE:,}; CPU of a pass at the beginning and at the end:"
        f" {seconds[1]:.2f} s and {seconds[-1]:.2f} s; memory: {memory[1] / 2**20:.0f} and"
        f" {memory[-1] / 2**20:.0f} MiB; file {told['file_bytes'] / 2**20:.0f} MiB, written anew"
        f" {told['copy_bytes'] / 2**20:.0f} MiB",
        wrong=tuple(wrong),
    )


ATTACKS = (
    Attack(
        name="Endurance: 27 event types every 15 minutes, watched",
        promise="each drop once; memory and time of a pass flat; the file near its data's size",
        run=endurance,
    ),
)
