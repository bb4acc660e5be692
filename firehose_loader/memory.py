"""How much memory this process may take, and that it gives back what it no longer needs."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_FILES = ("memory.max", "memory.limit_in_bytes")
"""What the second and the first version of control groups call the limit."""
_BESIDE_BYTES = 256 * 2**20
"""What a load takes beside the engine: Python, and the readers of drops."""
_ARENA_MAX = -8
"""An option of mallopt, of malloc.h."""


def allowed_bytes(
    groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> int:
    """Return the smallest limit that is set on the machine, on this process or around it."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for folder in _folders(groups, own):
        for name in _FILES:
            with suppress(OSError, ValueError):  # not there, or "max": no limit here
                limits.append(int((folder / name).read_text("ascii")))
    return min(limit for limit in limits if limit > 0)


def engine_bytes(limit: int | None) -> int:
    """Return what of the memory that a load may take is for the engine, at least half of it.

    Without a limit, half of what there is.
    """
    return allowed_bytes() // 2 if limit is None else max(limit - _BESIDE_BYTES, limit // 2)


def use_one_heap() -> None:
    """Have the C library keep one heap for all threads that come from now on; for glibc alone.

    It makes several, and never shortens those beside the first: a process that lives for months,
    with new threads in each pass, ends with room in each for the most that any pass needed.
    """
    if set_option := _of_libc("mallopt"):
        set_option(_ARENA_MAX, 1)


def give_back() -> None:
    """Return to the machine what was freed but is kept for later; for glibc alone."""
    if trim := _of_libc("malloc_trim"):
        trim(0)


def _of_libc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None)


def _folders(groups: Path, own: Path) -> set[Path]:
    """Return the folders of the groups that this process is in, and of those around them."""
    found = {groups, groups / "memory"}
    with suppress(OSError, UnicodeDecodeError):
        for line in own.read_text("utf-8").splitlines():
            _, kinds, path = line.split(":", 2)
            root = groups / "memory" if "memory" in kinds.split(",") else groups
            group = root / path.lstrip("/")
            found |= {group, *(one for one in group.parents if one.is_relative_to(root))}
    return found
