"""Drops in a container of Azure Blob Storage."""

from __future__ import annotations

import base64
import io
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from firehose_loader.config import AzureSource, plain, redacted
from firehose_loader.errors import (
    ConfigError,
    DropBlocked,
    DropChanged,
    DropMissing,
    StorageUnavailable,
)
from firehose_loader.listing_limit import ListingLimit
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import StorageTraits
from firehose_loader.storage.azure.connect import ask, connect
from firehose_loader.storage.azure.errors import translating
from firehose_loader.storage.azure.listing import Blob, Folder, pages
from firehose_loader.storage.azure.moving import (
    copy,
    look,
    metadata_of,
    rehearse_removing,
    rehearse_writing,
)
from firehose_loader.storage.azure.order import in_utf8_order, start_of
from firehose_loader.tree import Entry, walk

if TYPE_CHECKING:  # the packages are imported where they connect
    from _typeshed import WriteableBuffer
    from azure.core.rest import HttpResponse

_REMEMBERED = 4096
"""Blobs whose checksum is kept between reading them and asking for their digest."""


class AzureStorage:
    """A container, read with the fewest rights that do: reading and listing blobs.

    Removing takes the right to delete them, moving also that to write them.
    """

    traits = StorageTraits(partial_files_visible=False, parallel_ranges=True)

    def __init__(self, source: AzureSource) -> None:
        self._name = source.name
        self._url = redacted(source.url)
        self._root = source.prefix
        self._container = f"azure://{source.account}/{source.container}"
        self._hierarchical = source.hierarchical
        self._most = source.max_listed
        self._client = connect(source)
        self._sas_token = plain(source.sas_token).lstrip("?")
        self._seen: OrderedDict[tuple[str, str], Digest | None] = OrderedDict()
        self._lock = threading.Lock()

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        limit = ListingLimit(self._url, self._most)
        if not self._hierarchical:
            found = self._listed(prefix, after, limit)
            return in_utf8_order(found, place=self._url, after=after)
        files = walk(partial(self._entries, limit=limit), prefix=prefix, after=after)
        return (entry.found for entry in files if entry.found is not None)

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        end = drop.size_bytes if end is None else end
        if start == end and drop.size_bytes:
            self.confirm(drop)  # HTTP has no empty range
            return io.BytesIO()
        whole = end - start == drop.size_bytes
        part = {} if whole else {"x-ms-range": f"bytes={start}-{end - 1}"}
        answer = self._asked("GET", drop, **part)
        announced = answer.headers.get("Content-Length", "")
        if announced != str(end - start):
            answer.close()
            raise StorageUnavailable(
                f"{self._place(drop)}: {end - start} bytes were asked for, {announced} announced"
            )
        if whole:
            self._remember(drop, _digest(answer))
        return io.BufferedReader(_Body(answer, end - start, self._place(drop), drop))

    def digest(self, drop: Drop) -> Digest | None:
        with self._lock:
            known = (drop.key, drop.version) in self._seen
            digest = self._seen.pop((drop.key, drop.version), None)
        return digest if known else self._head(drop)

    def local_path(self, drop: Drop) -> Path | None:  # noqa: ARG002 - a container is never local
        return None

    def confirm(self, drop: Drop) -> None:
        self._head(drop)

    def move(self, drop: Drop, to: str) -> None:
        target = to[1:] if to.startswith("/") else self._root + to
        place = repr(f"{self._container}/{target}")
        with translating(place):
            found = look(self._client, target)
        try:
            with closing(self._asked("HEAD", drop)) as answer:
                metadata = metadata_of(answer)
        except DropMissing:
            if found is None or found.moved_version != drop.version:
                raise
            return  # an earlier call has moved it
        if target == self._root + drop.key or (found and found.moved_version != drop.version):
            raise DropBlocked(f"{self._place(drop)} stays where it is: {place} is there already")
        if found is None:
            with translating(self._place(drop), drop):
                found = copy(self._client, self._signed_url(drop), drop.version, metadata, target)
        if not found.complete:
            raise StorageUnavailable(f"{self._place(drop)} is still being copied to {place}")
        self.remove(drop)

    def remove(self, drop: Drop) -> None:
        from azure.core import MatchConditions

        try:
            self.confirm(drop)
            with translating(self._place(drop), drop):
                self._client.delete_blob(
                    self._root + drop.key,
                    etag=f'"{drop.version}"',
                    match_condition=MatchConditions.IfNotModified,
                )
        except DropMissing:
            return

    def put(self, key: str, file: Path) -> None:
        target = self._root + key
        with translating(repr(f"{self._container}/{target}")), file.open("rb") as body:
            self._client.upload_blob(target, body, overwrite=True)

    def rehearse(self, to: str | None) -> None:
        with translating(self._url):
            if to is not None:
                target = to[1:] if to.startswith("/") else self._root + to
                rehearse_writing(self._client, f"{target}-{secrets.token_hex(8)}")
            rehearse_removing(self._client, f"{self._root}{secrets.token_hex(16)}")

    def close(self) -> None:
        self._client.close()

    def _signed_url(self, drop: Drop) -> str:
        """Return a blob's URL as the server itself can read it."""
        url = self._client.get_blob_client(self._root + drop.key).url
        return f"{url}?{self._sas_token}" if self._sas_token else url

    def _listed(self, prefix: str, after: str, limit: ListingLimit) -> Iterator[Drop]:
        """Yield the drops in the order of the server, a few that sort before ``after`` included."""
        start = {"startFrom": self._root + start_of(after)} if after else {}
        for blob in self._found(limit, prefix=self._root + prefix, **start):
            if isinstance(blob, Blob) and not blob.is_folder:
                yield self._drop(blob)

    def _entries(self, folder: str, limit: ListingLimit) -> list[Entry[Drop | None]]:
        """Return the folders and drops that a folder holds."""
        entries: list[Entry[Drop | None]] = []
        for one in self._found(limit, prefix=self._root + folder, delimiter="/"):
            if isinstance(one, Folder):
                entries.append(Entry(one.name.removeprefix(self._root), None))
            elif not one.is_folder:
                drop = self._drop(one)
                if drop.key.endswith("/"):
                    raise ConfigError(
                        f"{self._url} holds a blob with the name {drop.key!r}, so it has no"
                        " hierarchical namespace; take hierarchical out of the source"
                    )
                entries.append(Entry(drop.key, drop))
        return entries

    def _found(self, limit: ListingLimit, **query: str) -> Iterator[Blob | Folder]:
        """Yield what the container holds."""
        try:
            with translating(self._url):
                for page in pages(self._client, **{name: of for name, of in query.items() if of}):
                    for one in page:
                        limit.note()
                        yield one
        except ValueError as error:
            raise StorageUnavailable(
                f"{self._url} is unavailable: it answered with something else than a listing"
                f" ({error})"
            ) from error

    def _drop(self, blob: Blob) -> Drop:
        return Drop(
            source=self._name,
            key=blob.name.removeprefix(self._root),
            size_bytes=blob.size_bytes,
            modified=blob.modified.astimezone(UTC),
            version=blob.etag,
        )

    def _head(self, drop: Drop) -> Digest | None:
        with closing(self._asked("HEAD", drop)) as answer:
            return _digest(answer)

    def _asked(self, method: str, drop: Drop, **headers: str) -> HttpResponse:
        """Ask for the listed version of a blob and return the answer, its body unread."""
        name, place = self._root + drop.key, self._place(drop)
        if {".", ".."} & set(name.split("/")):
            raise DropMissing(
                f"{place} cannot be asked for: the names . and .. in a URL mean another place;"
                " rename it"
            )
        condition = {"If-Match": f'"{drop.version}"'}
        try:
            with translating(place, drop):
                return ask(self._client, method, name, {**condition, **headers})
        except DropChanged:
            # A blob that is gone does not have the version either: some servers say just that.
            with translating(place, drop):
                ask(self._client, "HEAD", name).close()
            raise

    def _remember(self, drop: Drop, digest: Digest | None) -> None:
        """Keep what the answer to a GET tells: it saves ``digest`` a request for each drop."""
        with self._lock:
            self._seen[drop.key, drop.version] = digest
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    def _place(self, drop: Drop) -> str:
        return repr(f"{self._container}/{self._root}{drop.key}")


class _Body(io.RawIOBase):
    """The body of an answer, which must be as long as was asked for."""

    def __init__(self, answer: HttpResponse, size_bytes: int, place: str, drop: Drop) -> None:
        self._answer = answer
        self._pieces = answer.iter_raw()
        self._piece = memoryview(b"")
        self._left = size_bytes
        self._place = place
        self._drop = drop

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer)[: self._left]
        if not target:
            return 0
        if not self._piece:
            with translating(self._place, self._drop):
                self._piece = memoryview(next(self._pieces, b""))
        if not self._piece:
            raise StorageUnavailable(f"{self._place} ended {self._left} bytes early")
        count = min(len(target), len(self._piece))
        target[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        self._left -= count
        return count

    def close(self) -> None:
        self._answer.close()
        super().close()


def _digest(answer: HttpResponse) -> Digest | None:
    """Return the checksum of the whole content that an answer to a GET without range tells."""
    md5 = answer.headers.get("Content-MD5")
    # What is appended to an append blob leaves the checksum of the first content in place.
    if not md5 or answer.headers.get("x-ms-blob-type") == "AppendBlob":
        return None
    return Digest(algorithm="md5", hex=base64.b64decode(md5).hex())
