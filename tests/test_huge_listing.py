"""A listing of very many drops, held against a ledger that has nearly all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.checkout import ROOT

DROPS = 100_000
"""As Python objects they would take 100 MB beside what the engine takes, 70 MB for any number."""


def _program(what: str, folder: Path) -> Any:  # noqa: ANN401 - what it printed
    done = subprocess.run(
        [sys.executable, "tests/huge_listing.py", what, str(folder), str(DROPS)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_memory_does_not_grow_with_a_listing(tmp_path: Path) -> None:
    _program("load", tmp_path)

    answer = _program("list", tmp_path)

    assert (answer["listed"], answer["new"], answer["found"]) == (DROPS, 1, 1)
    assert answer["megabytes"] < 100
