"""A folder of this machine."""

from __future__ import annotations

from pathlib import Path

from firehose_loader.config import LocalSource
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from tests.rigs.processes import wait_until


class LocalRig:
    """Needs no server."""

    name = "local"
    further_names: tuple[str, ...] = (
        "back\\slash.csv",
        "line\nbreak.csv",
        "return\r.csv",
        "control\x01\x7f.csv",
        "not UTF-8 \udcff.csv",
    )

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.storage: Storage = open_storage(self.source())
        self.tidier: Storage = self.storage

    def source(self) -> LocalSource:
        return LocalSource(name="local", url=str(self.folder))

    def put(self, key: str, content: bytes) -> None:
        path = self.folder / key
        before = path.stat().st_mtime_ns if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)

        def written_with_a_time_of_its_own() -> bool:
            path.write_bytes(content)
            return path.stat().st_mtime_ns != before

        # The clock of a file system moves in steps of some milliseconds.
        wait_until(written_with_a_time_of_its_own, "the file system's clock moves on")

    def remove(self, key: str) -> None:
        (self.folder / key).unlink()

    def make_folder(self, key: str) -> None:
        (self.folder / key).mkdir(parents=True)

    def nowhere(self) -> Storage:
        return open_storage(LocalSource(name="nowhere", url=str(self.folder / "nowhere")))

    def close(self) -> None:
        self.storage.close()
