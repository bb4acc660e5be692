"""Drops in a bucket of Google Cloud Storage."""

from __future__ import annotations

import io
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import msgspec

from firehose_loader.config import GcsSource, redacted
from firehose_loader.errors import (
    AccessDenied,
    DropBlocked,
    DropChanged,
    DropMissing,
    StorageUnavailable,
)
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import StorageTraits
from firehose_loader.storage.gcs.connect import connect, segment
from firehose_loader.storage.gcs.errors import changed, translating
from firehose_loader.storage.gcs.objects import (
    MARK,
    Attributes,
    Facts,
    Page,
    Rewrite,
    digest_of_crc,
    digest_of_header,
)

if TYPE_CHECKING:  # the packages are imported where they connect
    from _typeshed import WriteableBuffer
    from requests import Response

_BLOCK_BYTES = 32 * 2**10
"""A body is read in pieces of this size: as much as a cut connection can lose."""
_REMEMBERED = 4096
"""Objects whose checksum is kept between reading them and asking for their digest."""
_NOT_FOUND = 404
_UNMET = frozenset({_NOT_FOUND, 412})


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
        self._connection = connect(source)
        self._seen: OrderedDict[tuple[str, str], Digest | None] = OrderedDict()
        self._lock = threading.Lock()

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        last = after.encode()
        for page in self._pages(prefix, after):
            for item in page.items:
                key = item.name.removeprefix(self._root)
                if key == after:
                    continue  # where the server starts is where the last listing ended
                if key.encode() <= last:
                    raise AccessDenied(
                        f"{self._url} lists {key!r} out of order. A listing that is not sorted by"
                        " the UTF-8 bytes of its keys, as Google's is, cannot go on where it was"
                        " cut: correct the endpoint"
                    )
                last = key.encode()
                if not (key.endswith("/") and item.size == 0):
                    yield Drop(
                        source=self._name,
                        key=key,
                        size_bytes=item.size,
                        modified=item.updated.astimezone(UTC),
                        version=item.generation,
                    )

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        end = drop.size_bytes if end is None else end
        if start == end and drop.size_bytes:
            self.confirm(drop)  # HTTP has no empty range
            return io.BytesIO()
        # An object that is stored packed is unpacked on the way for those who do not take gzip.
        headers = {"Accept-Encoding": "gzip"}
        if end - start != drop.size_bytes:
            headers["Range"] = f"bytes={start}-{end - 1}"
        with translating(self._place(drop), drop):
            answer = self._connection.send(
                "GET",
                _path(self._root + drop.key),
                _if_listed(drop),
                headers=headers,
                area="download",
            )
        try:
            self._check(answer, drop, end - start)
        except BaseException:
            answer.close()
            raise
        self._remember(drop, digest_of_header(answer.headers.get("x-goog-hash", "")))
        return io.BufferedReader(_Body(answer, end - start, self._place(drop), drop))

    def digest(self, drop: Drop) -> Digest | None:
        with self._lock:
            known = (drop.key, drop.version) in self._seen
            digest = self._seen.pop((drop.key, drop.version), None)
        return digest if known else digest_of_crc(self._facts(drop).crc32c)

    def local_path(self, drop: Drop) -> Path | None:  # noqa: ARG002 - a bucket is never local
        return None

    def confirm(self, drop: Drop) -> None:
        self._facts(drop)

    def move(self, drop: Drop, to: str) -> None:
        target = to[1:] if to.startswith("/") else self._root + to
        place = repr(f"gs://{self._bucket}/{target}")
        found = self._look(target, place)
        moved = found is not None and found.metadata.get(MARK) == drop.version
        try:
            facts = self._facts(drop)
        except DropMissing:
            if not moved:
                raise
            return  # an earlier call has moved it
        blocked = DropBlocked(f"{self._place(drop)} stays where it is: {place} is there already")
        if target == self._root + drop.key or (found is not None and not moved):
            raise blocked
        if not moved:
            try:
                self._copy(drop, facts, target)
            except DropChanged:
                # Google says one and the same of a source that changed and of a target that came.
                if self._look(target, place) is not None:
                    raise blocked from None
                raise
        self.remove(drop)

    def remove(self, drop: Drop) -> None:
        try:
            self.confirm(drop)
            with translating(self._place(drop), drop):
                self._connection.send("DELETE", _path(self._root + drop.key), _if_listed(drop))
        except DropMissing:
            return

    def rehearse(self, to: str | None) -> None:
        with translating(self._url):
            if to is not None:
                target = to[1:] if to.startswith("/") else self._root + to
                self._rehearse_writing(f"{target}-{secrets.token_hex(8)}")
            self._send_unmet("DELETE", _path(f"{self._root}{secrets.token_hex(16)}"), {})

    def close(self) -> None:
        self._connection.close()

    def _pages(self, prefix: str, after: str) -> Iterator[Page]:
        query = {
            "prefix": self._root + prefix,
            "fields": "items(name,generation,size,updated),nextPageToken",
        }
        if after:
            query["startOffset"] = self._root + after
        while True:
            with translating(self._url):
                answer = self._connection.send("GET", "/o", query)
                page = msgspec.json.decode(answer.content, type=Page, strict=False)
            yield page
            if not page.next_page_token:
                return
            query["pageToken"] = page.next_page_token

    def _facts(self, drop: Drop) -> Facts:
        """Return what is known of the listed version."""
        with translating(self._place(drop), drop):
            answer = self._connection.send("GET", _path(self._root + drop.key), _if_listed(drop))
            facts = msgspec.json.decode(answer.content, type=Facts)
        if facts.generation != drop.version:
            raise changed(self._place(drop))
        return facts

    def _look(self, name: str, place: str) -> Facts | None:
        """Return what is known of whatever stands at a name; None if nothing does."""
        from requests import HTTPError

        with translating(place):
            try:
                answer = self._connection.send("GET", _path(name), {})
            except HTTPError as error:
                if error.response is not None and error.response.status_code == _NOT_FOUND:
                    return None
                raise
            return msgspec.json.decode(answer.content, type=Facts)

    def _copy(self, drop: Drop, facts: Facts, target: str) -> None:
        """Have the server copy the listed version to a name that nobody has yet."""
        kept = {name: getattr(facts, name) for name in Attributes.__struct_fields__}
        kept["metadata"] = {**facts.metadata, MARK: drop.version}
        query = {"ifGenerationMatch": "0", "ifSourceGenerationMatch": drop.version}
        path = f"{_path(self._root + drop.key)}/rewriteTo/b/{segment(self._bucket)}{_path(target)}"
        with translating(self._place(drop), drop):
            while True:
                body = msgspec.json.encode(Attributes(**kept))
                answer = self._connection.send("POST", path, query, body=body)
                state = msgspec.json.decode(answer.content, type=Rewrite)
                if state.done:
                    return
                query["rewriteToken"] = state.rewrite_token

    def _rehearse_writing(self, name: str) -> None:
        """Ask to replace an object that is not there: refused to all, for different reasons."""
        query = {"uploadType": "media", "name": name, "ifGenerationMatch": "1"}
        if not self._send_unmet("POST", "/o", query, area="upload"):
            self._connection.send("DELETE", _path(name), {})  # it knows no conditions

    def _send_unmet(
        self, method: str, path: str, query: dict[str, str], *, area: Literal["", "upload"] = ""
    ) -> bool:
        """Ask for what cannot be done, and tell whether it was not."""
        from requests import HTTPError

        try:
            self._connection.send(method, path, query, area=area)
        except HTTPError as error:
            if error.response is None or error.response.status_code not in _UNMET:
                raise
            return True
        return False

    def _check(self, answer: Response, drop: Drop, size_bytes: int) -> None:
        """Raise if an answer is not of the listed version or not as long as was asked for."""
        if answer.headers.get("x-goog-generation", drop.version) != drop.version:
            raise changed(self._place(drop))
        announced = answer.headers.get("Content-Length", "no")
        if announced != str(size_bytes):
            raise StorageUnavailable(
                f"{self._place(drop)}: {size_bytes} bytes were asked for, {announced} announced"
            )

    def _remember(self, drop: Drop, digest: Digest | None) -> None:
        """Keep what the answer to a GET tells: it saves ``digest`` a request for each drop."""
        with self._lock:
            self._seen[drop.key, drop.version] = digest
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    def _place(self, drop: Drop) -> str:
        return repr(f"gs://{self._bucket}/{self._root}{drop.key}")


class _Body(io.RawIOBase):
    """The body of an answer, which must be as long as was asked for."""

    def __init__(self, answer: Response, size_bytes: int, place: str, drop: Drop) -> None:
        self._answer = answer
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
            data: bytes = self._answer.raw.read(len(target), decode_content=False)
        if not data:
            raise StorageUnavailable(f"{self._place} ended {self._left} bytes early")
        target[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._answer.close()
        super().close()


def _path(name: str) -> str:
    return f"/o/{segment(name)}"


def _if_listed(drop: Drop) -> dict[str, str]:
    return {"ifGenerationMatch": drop.version}
