"""What a storage of the contract suite stands in: nothing, or what must not change its ways."""

from __future__ import annotations

from firehose_loader.protocols import Storage
from firehose_loader.retry import RetryPolicy
from firehose_loader.storage.retrying import RetryingStorage
from tests.conftest import BACKENDS
from tests.doubles.faulty import FaultyStorage
from tests.rigs import gcs, sshd

WRAPPERS = ("plain", "retrying", "faulty")
_WRAPPED = {"local": WRAPPERS, gcs.NAME: WRAPPERS[:2], sshd.NAME: WRAPPERS[::2]}
"""The wrappers do not know what they wrap: a folder, an object store and a server do."""
COMBINATIONS = [
    (backend, wrapper) for backend in BACKENDS for wrapper in _WRAPPED.get(backend, WRAPPERS[:1])
]


def wrapped(storage: Storage, wrapper: str) -> Storage:
    match wrapper:
        case "retrying":
            return RetryingStorage(storage, RetryPolicy(attempts=2, sleep=lambda _: None))
        case "faulty":
            return FaultyStorage(storage)
        case _:
            return storage
