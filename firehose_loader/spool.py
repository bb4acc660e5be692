"""Folders for what is downloaded and unpacked: for this user alone, and gone when they are closed.

A process that is killed closes nothing; the next one to start removes what it left.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from firehose_loader.errors import ConfigError, SpoolFull

_LOCK = ".lock"
_NEW_LOCK = ".lock.new"
"""What it is called until it is held."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
_LOOK_SECONDS = 0.5
_OLD_SECONDS = 3600
"""A folder that has nothing, or an unheld lock, is made or removed just now, unless it is older."""
ENGINE = "firehose-engine"
"""Where the engine puts what does not fit into memory; all processes share it."""


class SpoolFolder(TemporaryDirectory[str]):
    """A folder that is this process's as long as it lives: a lock on a file in it says so.

    As a context, it tells of a disk that is full: what its body cannot write for want of room
    leaves it as ConfigError.
    """

    def __init__(self, root: Path, purpose: str) -> None:
        try:
            super().__init__(prefix=f"firehose-{purpose}-", dir=root, ignore_cleanup_errors=True)
        except OSError as error:
            raise ConfigError(
                f"spool: {root} cannot be written to: {error.strerror}; let this user write there,"
                " make room, or name another folder with spool"
            ) from error
        unseen = Path(self.name, _NEW_LOCK)
        self._lock = os.open(unseen, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unseen.rename(unseen.with_name(_LOCK))  # nobody sees it before it is held

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise ConfigError(
                f"{Path(self.name).parent}: cannot write what is downloaded or unpacked:"
                f" {error.strerror}; make room, or choose another folder with spool"
            ) from error

    def cleanup(self) -> None:
        """Remove the folder and all that is in it. May be called twice."""
        # The lock goes last: without it, nobody would know what a process left that is killed here.
        for path in Path(self.name).glob("*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _LOCK:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        super().cleanup()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


class Room:
    """So many bytes of the spool, which all that is written takes its part of."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most

    def take(self, size: int) -> None:
        """Take some of it for good; raise SpoolFull where that is not left."""
        self._left -= size
        if self._left < 0:
            raise SpoolFull(self._most)


class SharedRoom:
    """So many bytes of the spool, which batches of several threads share in turns."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0
        self._changed = threading.Condition()

    def share(self, size: int) -> Share:
        """Return what takes so much of it."""
        return Share(self, size)

    def wait_for(self, size: int, go_on: Callable[[], None]) -> None:
        """Take so much once it is there, or once nobody else has any."""
        with self._changed:
            while self._taken and self._taken + size > self.most:
                go_on()
                self._changed.wait(_LOOK_SECONDS)
            self._taken += size

    def give(self, size: int) -> None:
        """Give back what was taken."""
        with self._changed:
            self._taken -= size
            self._changed.notify_all()


class Share:
    """What one batch takes of a shared room, once."""

    def __init__(self, room: SharedRoom, size: int) -> None:
        self._room = room
        self._size = size
        self._held = False

    def take(self, go_on: Callable[[], None]) -> None:
        """Wait for it; ``go_on`` is called meanwhile, and may raise to end that."""
        self._room.wait_for(self._size, go_on)
        self._held = True

    def give(self) -> None:
        """Give it back, if it was taken. May be called twice."""
        if self._held:
            self._held = False
            self._room.give(self._size)


def sweep(root: Path) -> int:
    """Remove the folders of processes that are gone; return how many these were."""
    swept, living = 0, 0
    for lock in root.glob(f"firehose-*/{_LOCK}"):
        with suppress(OSError):  # another user's, or gone meanwhile
            if _is_held(lock):
                living += 1
            else:
                shutil.rmtree(lock.parent, ignore_errors=True)
                swept += 1
    for folder in root.glob("firehose-*-*"):
        with suppress(OSError):  # as above, or not empty
            # A link is nobody's but whoever made it: nothing is removed where it leads.
            if not folder.is_symlink() and time.time() - folder.stat().st_mtime > _OLD_SECONDS:
                Path(folder, _NEW_LOCK).unlink(missing_ok=True)
                folder.rmdir()
    if swept and not living:
        shutil.rmtree(root / ENGINE, ignore_errors=True)
    return swept


def _is_held(lock: Path) -> bool:
    file = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def private(path: str, flags: int) -> int:
    """Open a file as ``open`` does, made for this user alone: its ``opener``."""
    return os.open(path, flags, 0o600)
