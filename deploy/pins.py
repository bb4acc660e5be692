"""Print those pins of constraints.txt, hashes included, that pip would install by its report.

pip takes hashes of requirements only, and constraints.txt has more than any image wants:

    pip install --dry-run --ignore-installed --report wanted.json -c VERSIONS WHEEL[EXTRAS]
    python pins.py wanted.json < constraints.txt > wanted.txt
    pip install --require-hashes --no-deps --requirement wanted.txt
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any


def chosen(report: Mapping[str, Any], constraints: Iterable[str]) -> Iterator[str]:
    """Yield the lines of the packages that are installed from an index.

    Raises:
        SystemExit: one of them is not pinned.
    """
    wanted = {normal(one["metadata"]["name"]) for one in report["install"] if not one["is_direct"]}
    name, found = "", set[str]()
    for line in constraints:
        if not line.startswith((" ", "#")):
            name = normal(line.partition("==")[0])
            found.add(name)
        if name in wanted:
            yield line
    if unpinned := wanted - found:
        sys.exit(f"constraints.txt does not pin {', '.join(sorted(unpinned))}")


def normal(name: str) -> str:
    """Return the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.writelines(chosen(document, sys.stdin))
