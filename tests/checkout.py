"""What the checkout holds, for the tests that look at the project itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_MADE = {".git", ".venv", "build", "dist", "demo", "demo.duckdb"}
_CACHES = {".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


def project_files(*endings: str) -> list[Path]:
    """Return the project's own files, sorted: as git has them, or without git, all there are."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
    return sorted(
        ROOT / name
        for name in names
        if name.parts[0] not in _MADE | _CACHES
        and "__pycache__" not in name.parts
        and (ROOT / name).is_file()
        and (not endings or name.suffix in endings)
    )
