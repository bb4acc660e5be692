"""Batches of drops: how many belong together, and how one is fetched while another is loaded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from msgspec import Struct

from firehose_loader.config import Portions
from firehose_loader.fetch import Fetched, Fetcher
from firehose_loader.model import Drop
from firehose_loader.protocols import Storage
from firehose_loader.spool import Share, SharedRoom, SpoolFolder

_PACKED = (".gz", ".gzip", ".zip", ".zst", ".zstd")
_UNPACKED_TIMES = 8
"""About how much longer event files get when they are unpacked; only the size of batches hangs
on it, never how a file is read."""
_PATIENCE_SECONDS = 2
"""How long downloads that nobody wants any more may take to notice."""


def in_batches(drops: Iterable[Drop], portions: Portions) -> Iterator[list[Drop]]:
    """Group drops, in their order, up to ``batch_files`` and ``batch_bytes``."""
    batch: list[Drop] = []
    size = 0
    for drop in drops:
        packed = drop.key.lower().endswith(_PACKED)
        weight = drop.size_bytes * (_UNPACKED_TIMES if packed else 1)
        if batch and (len(batch) >= portions.batch_files or size + weight > portions.batch_bytes):
            yield batch
            batch, size = [], 0
        batch.append(drop)
        size += weight
    if batch:
        yield batch


def fetched_ahead(
    storage: Storage,
    batches: Iterable[Sequence[Drop]],
    portions: Portions,
    room: SharedRoom,
    *,
    result: Callable[[Future[list[Fetched]]], list[Fetched]] = Future.result,
) -> Generator[Sequence[Fetched]]:
    """Yield batches as they are fetched; while the caller works on one, the next is under way.

    The files of a batch are there until the next one is asked for. Closing the iterator stops the
    downloads and removes what they wrote; it does not wait for one that hangs in a read.

    What a batch takes of ``room`` it has until then; a batch for which there is none has to wait.

    ``result`` waits for a batch; it may give up, with an error, for reasons of its own.

    Raises as ``Fetcher.fetch`` does.
    """
    fetcher = Fetcher(
        storage,
        threads=portions.fetch_threads,
        max_bytes=portions.max_file_bytes,
        max_spool_bytes=room.most,
    )
    worker = ThreadPoolExecutor(1, "fetch-ahead")
    under_way: deque[_UnderWay] = deque()

    def fetched(drops: Sequence[Drop], folder: Path, share: Share) -> list[Fetched]:
        share.take(fetcher.go_on)
        return fetcher.fetch(drops, folder)

    try:
        for drops in batches:
            folder = SpoolFolder(portions.spool, "spool")
            share = room.share(_downloaded_bytes(storage, drops))
            fetching = worker.submit(fetched, drops, Path(folder.name), share)
            under_way.append(_UnderWay(fetching, folder, share))
            if len(under_way) > 1:
                yield result(under_way[0].fetching)
                under_way.popleft().remove()
        while under_way:
            yield result(under_way[0].fetching)
            under_way.popleft().remove()
    finally:
        fetcher.stop()
        worker.shutdown(wait=False, cancel_futures=True)
        wait([one.fetching for one in under_way], _PATIENCE_SECONDS)
        for one in under_way:
            one.remove()


class _UnderWay(Struct, frozen=True):
    """A batch that is fetched, or is about to be."""

    fetching: Future[list[Fetched]]
    folder: SpoolFolder
    share: Share

    def remove(self) -> None:
        self.folder.cleanup()
        self.share.give()


def _downloaded_bytes(storage: Storage, drops: Sequence[Drop]) -> int:
    return sum(drop.size_bytes for drop in drops if storage.local_path(drop) is None)
