"""A queue of SQS to which S3 sends word of each new object."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from firehose_loader.config import S3Source, redacted
from firehose_loader.errors import StorageUnavailable
from firehose_loader.protocols import Notice
from firehose_loader.storage.s3.connect import connect_queue
from firehose_loader.storage.s3.errors import translating
from firehose_loader.storage.s3.events import created

if TYPE_CHECKING:  # known to the type checker only: the package holds nothing but types
    from types_boto3_sqs.type_defs import MessageTypeDef

_AT_ONCE = 10
"""More than ten messages SQS neither gives nor takes at once."""
_WAIT_SECONDS = 1
"""With no wait at all SQS asks only some of its machines, and misses messages."""


class S3Queue:
    """The queue that a source's ``notify`` names, for the part of it that is about the source."""

    def __init__(self, source: S3Source) -> None:
        assert source.queue_url is not None  # noqa: S101 - the caller has looked
        self._url = source.queue_url
        self._place = redacted(self._url)
        self._bucket = source.bucket
        self._root = source.prefix
        self._client = connect_queue(source)

    def receive(self) -> Sequence[Notice]:
        with translating(self._place):
            answer = self._client.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=_AT_ONCE, WaitTimeSeconds=_WAIT_SECONDS
            )
        return [self._notice(message) for message in answer.get("Messages", [])]

    def acknowledge(self, notices: Sequence[Notice]) -> None:
        for first in range(0, len(notices), _AT_ONCE):
            some = notices[first : first + _AT_ONCE]
            with translating(self._place):
                answer = self._client.delete_message_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": one.handle}
                        for number, one in enumerate(some)
                    ],
                )
            ours = [one for one in answer.get("Failed", []) if not one["SenderFault"]]
            if ours:
                raise StorageUnavailable(f"{self._place} kept {len(ours)} messages")

    def rehearse(self) -> None:
        with translating(self._place):
            self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=1,
                VisibilityTimeout=0,  # whoever asks next is given it again
                WaitTimeSeconds=_WAIT_SECONDS,
            )
            # No delivery has this handle: it fails for all, and otherwise for those who may not.
            self._client.delete_message_batch(
                QueueUrl=self._url, Entries=[{"Id": "0", "ReceiptHandle": secrets.token_hex(16)}]
            )

    def close(self) -> None:
        self._client.close()

    def _notice(self, message: MessageTypeDef) -> Notice:
        objects = created(message["Body"])
        keys = tuple(
            key.removeprefix(self._root)
            for bucket, key in objects or ()
            if bucket == self._bucket and key.startswith(self._root)
        )
        return Notice(
            notice_id=message["MessageId"],
            handle=message["ReceiptHandle"],
            keys=keys,
            # What is about no new object is done with; what is about another's is not ours to take.
            foreign=objects is None or (bool(objects) and not keys),
        )
