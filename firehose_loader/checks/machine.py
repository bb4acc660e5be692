"""What a run needs of the machine that it runs on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from firehose_loader.checks.probe import Probe, State, attempt
from firehose_loader.config import Config
from firehose_loader.errors import ConfigError
from firehose_loader.route import checked_left_out, checked_rules
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.warehouse.ddl import check_names

_MACHINE = "this machine"
_ROOM_FOR_BATCHES = 8
"""Two batches are on disk at once, and unpacked files are longer."""


def examine_machine(config: Config) -> Iterator[Probe]:
    """Try the spool, its room, and the event schemas."""
    yield attempt(_MACHINE, "spool", partial(_spool, config))
    yield attempt(_MACHINE, "free disk", partial(_room, config))
    yield attempt(_MACHINE, "event schemas", partial(_schemas, config))


def room(subject: str, folder: Path, wanted_bytes: int) -> Probe:
    """Tell how much room there is where a folder lies."""
    free = shutil.disk_usage(folder).free
    enough = free >= wanted_bytes
    advice = "" if enough else f", {_gigabytes(wanted_bytes)} are advised; make room"
    return Probe(
        subject=subject,
        name="free disk",
        state=State.OK if enough else State.WARNING,
        found=f"{_gigabytes(free)} free in {folder}{advice}",
    )


def _spool(config: Config) -> str:
    try:
        with tempfile.TemporaryFile(dir=config.spool) as file:
            file.write(b"1")
    except OSError as error:
        raise ConfigError(
            f"{config.spool} cannot be written to: {error.strerror}; make it, let this user write"
            " there, or name another folder with spool"
        ) from error
    return f"{config.spool} can be written to"


def _room(config: Config) -> Probe:
    try:
        return room(_MACHINE, config.spool, config.batch_bytes * _ROOM_FOR_BATCHES)
    except OSError as error:
        raise ConfigError(f"{config.spool}: {error.strerror}") from error


def _schemas(config: Config) -> str:
    catalog = load_catalog(config.schemas)
    check_names(config.warehouse, catalog)
    checked_left_out(config, catalog)
    for source in config.source:
        checked_rules(source.name, source.events, catalog)
    return f"{len(catalog.event_types)} event types"


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 10**9:.1f} GB"
