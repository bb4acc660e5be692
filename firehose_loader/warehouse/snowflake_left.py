"""Whose files lie on the stage, and which of them nobody will clear any more."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from firehose_loader.engine import Row

_LONGEST = timedelta(days=2)
"""No batch takes as long to be loaded, the longest statement that Snowflake allows included."""
_OWNER = re.compile(r"(?P<host>.+)-(?P<pid>\d+)-[0-9a-f]+")


def own_folder(run: str) -> str:
    """Return a path for the files of one batch, which tells whose they are."""
    return f"{run}/{_host()}-{os.getpid()}-{secrets.token_hex(8)}/"


def left_behind(listed: Sequence[Row]) -> Iterator[str]:
    """Yield the paths of loaders that were killed, each once.

    A loader of this machine is known to be gone by its process, any other by the age of its files.

    Args:
        listed: what LIST gives: the names begin with the stage's own.
    """
    paths: dict[str, datetime] = {}
    for name, _, _, written in listed:
        parts = str(name).split("/")
        if len(parts) > 3:  # noqa: PLR2004 - stage, run, owner, file
            path = "/".join(parts[1:-1]) + "/"
            at = parsedate_to_datetime(str(written))
            paths[path] = max(at, paths.get(path, at))
    for path, last in paths.items():
        if _is_gone(path.split("/")[-2]) or datetime.now(UTC) - last > _LONGEST:
            yield path


def _is_gone(owner: str) -> bool:
    """Tell whether files are of a process of this machine that is there no more."""
    match = _OWNER.fullmatch(owner)
    if match is None or match["host"] != _host():
        return False
    try:
        os.kill(int(match["pid"]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _host() -> str:
    return re.sub(r"[^\w.]", "_", socket.gethostname())
