"""What every rig has, and what becomes of a test whose server is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn, Protocol

import pytest

from firehose_loader.config import Source
from firehose_loader.model import Drop
from firehose_loader.protocols import Storage


class Rig(Protocol):
    """A storage of its own for one test, and the sender's way in, behind the storage's back."""

    name: str
    further_names: tuple[str, ...]
    """Odd keys that this backend takes and the next one may not."""
    storage: Storage

    @property
    def tidier(self) -> Storage:
        """The same place, for those who may also move and remove what lies there."""

    def source(self) -> Source:
        """Return the configuration of the place."""

    def put(self, key: str, content: bytes) -> None:
        """Deliver a drop; one of the same key is replaced, with a version of its own."""

    def remove(self, key: str) -> None:
        """Take a drop away."""

    def make_folder(self, key: str) -> None:
        """Make a folder, or what stands for one there."""

    def nowhere(self) -> Storage:
        """Return a storage for a place that does not exist."""

    def close(self) -> None:
        """Give back what the rig holds."""


class CloudRig(Rig, Protocol):
    """A rig of an object store, reached over HTTP."""

    def impatient(self, timeout: float) -> Storage:
        """Return one more storage of the same place, with a ``timeout`` of its own."""


def missing(name: str, reason: str) -> NoReturn:
    """Skip the test, or fail it where FIREHOSE_MUST_RUN names the rig."""
    if name in os.environ.get("FIREHOSE_MUST_RUN", "").split(","):
        pytest.fail(f"FIREHOSE_MUST_RUN names {name}, but {reason}")
    pytest.skip(f"{name}: {reason}")


def keys(drops: Iterator[Drop]) -> list[str]:
    return [drop.key for drop in drops]


def only(drops: Iterator[Drop]) -> Drop:
    (drop,) = drops
    return drop


def content(storage: Storage, drop: Drop) -> bytes:
    with storage.open(drop) as file:
        return file.read()
