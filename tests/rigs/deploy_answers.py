"""What Helm and the parsers of Compose files and HCL say; runs in build/deploy-tools.

Takes a list of questions as JSON on stdin, each a name below with its arguments, and prints the
list of answers: ``{"answer": ...}``, or ``{"error": "..."}`` where one is refused.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def lint(chart: str) -> object:
    import helm_python

    found: object = helm_python.lint(chart, strict=True)["messages"]
    return found


def render(chart: str, values: dict[str, Any], name: str) -> object:
    import helm_python

    with helm_python.Chart.load(chart) as loaded:
        return loaded.render(values, name=name, namespace="marketing")


def compose(document: dict[str, Any]) -> object:
    import compose_spec

    return compose_spec.PyCompose.from_json(json.dumps(document)).to_dict()


def hcl(path: str) -> object:
    import hcl2

    return hcl2.loads(Path(path).read_text("utf-8"))


KNOWN: dict[str, Callable[..., object]] = {
    one.__name__: one for one in (lint, render, compose, hcl)
}


def answer(name: str, arguments: list[Any]) -> dict[str, Any]:
    try:
        return {"answer": KNOWN[name](*arguments)}
    except Exception as error:  # noqa: BLE001 - each tool has errors of its own
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    json.dump([answer(name, arguments) for name, *arguments in json.load(sys.stdin)], sys.stdout)
