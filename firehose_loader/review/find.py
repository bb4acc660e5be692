"""Find the drops that a path or URL on the command line means, without a warehouse."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.config import Config, DuckDBTarget, Source, source_of
from firehose_loader.config.values import GLOB
from firehose_loader.errors import ConfigError, DropError, FirehoseError
from firehose_loader.fetch import Fetcher
from firehose_loader.model import Drop
from firehose_loader.protocols import Storage
from firehose_loader.route import checked_drift, checked_rules
from firehose_loader.schema.catalog import Catalog
from firehose_loader.spool import SpoolFolder
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.warehouse import open_warehouse
from firehose_loader.watch import Discovery


class _Place(Struct, frozen=True, kw_only=True):
    """Where to look: a source, and in it one key or everything."""

    source: Source
    key: str | None


def find_drops(
    words: Sequence[str], config: Config, catalog: Catalog, *, limit: int, stack: ExitStack
) -> Iterator[ReadyDrop]:
    """Yield the drops that paths and URLs name, fetched.

    A word is a file, a folder, a URL of either, a glob, or the name of a configured source. Files
    below a configured source are read with its settings, and have its rules.

    Args:
        words: as given on the command line.
        config: sources and limits.
        catalog: to check the rules of sources.
        limit: most drops that are taken from one folder.
        stack: what is fetched is kept until it closes.

    Raises:
        ConfigError: there is nothing at a place.
        FatalError, TransientError: a place cannot be read.
    """
    for word in words:
        place, storage, drops = _located(word, config, limit, stack)
        if not drops:
            raise ConfigError(f"{word}: there is no drop; name a file, a folder or a URL")
        folder = stack.enter_context(SpoolFolder(config.spool, "look"))
        rules = checked_rules(place.source.name, place.source.events, catalog)
        drift = checked_drift(place.source.name, place.source.drift, catalog)
        fetcher = Fetcher(storage, threads=config.fetch_threads, max_bytes=config.max_file_bytes)
        for one in fetcher.fetch(drops, Path(folder)):
            refused = one.error if isinstance(one.error, DropError) else None
            if one.error is not None and refused is None:
                raise one.error
            yield ReadyDrop(
                drop=one.drop,
                path=one.path,
                rules=rules,
                drift=drift,
                confirm=_nothing,
                refused=refused,
            )


def _located(
    word: str, config: Config, limit: int, stack: ExitStack
) -> tuple[_Place, Storage, list[Drop]]:
    """Return the first of the places that a word may mean which has drops, and these drops."""
    trouble: FirehoseError | None = None
    place = storage = None
    for place in _places(word, config):
        storage = stack.enter_context(closing(RetryingStorage(open_storage(place.source))))
        try:
            if drops := _drops(place, storage, config, limit):
                return place, storage, drops
        except FirehoseError as error:
            trouble = error
    if trouble is not None or place is None or storage is None:
        raise trouble or ConfigError(f"{word}: names no place")
    return place, storage, []


def _places(word: str, config: Config) -> Iterator[_Place]:
    """Yield what a word may mean, the likeliest first."""
    for source in config.source:
        root = source.url.rstrip("/") + "/"
        if word in {source.name, source.url, root}:
            yield _Place(source=source, key=None)
        elif word.startswith(root):
            yield _Place(source=source, key=word.removeprefix(root))
    scheme, separator, rest = word.partition("://")
    if separator and scheme != "file":
        host, _, key = rest.partition("/")
        if key and not key.endswith("/") and not GLOB.search(key):
            yield _Place(source=source_of(f"{scheme}://{host}/"), key=key)
    elif (file := _file(word)) is not None:
        # From as high up as was given: folders may tell the event type.
        top = Path.cwd() if file.is_relative_to(Path.cwd()) else Path(file.anchor)
        key = file.relative_to(top).as_posix()
        yield _Place(source=source_of(top.as_uri()), key=key)
    yield _Place(source=source_of(word), key=None)


def _file(word: str) -> Path | None:
    """Return the file of this machine that a word names, absolute; None if it names none."""
    for path in (Path(word).expanduser(), Path(unquote(urlsplit(word).path))):
        if path.is_file():
            return Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they were given
    return None


def _drops(place: _Place, storage: Storage, config: Config, limit: int) -> list[Drop]:
    if place.key is not None:
        listed = storage.list_drops(prefix=place.key)
        return [drop for drop in islice(listed, 1) if drop.key == place.key]
    with closing(open_warehouse(in_memory(config))) as warehouse:
        discovery = Discovery(place.source, storage, warehouse, now=datetime.now(UTC))
        with closing(discovery.new()) as found:
            return list(islice(found, limit))


def in_memory(config: Config) -> Config:
    """Return a configuration whose warehouse is a database in memory that goes with its process."""
    kept = {"schema": config.warehouse.schema_name, "leave_out": config.warehouse.leave_out}
    warehouse = DuckDBTarget.model_validate({"url": "duckdb://:memory:", **kept})
    return config.model_copy(update={"warehouse": warehouse})


def _nothing() -> None:
    """Nobody commits what was read here; a drop that changes meanwhile is read anew next time."""
