"""Folders for what is downloaded and unpacked: for this user alone, and gone when they are closed.

A process that is killed closes nothing; the next one to start removes what it left.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from firehose_loader.errors import ConfigError

_LOCK = ".lock"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
ENGINE = "firehose-engine"
"""Where the engine puts what does not fit into memory; all processes share it."""


class SpoolFolder(TemporaryDirectory[str]):
    """A folder that is this process's as long as it lives: a lock on a file in it says so.

    As a context, it tells of a disk that is full: what its body cannot write for want of room
    leaves it as ConfigError.
    """

    def __init__(self, root: Path, purpose: str) -> None:
        super().__init__(prefix=f"firehose-{purpose}-", dir=root, ignore_cleanup_errors=True)
        unseen = Path(self.name, f"{_LOCK}.new")
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
        super().cleanup()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


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
