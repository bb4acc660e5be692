"""Drops in a folder of this machine, and in the folders below it."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from firehose_loader.config import LocalSource
from firehose_loader.errors import (
    AccessDenied,
    ConfigError,
    DropBlocked,
    DropChanged,
    DropMissing,
    FirehoseError,
    StorageUnavailable,
)
from firehose_loader.listing_limit import ListingLimit
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import StorageTraits
from firehose_loader.tree import Entry, walk

if TYPE_CHECKING:  # it exists for type checkers only
    from _typeshed import WriteableBuffer

_LATEST_SECONDS = 253_402_300_799
"""The end of the year 9999: file systems know later times, datetime does not."""


class LocalStorage:
    """A folder and the folders below it.

    Links to files inside it are followed; links to folders, and links that lead outside, are not:
    what is loaded always lies below the folder that was named.
    """

    traits = StorageTraits(partial_files_visible=True, parallel_ranges=False)

    def __init__(self, source: LocalSource) -> None:
        self._source = source.name
        self._root = source.path.absolute()
        self._most = source.max_listed

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        limit = ListingLimit(str(self._root), self._most)
        for entry in walk(partial(self._entries, limit=limit), prefix=prefix, after=after):
            if (status := self._status(entry.key)) is not None:
                yield self._drop(entry.key, status)

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        end = drop.size_bytes if end is None else end
        path = self._path(drop)
        try:
            file = io.FileIO(path, "rb")
        except OSError as error:
            raise _translated(error, path, drop) from error
        try:
            return io.BufferedReader(_ListedVersion(file, drop, path, start, end))
        except BaseException:
            file.close()
            raise

    def digest(self, drop: Drop) -> Digest | None:
        self.confirm(drop)  # a file system keeps no checksum, but the drop must still be there
        return None

    def local_path(self, drop: Drop) -> Path | None:
        return self._path(drop)

    def confirm(self, drop: Drop) -> None:
        path = self._path(drop)
        try:
            status = path.stat()
        except OSError as error:
            raise _translated(error, path, drop) from error
        _check(status, drop, path)

    def move(self, drop: Drop, to: str) -> None:
        path, target = self._path(drop), self._target(to)
        try:
            self.confirm(drop)
        except DropMissing:
            if _looks_like(target, drop):
                return  # an earlier call has moved it
            raise
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(target):
                raise DropBlocked(f"{path} stays where it is: {target} is there already")
            path.rename(target)
        except OSError as error:
            raise _unwritten(error, path, target) from error
        if not _looks_like(target, drop):
            target.rename(path)  # its sender came in between
            self.confirm(drop)

    def remove(self, drop: Drop) -> None:
        path = self._path(drop)
        try:
            self.confirm(drop)
            path.unlink()
        except (DropMissing, FileNotFoundError):
            return
        except OSError as error:
            raise _unwritten(error, path, path) from error

    def put(self, key: str, file: Path) -> None:
        path = self._target(key)
        beside = path.with_name(f".{path.name}.writing")  # readers pass such names over
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as source, beside.open("wb") as target:
                shutil.copyfileobj(source, target)
                target.flush()
                os.fsync(target.fileno())
            beside.replace(path)
        except (PermissionError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise AccessDenied(
                f"{path} cannot be written: {error.strerror}; let this user write there, and move"
                " away what stands in the way"
            ) from error
        except OSError as error:
            raise StorageUnavailable(f"{path} cannot be written: {error.strerror}") from error

    def rehearse(self, to: str | None) -> None:
        folders = [self._root] if to is None else [self._root, self._target(to).parent]
        for folder in folders:
            there = next(one for one in (folder, *folder.parents) if one.exists())
            if not os.access(there, os.W_OK | os.X_OK):
                raise AccessDenied(f"{there}: this user cannot write there; grant it")

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    def _target(self, to: str) -> Path:
        """Return where a key lies; one with a ``/`` at its beginning: in this machine's files."""
        if ".." in PurePosixPath(to).parts:
            raise ConfigError(f"{to!r} leads out of where it begins; write the path without ..")
        return self._root / to

    def _entries(self, folder: str, limit: ListingLimit) -> list[Entry[None]]:
        """Return what a folder holds."""
        path = self._root / folder
        try:
            with os.scandir(path) as found:
                return [
                    Entry(folder + each.name + "/" * each.is_dir(follow_symlinks=False), None)
                    for each in limit.counted(found)
                ]
        except (FileNotFoundError, NotADirectoryError) as error:
            if folder:
                return []  # removed since its parent was read, and its drops with it
            raise _translated(error, path, None) from error
        except OSError as error:
            raise _translated(error, path, None) from error

    def _status(self, key: str) -> os.stat_result | None:
        """Return what a file looks like; None for what is no drop: gone, a device, a link away."""
        path = self._root / key
        try:
            if path.is_symlink() and not path.resolve().is_relative_to(self._root.resolve()):
                return None
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, RuntimeError) as error:
            # A link to itself; Path.resolve says RuntimeError for it before Python 3.13.
            if isinstance(error, RuntimeError) or error.errno == errno.ELOOP:
                return None
            raise _translated(error, path, None) from error
        return status if stat.S_ISREG(status.st_mode) else None

    def _drop(self, key: str, status: os.stat_result) -> Drop:
        return Drop(
            source=self._source,
            key=key,
            size_bytes=status.st_size,
            modified=datetime.fromtimestamp(min(status.st_mtime, _LATEST_SECONDS), UTC),
            version=_version(status),
        )

    def _path(self, drop: Drop) -> Path:
        if drop.key.startswith("/") or ".." in drop.key.split("/"):
            raise DropMissing(f"{drop.key!r} does not lie below {self._root}")
        return self._root / drop.key


class _ListedVersion(io.RawIOBase):
    """A range of a file, as long as the file is what was listed."""

    def __init__(self, file: io.FileIO, drop: Drop, path: Path, start: int, end: int) -> None:
        self._file = file
        self._drop = drop
        self._path = path
        self._left = end - start
        self._check()
        file.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if not self._left:
            return 0
        try:
            count = self._file.readinto(memoryview(buffer)[: self._left])
        except OSError as error:
            raise _translated(error, self._path, self._drop) from error
        if not count:
            self._check()
            raise StorageUnavailable(f"{self._path} ended before its {self._drop.size_bytes} bytes")
        self._left -= count
        if not self._left:
            self._check()  # what was written into the file while it was read
        return count

    def close(self) -> None:
        self._file.close()
        super().close()

    def _check(self) -> None:
        _check(os.fstat(self._file.fileno()), self._drop, self._path)


def _version(status: os.stat_result) -> str:
    """Return size and modification time in nanoseconds.

    Not the inode: on network and FUSE file systems it may change with every mount, and each drop
    would be loaded again. Not the time of the last status change: a chmod is no new content.
    """
    return f"{status.st_size}:{status.st_mtime_ns}"


def _check(status: os.stat_result, drop: Drop, path: Path) -> None:
    if _version(status) != drop.version:
        raise DropChanged(
            f"{path} was rewritten since it was listed; the next run sees its new version"
        )


def _looks_like(path: Path, drop: Drop) -> bool:
    """Tell whether a file is the listed version of a drop: moving keeps size and time."""
    try:
        return _version(path.stat()) == drop.version
    except (FileNotFoundError, NotADirectoryError):
        return False


def _unwritten(error: OSError, path: Path, target: Path) -> FirehoseError:
    """Turn what the operating system says of a move or a removal into what the run does next."""
    match error:
        case PermissionError() | FileExistsError() | NotADirectoryError() | IsADirectoryError():
            return AccessDenied(
                f"{path} cannot be taken away to {target}: {error.strerror}; let this user write in"
                ' both folders, or leave drops where they are with after = "keep"'
            )
        case OSError(errno=errno.EXDEV):
            return ConfigError(
                f"{path} cannot be moved to {target}, which lies on another file system;"
                " name an archive on the same one"
            )
        case _:
            return _translated(error, path, None)


def _translated(error: OSError, path: Path, drop: Drop | None) -> FirehoseError:
    """Turn what the operating system says into what the run does next."""
    match error:
        case PermissionError():
            return AccessDenied(f"{path}: no permission to read it; grant it to this user")
        case FileNotFoundError() | NotADirectoryError() | IsADirectoryError() if drop:
            return DropMissing(f"{path} is gone since it was listed")
        case FileNotFoundError():
            return AccessDenied(
                f"{path}: no such file or folder; create it, or correct path or url"
            )
        case NotADirectoryError():
            return AccessDenied(
                f"{path} is a file, not a folder;"
                f" write the url of its folder and include = [{path.name!r}]"
            )
        case _:
            return StorageUnavailable(f"{path}: {error.strerror}")
