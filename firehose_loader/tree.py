"""Folders below folders as one stream of keys, in the order of an object store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from msgspec import Struct

from firehose_loader.errors import AccessDenied

T = TypeVar("T")

_LONGEST_KEY = 8192
"""Longer than paths can be anywhere; all folders on the way to a file are in memory."""


class Entry(Struct, Generic[T], frozen=True):
    """A file or folder, as the storage that holds it found it."""

    key: str
    """Path below the root; a folder's ends in ``/``. Bytes that are not UTF-8 as surrogates."""
    found: T

    @property
    def is_folder(self) -> bool:
        """There may be more below it."""
        return self.key.endswith("/")


def walk(
    entries: Callable[[str], Iterable[Entry[T]]], *, prefix: str, after: str
) -> Iterator[Entry[T]]:
    """Yield the files whose keys start with ``prefix`` and sort behind ``after``.

    In the order of the keys' UTF-8 bytes. Only the folders on the way to the present file are in
    memory, and folders that cannot hold a wanted key are not read.

    Args:
        entries: what a folder holds, in any order; it is given the folder's key, "" for the root.
        prefix: literal, need not end at a folder.
        after: a key, which need not exist.

    Raises:
        AccessDenied: folders lie so deep in each other that there may be no end to it.
    """
    wanted = _Wanted(prefix=os.fsencode(prefix), after=os.fsencode(after))

    def sorted_entries(folder: str) -> Iterator[Entry[T]]:
        # A folder sorts with its "/", so that `a/b` stands between `a-b` and `a0`, as in S3.
        found = [entry for entry in entries(folder) if wanted.has(entry.key)]
        found.sort(key=lambda entry: os.fsencode(entry.key))
        return iter(found)

    # A stack instead of recursion: folders may be nested deeper than Python may recurse.
    open_folders = [sorted_entries("")]
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
        elif len(entry.key) > _LONGEST_KEY:
            raise AccessDenied(
                f"{entry.key[:200]!r}...: folders lie so deep in each other that this path has more"
                f" than {_LONGEST_KEY:,} signs; a link among them may lead back to one above: leave"
                " it out with the source's url, or remove it"
            )
        elif entry.is_folder:
            open_folders.append(sorted_entries(entry.key))
        else:
            yield entry


class _Wanted(Struct, frozen=True, kw_only=True):
    prefix: bytes
    after: bytes

    def has(self, text: str) -> bool:
        """Tell whether a key is that of a wanted file, or of a folder in which one may be."""
        key = os.fsencode(text)
        if not key.endswith(b"/"):
            return key.startswith(self.prefix) and key > self.after
        leads_on = key.startswith(self.prefix) or self.prefix.startswith(key)
        return leads_on and (key > self.after or self.after.startswith(key))
