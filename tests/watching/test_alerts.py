"""Alerts: sent once for one cause and once for its end, signed, and never in the way of a load."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from firehose_loader.cli import main
from firehose_loader.history import Alert
from firehose_loader.protocols import Status
from firehose_loader.service import messages
from firehose_loader.service.alerts import Change, changes
from firehose_loader.service.health import Finding, Health
from tests.checkout import ROOT
from tests.rigs.canned import Answer, Request, answering
from tests.rigs.processes import free_port

SCHEMA = json.loads((ROOT / "docs" / "alert.schema.json").read_text("utf-8"))
SECRET = "a-secret-that-signs"  # noqa: S105 - of this test
PATH_SECRET = "T0-hook-secret"  # noqa: S105 - likewise


@dataclass(slots=True)
class Hook:
    """A webhook that keeps what it is sent."""

    url: str = ""
    answer: Answer = field(default_factory=Answer)
    requests: list[Request] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    hangs: bool = False

    def take(self, request: Request) -> Answer:
        self.requests.append(request)
        if self.hangs:
            self.released.wait(60)
        return self.answer

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.requests]

    def told(self) -> list[tuple[str, str]]:
        """Return turn and kind of all that was sent since the last time."""
        found = [
            (one["turn"], one["kind"]) for document in self.documents for one in document["alerts"]
        ]
        self.requests.clear()
        return found


@contextmanager
def listening() -> Iterator[Hook]:
    hook = Hook()
    with answering(hook.take) as url:
        hook.url = f"{url}/{PATH_SECRET}"
        try:
            yield hook
        finally:
            hook.released.set()


class Place:
    """A source, a database and a configuration with alerts."""

    def __init__(self, folder: Path, hook: Hook, *lines: str) -> None:
        self.drops = folder / "drops"
        self.drops.mkdir()
        self.database = folder / "e.duckdb"
        self.config = folder / "firehose.toml"
        self.config.write_text(
            f'[warehouse]\nurl = "{self.database}"\n[alerts]\nwebhook = "{hook.url}"\n'
            + "".join(f"{line}\n" for line in lines)
            + f'[[source]]\nname = "prod"\nurl = "{self.drops}"\n'
        )

    def put(self, name: str, *rows: str, header: str = "eventId,eventType,eventDate") -> None:
        (self.drops / name).write_text("".join(f"{row}\n" for row in (header, *rows)))

    def run(self) -> int:
        return main(["run", "-c", str(self.config)])


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(messages, "_TRIES", replace(messages._TRIES, sleep=lambda _: None))


@pytest.fixture(name="hook")
def fixture_hook() -> Iterator[Hook]:
    with listening() as hook:
        yield hook


def test_a_cause_is_told_once_and_so_is_its_end(tmp_path: Path, hook: Hook) -> None:
    place = Place(tmp_path, hook)
    place.put("a.csv", "1,emailOpen,never", "2,emailOpen,2026-01-05T10:00:00Z")
    assert place.run() == 0
    assert hook.told() == [("opened", "quarantined")]

    place.put("b.csv", "3,emailOpen,never either")
    assert place.run() == 0
    assert hook.told() == []

    assert main(["quarantine", "remove", "--all", "--yes", "-c", str(place.config)]) == 0
    assert place.run() == 0
    assert hook.told() == [("ended", "quarantined")]
    assert place.run() == 0
    assert hook.told() == []


def test_a_run_without_anything_to_tell_sends_nothing(tmp_path: Path, hook: Hook) -> None:
    place = Place(tmp_path, hook)
    place.put("a.csv", "1,emailOpen,2026-01-05T10:00:00Z")

    assert place.run() == 0
    assert hook.requests == []


def test_a_source_that_cannot_be_reached_is_told_and_so_is_its_return(
    tmp_path: Path, hook: Hook
) -> None:
    place = Place(tmp_path, hook)
    place.drops.rmdir()
    assert place.run() != 0
    assert place.run() != 0
    assert hook.told() == [("opened", "unreachable")]
    place.drops.mkdir()
    assert place.run() == 0
    assert hook.told() == [("ended", "unreachable")]


def test_new_fields_are_news_once(tmp_path: Path, hook: Hook) -> None:
    place = Place(tmp_path, hook)
    place.put("a.csv", "1,emailOpen,x", header="eventId,eventType,coupon")
    place.run()
    place.run()

    (document,) = hook.documents
    (one,) = document["alerts"]
    assert (one["turn"], one["kind"], one["event_type"]) == ("news", "drift", "email.open")
    assert "coupon" in one["message"]


def test_what_is_sent_fits_its_published_schema_and_is_signed(tmp_path: Path, hook: Hook) -> None:
    place = Place(tmp_path, hook, f'secret = "{SECRET}"')
    place.put("a.csv", "1,emailOpen,never")
    place.run()

    (request,) = hook.requests
    document = json.loads(request.body)
    jsonschema.validate(document, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert "quarantined: prod: " in document["text"]
    seconds, signed = (
        part.partition("=")[2] for part in request.headers["x-firehose-signature"].split(",")
    )
    expected = hmac.new(SECRET.encode(), f"{seconds}.".encode() + request.body, hashlib.sha256)
    assert signed == expected.hexdigest()


def test_slack_gets_a_text(tmp_path: Path, hook: Hook) -> None:
    place = Place(tmp_path, hook, 'style = "slack"')
    place.put("a.csv", "1,emailOpen,never")
    place.run()

    (document,) = hook.documents
    assert set(document) == {"text"}
    assert document["text"].startswith("[!] quarantined: prod: rows waiting in quarantine: 1")


@pytest.mark.parametrize("trouble", ["500", "redirect", "hangs", "refused"])
def test_a_webhook_that_does_not_take_it_stops_no_load_and_is_tried_by_the_next_run(
    tmp_path: Path, hook: Hook, trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = hook.url
    if trouble == "refused":
        hook.url = f"http://127.0.0.1:{free_port()}/{PATH_SECRET}"
    place = Place(tmp_path, hook, f'secret = "{SECRET}"', "timeout = 0.2")
    place.put("a.csv", "1,emailOpen,never")
    hook.hangs = trouble == "hangs"
    if trouble == "500":
        hook.answer = Answer(status=500)
    if trouble == "redirect":
        hook.answer = Answer(status=302, headers={"Location": f"{url}/elsewhere"})

    assert place.run() == 0
    story = capsys.readouterr()
    assert story.err.count("alerts: ") == 1
    assert "look at alerts.webhook; loading goes on" in story.err
    assert PATH_SECRET not in story.err + story.out
    assert SECRET not in story.err + story.out

    hook.hangs, hook.answer = False, Answer()
    hook.released.set()
    hook.requests.clear()
    place.config.write_text(place.config.read_text().replace(hook.url, url))
    assert place.run() == 0
    assert hook.told() == [("opened", "quarantined")]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Apprise's own
def test_apprise_reaches_further_places(tmp_path: Path, hook: Hook) -> None:
    place = Place(tmp_path, hook, f'apprise = ["{hook.url.replace("http://", "json://")}"]')
    place.put("a.csv", "1,emailOpen,never")
    place.run()

    ours, apprises = hook.documents
    assert apprises["message"] == ours["text"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['secret = "x"'], "secret signs what goes to a webhook"),
        (['webhook = "ftp://a/b"'], "begins with https:// or http://"),
        (['webhok = "https://a/b"'], "did you mean 'webhook'?"),
    ],
)
def test_alerts_that_make_no_sense_are_refused(
    tmp_path: Path, lines: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "firehose.toml"
    config.write_text("\n".join(['[warehouse]\nurl = "e.duckdb"\n[alerts]', *lines]))

    assert main(["check", "-c", str(config)]) == 2
    assert said in capsys.readouterr().err


NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)


def standing(*findings: Finding) -> Health:
    return Health(
        at=NOW,
        series=(),
        findings=findings,
        news=(),
        status=Status(sources=(), events=(), quarantine={}, last_run=None),
        runs=(),
    )


def finding(kind: str, *, hours_ago: int = 2, event_type: str | None = None) -> Finding:
    return Finding(
        kind=kind,
        source="prod",
        event_type=event_type,
        since=NOW - timedelta(hours=hours_ago),
        message=f"{kind} for long",
        is_trouble=kind != "caught_up",
    )


def changed(found: Health, known: Sequence[Alert] = ()) -> tuple[list[tuple[str, str]], Change]:
    change = changes(found, known, since=NOW - timedelta(days=1))
    return [(str(one.turn), one.message) for one in change.told], change


def test_a_slot_that_is_late_and_then_one_of_several_is_one_thing() -> None:
    told, late = changed(standing(finding("late")))
    again, _ = changed(standing(finding("stopped")), late.opened)

    assert told == [("opened", "late for long")]
    assert again == []


def test_a_feed_that_comes_again_ends_its_alert_and_names_what_stays_missing() -> None:
    _, stopped = changed(standing(finding("stopped")))
    told, back = changed(standing(finding("gaps")), stopped.opened)
    later, _ = changed(standing(finding("gaps")), back.opened)

    assert told == [("ended", "it comes again; gaps for long")]
    assert later == []


def test_nothing_is_over_while_the_same_is_overdue() -> None:
    _, stopped = changed(standing(finding("stopped", hours_ago=30)))
    told, still = changed(standing(finding("stopped", hours_ago=31)), stopped.opened)

    assert [turn for turn, _ in told] == ["opened"]
    assert len(still.ended) == 1


def test_a_feed_that_catches_up_ends_its_alert() -> None:
    _, stopped = changed(standing(finding("stopped")))
    told, _ = changed(standing(finding("caught_up")), stopped.opened)

    assert told == [("ended", "it is over: stopped for long")]


def test_a_gap_is_told_and_that_it_was_filled() -> None:
    told, gap = changed(standing(finding("gaps", event_type="email.click")))
    filled, _ = changed(standing(), gap.opened)

    assert told == [("opened", "gaps for long")]
    assert filled == [("ended", "it is over: gaps for long")]


def test_a_gap_that_is_only_too_long_ago_is_not_over() -> None:
    _, gap = changed(standing(finding("gaps", hours_ago=30)))
    told, left = changed(standing(), gap.opened)

    assert told == []
    assert len(left.ended) == 1


def test_metrics_are_pushed_and_a_gateway_that_is_away_fails_no_run(
    tmp_path: Path, hook: Hook, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path, hook)
    gateway = hook.url.removesuffix(f"/{PATH_SECRET}")
    text = place.config.read_text()
    start, rest = text.split("[alerts]")
    source = rest[rest.index("[[source]]") :]
    place.config.write_text(f'{start}[metrics]\npush = "{gateway}"\njob = "dd"\n{source}')
    assert place.run() == 0

    (request,) = hook.requests
    assert (request.method, request.path) == ("PUT", "/metrics/job/dd")
    assert b"firehose_loader_last_run_exit_code 0.0" in request.body
    hook.answer = Answer(status=500)
    capsys.readouterr()
    assert place.run() == 0
    assert capsys.readouterr().err.count("look at metrics.push; loading goes on") == 1
