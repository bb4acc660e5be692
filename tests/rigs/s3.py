"""A bucket of its own in a server that speaks S3."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from pydantic import SecretStr

from firehose_loader.config import S3Source
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from tests.rigs.processes import Restartable

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

_NUMBERS = itertools.count(1)
PART_BYTES = 5 * 2**20
"""The smallest that a part of a multipart upload may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What someone signs requests with."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A running server and those whom it knows."""

    name: str
    endpoint: str
    sender: Keys
    """May do everything."""
    reader: Keys
    """May list the sender's buckets and read what lies there."""
    tidier: Keys
    """May also write and delete there."""
    stranger: Keys
    """Is known and may do nothing."""
    client: S3Client
    """The sender's own."""
    further_names: tuple[str, ...]
    """Odd keys that this server takes and the next one may not."""
    gateway: Restartable | None = None
    """The process that speaks S3, where what is stored outlives it."""


@contextlib.contextmanager
def serving(  # noqa: PLR0913 - what a server is
    name: str,
    endpoint: str,
    *,
    sender: Keys,
    reader: Keys,
    tidier: Keys,
    stranger: Keys,
    further_names: tuple[str, ...],
    gateway: Restartable | None = None,
) -> Iterator[S3Server]:
    """Return a server, as long as the sender's client is open."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=sender.access_key_id,
        aws_secret_access_key=sender.secret_access_key,
        region_name="us-east-1",
        config=Config(
            s3={"addressing_style": "path"},
            max_pool_connections=16,
            retries={"mode": "standard", "total_max_attempts": 3},
        ),
    )
    with contextlib.closing(client):
        yield S3Server(
            name=name,
            endpoint=endpoint,
            sender=sender,
            reader=reader,
            tidier=tidier,
            stranger=stranger,
            client=client,
            further_names=further_names,
            gateway=gateway,
        )


class S3Rig:
    """A bucket of its own. The storage under test reads through ``endpoint``."""

    def __init__(self, server: S3Server, *, endpoint: str = "") -> None:
        self.name = server.name
        self.further_names = server.further_names
        self.server = server
        self.endpoint = endpoint or server.endpoint
        self.bucket = f"drops-{next(_NUMBERS)}"
        self.prefix = "out/"
        server.client.create_bucket(Bucket=self.bucket)
        self.storage: Storage = open_storage(self.source())

    @cached_property
    def tidier(self) -> Storage:
        return open_storage(self.source(keys=self.server.tidier))

    def source(
        self, *, keys: Keys | None = None, url: str = "", timeout: float = 30, endpoint: str = ""
    ) -> S3Source:
        """Return a configuration of the rig's bucket, or of something near it."""
        keys = keys or self.server.reader
        return S3Source(
            name="bucket",
            url=url or f"s3://{self.bucket}/{self.prefix}",
            endpoint=endpoint or self.endpoint,
            region="us-east-1",
            access_key_id=SecretStr(keys.access_key_id),
            secret_access_key=SecretStr(keys.secret_access_key),
            timeout=timeout,
        )

    def impatient(self, timeout: float) -> Storage:
        return open_storage(self.source(timeout=timeout))

    def put(self, key: str, content: bytes) -> None:
        self.server.client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=content)

    def put_in_parts(self, key: str, parts: list[bytes]) -> None:
        """Deliver a drop as a multipart upload; all parts but the last have 5 MiB or more."""
        bucket, key = self.bucket, self.prefix + key
        upload = self.server.client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        done: list[CompletedPartTypeDef] = []
        for number, part in enumerate(parts, 1):
            answer = self.server.client.upload_part(
                Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=part
            )
            done.append({"PartNumber": number, "ETag": answer["ETag"]})
        self.server.client.complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": done}
        )

    def remove(self, key: str) -> None:
        self.server.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def make_folder(self, key: str) -> None:
        self.put(f"{key}/", b"")

    def nowhere(self) -> Storage:
        return open_storage(self.source(url="s3://no-such-bucket/out/"))

    def close(self) -> None:
        self.storage.close()
        if "tidier" in self.__dict__:  # few ask for it, and a client takes long to make
            self.tidier.close()
