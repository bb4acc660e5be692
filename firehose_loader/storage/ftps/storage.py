"""A folder of a server, and the folders below it."""

from __future__ import annotations

import ftplib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from firehose_loader.config import FtpsSource
from firehose_loader.errors import AccessDenied, ConfigError, DropError, DropMissing
from firehose_loader.listing_limit import ListingLimit
from firehose_loader.model import Digest, Drop
from firehose_loader.pool import Loan, Pool
from firehose_loader.protocols import StorageTraits
from firehose_loader.storage.ftps.connect import Connector
from firehose_loader.storage.ftps.errors import is_no_file, translating
from firehose_loader.storage.ftps.listing import UNASKED, Facts
from firehose_loader.storage.ftps.moving import move, rehearse, remove
from firehose_loader.storage.ftps.reader import check, open_range
from firehose_loader.storage.ftps.session import Session
from firehose_loader.tree import Entry, walk

_DEEPEST = 100
T = TypeVar("T")


class FtpsStorage:
    """A folder and the folders below it, read over a few connections that are kept.

    What a server with MLSD tells to be a file or a folder is one, links included, as it shows them;
    links in the listing of a server without it are no drops.
    """

    # Reading a part ends a transfer early, which servers take in many ways: whole drops are better.
    traits = StorageTraits(partial_files_visible=True, parallel_ranges=False)

    def __init__(self, source: FtpsSource) -> None:
        self._name = source.name
        self._place = source.place
        self._most = source.max_listed
        self._root = b"" if source.folder == "." else os.fsencode(source.folder)
        self._pool: Pool[Session] = Pool(Connector(source), limit=source.connections)

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        limit = ListingLimit(self._named(""), self._most)
        for entry in walk(partial(self._entries, limit=limit), prefix=prefix, after=after):
            if (facts := entry.found or self._facts(entry.key)) is not None:
                yield Drop(
                    source=self._name,
                    key=entry.key,
                    size_bytes=facts.size_bytes,
                    modified=facts.modified,
                    version=facts.version,
                )

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
        self._ask(place, drop, lambda session: check(session, path, drop, place))

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

    def _entries(self, folder: str, limit: ListingLimit) -> list[Entry[Facts | None]]:
        """Return the folders and files that a folder holds."""
        place = self._named(folder)
        if folder.count("/") > _DEEPEST:
            raise AccessDenied(
                f"{place}: folders lie more than {_DEEPEST} deep in each other; a link among them"
                " may lead back to one above: leave it out with the source's url, or remove it"
            )
        return self._ask(place, None, lambda session: self._entries_of(session, folder, limit))

    def _entries_of(
        self, session: Session, folder: str, limit: ListingLimit
    ) -> list[Entry[Facts | None]]:
        try:
            path = session.absolute(self._path_of(folder))
            found = session.folder(path, self._named(folder), limit)
        except ftplib.error_perm as error:
            if is_no_file(error) and folder and not self._is_there(session, folder, limit):
                return []  # removed since its parent was read, and its drops with it
            raise
        entries = []
        for each in found:
            if b"/" in each.name or b"\0" in each.name or each.name in {b"", b".", b".."}:
                raise AccessDenied(
                    f"{self._named(folder)}: the server lists {each.name!r}, a name that no file"
                    " can have; nothing that it lists can be trusted"
                )
            key = folder + os.fsdecode(each.name)
            entries.append(Entry(key + "/" if each.is_folder else key, each.facts))
        return entries

    def _is_there(self, session: Session, folder: str, limit: ListingLimit) -> bool:
        """Tell whether a folder that we may not enter is there at all."""
        above, _, name = folder.rstrip("/").rpartition("/")
        path = session.absolute(self._path_of(above + "/" if above else ""))
        try:
            found = session.folder(path, self._named(above), limit)
        except ftplib.error_perm as error:
            if is_no_file(error):
                return False
            raise
        return os.fsencode(name) in {each.name for each in found}

    def _facts(self, key: str) -> Facts | None:
        """Return size and time of a file; None where it is gone again."""
        if {"\r", "\n"} & set(key):
            return UNASKED  # FTP cannot ask; the drop fails when it is read, and the others do not
        path, place = self._path_of(key), self._named(key)

        def asked(session: Session) -> Facts | None:
            try:
                return session.facts(session.absolute(path), place)
            except ftplib.error_perm as error:
                if is_no_file(error):
                    return None
                raise

        return self._ask(place, None, asked)

    def _path(self, drop: Drop) -> bytes:
        if drop.key.startswith("/") or ".." in drop.key.split("/"):
            raise DropMissing(f"{drop.key!r} does not lie below {self._named('')}")
        return self._path_of(drop.key)

    def _target(self, to: str) -> bytes:
        if ".." in to.split("/"):
            raise ConfigError(f"{to!r} leads out of where it begins; write the path without ..")
        return os.fsencode(to) if to.startswith("/") else self._path_of(to)

    def _path_of(self, key: str) -> bytes:
        """Return the path of a key, below where the user is after login if the root is there."""
        root = self._root.rstrip(b"/")
        path = root + b"/" + os.fsencode(key) if self._root else os.fsencode(key)
        return path.rstrip(b"/") or (b"/" if self._root else b"")

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
