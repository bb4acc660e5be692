"""A dbt project of its own, worked by dbt in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.checkout import ROOT
from tests.rigs.rig import missing

NAME = "dbt"
_ENVIRONMENT = ROOT / "build/dbt"
_STEPS = """
import json, sys
from dbt.cli.main import dbtRunner

for words in json.loads(sys.argv[1]):
    result = dbtRunner().invoke(words)
    nodes = getattr(result.result, "results", ())
    print("STEP", json.dumps([result.success, {one.node.name: str(one.status) for one in nodes}]))
    if result.exception:
        print(result.exception, file=sys.stderr)
"""
_PROJECT = """
name: analytics
version: "1.0.0"
profile: analytics
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one command of dbt."""

    success: bool
    states: Mapping[str, str]
    """By node: models, tests, sources."""


class DbtProject:
    """A project into which others put models.

    It has a target ``snowflake``, and one for each file of the loader that is named, which takes
    that for the database ``events``.
    """

    def __init__(self, folder: Path, **databases: Path) -> None:
        if not (_ENVIRONMENT / "installed").exists():
            missing(NAME, "dbt is not installed: make servers")
        self.folder = folder
        self.models = folder / "models" / "dotdigital"
        folder.mkdir()
        (folder / "dbt_project.yml").write_text(_PROJECT)
        outputs: dict[str, dict[str, object]] = {
            "snowflake": {
                "type": "snowflake",
                "account": "myorg-myaccount",
                "user": "dbt",
                "password": "is sent nowhere",
                "database": "analytics",
                "schema": "dbt",
            },
        }
        for name, path in databases.items():
            attached = {"path": str(path), "alias": "events", "read_only": True}
            outputs[name] = {"type": "duckdb", "path": f"{name}.duckdb", "attach": [attached]}
        profile = {"analytics": {"target": "snowflake", "outputs": outputs}}
        (folder / "profiles.yml").write_text(json.dumps(profile))

    def run(self, *commands: Sequence[str]) -> list[Outcome]:
        """Give dbt commands, one after the other in one process: to begin takes it longest."""
        environ = {
            **os.environ,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_PROFILES_DIR": str(self.folder),
            "DBT_QUIET": "true",
        }
        done = subprocess.run(
            [_ENVIRONMENT / "bin/python", "-c", _STEPS, json.dumps(commands)],
            capture_output=True,
            check=False,
            cwd=self.folder,
            env=environ,
            text=True,
            timeout=280,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told = [line.removeprefix("STEP ") for line in done.stdout.splitlines() if "STEP " in line]
        assert told, done.stdout + done.stderr
        return [
            Outcome(success=success, states=states) for success, states in map(json.loads, told)
        ]

    def manifest(self) -> dict[str, Any]:
        """Return what dbt read, as of its last command."""
        found: dict[str, Any] = json.loads((self.folder / "target/manifest.json").read_text())
        return found

    def compiled(self) -> dict[str, str]:
        """Return the statements that dbt made, by the name of their file."""
        folder = self.folder / "target" / "compiled"
        return {path.stem: path.read_text() for path in sorted(folder.rglob("*.sql"))}
