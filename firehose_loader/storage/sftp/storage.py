"""A folder of a server, and the folders below it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from firehose_loader.config import SftpSource
from firehose_loader.errors import AccessDenied, ConfigError, DropError, DropMissing
from firehose_loader.listing_limit import ListingLimit
from firehose_loader.model import Digest, Drop
from firehose_loader.pool import Loan, Pool
from firehose_loader.protocols import StorageTraits
from firehose_loader.storage.sftp.connect import Connector
from firehose_loader.storage.sftp.errors import Refused, translating
from firehose_loader.storage.sftp.moving import move, rehearse, remove
from firehose_loader.storage.sftp.reader import check, open_range, version
from firehose_loader.storage.sftp.session import Attributes, Found, Session
from firehose_loader.tree import Entry, walk

T = TypeVar("T")


class SftpStorage:
    """A folder and the folders below it, read over a few connections that are kept.

    Links to files inside it are followed; links to folders, and links that lead outside, are not:
    what is loaded always lies below the folder that was named.
    """

    traits = StorageTraits(partial_files_visible=True, parallel_ranges=True)

    def __init__(self, source: SftpSource) -> None:
        self._name = source.name
        self._place = source.place
        self._most = source.max_listed
        self._root = os.fsencode(source.folder)
        self._pool: Pool[Session] = Pool(Connector(source), limit=source.connections)

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        limit = ListingLimit(self._named(""), self._most)
        for entry in walk(partial(self._entries, limit=limit), prefix=prefix, after=after):
            yield self._drop(entry.key, entry.found)

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        end = drop.size_bytes if end is None else end
        return open_range(self._pool, self._path(drop), drop, self._named(drop.key), (start, end))

    def digest(self, drop: Drop) -> Digest | None:
        self.confirm(drop)  # servers keep no checksum, but the drop must still be there
        return None

    def local_path(self, drop: Drop) -> Path | None:  # noqa: ARG002 - a server is never local
        return None

    def confirm(self, drop: Drop) -> None:
        path, place = self._path(drop), self._named(drop.key)
        self._ask(place, drop, lambda session: check(session.attributes(path), drop, place))

    def move(self, drop: Drop, to: str) -> None:
        path, place, target = self._path(drop), self._named(drop.key), self._target(to)
        self._ask(place, drop, lambda session: move(session, drop, path, target, place))

    def remove(self, drop: Drop) -> None:
        path, place = self._path(drop), self._named(drop.key)
        self._ask(place, drop, lambda session: remove(session, drop, path, place))

    def rehearse(self, to: str | None) -> None:
        place = self._named("")
        folders = [self._path_of("")]
        if to is not None:
            folders.append(self._target(to).rpartition(b"/")[0])
        for folder in folders:
            self._ask(place, None, partial(rehearse, folder=folder, place=place))

    def close(self) -> None:
        self._pool.close()

    def _entries(self, folder: str, limit: ListingLimit) -> list[Entry[Attributes]]:
        """Return the folders and files that a folder holds."""
        return self._ask(
            self._named(folder), None, lambda session: self._entries_of(session, folder, limit)
        )

    def _entries_of(
        self, session: Session, folder: str, limit: ListingLimit
    ) -> list[Entry[Attributes]]:
        try:
            found = session.folder(self._path_of(folder), limit)
        except Refused as error:
            if folder and error.is_missing:
                return []  # removed since its parent was read, and its drops with it
            raise
        entries = (self._entry(session, folder, each) for each in found)
        return [entry for entry in entries if entry is not None]

    def _entry(self, session: Session, folder: str, found: Found) -> Entry[Attributes] | None:
        """Return a file or folder; None for what is neither: a device, a link that leads away."""
        if b"/" in found.name or b"\0" in found.name or not found.name:
            raise AccessDenied(
                f"{self._named(folder)}: the server lists {found.name!r}, a name that no file can"
                " have; nothing that it lists can be trusted"
            )
        key = folder + os.fsdecode(found.name)
        match _kind(found):
            case "l":
                followed = self._followed(session, key)
                return None if followed is None else Entry(key, followed)
            case "d":
                return Entry(key + "/", found.attributes)
            case "-":
                return Entry(key, found.attributes)
            case _:
                return None

    def _followed(self, session: Session, key: str) -> Attributes | None:
        """Return the file inside our folder that a link leads to."""
        try:
            root = session.real_path(self._root)
            target = session.real_path(self._path_of(key))
            attributes = session.attributes(self._path_of(key))
        except Refused as error:
            if error.is_missing:
                return None
            raise
        inside = target.startswith(root.rstrip(b"/") + b"/")
        return attributes if inside and stat.S_ISREG(attributes.mode or 0) else None

    def _drop(self, key: str, attributes: Attributes) -> Drop:
        if attributes.size_bytes is None or attributes.modified is None:
            raise AccessDenied(
                f"{self._named(key)}: the server tells no size or no time of change; without both"
                " nobody can know whether a file is new"
            )
        return Drop(
            source=self._name,
            key=key,
            size_bytes=attributes.size_bytes,
            modified=datetime.fromtimestamp(attributes.modified, UTC),
            version=version(attributes),
        )

    def _path(self, drop: Drop) -> bytes:
        if drop.key.startswith("/") or ".." in drop.key.split("/"):
            raise DropMissing(f"{drop.key!r} does not lie below {self._named('')}")
        return self._path_of(drop.key)

    def _target(self, to: str) -> bytes:
        if ".." in to.split("/"):
            raise ConfigError(f"{to!r} leads out of where it begins; write the path without ..")
        return os.fsencode(to) if to.startswith("/") else self._path_of(to)

    def _path_of(self, key: str) -> bytes:
        return (self._root.rstrip(b"/") + b"/" + os.fsencode(key)).rstrip(b"/") or b"/"

    def _named(self, key: str) -> str:
        return f"{self._place} {os.fsdecode(self._path_of(key))!r}"

    def _ask(self, place: str, drop: Drop | None, step: Callable[[Session], T]) -> T:
        """Return what ``step`` returns, which awaits all answers to what it asks."""

        def asked(loan: Loan[Session]) -> T:
            try:
                with translating(place, drop):
                    answer = step(loan.connection)
            except BaseException as error:
                loan.end(broken=not isinstance(error, AccessDenied | DropError))
                raise
            loan.end(broken=False)
            return answer

        return self._pool.lend(asked)


def _kind(found: Found) -> str:
    """Return ``-``, ``d`` or ``l``, or another letter for what cannot be read."""
    mode = found.attributes.mode
    if mode is not None and stat.S_IFMT(mode):
        return stat.filemode(mode)[0]
    return found.shown[:1].decode("latin-1") or "-"  # a server that tells no mode
