"""Drops in a bucket of Google Cloud Storage."""

from __future__ import annotations

import io
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from firehose_loader.config import GcsSource, redacted
from firehose_loader.errors import AccessDenied, DropBlocked, DropChanged, DropMissing
from firehose_loader.listing_limit import ListingLimit
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import StorageTraits
from firehose_loader.storage.gcs.connect import connect
from firehose_loader.storage.gcs.errors import translating
from firehose_loader.storage.gcs.moving import copy, is_copy, rehearse_removing, rehearse_writing
from firehose_loader.storage.gcs.objects import digest_of, listed
from firehose_loader.storage.gcs.reader import Reader

if TYPE_CHECKING:  # the package is imported where it connects
    from google.cloud.storage import Blob

_REMEMBERED = 4096
"""Objects whose checksum is kept between reading them and asking for their digest."""


class GcsStorage:
    """A bucket, read with the fewest rights that do: storage.objects.list and .get.

    Removing takes storage.objects.delete, moving also storage.objects.create.
    """

    traits = StorageTraits(partial_files_visible=False, parallel_ranges=True)

    def __init__(self, source: GcsSource) -> None:
        self._name = source.name
        self._url = redacted(source.url)
        self._bucket = source.bucket
        self._root = source.prefix
        self._most = source.max_listed
        self._connection = connect(source)
        self._seen: OrderedDict[tuple[str, str], Digest] = OrderedDict()
        self._lock = threading.Lock()

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        last = after.encode()
        limit = ListingLimit(self._url, self._most)
        for page in self._pages(prefix, after):
            limit.note(len(page) or 1)  # pages without anything may never end, either
            for drop in page:
                if drop.key == after:
                    continue  # where the server starts is where the last listing ended
                if drop.key.encode() <= last:
                    raise AccessDenied(
                        f"{self._url} lists {drop.key!r} out of order. A listing that is not"
                        " sorted by the UTF-8 bytes of its keys, as Google's is, cannot go on"
                        " where it was cut: correct the endpoint"
                    )
                last = drop.key.encode()
                if not (drop.key.endswith("/") and drop.size_bytes == 0):
                    yield drop

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        end = drop.size_bytes if end is None else end
        if start == end and drop.size_bytes:
            self.confirm(drop)  # HTTP has no empty range
            return io.BytesIO()
        name, place = self._root + drop.key, self._place(drop)
        reader = Reader(self._connection, name, drop, start=start, end=end, place=place)
        if reader.digest is not None:
            self._remember(drop, reader.digest)
        return io.BufferedReader(reader)

    def digest(self, drop: Drop) -> Digest | None:
        with self._lock:
            known = self._seen.pop((drop.key, drop.version), None)
        return known or digest_of(self._listed(drop))

    def local_path(self, drop: Drop) -> Path | None:  # noqa: ARG002 - a bucket is never local
        return None

    def confirm(self, drop: Drop) -> None:
        self._listed(drop)

    def move(self, drop: Drop, to: str) -> None:
        target = to[1:] if to.startswith("/") else self._root + to
        place = repr(f"gs://{self._bucket}/{target}")
        found = self._look(target, place)
        moved = found is not None and is_copy(found, drop.version)
        try:
            blob = self._listed(drop)
        except DropMissing:
            if not moved:
                raise
            return  # an earlier call has moved it
        blocked = DropBlocked(f"{self._place(drop)} stays where it is: {place} is there already")
        if target == self._root + drop.key or (found is not None and not moved):
            raise blocked
        if not moved:
            try:
                with translating(self._place(drop), drop):
                    copy(self._connection, blob, drop.version, target)
            except DropChanged:
                # Google says one and the same of a source that changed and of a target that came.
                if self._look(target, place) is not None:
                    raise blocked from None
                raise
        self.remove(drop)

    def remove(self, drop: Drop) -> None:
        try:
            blob = self._listed(drop)
            with translating(self._place(drop), drop):
                self._connection.bucket.delete_blob(
                    blob.name, if_generation_match=int(drop.version), **self._connection.once
                )
        except DropMissing:
            return

    def put(self, key: str, file: Path) -> None:
        target = self._root + key
        with translating(repr(f"gs://{self._bucket}/{target}")):
            blob = self._connection.bucket.blob(target)
            blob.upload_from_filename(str(file), **self._connection.once)

    def rehearse(self, to: str | None) -> None:
        with translating(self._url):
            if to is not None:
                target = to[1:] if to.startswith("/") else self._root + to
                rehearse_writing(self._connection, f"{target}-{secrets.token_hex(8)}")
            rehearse_removing(self._connection, f"{self._root}{secrets.token_hex(16)}")

    def close(self) -> None:
        self._connection.close()

    def _pages(self, prefix: str, after: str) -> Iterator[list[Drop]]:
        pages = self._connection.bucket.list_blobs(
            prefix=self._root + prefix,
            start_offset=self._root + after if after else None,
            fields="items(name,generation,size,updated),nextPageToken",
            **self._connection.once,
        ).pages
        while True:
            with translating(self._url):
                page = next(pages, None)
                drops = None if page is None else [self._drop(blob) for blob in page]
            if drops is None:
                return
            yield drops

    def _drop(self, blob: Blob) -> Drop:
        return Drop(
            source=self._name,
            key=blob.name.removeprefix(self._root),
            size_bytes=blob.size,
            modified=blob.updated.astimezone(UTC),
            version=str(blob.generation),
        )

    def _listed(self, drop: Drop) -> Blob:
        return listed(self._connection, self._root + drop.key, drop, self._place(drop))

    def _look(self, name: str, place: str) -> Blob | None:
        """Return what is known of whatever stands at a name; None if nothing does."""
        with translating(place):
            return self._connection.bucket.get_blob(name, **self._connection.once)

    def _remember(self, drop: Drop, digest: Digest) -> None:
        """Keep what the answer to a GET tells: it saves ``digest`` a request for each drop."""
        with self._lock:
            self._seen[drop.key, drop.version] = digest
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    def _place(self, drop: Drop) -> str:
        return repr(f"gs://{self._bucket}/{self._root}{drop.key}")
