"""What an audit of the pinned packages found: never a pass for what it could not look up.

A program, for ``make audit``: ``python -m tests.audited REPORT LOG``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

WEAK, UNAUDITED = 1, 3
_FRAME = "=" * 100


def judged(report: str, log: str) -> tuple[int, str]:
    """Return exit code and words for what pip-audit wrote; an empty report is none at all."""
    found = json.loads(report)["dependencies"] if report else []
    weak = [
        f"{one['name']} {one['version']}: {weakness['id']}"
        f" (mended in {', '.join(weakness['fix_versions']) or 'no version yet'})"
        for one in found
        for weakness in one.get("vulns", ())
    ]
    skipped = [one["name"] for one in found if "skip_reason" in one]
    looked_up = len(found) - len(skipped)
    if weak:
        return WEAK, "\n".join(["packages with known weaknesses:", *weak])
    if skipped or not found:
        why = log.strip().splitlines()[-1][:200] if not found and log.strip() else ""
        return UNAUDITED, "\n".join(
            [
                _FRAME,
                f"NOT AUDITED: {looked_up} of {len(found) or 'the'} pinned packages were looked up",
                "Whether the others have known weaknesses is open: run make audit where",
                "https://pypi.org can be reached.",
                *([why] if why else []),
                _FRAME,
            ]
        )
    return 0, f"{looked_up} pinned packages were looked up; none has a known weakness"


if __name__ == "__main__":
    report, log = (
        path.read_text("utf-8") if path.is_file() else "" for path in map(Path, sys.argv[1:3])
    )
    code, words = judged(report, log)
    sys.stderr.write(f"{words}\n")
    sys.exit(code)
