"""Answers of Azure that its emulator never gives, as what the run does next.

They are given by a server of the tests' own, so they prove what the loader makes of an answer, and
not that Azure answers so.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from xml.sax.saxutils import escape

import pytest
from pydantic import SecretStr

from firehose_loader.config import AzureSource
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
from tests.rigs.canned import Answer, Request, answering

CONTENT = b"123456789"
MD5 = hashlib.md5(CONTENT, usedforsecurity=False)
KEY = base64.b64encode(b"a key").decode()


@contextmanager
def told(answer: Callable[[Request], Answer], **settings: bool) -> Iterator[Storage]:
    """Return a storage whose endpoint answers so."""
    with answering(answer) as endpoint:
        source = AzureSource(
            name="container",
            url="azure://account/container/out",
            endpoint=f"{endpoint}/account",
            auth="account_key",
            account_key=SecretStr(KEY),
            timeout=5,
            **settings,
        )
        with closing(open_storage(source)) as storage:
            yield storage


def drop() -> Drop:
    return Drop(
        source="container",
        key="a",
        size_bytes=len(CONTENT),
        modified=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        version="0x1",
    )


def refusal(status: int, code: str, **headers: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>ServerBusy BlobNotFound</Message></Error>"
    head = {"x-ms-error-code": code} if code else {}
    return Answer(
        status=status,
        headers={"Content-Type": "application/xml", **head, **headers},
        body=body.encode() if code else b"",
    )


def listing(*names: str, folders: tuple[str, ...] = ()) -> Answer:
    """Return a page of blobs in the order given, the last page."""
    blobs = "".join(
        f"<Blob><Name>{escape(name)}</Name><Properties>"
        "<Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Etag>0x1</Etag>"
        f"<Content-Length>{0 if name in folders else 9}</Content-Length>"
        "<BlobType>BlockBlob</BlobType></Properties>"
        f"<Metadata>{'<hdi_isfolder>true</hdi_isfolder>' if name in folders else ''}</Metadata>"
        "</Blob>"
        for name in names
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="container">'
        f"<Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>"
    )
    return Answer(headers={"Content-Type": "application/xml"}, body=body.encode())


def keys(storage: Storage, *, after: str = "") -> list[str]:
    return [drop.key for drop in storage.list_drops(after=after)]


# -- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (503, "ServerBusy", StorageUnavailable),
        (500, "InternalError", StorageUnavailable),
        (500, "OperationTimedOut", StorageUnavailable),
        (502, "", StorageUnavailable),
        (429, "TooManyRequests", StorageUnavailable),
        (408, "", StorageUnavailable),
        (401, "InvalidAuthenticationInfo", AccessDenied),
        (401, "NoAuthenticationInformation", AccessDenied),
        (403, "AuthenticationFailed", AccessDenied),
        (403, "AuthorizationPermissionMismatch", AccessDenied),
        (403, "KeyBasedAuthenticationNotPermitted", AccessDenied),
        (409, "PublicAccessNotPermitted", AccessDenied),
        (409, "ContainerBeingDeleted", AccessDenied),
        (409, "BlobArchived", DropMissing),
        (404, "BlobNotFound", DropMissing),
        (404, "", DropMissing),
        (404, "ContainerNotFound", AccessDenied),
        (412, "ConditionNotMet", DropChanged),
        (416, "InvalidRange", DropChanged),
    ],
)
@pytest.mark.parametrize("ask", ["open", "confirm", "digest"])
def test_an_error_is_what_its_code_and_status_say(
    status: int, code: str, expected: type[FirehoseError], ask: str
) -> None:
    def answer(request: Request) -> Answer:
        # A blob that has changed is there when it is asked for without a condition.
        if status in {412, 416} and "if-match" not in request.headers:
            return Answer(headers={"Content-Length": "9"})
        return refusal(status, code)

    with told(answer) as storage, pytest.raises(expected, match="azure://account/container/out/a"):
        getattr(storage, ask)(drop())


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AuthorizationFailure"), (404, "ContainerNotFound"), (400, "Other")]
)
def test_a_container_that_cannot_be_listed_is_denied(status: int, code: str) -> None:
    with told(lambda _: refusal(status, code)) as storage, pytest.raises(AccessDenied, match=code):
        keys(storage)


def test_a_server_that_does_not_know_the_newest_api_is_denied_with_the_setting_to_change() -> None:
    with (
        told(lambda _: refusal(400, "InvalidHeaderValue")) as storage,
        pytest.raises(AccessDenied, match="set api_version"),
    ):
        keys(storage)


def test_an_archived_blob_is_told_to_be_rehydrated() -> None:
    with (
        told(lambda _: refusal(409, "BlobArchived")) as storage,
        pytest.raises(DropMissing, match="rehydrate"),
    ):
        storage.open(drop())


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_a_pause_is_heard(status: int) -> None:
    def busy(_: Request) -> Answer:
        return refusal(status, "ServerBusy", **{"Retry-After": "7"})

    with told(busy) as storage:
        with pytest.raises(StorageUnavailable) as listing_it:
            keys(storage)
        with pytest.raises(StorageUnavailable) as reading:
            storage.open(drop())

    assert [caught.value.pause_seconds for caught in (listing_it, reading)] == [7, 7]


def test_a_request_is_sent_once() -> None:
    seen: list[str] = []

    def busy(request: Request) -> Answer:
        seen.append(request.method)
        return refusal(503, "ServerBusy")

    with told(busy) as storage:
        with pytest.raises(StorageUnavailable):
            keys(storage)
        with pytest.raises(StorageUnavailable):
            storage.open(drop())

    assert len(seen) == 2


# -- moving --------------------------------------------------------------------------------------


def test_a_copy_that_azure_makes_in_its_own_time_is_waited_for_before_the_blob_is_removed() -> None:
    """The first answer says that it has begun, the second that it goes on, the third is the end."""
    seen: list[str] = []
    states = iter(["pending", "success"])

    def answer(request: Request) -> Answer:
        seen.append(f"{request.method} {request.path.rpartition('/')[2]}")
        if request.method == "PUT":
            return Answer(status=202, headers={"x-ms-copy-id": "1", "x-ms-copy-status": "pending"})
        if request.method == "DELETE":
            return Answer(status=202)
        if request.path.endswith("/done"):
            if "PUT done" not in seen:
                return refusal(404, "BlobNotFound")
            mark = {"x-ms-meta-firehose_moved_version": "0x1"}
            return Answer(headers={"x-ms-copy-status": next(states), **mark})
        return Answer(headers={"Content-Length": "9"})

    with told(answer) as storage:
        for _ in range(2):
            with pytest.raises(StorageUnavailable, match="still being copied"):
                storage.move(drop(), "done")
        storage.move(drop(), "done")

    assert [each for each in seen if each[:3] in {"PUT", "DEL"}] == ["PUT done", "DELETE a"]


def test_a_place_that_is_taken_while_a_drop_is_moved_there_is_left_as_it_is() -> None:
    def answer(request: Request) -> Answer:
        if request.method == "PUT":
            return refusal(409, "BlobAlreadyExists")
        if request.path.endswith("/done"):
            return refusal(404, "BlobNotFound")
        return Answer(headers={"Content-Length": "9"})

    with told(answer) as storage, pytest.raises(DropBlocked, match="out/a"):
        storage.move(drop(), "done")


# -- reading -------------------------------------------------------------------------------------


def test_a_store_that_ignores_ranges_is_unavailable() -> None:
    with (
        told(lambda _: Answer(body=CONTENT)) as storage,
        pytest.raises(StorageUnavailable, match="9 announced"),
    ):
        storage.open(drop(), start=2, end=5)


def test_what_is_stored_packed_is_read_as_it_is_stored() -> None:
    packed = Answer(headers={"Content-Encoding": "gzip"}, body=CONTENT)

    with told(lambda _: packed) as storage, storage.open(drop()) as file:
        assert file.read() == CONTENT


def test_a_name_that_a_url_cannot_carry_is_refused_and_asked_of_nobody() -> None:
    asked: list[Request] = []

    def note(request: Request) -> Answer:
        asked.append(request)
        return Answer(body=CONTENT)

    with told(note) as storage:
        for key in ("../other/a", "a/./b", ".."):
            with pytest.raises(DropMissing, match="another place"):
                storage.open(
                    Drop(
                        source="container",
                        key=key,
                        size_bytes=9,
                        modified=dt.datetime.now(dt.UTC),
                        version="0x1",
                    )
                )

    assert asked == []


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        (
            {"Content-MD5": base64.b64encode(MD5.digest()).decode()},
            Digest(algorithm="md5", hex=MD5.hexdigest()),
        ),
        # The checksum is that of the blob before something was appended.
        (
            {
                "Content-MD5": base64.b64encode(MD5.digest()).decode(),
                "x-ms-blob-type": "AppendBlob",
            },
            None,
        ),
    ],
)
def test_a_digest_is_what_the_answer_vouches_for(
    headers: dict[str, str], expected: Digest | None
) -> None:
    methods: list[str] = []

    def note(request: Request) -> Answer:
        methods.append(request.method)
        return Answer(headers={"Content-Length": "9", **headers}, body=CONTENT)

    with told(note) as storage:
        before_reading = storage.digest(drop())
        with storage.open(drop()) as file:
            file.read()
        after_reading = storage.digest(drop())

    assert before_reading == after_reading == expected
    assert methods == ["HEAD", "GET"]  # what the answer to GET told need not be asked for
