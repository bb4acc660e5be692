"""Long listings that are refused on their seventh page, by servers of the tests' own."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import google_crc32c
import pytest
from pydantic import SecretStr

from firehose_loader import service
from firehose_loader.config import AzureSource, Config, GcsSource, S3Source, Source
from firehose_loader.errors import ExitCode
from firehose_loader.service.turns import Turns
from firehose_loader.summary import RunSummary
from tests.command import select
from tests.rigs.canned import Answer, Request, answering, refusal

PAGES = 10


@dataclass(frozen=True, slots=True)
class Store:
    """How one kind of object store lists, and how it refuses."""

    source: Callable[[str], Source]
    """Of an endpoint."""
    start: Callable[[Request], str]
    """What a request asks to begin with: the number of a page, or the last key that was listed."""
    page: Callable[[int, str], bytes]
    """A page with one drop; the number of the next one, or nothing."""
    expired: Answer
    """What it says of credentials that have ended."""
    advice: str


def _asked(request: Request, *names: str) -> str:
    return next((request.query[name][0] for name in names if name in request.query), "")


def _drop(number: int) -> bytes:
    return f"eventId,eventType,eventDate\n{number},emailOpen,2026-01-05T10:00:00Z\n".encode()


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _gcs_page(number: int, following: str) -> bytes:
    item = {
        "name": f"in/{number}.csv",
        "generation": "1",
        "size": str(len(_drop(number))),
        "updated": "2026-01-01T00:00:00Z",
    }
    more = {"nextPageToken": following} if following else {}
    return json.dumps({"items": [item], **more}).encode()


def _s3_page(number: int, following: str) -> bytes:
    more = f"<NextContinuationToken>{following}</NextContinuationToken>" if following else ""
    return (
        f"<ListBucketResult><IsTruncated>{'true' if following else 'false'}</IsTruncated>{more}"
        f"<Contents><Key>in/{number}.csv</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>&quot;{_etag(_drop(number))}&quot;</ETag><Size>{len(_drop(number))}</Size></Contents>"
        "</ListBucketResult>"
    ).encode()


def _azure_page(number: int, following: str) -> bytes:
    return (
        '<?xml version="1.0"?><EnumerationResults><Blobs>'
        f"<Blob><Name>in/{number}.csv</Name><Properties>"
        "<Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Etag>0x1</Etag>"
        f"<Content-Length>{len(_drop(number))}</Content-Length><BlobType>BlockBlob</BlobType>"
        f"</Properties></Blob></Blobs><NextMarker>{following}</NextMarker></EnumerationResults>"
    ).encode()


STORES = {
    "s3": Store(
        source=lambda endpoint: S3Source(
            name="s",
            url="s3://bucket/in",
            endpoint=endpoint,
            region="us-east-1",
            access_key_id=SecretStr("key"),
            secret_access_key=SecretStr("secret"),
            timeout=5,
        ),
        start=lambda request: _asked(request, "continuation-token", "start-after"),
        page=_s3_page,
        expired=refusal(400, "ExpiredToken"),
        advice="renew the credentials",
    ),
    "azure": Store(
        source=lambda endpoint: AzureSource(
            name="s",
            url="azure://account/container/in",
            endpoint=f"{endpoint}/account",
            auth="sas_token",
            sas_token=SecretStr("sig=signature"),
            timeout=5,
        ),
        start=lambda request: _asked(request, "marker", "startFrom"),
        page=_azure_page,
        expired=Answer(status=403, headers={"x-ms-error-code": "AuthenticationFailed"}),
        advice="renew it",
    ),
    "gcs": Store(
        source=lambda endpoint: GcsSource(
            name="s", url="gs://bucket/in", endpoint=endpoint, anonymous=True, timeout=5
        ),
        start=lambda request: _asked(request, "pageToken", "startOffset"),
        page=_gcs_page,
        expired=Answer(status=401),
        advice="give them or renew them",
    ),
}


class Bucket:
    """A bucket whose listing has a drop on each page, and refuses the seventh as it was told."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.refusals: list[Answer] = []
        self.pages: list[int] = []
        """The pages that were asked for."""

    def answer(self, request: Request) -> Answer:
        if request.path.endswith(".csv"):
            content = _drop(int(request.path[-5]))
            crc = int(google_crc32c.value(content)).to_bytes(4, "big")
            hashes = f"crc32c={base64.b64encode(crc).decode()}"
            headers = {"ETag": f'"{_etag(content)}"', "x-goog-hash": hashes}
            return Answer(headers=headers, body=content)
        start = self.store.start(request).removeprefix("in/")
        # To start behind a key is to start with the next page; Azure and Google list it once more.
        behind = "start-after" in request.query and start.endswith(".csv")
        page = int(start[:1] or 0) + behind
        self.pages.append(page)
        if page == 6 and self.refusals:
            return self.refusals.pop()
        following = str(page + 1) if page + 1 < PAGES else ""
        headers = {"Content-Type": "application/xml"}
        return Answer(headers=headers, body=self.store.page(page, following))


class Setup:
    """Runs over the bucket."""

    def __init__(self, source: Source, folder: Path) -> None:
        self._source = source
        self._folder = folder

    def run(self) -> RunSummary:
        warehouse = {"url": str(self._folder / "events.duckdb")}
        config = Config.model_validate({"warehouse": warehouse, "spool": self._folder})
        return service.run(config.model_copy(update={"source": (self._source,)}), lambda _: None)

    def events(self) -> int:
        database = self._folder / "events.duckdb"
        (row,) = select(database, "SELECT count(*) AS n FROM dotdigital.email_open")
        return int(row["n"])


@pytest.fixture(params=STORES)
def bucket(request: pytest.FixtureRequest) -> Bucket:
    return Bucket(STORES[request.param])


@pytest.fixture
def setup(bucket: Bucket, tmp_path: Path) -> Iterator[Setup]:
    with answering(bucket.answer) as endpoint:
        yield Setup(bucket.store.source(endpoint), tmp_path)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Wait for nothing, and return how long it would have been."""
    pauses: list[float] = []
    monkeypatch.setattr(Turns, "sleep", lambda _, seconds: pauses.append(seconds))
    return pauses


@pytest.mark.parametrize("status", [429, 503])
def test_a_listing_that_is_throttled_on_page_7_waits_as_asked_and_goes_on_there(
    status: int, bucket: Bucket, setup: Setup, pauses: list[float]
) -> None:
    bucket.refusals = [Answer(status=status, headers={"Retry-After": "9"})] * 3

    summary = setup.run()

    assert (summary.exit_code, summary.drops["listed"]) == (ExitCode.OK, PAGES), summary.errors
    assert setup.events() == PAGES
    assert set(pauses) == {9}
    assert bucket.pages.count(0) == 1  # what was listed is not listed again


def test_credentials_that_end_on_page_7_end_the_run_and_the_next_one_loads_everything(
    bucket: Bucket, setup: Setup
) -> None:
    bucket.refusals = [bucket.store.expired]

    expired, renewed = setup.run(), setup.run()

    assert (expired.exit_code, expired.drops["loaded"]) == (ExitCode.FATAL, 0)
    assert bucket.store.advice in expired.errors[0].message
    assert (renewed.exit_code, setup.events()) == (ExitCode.OK, PAGES)
