"""The small CSV drops in a bucket of a server on this machine: Ceph's S3 gateway."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from tests.configured import source_table
from tests.rigs import radosgw
from tests.rigs.s3 import S3Rig

_SENDERS = 4


@contextmanager
def bucket(drops: Path, config: Path, database: Path) -> Iterator[None]:
    """Run a server that holds these drops, and write a configuration that loads them from there."""
    with radosgw.started() as server, closing(S3Rig(server)) as rig:
        with ThreadPoolExecutor(_SENDERS) as pool:
            for _ in pool.map(lambda path: rig.put(path.name, path.read_bytes()), drops.iterdir()):
                pass
        config.write_text(f'[warehouse]\nurl = "{database}"\n{source_table(rig.source())}', "utf-8")
        yield
