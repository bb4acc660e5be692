"""Objects of a bucket after the first: asked for in the likeness of what the SDK asked then."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from msgspec.structs import replace
from pydantic import SecretStr

from firehose_loader.config import S3Source
from firehose_loader.errors import (
    AccessDenied,
    DropChanged,
    DropMissing,
    FirehoseError,
    StorageUnavailable,
)
from firehose_loader.model import Drop
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from firehose_loader.storage.s3.getting import Getter
from tests.rigs.canned import Answer, Request, answering, refusal

if TYPE_CHECKING:  # it holds nothing but types
    from types_boto3_s3 import S3Client

CONTENT = b"123456789"
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
HERE = Answer(headers={"ETag": f'"{MD5}"'}, body=CONTENT)
DROP = Drop(
    source="bucket",
    key="a b/ä+%2F~.csv",
    size_bytes=len(CONTENT),
    modified=datetime(2026, 1, 1, tzinfo=UTC),
    version=f"{MD5}:{len(CONTENT)}",
)


class Endpoint:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer: Callable[[Request], Answer] = lambda _: HERE

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answer(request)


@contextmanager
def opened(endpoint: Endpoint, **settings: object) -> Iterator[Storage]:
    with answering(endpoint) as url:
        known = {"name": "bucket", "url": "s3://bucket/out", "endpoint": url, "timeout": 5}
        keys = {"access_key_id": SecretStr("id"), "secret_access_key": SecretStr("secret")}
        source = S3Source.model_validate({"region": "us-east-1", **known, **keys, **settings})
        with closing(open_storage(source)) as storage:
            yield storage


def amazon(*, proxy: str) -> S3Client:
    """Return a client of Amazon's own addresses, by way of a proxy."""
    return boto3.client(
        "s3",
        use_ssl=False,
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="secret",  # noqa: S106 - opens nothing
        config=Config(proxies={"http": proxy}, retries={"total_max_attempts": 3}),
    )


def read(storage: Storage, *, start: int = 0, end: int | None = None) -> bytes:
    with storage.open(DROP, start=start, end=end) as file:
        return file.read()


@pytest.mark.parametrize("pays", [True, False])
def test_the_second_request_says_what_the_first_did(pays: bool) -> None:  # noqa: FBT001
    endpoint = Endpoint()
    with opened(endpoint, requester_pays=pays) as storage:
        assert read(storage) == read(storage) == CONTENT
        assert storage.digest(DROP) is not None

    first, second = endpoint.asked
    own = {"amz-sdk-invocation-id", "amz-sdk-request", "authorization", "x-amz-date"}
    assert first.path == second.path == "/bucket/out/a b/ä+%2F~.csv"
    assert {name: value for name, value in second.headers.items() if name not in own} == {
        name: value for name, value in first.headers.items() if name not in own
    }
    assert second.headers["if-match"] == f'"{MD5}"'
    assert _signed_names(second) >= _signed_names(first) - own


def test_ranges_and_whole_objects_are_asked_for_in_any_order() -> None:
    def ranged(request: Request) -> Answer:
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if match is None:
            return HERE
        part = CONTENT[int(match[1]) : int(match[2]) + 1]
        return Answer(status=206, headers=HERE.headers, body=part)

    endpoint = Endpoint()
    endpoint.answer = ranged
    with opened(endpoint) as storage:
        found = [
            read(storage, start=2, end=5),
            read(storage),
            read(storage, start=7),
            read(storage),
        ]

    assert found == [b"345", CONTENT, b"89", CONTENT]
    asked = [request.headers.get("range") for request in endpoint.asked]
    assert asked == ["bytes=2-4", None, "bytes=7-8", None]
    modes = [request.headers.get("x-amz-checksum-mode") for request in endpoint.asked]
    assert modes == [None, "ENABLED", None, "ENABLED"]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (503, "SlowDown", StorageUnavailable),
        (403, "ExpiredToken", AccessDenied),
        (404, "NoSuchKey", DropMissing),
        (412, "PreconditionFailed", DropChanged),
    ],
)
def test_what_is_refused_later_is_what_it_is_at_first(
    status: int, code: str, expected: type[FirehoseError]
) -> None:
    endpoint = Endpoint()
    with opened(endpoint) as storage:
        read(storage)
        refused = refusal(status, code)
        endpoint.answer = lambda _: replace(
            refused, headers={**refused.headers, "Retry-After": "7"}
        )
        before = len(endpoint.asked)
        with pytest.raises(expected, match=r"s3://bucket/out/a b/") as caught:
            storage.open(DROP)
        # Who asks for a pause is not asked again at once; only what the likeness may spoil is.
        assert len(endpoint.asked) - before == (2 if status == 403 else 1)
        endpoint.answer = lambda _: HERE
        assert read(storage) == CONTENT

    if isinstance(caught.value, StorageUnavailable):
        assert caught.value.pause_seconds == 7


def test_a_bucket_that_moved_is_followed_as_the_sdk_follows_it() -> None:
    endpoint = Endpoint()

    def moved(request: Request) -> Answer:
        if "/eu-west-1/s3/" in request.headers["authorization"]:
            return HERE
        refused = refusal(301, "PermanentRedirect", "use another endpoint")
        return replace(refused, headers={"x-amz-bucket-region": "eu-west-1"})

    with answering(endpoint) as url:
        client = amazon(proxy=url)
        getter = Getter(client, "bucket")
        getter.get("a", etag=MD5)
        endpoint.answer = moved
        found = [getter.get(key, etag=MD5).body.read() for key in ("a", "b", "c")]
        client.close()

    assert found == [CONTENT] * 3
    # The first of the four is the SDK's. One in its likeness is redirected; the SDK reads that, and
    # follows. Those after it go there at once.
    assert [request.headers["host"] for request in endpoint.asked] == [
        *(["bucket.s3.amazonaws.com"] * 2),
        *(["bucket.s3.eu-west-1.amazonaws.com"] * 3),
    ]


def test_credentials_are_those_of_the_moment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    count = tmp_path / "count"
    count.write_text("0")
    script = tmp_path / "keys.py"
    script.write_text(
        "import json, pathlib, sys\n"
        f"count = pathlib.Path({str(count)!r})\n"
        "number = int(count.read_text()) + 1\n"
        "count.write_text(str(number))\n"
        "print(sys.argv[1].replace('KEY', f'KEY{number}'))\n"
    )
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    said = {"Version": 1, "AccessKeyId": "KEY", "SecretAccessKey": "s", "SessionToken": "t"}
    words = [sys.executable, str(script), json.dumps({**said, "Expiration": soon})]
    config = tmp_path / "config"
    config.write_text(f"[profile turning]\ncredential_process = {shlex.join(words)}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    endpoint = Endpoint()
    with opened(endpoint, profile="turning", access_key_id=None, secret_access_key=None) as storage:
        for _ in range(3):
            read(storage)

    used = [
        re.findall(r"Credential=(KEY\d+)/", request.headers["authorization"])
        for request in endpoint.asked
    ]
    assert len({key for (key,) in used}) == 3  # a minute before their end they are asked for anew
    assert all(request.headers["x-amz-security-token"] == "t" for request in endpoint.asked)


def test_an_answer_that_does_not_tell_its_length_is_unavailable() -> None:
    endpoint = Endpoint()
    in_chunks = Answer(
        headers={"Transfer-Encoding": "chunked"}, body=b"9\r\n123456789\r\n0\r\n\r\n"
    )
    with opened(endpoint) as storage:
        endpoint.answer = lambda _: in_chunks
        with pytest.raises(StorageUnavailable, match="9 bytes were asked for"):
            storage.open(DROP)
        endpoint.answer = lambda _: HERE
        read(storage)
        endpoint.answer = lambda _: in_chunks
        with pytest.raises(StorageUnavailable, match="9 bytes were asked for"):
            storage.open(DROP)


def test_an_etag_beyond_ascii_is_asked_for_each_time() -> None:
    endpoint = Endpoint()
    with answering(endpoint) as url:
        client = amazon(proxy=url)
        getter = Getter(client, "bucket")
        found = [getter.get("a", etag="日本").body.read() for _ in range(2)]
        client.close()

    assert found == [CONTENT, CONTENT]
    assert len({request.headers["if-match"] for request in endpoint.asked}) == 1


def test_whoever_answers_in_the_sdks_place_does_so_each_time() -> None:
    """As ``moto.mock_aws`` does in the tests of those who use the Python interface."""
    heard: list[str] = []

    def answered(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        heard.append(request.url.rpartition("/")[2])
        headers = HTTPHeaders()
        headers["Content-Length"] = "9"
        return AWSResponse(request.url, 200, headers, io.BytesIO(CONTENT))

    client = amazon(proxy="http://127.0.0.1:9")  # where nobody listens
    getter = Getter(client, "bucket")
    client.meta.events.register("before-send.s3.GetObject", answered)  # type: ignore[arg-type]
    found = [getter.get(key, etag=MD5).body.read() for key in ("a", "b", "c")]
    client.close()

    assert found == [CONTENT] * 3
    assert heard == ["a", "b", "c"]


def test_many_threads_may_ask_at_once_from_the_first_request_on() -> None:
    endpoint = Endpoint()
    endpoint.answer = lambda request: Answer(headers=HERE.headers, body=request.path.encode())
    together = Barrier(12)

    def asked(number: int) -> bool:
        if number < together.parties:
            together.wait()
        name = f"{number}" * 3
        size = len(f"/bucket/out/{name}")
        drop = replace(DROP, key=name, size_bytes=size, version=f"{MD5}:{size}")
        with storage.open(drop) as file:
            return file.read() == f"/bucket/out/{name}".encode()

    with opened(endpoint) as storage, ThreadPoolExecutor(together.parties) as pool:
        assert all(pool.map(asked, range(100)))


def test_an_endpoint_that_redirects_for_ever_is_denied_with_advice() -> None:
    endpoint = Endpoint()
    endpoint.answer = lambda _: Answer(status=301, headers={"Location": "https://example.com/"})
    with (
        opened(endpoint) as storage,
        pytest.raises(AccessDenied, match="redirected again and again; correct the endpoint"),
    ):
        storage.open(DROP)


def test_a_length_that_cannot_be_read_is_unavailable() -> None:
    endpoint = Endpoint()
    with opened(endpoint) as storage:
        for _ in range(2):
            endpoint.answer = lambda _: replace(HERE, headers={"Content-Length": "9, 9"})
            with pytest.raises(StorageUnavailable):
                storage.open(DROP)
            endpoint.answer = lambda _: HERE
            read(storage)


def test_an_sdk_that_hides_its_connections_is_asked_itself() -> None:
    class Hidden:
        """A client as another version of the SDK might make it."""

        def __init__(self, client: S3Client) -> None:
            self.meta = client.meta
            self.get_object = client.get_object

    endpoint = Endpoint()
    with answering(endpoint) as url:
        getter = Getter(Hidden(amazon(proxy=url)), "bucket")  # type: ignore[arg-type]
        found = [getter.get("a", etag=MD5).body.read() for _ in range(2)]

    assert found == [CONTENT, CONTENT]
    assert all("amz-sdk-invocation-id" in request.headers for request in endpoint.asked)


def _signed_names(request: Request) -> set[str]:
    (names,) = re.findall(r"SignedHeaders=([^,]+)", request.headers["authorization"])
    return set(names.split(";"))
