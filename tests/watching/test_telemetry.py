"""Runs as traces and as lineage, at collectors that take them and at those that do not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from firehose_loader.cli import main
from tests.rigs.canned import Answer, Request, answering

KEY = "a-key-that-nobody-sees"


@dataclass(slots=True)
class Collector:
    """Takes whatever it is sent."""

    url: str = ""
    status: int = 200
    requests: list[Request] = field(default_factory=list)

    def take(self, request: Request) -> Answer:
        self.requests.append(request)
        return Answer(status=self.status)


@pytest.fixture(name="collector")
def fixture_collector() -> Iterator[Collector]:
    collector = Collector()
    with answering(collector.take) as url:
        collector.url = url
        yield collector


def run(folder: Path, *lines: str, source: str | None = None) -> int:
    (folder / "drops").mkdir(exist_ok=True)
    (folder / "drops" / "a.csv").write_text("eventId,eventType\n1,emailOpen\n2,sms.send\n")
    config = folder / "firehose.toml"
    config.write_text(
        "\n".join(
            [
                f'[warehouse]\nurl = "{folder}/e.duckdb"\n[telemetry]',
                *lines,
                f'[[source]]\nname = "prod"\nurl = "{source or folder / "drops"}"\n',
            ]
        )
    )
    return main(["run", "-c", str(config)])


def spans(collector: Collector) -> list[Any]:
    found = []
    for request in collector.requests:
        assert request.path == "/v1/traces"
        packed = request.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(request.body) if packed else request.body
        message = ExportTraceServiceRequest()
        message.ParseFromString(body)
        for resource in message.resource_spans:
            for scope in resource.scope_spans:
                found += scope.spans
    return found


def test_a_run_is_a_span_with_its_batches_below(tmp_path: Path, collector: Collector) -> None:
    assert run(tmp_path, f'otlp = "{collector.url}"', f'otlp_headers = {{api-key = "{KEY}"}}') == 0

    found = {span.name: span for span in spans(collector)}
    whole, batch = found["run"], found["batch"]
    assert batch.parent_span_id == whole.span_id
    assert batch.trace_id == whole.trace_id
    counts = {one.key: one.value.int_value for one in batch.attributes}
    assert counts["firehose.rows.inserted"] == 2
    assert whole.start_time_unix_nano <= batch.start_time_unix_nano < batch.end_time_unix_nano
    assert collector.requests[0].headers["api-key"] == KEY


def test_a_run_tells_what_it_read_and_which_tables_it_wrote(
    tmp_path: Path, collector: Collector
) -> None:
    lines = (f'openlineage = "{collector.url}"', f'openlineage_key = "{KEY}"', 'namespace = "dd"')
    assert run(tmp_path, *lines) == 0

    start, end = (json.loads(request.body) for request in collector.requests)
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert (end["job"]["namespace"], end["job"]["name"]) == ("dd", "firehose_loader.run")
    assert [one["name"] for one in end["inputs"]] == [str(tmp_path / "drops")]
    assert [one["name"] for one in end["outputs"]] == [
        "dotdigital.email_open",
        "dotdigital.sms_send",
    ]
    assert {one["namespace"] for one in end["outputs"]} == {f"duckdb://{tmp_path}/e.duckdb"}
    assert collector.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_run_that_fails_says_so(tmp_path: Path, collector: Collector) -> None:
    lines = (f'openlineage = "{collector.url}"', f'otlp = "{collector.url}"')
    assert run(tmp_path, *lines, source=str(tmp_path / "nowhere")) != 0

    lineage = [json.loads(one.body) for one in collector.requests if "lineage" in one.path]
    assert [one["eventType"] for one in lineage] == ["START", "FAIL"]


@pytest.mark.parametrize("status", [400, 503])
def test_a_collector_that_takes_nothing_fails_no_run(
    tmp_path: Path, collector: Collector, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    collector.status = status
    lines = (
        *(f'openlineage = "{collector.url}"', f'openlineage_key = "{KEY}"'),
        *(f'otlp = "{collector.url}"', f'otlp_headers = {{api-key = "{KEY}"}}'),
    )
    assert run(tmp_path, *lines) == 0

    story = capsys.readouterr().err
    assert story.count("lineage: the collector did not take it") == 1
    assert story.count("traces: the collector did not take them") == 1
    assert KEY not in story
