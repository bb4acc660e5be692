"""What every storage must do that moves and removes drops, plain and inside each wrapper."""

from __future__ import annotations

import pytest

from firehose_loader.errors import DropBlocked, DropChanged, DropMissing
from firehose_loader.protocols import Storage
from tests.rigs.rig import Rig, content, keys, only


def test_a_move_gives_a_drop_another_key_and_leaves_nothing_behind(
    rig: Rig, storage: Storage, tidier: Storage
) -> None:
    rig.put("in/a b+ü%2F.csv", b"content")
    rig.put("in/b.csv", b"other")
    drop = next(storage.list_drops(prefix="in/a"))

    tidier.move(drop, "done/2026/11/a b+ü%2F.csv")

    assert keys(storage.list_drops()) == ["done/2026/11/a b+ü%2F.csv", "in/b.csv"]
    moved = only(storage.list_drops(prefix="done/"))
    assert content(storage, moved) == b"content"


def test_a_move_that_is_done_may_be_repeated(rig: Rig, storage: Storage, tidier: Storage) -> None:
    rig.put("in/a", b"content")
    drop = only(storage.list_drops())

    tidier.move(drop, "done/a")
    tidier.move(drop, "done/a")

    assert content(storage, only(storage.list_drops())) == b"content"


@pytest.mark.parametrize("there", [b"longer content", b"CONTENT"], ids=["longer", "as-long"])
def test_a_move_replaces_no_other_file(
    there: bytes, rig: Rig, storage: Storage, tidier: Storage
) -> None:
    rig.put("in/a", b"content")
    rig.put("out/a", there)
    drop = only(storage.list_drops(prefix="in/"))

    with pytest.raises(DropBlocked, match="out/a"):
        tidier.move(drop, "out/a")

    found = {drop.key: content(storage, drop) for drop in storage.list_drops()}
    assert found == {"in/a": b"content", "out/a": there}


def test_a_drop_is_not_moved_onto_itself(rig: Rig, storage: Storage, tidier: Storage) -> None:
    rig.put("in/a", b"content")
    drop = only(storage.list_drops())

    with pytest.raises(DropBlocked, match="in/a"):
        tidier.move(drop, "in/a")

    assert only(storage.list_drops()) == drop


def test_a_drop_that_is_gone_cannot_be_moved(rig: Rig, storage: Storage, tidier: Storage) -> None:
    rig.put("in/a", b"content")
    rig.put("out/a", b"something else")
    drop = only(storage.list_drops(prefix="in/"))
    rig.remove("in/a")

    with pytest.raises(DropMissing, match="in/a"):
        tidier.move(drop, "done/a")
    with pytest.raises(DropMissing, match="in/a"):
        tidier.move(drop, "out/a")


@pytest.mark.parametrize("new", [b"onetwo", b"two"], ids=["longer", "as-long"])
def test_a_drop_that_was_rewritten_is_neither_moved_nor_removed(
    new: bytes, rig: Rig, storage: Storage, tidier: Storage
) -> None:
    rig.put("in/a", b"one")
    drop = only(storage.list_drops())
    rig.put("in/a", new)

    with pytest.raises(DropChanged, match="in/a"):
        tidier.move(drop, "done/a")
    with pytest.raises(DropChanged, match="in/a"):
        tidier.remove(drop)

    left = only(storage.list_drops())
    assert (left.key, content(storage, left)) == ("in/a", new)


def test_a_drop_is_removed_once_however_often(rig: Rig, storage: Storage, tidier: Storage) -> None:
    rig.put("in/a", b"1")
    rig.put("in/b", b"2")
    drop = next(storage.list_drops())

    tidier.remove(drop)
    tidier.remove(drop)

    assert keys(storage.list_drops()) == ["in/b"]


@pytest.mark.parametrize("to", ["done/2026/a", "in/a", "a", None])
def test_a_rehearsal_finds_that_drops_may_leave_and_changes_nothing(
    to: str | None, rig: Rig, storage: Storage, tidier: Storage
) -> None:
    rig.put("in/a", b"content")
    before = list(storage.list_drops())

    tidier.rehearse(to)

    assert list(storage.list_drops()) == before
