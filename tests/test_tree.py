"""Folders below folders as one stream of keys."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firehose_loader.errors import AccessDenied
from firehose_loader.tree import Entry, walk

SEGMENTS = st.text(st.sampled_from("ab-.0é\udcff\uff5e😀"), min_size=1, max_size=3)
KEYS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join)


class Tree:
    """Files by key; a key below a file's would make it a folder, so those are left out."""

    def __init__(self, keys: set[str]) -> None:
        folders = {key[: at + 1] for key in keys for at, sign in enumerate(key) if sign == "/"}
        self.keys = {key for key in keys if key + "/" not in folders}
        self._folders = {key[: at + 1] for key in self.keys for at, s in enumerate(key) if s == "/"}
        self.read: list[str] = []

    def entries(self, folder: str) -> Iterator[Entry[int]]:
        self.read.append(folder)
        for key in self.keys | self._folders:
            rest = key.removeprefix(folder).rstrip("/")
            if key.startswith(folder) and rest and "/" not in rest:
                yield Entry(key, len(key))

    def walked(self, *, prefix: str = "", after: str = "") -> list[str]:
        return [entry.key for entry in walk(self.entries, prefix=prefix, after=after)]


@given(st.sets(KEYS, max_size=30), st.one_of(st.just(""), KEYS), st.one_of(st.just(""), KEYS))
def test_keys_come_in_the_order_of_their_bytes_behind_a_key_and_below_a_prefix(
    keys: set[str], prefix: str, after: str
) -> None:
    tree = Tree(keys)

    assert tree.walked(prefix=prefix, after=after) == sorted(
        (
            key
            for key in tree.keys
            if key.startswith(prefix) and os.fsencode(key) > os.fsencode(after)
        ),
        key=os.fsencode,
    )


def test_a_folder_is_read_when_it_is_its_turn() -> None:
    tree = Tree({"0/a", "1/a", "2/a"})

    list(itertools.islice(walk(tree.entries, prefix="", after=""), 1))

    assert tree.read == ["", "0/"]


def test_folders_without_a_wanted_key_are_not_read() -> None:
    tree = Tree({"2024/a", "2025/01/a", "2025/02/a", "2025/03/a", "2026/a"})

    assert tree.walked(prefix="2025/", after="2025/02/") == ["2025/02/a", "2025/03/a"]
    assert tree.read == ["", "2025/", "2025/02/", "2025/03/"]


def test_folders_may_be_nested_deeper_than_python_recurses() -> None:
    key = "/".join(["a"] * 3000)

    def entries(folder: str) -> Iterator[Entry[None]]:
        name = folder + "a"
        yield Entry(name if name == key else name + "/", None)

    assert [entry.key for entry in walk(entries, prefix="", after="")] == [key]


def test_folders_that_lie_in_each_other_without_end_are_told() -> None:
    def entries(folder: str) -> Iterator[Entry[None]]:
        yield Entry(folder + "again/", None)

    with pytest.raises(AccessDenied, match=r"again/again.* more than 8,192 signs"):
        list(walk(entries, prefix="", after=""))
