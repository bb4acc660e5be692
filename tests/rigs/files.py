"""What the rigs of file servers share: a folder that the server shows, written behind its back."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NUMBERS = itertools.count(1)


class ServedFolder:
    """A folder of its own for one test."""

    def __init__(self, root: Path, owner: int) -> None:
        """Make it below what the server shows; ``owner`` may write there."""
        self.path = Path(tempfile.mkdtemp(prefix="rig-", dir=root))
        self._owner = owner
        self._give(self.path)
        self.path.chmod(0o755)

    def put(self, key: str, content: bytes) -> None:
        """Write a file; one of the same key gets a time of its own, which are whole seconds."""
        path = self.path / key
        before = int(path.stat().st_mtime) if path.exists() else None
        self._make(path.parent)
        path.write_bytes(content)
        self._give(path)
        if before is not None and int(path.stat().st_mtime) <= before:
            os.utime(path, (before + 1, before + 1))

    def remove(self, key: str) -> None:
        """Remove a file."""
        (self.path / key).unlink()

    def make_folder(self, key: str) -> None:
        """Make a folder and those above it."""
        self._make(self.path / key)

    def _make(self, folder: Path) -> None:
        if not folder.exists():
            self._make(folder.parent)
            with contextlib.suppress(FileExistsError):  # several threads fill the same folder
                folder.mkdir()
            self._give(folder)

    def _give(self, path: Path) -> None:
        if os.getuid() == 0:
            os.chown(path, self._owner, -1)


@contextlib.contextmanager
def public_folder(name: str) -> Iterator[Path]:
    """Make a folder that every user of this machine may look into, and remove it."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextlib.contextmanager
def system_user(password: str, home: Path) -> Iterator[str]:
    """Make a user of this machine who may do nothing but log in to a server, and remove it.

    Test runs side by side have users of different names. Needs root.
    """
    name = f"firehose-{os.getpid()}-{next(_NUMBERS)}"
    subprocess.run(
        ["useradd", "--no-create-home", "--home-dir", home, "--shell", "/usr/sbin/nologin", name],
        check=True,
        capture_output=True,
    )
    try:
        subprocess.run(["chpasswd"], input=f"{name}:{password}", text=True, check=True)
        yield name
    finally:
        subprocess.run(["userdel", "--force", name], check=True, capture_output=True)
