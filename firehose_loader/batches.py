"""Batches of drops: how many belong together, and how one is fetched while another is loaded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from firehose_loader.config import Portions
from firehose_loader.fetch import Fetched, Fetcher
from firehose_loader.model import Drop
from firehose_loader.protocols import Storage
from firehose_loader.spool import SpoolFolder

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
    *,
    result: Callable[[Future[list[Fetched]]], list[Fetched]] = Future.result,
) -> Generator[Sequence[Fetched]]:
    """Yield batches as they are fetched; while the caller works on one, the next is under way.

    The files of a batch are there until the next one is asked for. Closing the iterator stops the
    downloads and removes what they wrote; it does not wait for one that hangs in a read.

    ``result`` waits for a batch; it may give up, with an error, for reasons of its own.

    Raises as ``Fetcher.fetch`` does.
    """
    fetcher = Fetcher(storage, threads=portions.fetch_threads, max_bytes=portions.max_file_bytes)
    worker = ThreadPoolExecutor(1, "fetch-ahead")
    under_way: deque[tuple[Future[list[Fetched]], SpoolFolder]] = deque()
    try:
        for drops in batches:
            folder = SpoolFolder(portions.spool, "spool")
            under_way.append((worker.submit(fetcher.fetch, drops, Path(folder.name)), folder))
            if len(under_way) > 1:
                yield result(under_way[0][0])
                under_way.popleft()[1].cleanup()
        while under_way:
            yield result(under_way[0][0])
            under_way.popleft()[1].cleanup()
    finally:
        fetcher.stop()
        worker.shutdown(wait=False, cancel_futures=True)
        wait([fetching for fetching, _ in under_way], _PATIENCE_SECONDS)
        for _, folder in under_way:
            folder.cleanup()
