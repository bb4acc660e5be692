"""What every storage must do, plain and inside each wrapper."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from firehose_loader.errors import AccessDenied, DropChanged, DropMissing, ListingTooLong
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from tests.conftest import AZURE_SERVERS, BACKENDS, new_rig
from tests.contract.wrappers import wrapped
from tests.rigs import radosgw
from tests.rigs.rig import Rig, content, keys, only

MANY = 1001
"""One more than a page of S3 holds."""
FEWER = dict.fromkeys((radosgw.NAME, *AZURE_SERVERS), 101)
"""Where each drop takes long to put: one S3 has pages enough, and Azure's hold 5000."""
DIGESTS = {
    "md5": "25f9e794323b453885f5181f1b624d0b",
    "crc32": "cbf43926",
    "crc32c": "e3069283",
}
"""Of the digits 1 to 9, as CRCs are specified by."""


@pytest.fixture(scope="module", params=BACKENDS)
def crowded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    rig = new_rig(request.param, request, tmp_path_factory.mktemp("crowded"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: rig.put(key, b"{}"), crowded_keys(rig)))
    yield rig
    rig.close()


def crowded_keys(rig: Rig) -> list[str]:
    return [f"{number % 10}/{number:04}.json" for number in range(FEWER.get(rig.name, MANY))]


def in_key_order(names: list[str]) -> list[str]:
    return sorted(names, key=os.fsencode)


# -- listing -------------------------------------------------------------------------------------


def test_a_place_without_drops_lists_nothing(storage: Storage) -> None:
    assert list(storage.list_drops()) == []


def test_a_prefix_without_drops_lists_nothing(rig: Rig, storage: Storage) -> None:
    rig.put("in/a.csv", b"1")

    assert list(storage.list_drops(prefix="out/")) == []
    assert list(storage.list_drops(prefix="in/a.csv/")) == []


def test_a_place_that_does_not_exist_is_denied_by_name(rig: Rig) -> None:
    nowhere = rig.nowhere()

    with pytest.raises(AccessDenied, match=r"no-such-bucket|nowhere"):
        next(nowhere.list_drops())
    nowhere.close()


def test_drops_come_in_the_order_of_the_bytes_of_their_keys(rig: Rig, storage: Storage) -> None:
    # "-" and "." sort before "/", "0" behind it; an emoji behind U+FF5E in UTF-8, not in UTF-16.
    names = ["a/b", "a/c/d", "a-b", "a.csv", "a0", "A", "a/b.c", "é", "e\u0301", "\uff5e", "😀"]
    for name in names:
        rig.put(name, b"1")

    assert keys(storage.list_drops()) == in_key_order(names)


def test_a_drop_says_what_the_listing_knows(rig: Rig, storage: Storage) -> None:
    rig.put("2026/a.csv", b"12345")

    drop = only(storage.list_drops())

    assert (drop.key, drop.size_bytes) == ("2026/a.csv", 5)
    assert drop.modified.tzinfo is UTC
    assert abs(datetime.now(UTC) - drop.modified) < timedelta(minutes=5)


def test_a_prefix_is_literal_and_need_not_end_at_a_folder(rig: Rig, storage: Storage) -> None:
    for name in ("in/ab", "in/ac", "in/abc/d", "in/b", "inab", "in/a*"):
        rig.put(name, b"1")

    assert keys(storage.list_drops(prefix="in/ab")) == ["in/ab", "in/abc/d"]
    assert keys(storage.list_drops(prefix="in/a*")) == ["in/a*"]


def test_listing_goes_on_behind_a_key_whether_it_is_there_or_not(
    rig: Rig, storage: Storage
) -> None:
    names = in_key_order(["a-", "a/b", "a/c/d", "a/e", "b", "c/d"])
    for name in names:
        rig.put(name, b"1")

    for after in (*names, "a/", "a/c", "a/d", "bb", "c/", "z"):
        expected = [name for name in names if os.fsencode(name) > os.fsencode(after)]
        assert keys(storage.list_drops(after=after)) == expected
    assert keys(storage.list_drops(prefix="a/", after="a/b")) == ["a/c/d", "a/e"]
    assert keys(storage.list_drops(prefix="b", after="a/e")) == ["b"]


@pytest.mark.parametrize("wrapper", ["plain", "retrying"])
def test_more_drops_than_a_page_holds_are_all_listed(crowded: Rig, wrapper: str) -> None:
    storage = wrapped(crowded.storage, wrapper)
    expected = in_key_order(crowded_keys(crowded))

    assert keys(storage.list_drops()) == expected
    assert keys(storage.list_drops(after=expected[-3])) == expected[-2:]
    assert keys(storage.list_drops(prefix="7/")) == [key for key in expected if key[0] == "7"]


def test_a_listing_is_a_stream(crowded: Rig) -> None:
    first_three = itertools.islice(crowded.storage.list_drops(), 3)

    assert keys(first_three) == in_key_order(crowded_keys(crowded))[:3]


def test_a_listing_ends_at_the_most_that_it_may_go_through(rig: Rig) -> None:
    for key in ("a/1", "b", "c"):
        rig.put(key, b"1")
    source = rig.source()  # whose server may list folders themselves and those above, too
    enough, little = (
        open_storage(source.model_copy(update={"max_listed": most})) for most in (12, 2)
    )

    with closing(enough), closing(little):
        assert keys(enough.list_drops()) == ["a/1", "b", "c"]
        with pytest.raises(ListingTooLong, match=r"lists more than max_listed = 2 .*raise max_lis"):
            list(little.list_drops())


def test_folders_and_their_markers_are_no_drops(rig: Rig, storage: Storage) -> None:
    rig.make_folder("empty")
    rig.make_folder("full")
    rig.put("full/a", b"1")

    assert keys(storage.list_drops()) == ["full/a"]


# -- names ---------------------------------------------------------------------------------------

ODD_NAMES = (
    "with space.csv",
    " leading and trailing ",
    "plus+plus.csv",
    "percent%2Fslash%20%zz.csv",
    "hash#mark?query&more=1.csv",
    "ü-日本-😀.csv",
    "e\u0301.csv",
    ".hidden",
    ".folder/.hidden",
    "dots..in...it",
    "..leading",
    "tab\tand tab.csv",
    "quotes'\"`.csv",
    "brackets[0]{1}*.csv",
    "colon:semicolon;.csv",
    "x" * 200 + "/" + "y" * 200,
)


def test_odd_names_are_listed_and_read_as_they_are(rig: Rig, storage: Storage) -> None:
    names = in_key_order([*ODD_NAMES, *rig.further_names])
    for name in names:
        rig.put(name, os.fsencode(name))

    drops = list(storage.list_drops())

    assert keys(iter(drops)) == names
    for drop in drops:
        assert content(storage, drop) == os.fsencode(drop.key)
        assert drop.key in keys(storage.list_drops(prefix=drop.key))
        assert drop.key not in keys(storage.list_drops(after=drop.key))


# -- versions ------------------------------------------------------------------------------------


def test_a_drop_that_is_left_alone_keeps_its_version(rig: Rig, storage: Storage) -> None:
    rig.put("a", b"1")
    drop = only(storage.list_drops())

    content(storage, drop)
    storage.confirm(drop)

    assert only(storage.list_drops()) == drop


@pytest.mark.parametrize("new", [b"one and a half", b"two"], ids=["longer", "as-long"])
def test_new_content_is_a_new_version(new: bytes, rig: Rig, storage: Storage) -> None:
    rig.put("a", b"one")
    before = only(storage.list_drops())

    rig.put("a", new)
    after = only(storage.list_drops())

    assert after.version != before.version
    assert after.drop_id != before.drop_id
    assert after.size_bytes == len(new)
    assert content(storage, after) == new


def test_a_drop_that_is_gone_is_missing(rig: Rig, storage: Storage) -> None:
    rig.put("in/a", b"1")
    drop = only(storage.list_drops())
    rig.remove("in/a")

    with pytest.raises(DropMissing, match="in/a"):
        storage.open(drop)
    with pytest.raises(DropMissing, match="in/a"):
        storage.confirm(drop)
    with pytest.raises(DropMissing, match="in/a"):
        storage.digest(drop)


@pytest.mark.parametrize("new", [b"onetwo", b"two"], ids=["longer", "as-long"])
def test_a_drop_that_was_rewritten_has_changed(new: bytes, rig: Rig, storage: Storage) -> None:
    rig.put("in/a", b"one")
    drop = only(storage.list_drops())
    rig.put("in/a", new)

    with pytest.raises(DropChanged, match="in/a"):
        storage.open(drop)
    with pytest.raises(DropChanged, match="in/a"):
        storage.open(drop, start=1, end=2)
    with pytest.raises(DropChanged, match="in/a"):
        storage.confirm(drop)
    with pytest.raises(DropChanged, match="in/a"):
        storage.digest(drop)


# -- reading -------------------------------------------------------------------------------------


def test_an_empty_drop_opens_empty(rig: Rig, storage: Storage) -> None:
    rig.put("empty", b"")
    drop = only(storage.list_drops())

    assert drop.size_bytes == 0
    assert content(storage, drop) == b""


def test_a_range_holds_exactly_its_bytes(rig: Rig, storage: Storage) -> None:
    digits = b"0123456789"
    rig.put("a", digits)
    drop = only(storage.list_drops())

    for start, end in ((0, 10), (0, 1), (3, 7), (9, 10), (5, 5), (10, 10), (4, None), (0, 0)):
        with storage.open(drop, start=start, end=end) as file:
            assert file.read() == digits[start:end]


def test_a_drop_can_be_read_in_pieces_of_any_size(rig: Rig, storage: Storage) -> None:
    written = bytes(range(256)) * 5000
    rig.put("a", written)
    drop = only(storage.list_drops())

    with storage.open(drop) as file:
        pieces = [file.read(1), file.read(100_000), file.read()]

    assert b"".join(pieces) == written
    assert [len(piece) for piece in pieces[:2]] == [1, 100_000]


def test_a_drop_may_be_closed_half_read(rig: Rig, storage: Storage) -> None:
    rig.put("a", b"x" * 1_000_000)
    drop = only(storage.list_drops())

    with storage.open(drop) as file:
        file.read(10)

    assert len(content(storage, drop)) == 1_000_000


def test_a_drop_that_was_half_read_goes_quietly(rig: Rig, storage: Storage) -> None:
    rig.put("a", b"x" * 1_000_000)
    told: list[object] = []

    with patch("sys.unraisablehook", told.append):
        with storage.open(only(storage.list_drops())) as file:
            file.read(10)
        around: list[object] = [file]
        around.append(around)  # as the frames of errors do: freed in any order
        del file, around
        gc.collect()

    assert told == []


def test_a_digest_is_of_the_whole_content(rig: Rig, storage: Storage) -> None:
    rig.put("a", b"123456789")
    drop = only(storage.list_drops())

    before_reading = storage.digest(drop)
    content(storage, drop)

    assert storage.digest(drop) == before_reading
    if before_reading is not None:
        assert before_reading.hex == DIGESTS[before_reading.algorithm]


def test_a_drop_that_is_read_in_place_is_what_was_listed(rig: Rig, storage: Storage) -> None:
    rig.put("in/a b", b"content")
    drop = only(storage.list_drops())

    path = storage.local_path(drop)

    assert (path is not None) == (rig.name == "local")
    assert path is None or path.read_bytes() == b"content"


# -- use -----------------------------------------------------------------------------------------


def test_a_storage_serves_two_threads_at_once(rig: Rig, storage: Storage) -> None:
    written = {f"in/{number}": f"{number}".encode() * 50_000 for number in range(8)}
    for key, data in written.items():
        rig.put(key, data)

    def read_all(_: int) -> dict[str, bytes]:
        return {drop.key: content(storage, drop) for drop in storage.list_drops()}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read_all, range(2))) == [written, written]


def test_a_storage_may_be_closed_twice(rig: Rig, storage: Storage) -> None:
    rig.put("a", b"1")
    list(storage.list_drops())

    storage.close()
    storage.close()
