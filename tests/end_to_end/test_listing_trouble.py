"""Long listings that are refused on their seventh page, by a server of the tests' own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from firehose_loader import service
from firehose_loader.config import Config, GcsSource
from firehose_loader.errors import ExitCode
from firehose_loader.service.turns import Turns
from firehose_loader.summary import RunSummary
from tests.command import select
from tests.rigs.canned import Answer, Request, answering

PAGES = 10


class Bucket:
    """A bucket whose listing has a drop on each page, and refuses the seventh as it was told."""

    def __init__(self) -> None:
        self.refusals: list[Answer] = []
        self.pages: list[int] = []
        """The pages that were asked for."""

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/download/"):
            return Answer(body=_drop(int(request.path[-5])))
        start = request.query.get("startOffset", ["in/0"])[0]
        page = int(request.query.get("pageToken", [start[3:4]])[0])
        self.pages.append(page)
        if page == 6 and self.refusals:
            return self.refusals.pop()
        item = {
            "name": f"in/{page}.csv",
            "generation": "1",
            "size": str(len(_drop(page))),
            "updated": "2026-01-01T00:00:00Z",
        }
        following = {"nextPageToken": str(page + 1)} if page + 1 < PAGES else {}
        return Answer(body=json.dumps({"items": [item], **following}).encode())


def _drop(number: int) -> bytes:
    return f"eventId,eventType,eventDate\n{number},emailOpen,2026-01-05T10:00:00Z\n".encode()


class Setup:
    """Runs over the bucket."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self._source = GcsSource(
            name="s", url="gs://bucket/in", endpoint=endpoint, anonymous=True, timeout=5
        )
        self._folder = folder

    def run(self) -> RunSummary:
        warehouse = {"url": str(self._folder / "events.duckdb")}
        config = Config.model_validate({"warehouse": warehouse, "spool": self._folder})
        return service.run(config.model_copy(update={"source": (self._source,)}), lambda _: None)

    def events(self) -> int:
        database = self._folder / "events.duckdb"
        (row,) = select(database, "SELECT count(*) AS n FROM dotdigital.email_open")
        return int(row["n"])


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def setup(bucket: Bucket, tmp_path: Path) -> Iterator[Setup]:
    with answering(bucket.answer) as endpoint:
        yield Setup(endpoint, tmp_path)


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
    bucket.refusals = [Answer(status=status, headers={"Retry-After": "9"})] * 2

    summary = setup.run()

    assert (summary.exit_code, summary.drops["listed"]) == (ExitCode.OK, PAGES)
    assert setup.events() == PAGES
    assert pauses == [9, 9]
    assert bucket.pages.count(0) == 1  # what was listed is not listed again


def test_credentials_that_end_on_page_7_end_the_run_and_the_next_one_loads_everything(
    bucket: Bucket, setup: Setup
) -> None:
    bucket.refusals = [Answer(status=401)]

    expired, renewed = setup.run(), setup.run()

    assert (expired.exit_code, expired.drops["loaded"]) == (ExitCode.FATAL, 0)
    assert "check the credentials" in expired.errors[0].message
    assert (renewed.exit_code, setup.events()) == (ExitCode.OK, PAGES)
