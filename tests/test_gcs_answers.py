"""Answers of Google that its emulator never gives, as what the run does next.

They are given by a server of the tests' own, so they prove what the loader makes of an answer, and
not that Google answers so. That a read is bound to the listed generation is among them: the
emulator ignores the condition, and the loader notices by the generation that is told.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from msgspec.structs import replace

from firehose_loader.config import GcsSource
from firehose_loader.errors import (
    AccessDenied,
    DropBlocked,
    DropChanged,
    DropMissing,
    FirehoseError,
    StorageUnavailable,
)
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from firehose_loader.storage.gcs.reader import PIECE_BYTES
from tests.rigs.canned import Answer, Request, answering

CONTENT = b"123456789"
CRC = "4waSgw=="
DIGEST = Digest(algorithm="crc32c", hex="e3069283")


@contextmanager
def told(answer: Callable[[Request], Answer]) -> Iterator[Storage]:
    """Return a storage whose endpoint answers so."""
    with answering(answer) as endpoint:
        source = GcsSource(
            name="bucket", url="gs://bucket/out", endpoint=endpoint, anonymous=True, timeout=5
        )
        with closing(open_storage(source)) as storage:
            yield storage


def drop() -> Drop:
    return Drop(
        source="bucket",
        key="a",
        size_bytes=len(CONTENT),
        modified=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        version="1700000000000001",
    )


def facts(**more: object) -> Answer:
    return Answer(body=json.dumps({"generation": drop().version, "crc32c": CRC, **more}).encode())


def listing(*names: str, following: str = "") -> Answer:
    """Return a page of objects in the order given."""
    items = [
        {"name": name, "generation": "1", "size": "9", "updated": "2026-01-01T00:00:00.123Z"}
        for name in names
    ]
    page = {"items": items} if items else {}
    return Answer(
        body=json.dumps({**page, **({"nextPageToken": following} if following else {})}).encode()
    )


# -- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (503, StorageUnavailable),
        (500, StorageUnavailable),
        (429, StorageUnavailable),
        (408, StorageUnavailable),
        (400, AccessDenied),
        (401, AccessDenied),
        (403, AccessDenied),
        (404, DropMissing),
        (412, DropChanged),
        (416, DropChanged),
    ],
)
@pytest.mark.parametrize("ask", ["open", "confirm", "digest"])
def test_an_error_is_what_its_status_says(
    status: int, expected: type[FirehoseError], ask: str
) -> None:
    with (
        told(lambda _: Answer(status=status, body=b"conditionNotMet notFound")) as storage,
        pytest.raises(expected, match="gs://bucket/out/a"),
    ):
        getattr(storage, ask)(drop())


def test_a_bucket_that_is_not_there_is_denied_with_advice() -> None:
    with (
        told(lambda _: Answer(status=404)) as storage,
        pytest.raises(AccessDenied, match="no such bucket"),
    ):
        next(storage.list_drops())


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_a_pause_is_heard_and_asked_once(status: int) -> None:
    seen: list[Request] = []

    def busy(request: Request) -> Answer:
        seen.append(request)
        return Answer(status=status, headers={"Retry-After": "7"})

    with told(busy) as storage:
        with pytest.raises(StorageUnavailable) as listing_it:
            next(storage.list_drops())
        with pytest.raises(StorageUnavailable) as reading:
            storage.open(drop())

    assert [caught.value.pause_seconds for caught in (listing_it, reading)] == [7, 7]
    assert len(seen) == 2


@pytest.mark.parametrize("body", [b"<html><p>Sign in", b"", b"[]", b'{"items": [{"name": 1}]}'])
def test_an_answer_that_is_no_listing_is_unavailable(body: bytes) -> None:
    with told(lambda _: Answer(body=body)) as storage, pytest.raises(StorageUnavailable):
        next(storage.list_drops())


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_rehearsal_finds_the_right_that_is_missing(method: str) -> None:
    def answer(request: Request) -> Answer:
        if request.method == method:
            return Answer(status=403)
        return Answer(status=412 if request.method == "POST" else 404)

    with told(answer) as storage, pytest.raises(AccessDenied, match=r"storage\.objectUser"):
        storage.rehearse("done/a")


def test_a_rehearsal_asks_for_what_cannot_be_done() -> None:
    asked: list[tuple[str, str, str]] = []

    def answer(request: Request) -> Answer:
        condition = request.query.get("ifGenerationMatch", [""])[0]
        asked.append((request.method, request.path.partition("/storage")[0], condition))
        return Answer(status=412 if condition else 404)

    with told(answer) as storage:
        storage.rehearse("done/a")

    assert asked == [("POST", "/upload", "1"), ("DELETE", "", "")]


# -- listings ------------------------------------------------------------------------------------


def test_a_listing_goes_on_from_page_to_page_and_fails_where_one_is_missing() -> None:
    pages = [listing("out/a", "out/b", following="1"), listing("out/c", following="2")]

    def answer(request: Request) -> Answer:
        page = int(request.query.get("pageToken", ["0"])[0])
        return pages[page] if page < len(pages) else Answer(status=503)

    with told(answer) as storage:
        drops = storage.list_drops()

        assert [next(drops).key for _ in range(3)] == ["a", "b", "c"]
        with pytest.raises(StorageUnavailable):
            next(drops)


def test_a_listing_that_is_not_sorted_is_refused() -> None:
    with told(lambda _: listing("out/a/c", "out/a.b")) as storage:
        drops = storage.list_drops()

        assert next(drops).key == "a/c"
        with pytest.raises(AccessDenied, match="out of order"):
            next(drops)


# -- reading -------------------------------------------------------------------------------------


def test_a_read_is_bound_to_the_generation_that_was_listed() -> None:
    asked: list[list[str] | None] = []

    def note(request: Request) -> Answer:
        asked.append(request.query.get("ifGenerationMatch"))
        return Answer(body=CONTENT) if "download" in request.path else facts()

    with told(note) as storage:
        storage.open(drop()).close()
        storage.confirm(drop())

    assert asked == [[drop().version]] * 2


@pytest.mark.parametrize("ask", ["open", "confirm", "digest"])
def test_a_server_that_ignores_the_condition_is_found_out_by_the_generation_it_tells(
    ask: str,
) -> None:
    def other(request: Request) -> Answer:
        if "download" in request.path:
            return Answer(headers={"x-goog-generation": "2"}, body=CONTENT)
        return facts(generation="2")

    with told(other) as storage, pytest.raises(DropChanged):
        getattr(storage, ask)(drop())


def test_a_store_that_ignores_ranges_is_unavailable() -> None:
    with (
        told(
            lambda asked: Answer(body=CONTENT) if "download" in asked.path else facts()
        ) as storage,
        pytest.raises(StorageUnavailable, match="3 bytes were asked for, and more came"),
    ):
        storage.open(drop(), start=2, end=5)


@pytest.mark.parametrize("changes", [False, True])
def test_a_long_read_comes_in_pieces_that_are_all_of_one_generation(
    changes: bool,  # noqa: FBT001 - one of two worlds
) -> None:
    content = bytes(2 * PIECE_BYTES + 1)
    long = replace(drop(), size_bytes=len(content))
    asked: list[tuple[int, int]] = []

    def answer(request: Request) -> Answer:
        assert request.query["ifGenerationMatch"] == [long.version]
        assert "generation" not in request.query  # one that is gone would be missing, not changed
        first, last = map(int, request.headers["range"].removeprefix("bytes=").split("-"))
        asked.append((first, last))
        generation = "2" if changes and first else long.version
        piece = content[first : last + 1]
        return Answer(status=206, headers={"x-goog-generation": generation}, body=piece)

    with told(answer) as storage, storage.open(long) as file:
        if changes:
            with pytest.raises(DropChanged):
                file.read()
        else:
            assert file.read() == content
            assert asked == [
                (0, PIECE_BYTES - 1),
                (PIECE_BYTES, 2 * PIECE_BYTES - 1),
                (2 * PIECE_BYTES, 2 * PIECE_BYTES),
            ]


def test_what_is_stored_packed_is_asked_for_and_read_as_it_is_stored() -> None:
    asked: list[str | None] = []

    def packed(request: Request) -> Answer:
        asked.append(request.headers.get("accept-encoding"))
        return Answer(headers={"Content-Encoding": "gzip"}, body=CONTENT)

    with told(packed) as storage, storage.open(drop()) as file:
        assert file.read() == CONTENT

    assert asked == ["gzip"]


@pytest.mark.parametrize("header", [f"crc32c={CRC},md5=xyz==", "", "md5=xyz=="])
def test_a_digest_is_what_the_answer_to_a_read_vouches_for_or_is_asked_for(header: str) -> None:
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        asked.append(request.path)
        if "download" not in request.path:
            return facts()
        return Answer(headers={"x-goog-hash": header} if header else {}, body=CONTENT)

    with told(answer) as storage:
        storage.open(drop()).close()

        assert storage.digest(drop()) == DIGEST

    assert len(asked) == (1 if "crc32c" in header else 2)


def test_a_digest_of_what_was_not_read_is_asked_for() -> None:
    with told(lambda _: facts()) as storage:
        assert storage.digest(drop()) == DIGEST


# -- moving --------------------------------------------------------------------------------------


def test_a_copy_in_several_steps_is_made_to_its_end_before_the_object_is_removed() -> None:
    """Google copies large objects, or into another class of storage, a part with each request."""
    done: list[str] = []

    def answer(request: Request) -> Answer:
        token = request.query.get("rewriteToken", [""])[0]
        if request.method == "POST":
            done.append(f"copy {token}")
            assert request.query["ifGenerationMatch"] == ["0"]
            assert request.query["ifSourceGenerationMatch"] == [drop().version]
            kept = json.loads(request.body)
            assert kept["contentType"] == "text/csv"
            assert kept["metadata"] == {"a": "b", "firehose_moved_version": drop().version}
            state = {"done": bool(token), "totalBytesRewritten": "9", "objectSize": "9"}
            more: dict[str, object] = {"resource": {}} if token else {"rewriteToken": "t"}
            return Answer(body=json.dumps({**state, **more}).encode())
        if request.method == "DELETE":
            done.append("remove")
            return Answer(status=204)
        if request.path.endswith("/done"):
            return Answer(status=404)
        return facts(contentType="text/csv", metadata={"a": "b"})

    with told(answer) as storage:
        storage.move(drop(), "done")

    assert done == ["copy ", "copy t", "remove"]


@pytest.mark.parametrize(
    ("taken", "expected"), [(True, DropBlocked), (False, DropChanged)], ids=["taken", "changed"]
)
def test_a_copy_whose_condition_fails_leaves_everything_as_it_is(
    taken: bool,  # noqa: FBT001 - one of two reasons
    expected: type[FirehoseError],
) -> None:
    copied = False

    def answer(request: Request) -> Answer:
        nonlocal copied
        assert request.method != "DELETE"
        if request.method == "POST":
            copied = True
            return Answer(status=412)
        if request.path.endswith("/done"):
            return facts(generation="5") if copied and taken else Answer(status=404)
        return facts()

    with told(answer) as storage, pytest.raises(expected, match="out/a"):
        storage.move(drop(), "done")
