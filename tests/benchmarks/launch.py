"""Run a command and write what it took as JSON: LOG REPORT COMMAND...

A process of its own, and a small one: a program's peak of memory counts from its parent's on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

log, report, *command = sys.argv[1:]
with open(log, "wb") as output, open(f"{log}.err", "wb") as errors:  # noqa: PTH123 - pathlib weighs
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=output, stderr=errors, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 - likewise
    json.dump(
        {
            "code": process.returncode,
            "wall": wall,
            "cpu": usage.ru_utime + usage.ru_stime,
            "peak_mib": usage.ru_maxrss / 1024,
        },
        file,
    )
