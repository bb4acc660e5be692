"""Other loaders, in an environment of their own that is made when it is first asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PINS = ("dlt[duckdb,parquet,filesystem]==1.31.0", "duckdb==1.5.6", "pyarrow==26.0.1")
SLING = ("sling==1.4.11", "sling-linux-amd64==1.4.11", "duckdb-cli==1.5.6")
_UV = Path(sys.executable).with_name("uv")


def installed(folder: Path, pins: tuple[str, ...]) -> Path | None:
    """Return the folder of programs of an environment that has these; None if it cannot be made."""
    bin_folder = folder / "bin"
    done = folder / "complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        commands: list[list[str | Path]] = [
            [_UV, "venv", "--quiet", folder],
            [_UV, "pip", "install", "--quiet", "--python", bin_folder / "python", *pins],
        ]
        for command in commands:
            answer = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
            if answer.returncode:
                print(
                    f"not measured, for it cannot be installed: {pins[0]}: {answer.stderr[-300:]}"
                )
                return None
        done.touch()
    return bin_folder


def sling_environ(programs: Path) -> dict[str, str]:
    """Return what sling needs to work without the network."""
    cli = next(programs.parent.rglob("duckdb_cli*/**/duckdb"), programs / "duckdb")
    binary = next(programs.parent.rglob("sling_linux_amd64/bin/sling-*"), programs / "sling")
    return {
        "SLING_BINARY": os.fspath(binary),  # else it would be downloaded, installed or not
        "DUCKDB_PATH": os.fspath(cli),
        "DUCKDB_USE_INSTALLED_EXTENSIONS": "true",
        "SLING_LOADED_AT_COLUMN": "false",
        "SLING_DISABLE_TELEMETRY": "TRUE",
    }
