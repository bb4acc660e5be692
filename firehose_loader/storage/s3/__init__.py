"""Drops in a bucket of Amazon S3, or of a store that speaks its protocol."""

from __future__ import annotations

import io
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from firehose_loader.config import S3Source, redacted
from firehose_loader.errors import AccessDenied, DropBlocked, DropMissing, StorageUnavailable
from firehose_loader.listing_limit import ListingLimit
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import StorageTraits
from firehose_loader.storage.s3.checksums import Facts, facts, md5_parts, plausible_part_bytes
from firehose_loader.storage.s3.connect import connect
from firehose_loader.storage.s3.errors import status, translating
from firehose_loader.storage.s3.getting import Getter
from firehose_loader.storage.s3.moving import (
    copy,
    look,
    may_be_copy,
    rehearse_removing,
    rehearse_writing,
)

if TYPE_CHECKING:  # known to the type checker only: these packages hold nothing but types
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from types_boto3_s3.type_defs import ListObjectsV2RequestPaginateTypeDef, ObjectTypeDef

_REMEMBERED = 4096
"""Objects whose facts are kept between reading them and asking for their digest."""
_BLOCK_BYTES = 32 * 2**10
"""A body is read in pieces of this size: as much as a cut connection can lose."""


class S3Storage:
    """A bucket, read with the fewest rights that do: s3:ListBucket and s3:GetObject.

    Removing takes s3:DeleteObject, moving also s3:PutObject at the new place.
    """

    traits = StorageTraits(partial_files_visible=False, parallel_ranges=True)

    def __init__(self, source: S3Source) -> None:
        self._name = source.name
        self._url = redacted(source.url)
        self._bucket = source.bucket
        self._root = source.prefix
        self._most = source.max_listed
        self._client = connect(source)
        self._getter = Getter(self._client, source.bucket)
        self._seen: OrderedDict[tuple[str, str], Facts] = OrderedDict()
        self._lock = threading.Lock()

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        request: ListObjectsV2RequestPaginateTypeDef = {
            "Bucket": self._bucket,
            "Prefix": self._root + prefix,
        }
        if after:
            request["StartAfter"] = self._root + after
        last = request.get("StartAfter", "").encode()
        limit = ListingLimit(self._url, self._most)
        with translating(self._url):
            for page in self._client.get_paginator("list_objects_v2").paginate(**request):
                entries = page.get("Contents", [])
                limit.note(len(entries) or 1)  # pages without anything may never end, either
                for entry in entries:
                    self._check_order(last, entry["Key"])
                    last = entry["Key"].encode()
                    if not (entry["Key"].endswith("/") and entry["Size"] == 0):
                        yield self._drop(entry)

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        end = drop.size_bytes if end is None else end
        if start == end and drop.size_bytes:
            self.confirm(drop)  # HTTP has no empty range
            return io.BytesIO()
        whole = end - start == drop.size_bytes
        with translating(self._place(drop), drop):
            answer = self._getter.get(
                self._root + drop.key, etag=_etag(drop), range_=None if whole else (start, end)
            )
            if whole:
                self._remember(drop, facts(answer.headers))
        if answer.size_bytes != end - start:
            answer.body.close()
            announced = "no length" if answer.size_bytes is None else answer.size_bytes
            raise StorageUnavailable(
                f"{self._place(drop)}: {end - start} bytes were asked for, {announced} announced"
            )
        return io.BufferedReader(_Body(answer.body, end - start, self._place(drop), drop))

    def digest(self, drop: Drop) -> Digest | None:
        known = self._recall(drop) or self._head(drop)
        if known.checksum is not None:
            return known.checksum
        etag = md5_parts(_etag(drop))
        if etag is None or not known.etag_is_md5:
            return None
        md5, parts = etag
        if not parts:
            return Digest(algorithm="md5", hex=md5)
        return self._digest_of_parts(drop, md5, parts)

    def local_path(self, drop: Drop) -> Path | None:  # noqa: ARG002 - a bucket is never local
        return None

    def confirm(self, drop: Drop) -> None:
        self._head(drop)

    def move(self, drop: Drop, to: str) -> None:
        target = to[1:] if to.startswith("/") else self._root + to
        place = repr(f"s3://{self._bucket}/{target}")
        with translating(place):
            found = look(self._client, self._bucket, target)
        etag, known = _etag(drop), self._known(drop)
        copied = found is not None and may_be_copy(
            found, etag=etag, size_bytes=drop.size_bytes, known=known
        )
        if known is None:
            if not copied:
                raise DropMissing(f"{self._place(drop)} is gone since it was listed")
            return
        if target == self._root + drop.key or (found is not None and not copied):
            raise DropBlocked(f"{self._place(drop)} stays where it is: {place} is there already")
        if found is None or found["ETag"].strip('"') != etag:
            with translating(self._place(drop), drop):
                copy(self._client, self._bucket, self._root + drop.key, etag, target)
        self.remove(drop)

    def remove(self, drop: Drop) -> None:
        if self._known(drop) is None:  # asked first for stores that know no conditional removal
            return
        with translating(self._place(drop), drop):
            self._client.delete_object(
                Bucket=self._bucket, Key=self._root + drop.key, IfMatch=f'"{_etag(drop)}"'
            )

    def put(self, key: str, file: Path) -> None:
        target = self._root + key
        with translating(repr(f"s3://{self._bucket}/{target}")), file.open("rb") as body:
            self._client.put_object(Bucket=self._bucket, Key=target, Body=body)

    def rehearse(self, to: str | None) -> None:
        with translating(self._url):
            if to is not None:
                target = to[1:] if to.startswith("/") else self._root + to
                rehearse_writing(self._client, self._bucket, f"{target}-{secrets.token_hex(8)}")
            rehearse_removing(self._client, self._bucket, f"{self._root}{secrets.token_hex(16)}")

    def close(self) -> None:
        self._client.close()

    def _drop(self, entry: ObjectTypeDef) -> Drop:
        return Drop(
            source=self._name,
            key=entry["Key"].removeprefix(self._root),
            size_bytes=entry["Size"],
            modified=entry["LastModified"].astimezone(UTC),
            # The ETag stands for the content: the same bytes uploaded again, with a new
            # LastModified, are the same version, and there is nothing new to load.
            version=":".join((entry["ETag"].strip('"'), str(entry["Size"]))),
        )

    def _check_order(self, last: bytes, key: str) -> None:
        if key.encode() <= last:
            raise AccessDenied(
                f"{self._url} lists {key!r} out of order. A listing of a store that does not sort"
                " by the UTF-8 bytes of its keys, as S3 does, cannot go on where it was cut:"
                " copy the drops to a store that does"
            )

    def _known(self, drop: Drop) -> Facts | None:
        """Return what is known of the listed version; None where it is gone."""
        try:
            return self._head(drop)
        except DropMissing:
            return None

    def _head(self, drop: Drop) -> Facts:
        with translating(self._place(drop), drop):
            answer = self._client.head_object(
                Bucket=self._bucket,
                Key=self._root + drop.key,
                IfMatch=f'"{_etag(drop)}"',
                ChecksumMode="ENABLED",
            )
        return facts(answer["ResponseMetadata"]["HTTPHeaders"])

    def _digest_of_parts(self, drop: Drop, md5: str, parts: int) -> Digest | None:
        first = self._part_bytes(drop, 1, parts)
        if first is None:
            guesses = plausible_part_bytes(drop.size_bytes, parts)
            return Digest(algorithm="md5-parts", hex=md5, part_bytes=guesses, guessed=True)
        # Some uploaders send what they have gathered, each part as long as it happens to be.
        last = self._part_bytes(drop, parts, parts)
        if last is None or first * (parts - 1) + last != drop.size_bytes:
            return None
        return Digest(algorithm="md5-parts", hex=md5, part_bytes=(first,))

    def _part_bytes(self, drop: Drop, number: int, parts: int) -> int | None:
        """Return how long one part of a drop is; None from a store that does not tell."""
        from botocore.exceptions import ClientError

        with translating(self._place(drop), drop):
            try:
                answer = self._client.head_object(
                    Bucket=self._bucket,
                    Key=self._root + drop.key,
                    IfMatch=f'"{_etag(drop)}"',
                    PartNumber=number,
                )
            except ClientError as error:
                # 412: the drop is the listed one, as was seen before; it is the part's own ETag
                # that some stores compare.
                if status(error) in {400, 405, 412, 416, 501}:
                    return None
                raise
        return answer["ContentLength"] if answer.get("PartsCount") == parts else None

    def _remember(self, drop: Drop, known: Facts) -> None:
        """Keep what the answer to a GET tells: it saves ``digest`` a request for each drop."""
        with self._lock:
            self._seen[drop.key, drop.version] = known
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    def _recall(self, drop: Drop) -> Facts | None:
        with self._lock:
            return self._seen.pop((drop.key, drop.version), None)

    def _place(self, drop: Drop) -> str:
        return repr(f"s3://{self._bucket}/{self._root}{drop.key}")


class _Body(io.RawIOBase):
    """The body of an answer, which must be as long as was asked for."""

    def __init__(self, body: StreamingBody, size_bytes: int, place: str, drop: Drop) -> None:
        self._body = body
        self._left = size_bytes
        self._place = place
        self._drop = drop

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer)[: min(self._left, _BLOCK_BYTES)]
        if not target:
            return 0
        with translating(self._place, self._drop):
            data = self._body.read(len(target))
        if not data:
            raise StorageUnavailable(f"{self._place} ended {self._left} bytes early")
        target[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._body.close()
        super().close()


def _etag(drop: Drop) -> str:
    return drop.version.rpartition(":")[0]
