"""Download all drops of a source as a run does, in its batches, and load none of them: CONFIG."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from firehose_loader.batches import fetched_ahead, in_batches
from firehose_loader.config import load_config
from firehose_loader.spool import SharedRoom
from firehose_loader.storage import open_storage


def main(file: str) -> None:
    config = load_config(Path(file))
    (source,) = config.source
    portions = config.portions(source)
    with closing(open_storage(source)) as storage:
        drops = storage.list_drops()
        room = SharedRoom(config.download_bytes)
        with closing(
            fetched_ahead(storage, in_batches(drops, portions), portions, room)
        ) as fetched:
            failed = [one for batch in fetched for one in batch if one.error is not None]
    if failed:
        raise RuntimeError(f"{len(failed)} drops could not be downloaded: {failed[0].error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
