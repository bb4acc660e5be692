"""What the messages of a queue say, in every wrapping that AWS has for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firehose_loader.storage.s3.events import created


def s3_event(key: str, *, name: str = "ObjectCreated:Put", bucket: str = "b") -> dict[str, Any]:
    """Return what S3 sends; ``key`` as S3 encodes it."""
    of = {"bucket": {"name": bucket}, "object": {"key": key, "size": 1, "eTag": "0"}}
    return {"Records": [{"eventSource": "aws:s3", "eventName": name, "s3": of}]}


def bridged(key: str, *, kind: str = "Object Created") -> dict[str, Any]:
    """Return what EventBridge sends."""
    detail = {"bucket": {"name": "b"}, "object": {"key": key, "etag": "0"}}
    return {"version": "0", "detail-type": kind, "source": "aws.s3", "detail": detail}


def in_sns(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as SNS hands it to a queue."""
    return {"Type": "Notification", "TopicArn": "arn:t", "Message": json.dumps(message)}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (s3_event("in/a+b%2Bc%C3%BC.csv"), [("b", "in/a b+cü.csv")]),
        (in_sns(s3_event("in/a.csv")), [("b", "in/a.csv")]),
        (bridged("in/a+b%20.csv"), [("b", "in/a+b%20.csv")]),
        (in_sns(bridged("in/a.csv")), [("b", "in/a.csv")]),
        (s3_event("a", name="ObjectCreated:CompleteMultipartUpload"), [("b", "a")]),
        (s3_event("a", name="s3:ObjectCreated:Copy"), [("b", "a")]),
        (s3_event("a", name="ObjectRemoved:Delete"), []),
        (bridged("a", kind="Object Deleted"), []),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}, []),
    ],
)
def test_new_objects_are_told_by_bucket_and_key(
    message: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert created(json.dumps(message)) == expected


def test_one_message_may_tell_of_several_objects() -> None:
    message = {"Records": [*s3_event("a")["Records"], *s3_event("c", bucket="d")["Records"]]}

    assert created(json.dumps(message)) == [("b", "a"), ("d", "c")]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        "7",
        "{}",
        '{"Records": [{}]}',
        '{"Records": 3}',
        '{"Type": "Notification", "Message": "hello"}',
        '{"detail-type": "Object Created", "source": "my.app", "detail": {}}',
        '{"detail-type": "Object Created", "source": "aws.s3"}',
    ],
)
def test_what_is_not_about_s3_is_told_apart(body: str) -> None:
    assert created(body) is None
