"""Wait for a DuckDB file that somebody else holds; say who does."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from firehose_loader.errors import WarehouseBusy, WarehouseUnusable
from firehose_loader.retry import RetryPolicy, call

T = TypeVar("T")
_ENDLESS = 1_000_000  # tries: only time bounds the wait for a lock
_NO_LOCK = "Could not set lock on file"
"""How the engine begins to say that another process holds the file."""
_PID = re.compile(r"\(PID (\d+)\)")


def waited_for(path: Path, seconds: float, opened: Callable[[], T]) -> T:
    """Return what opens a file, trying again for so long as somebody else holds it.

    Raises:
        WarehouseUnusable: the file is no database, of a newer version, or may not be written.
        WarehouseBusy: it is held still.
    """
    patience = RetryPolicy(
        attempts=_ENDLESS,
        first_pause_seconds=0.1,
        longest_pause_seconds=1,
        unasked_seconds=seconds,
    )
    return call(patience, lambda: _attempted(path, opened))


def _attempted(path: Path, opened: Callable[[], T]) -> T:
    import duckdb

    try:
        return opened()
    except duckdb.IOException as error:
        if path.exists() and not path.stat().st_size:
            raise WarehouseBusy(
                f"{path} is empty: another process is about to make a database of it;"
                " if none is, remove the file and run again"
            ) from error
        # As the engine said, not as it is by now: the holder may have let go since.
        if _NO_LOCK in str(error):
            raise WarehouseBusy(
                f"{path} is held by another process{_holder(str(error))};"
                " close it there and run again"
            ) from error
        raise WarehouseUnusable(
            f"{path} cannot be opened by DuckDB {duckdb.__version__}: {first_line(error)};"
            " where a newer DuckDB made it, upgrade with pip install -U duckdb,"
            " else name another file"
        ) from error
    except duckdb.ResourceInUseException as error:
        raise WarehouseBusy(
            f"{path} is held by another connection of this process (PID {os.getpid()});"
            " close it there and run again"
        ) from error
    except duckdb.Error as error:
        raise WarehouseUnusable(f"{path} cannot be opened: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """Return what the engine said, without its explanations."""
    return str(error).partition("\n")[0]


def _holder(said: str) -> str:
    """Tell which process it is, of what the engine says and the system knows.

    Nothing where the engine names none, and only its number where it runs on another machine or in
    another container.
    """
    if (found := _PID.search(said)) is None:
        return ""
    try:
        name, since = _process(int(found[1]))
    except OSError:
        return f" (PID {found[1]})"
    return f", {name!r} (PID {found[1]}), which runs since {since:%Y-%m-%d %H:%M:%S} UTC"


def _process(pid: int) -> tuple[str, datetime]:
    """Return the name of a process, and when it was started.

    Raises:
        OSError: there is none, or the system does not tell.
    """
    stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    head, _, fields = stat.rpartition(")")  # the name may hold brackets itself
    ticks = int(fields.split()[19])  # since the machine was started; field 22 of proc(5)
    (booted,) = re.findall(r"^btime (\d+)$", Path("/proc/stat").read_text("utf-8"), re.MULTILINE)
    since = int(booted) + ticks / os.sysconf("SC_CLK_TCK")
    return head.partition("(")[2], datetime.fromtimestamp(since, UTC)
