"""The alert rules and the dashboard ask for metrics that there are, in PromQL that parses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from firehose_loader.cli import main
from tests.checkout import ROOT

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "firehose-loader.json"


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return found


EXPRESSIONS = [
    *(pytest.param(rule["expr"], id=rule["alert"]) for rule in rules()),
    *(
        pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
        for panel in panels()
        for target in panel["targets"]
    ),
]


@pytest.fixture(scope="module", name="samples")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Load a drop and return the labels of each metric that a textfile then has."""
    folder = tmp_path_factory.mktemp("monitoring")
    (folder / "drops").mkdir()
    (folder / "drops" / "a.csv").write_text("eventId,eventType\n1,emailOpen\n2,emailOpen,x\n")
    config = folder / "firehose.toml"
    config.write_text(
        f'[warehouse]\nurl = "{folder}/e.duckdb"\n[metrics]\ntextfile = "{folder}/m.prom"\n'
        f'[[source]]\nname = "prod"\nurl = "{folder}/drops"\n'
    )
    assert main(["run", "-c", str(config)]) == 0
    text = (folder / "m.prom").read_text()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def selectors(node: object) -> Iterator[promql_parser.VectorSelector]:
    """Yield every selector of an expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "vs", "args"):
        below = getattr(node, name, None)
        for each in below if isinstance(below, list) else [below]:
            if each is not None:
                yield from selectors(each)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_parses_and_asks_for_what_there_is(
    expression: str, samples: dict[str, set[str]]
) -> None:
    found = list(selectors(promql_parser.parse(expression.replace("$source", ".*"))))

    assert found
    for one in found:
        assert one.name in samples, f"{one.name} is no metric of the loader"
        labels = {matcher.name for matcher in one.matchers.matchers}
        assert labels <= samples[one.name], f"{one.name} has only {samples[one.name]}"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_says_what_to_do_with_labels_that_it_keeps(rule: dict[str, Any]) -> None:
    text = " ".join(rule["annotations"].values())

    used = set(re.findall(r"\$labels\.(\w+)", text))
    kept = re.search(r" by \(([^)]*)\)", rule["expr"])
    assert used <= set(re.split(r",\s*", kept[1]) if kept else ())
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    assert rule["annotations"]["description"].endswith(".")


def test_the_dashboard_has_no_panel_on_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {
            (at["x"] + right, at["y"] + down) for right in range(at["w"]) for down in range(at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_the_metrics_keep_prometheus_conventions(samples: dict[str, set[str]]) -> None:
    for name in samples:
        assert re.fullmatch(r"firehose_loader_[a-z]+(_[a-z]+)*", name)
    assert Path(RULES).is_file()
