"""List a made-up storage of very many drops, nearly all of them loaded, and tell the memory used.

A program of its own, so that nothing else counts: ``python huge_listing.py load FOLDER DROPS``
takes all drops but one of 100,000 for loaded, ``python huge_listing.py list FOLDER DROPS`` lists.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from firehose_loader.config import Config, LocalSource
from firehose_loader.model import Drop
from firehose_loader.protocols import Storage, StorageTraits, Warehouse
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.warehouse import open_warehouse
from firehose_loader.watch import Discovery, Verdict

_LOAD_ALL = """
INSERT INTO dotdigital._firehose_drops BY NAME
SELECT
    drop_id, 'huge' AS source, key, version, size_bytes, modified, 'loaded' AS state,
    1 AS attempts, 0 AS rows_parsed, 0 AS rows_inserted, 0 AS rows_updated, 0 AS rows_identical,
    0 AS rows_superseded, 0 AS rows_conflicting, 0 AS rows_quarantined, 0 AS rows_expired,
    'r' AS run_id, now() AS first_seen_at, now() AS finished_at
FROM {ranked}
WHERE key NOT LIKE '%00000.csv'
"""


def main(what: str, folder: Path, count: int) -> None:
    config = Config.model_validate(
        {"warehouse": {"url": f"{folder}/h.duckdb"}, "spool": folder, "memory_limit": "400MB"}
    )
    with closing(open_warehouse(config)) as warehouse:
        warehouse.prepare()
        before = _megabytes()
        if what == "load":
            _load(warehouse, count)
        source = LocalSource(name="huge", url=str(folder))
        discovery = Discovery(source, _storage(count), warehouse, now=datetime.now(UTC))
        found = sum(1 for _ in discovery.new())
    counts = discovery.counts
    answer = {"listed": counts.total(), "new": counts[Verdict.NEW], "found": found}
    sys.stdout.write(json.dumps({**answer, "megabytes": _megabytes() - before}))


def _load(warehouse: Warehouse, count: int) -> None:
    drops = _drops(count, "")
    with closing(warehouse.listing("huge", new_only=True)) as listing:
        while chunk := list(islice(drops, 20_000)):
            listing.add(chunk)
        listing.finish()
        statement = _LOAD_ALL.format(ranked=listing._ranked)  # type: ignore[attr-defined]
        warehouse.engine().connection.execute(statement)


def _storage(count: int) -> Storage:
    def list_drops(*, prefix: str, after: str) -> Iterator[Drop]:
        assert not prefix
        return _drops(count, after)

    traits = StorageTraits(partial_files_visible=False, parallel_ranges=False)
    return RetryingStorage(cast("Storage", SimpleNamespace(traits=traits, list_drops=list_drops)))


def _drops(count: int, after: str) -> Iterator[Drop]:
    modified = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(int(after[-14:-4]) + 1 if after else 0, count):
        yield Drop(
            source="huge",
            key=f"account/2026/01/email.open/drop-{number:010}.csv",
            size_bytes=number,
            modified=modified + timedelta(seconds=number),
            version=f"{number:032x}:{number}",
        )


def _megabytes() -> int:
    """Return the most memory that this process has had so far."""
    # Not ru_maxrss, which begins with what the parent process had.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
