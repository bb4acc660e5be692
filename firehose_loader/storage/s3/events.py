"""What a message says of objects: an event of S3 itself or of EventBridge, maybe inside SNS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus


def created(body: str) -> list[tuple[str, str]] | None:
    """Return bucket and key of each object that a message says was made.

    Empty for a message that says something else, such as that an object was removed; None for one
    that is not about S3 at all.
    """
    try:
        message = json.loads(body)
        while "Message" in message and "Type" in message:
            message = json.loads(message["Message"])  # SNS carries the text of what it was given
        return list(_created(message))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _created(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if message.get("Event") == "s3:TestEvent":
        return
    if "detail-type" in message:
        if message["source"] != "aws.s3":
            raise KeyError(message["source"])
        if message["detail-type"] == "Object Created":
            detail = message["detail"]
            yield detail["bucket"]["name"], detail["object"]["key"]
        return
    for record in message["Records"]:
        if record["eventName"].removeprefix("s3:").startswith("ObjectCreated:"):
            # S3 encodes keys as a form does, EventBridge does not.
            of = record["s3"]
            yield of["bucket"]["name"], unquote_plus(of["object"]["key"])
