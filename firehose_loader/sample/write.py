"""Write a sample: seeded, realistic drops with known contents."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from firehose_loader.errors import ConfigError
from firehose_loader.sample.options import SampleOptions, SampleReport
from firehose_loader.sample.plan import PlannedDrop, plan_drops
from firehose_loader.sample.sampler import Sampler
from firehose_loader.schema.catalog import Catalog


def write_sample(
    folder: Path,
    options: SampleOptions,
    *,
    catalog: Catalog,
    progress: Callable[[int, int], None] | None = None,
) -> SampleReport:
    """Write drops into a folder and tell what is in them.

    The same options and event schemas give the same files, byte for byte. A drop's time of
    modification is the end of its slot, so that drops load in the order of delivery. The folder
    holds nothing but drops.

    Args:
        folder: made if it does not exist.
        options: what to write.
        catalog: the event schemas.
        progress: told after each drop how many are written, of how many.

    Raises:
        ConfigError: the folder holds other files, or cannot be written.
        SchemaError: there is no event schema for one of the event types.
    """
    random = Random(options.seed)  # noqa: S311 - a sample must repeat, nothing is secret
    names = options.event_types or catalog.event_types
    types = tuple(dict.fromkeys(catalog.resolve_type(name) or name for name in names))
    sampler = Sampler(options, types, catalog, random)
    drops = plan_drops(options, types, random)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_other_files(folder, drops, overwrite=options.overwrite)
        for done, drop in enumerate(drops, start=1):
            path = folder / drop.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sampler.content(drop))
            delivered = int((drop.slot + options.cadence.slot).timestamp())
            os.utime(path, (delivered, delivered))
            if progress:
                progress(done, len(drops))
    except OSError as error:
        raise ConfigError(
            f"{folder}: the sample cannot be written: {error.strerror or error};"
            " give a folder that can be written and has room"
        ) from error
    return sampler.report(drops)


def _refuse_other_files(folder: Path, drops: Sequence[PlannedDrop], *, overwrite: bool) -> None:
    """Raise ConfigError if the folder holds files that would be lost, or loaded with the sample."""
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    if found and not overwrite:
        raise ConfigError(
            f"{folder}: holds files already, such as {min(found)}; give a new or an empty folder,"
            " or --overwrite to write over an earlier sample"
        )
    other = found - {drop.path for drop in drops}
    if other:
        raise ConfigError(
            f"{folder}: holds files that this sample would not replace, such as {min(other)};"
            " remove them, or give a new or an empty folder"
        )
