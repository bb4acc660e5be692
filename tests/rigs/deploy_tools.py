"""Helm, and the parsers of Compose files and of HCL, in an environment of their own."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.checkout import ROOT
from tests.rigs.rig import missing

NAME = "deploy-tools"
_ENVIRONMENT = ROOT / "build/deploy-tools"


class Refused(Exception):
    """A tool took what it was given for wrong."""


def asked(*questions: tuple[Any, ...]) -> list[Any]:
    """Return the answers to questions of ``deploy_answers``; raise Refused at the first refusal."""
    if not (_ENVIRONMENT / "installed").exists():
        missing(NAME, "Helm and others are not installed: make servers")
    done = subprocess.run(
        [_ENVIRONMENT / "bin/python", ROOT / "tests/rigs/deploy_answers.py"],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    answers = []
    for one in json.loads(done.stdout):
        if "error" in one:
            raise Refused(one["error"])
        answers.append(one["answer"])
    return answers
