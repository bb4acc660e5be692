"""New drops by word of a queue: loaded once, and acknowledged only when they are in the ledger."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import boto3
import pytest

from firehose_loader import batches, checks, service
from firehose_loader.checks import Probe, State
from firehose_loader.config import Config
from firehose_loader.observe import Event, NoticesLeft
from firehose_loader.service import source_run
from firehose_loader.summary import RunSummary
from tests.command import table
from tests.rigs import moto
from tests.rigs.canned import Answer, Request, answering
from tests.rigs.processes import wait_until
from tests.rigs.s3 import Keys, S3Rig, S3Server
from tests.test_s3_events import bridged, in_sns, s3_event

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

pytestmark = pytest.mark.parametrize("s3_server", [moto.NAME], indirect=True)
_NUMBERS = itertools.count(1)


class Feed:
    """A bucket, a queue that is told of it, and runs that read the queue."""

    def __init__(self, rig: S3Rig, client: SQSClient, folder: Path) -> None:
        self.rig = rig
        self.client = client
        self.folder = folder
        self.url = client.create_queue(
            QueueName=f"drops-{next(_NUMBERS)}", Attributes={"VisibilityTimeout": "2"}
        )["QueueUrl"].replace("localhost", "127.0.0.1")

    def put(self, key: str, *ids: str) -> None:
        rows = "".join(f"{one},emailOpen,2026-01-05T10:00:00Z\n" for one in ids)
        self.rig.put(key, f"eventId,eventType,eventDate\n{rows}".encode())

    def tell(self, message: dict[str, object] | str) -> None:
        body = message if isinstance(message, str) else json.dumps(message)
        self.client.send_message(QueueUrl=self.url, MessageBody=body)

    def tell_of(self, key: str) -> None:
        self.tell(s3_event(quote_plus(self.rig.prefix + key), bucket=self.rig.bucket))

    def left(self) -> int:
        """Return how many messages were not acknowledged."""
        return sum(self._counts())

    def wait_for_return(self) -> None:
        """Wait until what was received and not acknowledged can be received again."""
        wait_until(lambda: self._counts()[1] == 0, "messages come back")

    def _counts(self) -> list[int]:
        answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        found = answer["Attributes"]
        return [
            int(found["ApproximateNumberOfMessages"]),
            int(found["ApproximateNumberOfMessagesNotVisible"]),
        ]

    def run(
        self,
        *,
        everything: bool = False,
        observe: Callable[[Event], None] = lambda _: None,
        keys: Keys | None = None,
        **settings: object,
    ) -> RunSummary:
        config = self.config(keys=keys, **settings)
        return service.run(config, observe, everything=everything)

    def config(self, *, keys: Keys | None = None, **settings: object) -> Config:
        keys = keys or self.rig.server.tidier
        source = {
            "name": "s",
            "url": f"s3://{self.rig.bucket}/{self.rig.prefix}",
            "endpoint": self.rig.endpoint,
            "region": "us-east-1",
            "access_key_id": keys.access_key_id,
            "secret_access_key": keys.secret_access_key,
            "notify": self.url,
            **settings,
        }
        database = {"url": str(self.folder / "events.duckdb")}
        return Config.model_validate(
            {"warehouse": database, "spool": self.folder, "source": [source]}
        )

    def events(self) -> int:
        return len(table(self.folder / "events.duckdb", "email_open"))


@pytest.fixture
def feed(s3_rig: S3Rig, s3_server: S3Server, tmp_path: Path) -> Iterator[Feed]:
    client = boto3.client(
        "sqs",
        endpoint_url=s3_server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=s3_server.sender.access_key_id,
        aws_secret_access_key=s3_server.sender.secret_access_key,
    )
    with closing(client):
        yield Feed(s3_rig, client, tmp_path)


def test_what_the_queue_tells_of_is_loaded_without_a_listing(feed: Feed) -> None:
    for key in ("a b+ü.csv", "in/b.csv", "told of by nobody.csv"):
        feed.put(key, key)
    feed.tell_of("a b+ü.csv")
    feed.tell_of("in/b.csv")

    first, second = feed.run(), feed.run()

    assert (first.drops["listed"], first.drops["loaded"], first.exit_code) == (2, 2, 0)
    assert (second.drops["listed"], second.exit_code) == (0, 0)
    assert feed.left() == 0
    assert feed.events() == 2


def test_a_full_run_finds_what_nobody_told_of(feed: Feed) -> None:
    feed.put("lost.csv", "1")

    told, full = feed.run(), feed.run(everything=True)

    assert (told.drops["loaded"], full.drops["loaded"]) == (0, 1)


def test_a_drop_that_is_told_of_many_times_is_loaded_once(feed: Feed) -> None:
    feed.put("a.csv", "1")
    for _ in range(12):
        feed.tell_of("a.csv")
    feed.run()
    feed.tell_of("a.csv")

    again = feed.run()

    assert (again.drops["new"], again.drops["skipped"]) == (0, 1)
    assert (feed.events(), feed.left()) == (1, 0)


def test_every_wrapping_is_understood(feed: Feed) -> None:
    root, bucket = feed.rig.prefix, feed.rig.bucket
    for name in ("plain", "sns", "bridge", "both"):
        feed.put(f"{name}.csv", name)
    message = bridged(f"{root}bridge.csv")
    message["detail"]["bucket"]["name"] = bucket
    both = bridged(f"{root}both.csv")
    both["detail"]["bucket"]["name"] = bucket

    feed.tell(s3_event(f"{root}plain.csv", bucket=bucket))
    feed.tell(in_sns(s3_event(f"{root}sns.csv", bucket=bucket)))
    feed.tell(message)
    feed.tell(in_sns(both))
    summary = feed.run()

    assert (summary.drops["loaded"], feed.left()) == (4, 0)


def test_a_drop_that_is_gone_by_now_is_nothing_to_load(feed: Feed) -> None:
    feed.tell_of("gone.csv")
    feed.tell({"Service": "Amazon S3", "Event": "s3:TestEvent"})

    summary = feed.run()

    assert (summary.drops["listed"], summary.exit_code, feed.left()) == (0, 0, 0)


def test_what_is_not_about_the_source_stays_in_the_queue_and_is_told(feed: Feed) -> None:
    told: list[Event] = []
    feed.put("a.csv", "1")
    feed.tell(s3_event("elsewhere/a.csv", bucket=feed.rig.bucket))
    feed.tell(s3_event(f"{feed.rig.prefix}a.csv", bucket="another"))
    feed.tell("hello")
    feed.tell_of("a.csv")

    summary = feed.run(observe=told.append)

    assert summary.drops["loaded"] == 1
    assert feed.left() == 3
    assert [event.notices for event in told if isinstance(event, NoticesLeft)] == [3]


def test_a_drop_that_failed_is_told_of_again(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.put("a.csv", "1")
    feed.tell_of("a.csv")
    original = batches.fetched_ahead

    def rewritten_meanwhile(*arguments: object, **named: object) -> object:
        feed.put("a.csv", "2", "3")
        return original(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(source_run, "fetched_ahead", rewritten_meanwhile)
    failed = feed.run()
    left = feed.left()
    monkeypatch.undo()
    feed.wait_for_return()

    loaded = feed.run()

    assert (failed.exit_code, failed.drops["failed"], left) == (4, 1, 1)
    assert (loaded.exit_code, loaded.drops["loaded"], feed.left()) == (0, 1, 0)


def test_archived_drops_that_are_told_of_are_no_new_ones(feed: Feed) -> None:
    feed.put("a.csv", "1")
    feed.tell_of("a.csv")

    feed.run(after="archive", archive="done/{key}")
    feed.tell_of("done/a.csv")
    again = feed.run(after="archive", archive="done/{key}")

    assert (again.drops["new"], again.drops["skipped"], feed.left()) == (0, 1, 0)


def test_doctor_tries_the_queue_and_leaves_it_as_it_is(feed: Feed) -> None:
    feed.put("a.csv", "1")
    feed.tell_of("a.csv")

    allowed = notify(feed.config())
    refused = notify(feed.config(keys=feed.rig.server.reader))
    missing = notify(feed.config(notify=f"{feed.url}-not"))

    assert allowed.state is State.OK
    assert (refused.state, missing.state) == (State.MISSING, State.MISSING)
    assert "sqs:ReceiveMessage" in refused.found
    assert "correct notify" in missing.found
    assert feed.run().drops["loaded"] == 1  # at once: nothing was kept from it


def test_doctor_finds_that_messages_could_be_received_and_not_deleted(feed: Feed) -> None:
    def answer(request: Request) -> Answer:
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        if request.headers["x-amz-target"].endswith("ReceiveMessage"):
            return Answer(headers=headers, body=b"{}")
        refused = b'{"__type": "com.amazon.coral.service#AccessDeniedException"}'
        return Answer(status=403, headers=headers, body=refused)

    with answering(answer) as endpoint:
        found = notify(feed.config(notify=f"{endpoint}/1/drops"))

    assert found.state is State.MISSING
    assert "sqs:DeleteMessage" in found.found


def notify(config: Config) -> Probe:
    (probe,) = (one for one in checks.examine(config) if one.name == "notify")
    return probe


def test_a_queue_that_refuses_or_is_not_there_is_told_with_advice(feed: Feed) -> None:
    refused = feed.run(keys=feed.rig.server.reader)
    feed.url += "-not"
    missing = feed.run()

    assert (refused.exit_code, missing.exit_code) == (2, 2)
    assert "sqs:ReceiveMessage" in refused.errors[0].message
    assert "correct notify" in missing.errors[0].message
