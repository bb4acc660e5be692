"""How long the loader is patient, and that it goes on where it was."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from firehose_loader.config import LocalSource
from firehose_loader.errors import (
    AccessDenied,
    DropChanged,
    FirehoseError,
    StorageUnavailable,
    TransientError,
)
from firehose_loader.retry import RetryPolicy, asked_pause, call
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from tests.doubles.faulty import FaultyStorage

CUT = StorageUnavailable("cut")
CONTENT = bytes(range(256)) * 8000


class Patience:
    """A policy that waits in no time and notes for how long it would have."""

    def __init__(
        self,
        *,
        attempts: int = 3,
        total_seconds: float = 1000,
        unasked_seconds: float = 1000,
        jitter: float = 1,
    ) -> None:
        self.pauses: list[float] = []
        self.reports: list[tuple[TransientError, float]] = []
        self.policy = RetryPolicy(
            attempts=attempts,
            first_pause_seconds=1,
            longest_pause_seconds=5,
            total_seconds=total_seconds,
            unasked_seconds=unasked_seconds,
            sleep=self.pauses.append,
            jitter=lambda: jitter,
            report=lambda error, seconds: self.reports.append((error, seconds)),
        )


@pytest.fixture
def faulty(tmp_path: Path) -> FaultyStorage:
    for number in range(20):
        (tmp_path / f"{number:02}").write_bytes(b"1")
    (tmp_path / "20").write_bytes(CONTENT)
    return FaultyStorage(open_storage(LocalSource(name="local", url=str(tmp_path))))


# -- the policy ----------------------------------------------------------------------------------


def call_with(patience: Patience, errors: list[FirehoseError]) -> str:
    def step() -> str:
        if errors:
            raise errors.pop(0)
        return "done"

    return call(patience.policy, step)


def test_what_works_at_once_is_not_waited_for() -> None:
    patience = Patience()

    assert call_with(patience, []) == "done"
    assert patience.pauses == []


@pytest.mark.parametrize(("jitter", "expected"), [(1, [1, 2, 4, 5, 5]), (0, [0.5, 1, 2, 2.5, 2.5])])
def test_pauses_double_up_to_the_longest_and_are_jittered(
    jitter: float, expected: list[float]
) -> None:
    patience = Patience(attempts=6, jitter=jitter)

    assert call_with(patience, [CUT] * 5) == "done"
    assert patience.pauses == expected


def test_every_pause_is_reported_with_its_reason() -> None:
    patience = Patience()

    call_with(patience, [CUT, CUT])

    assert patience.reports == [(CUT, 1), (CUT, 2)]


def test_patience_ends_with_the_last_error() -> None:
    patience = Patience(attempts=3)
    last = StorageUnavailable("last")

    with pytest.raises(StorageUnavailable) as caught:
        call_with(patience, [CUT, CUT, last])

    assert caught.value is last
    assert len(patience.pauses) == 2


@pytest.mark.parametrize(
    ("error", "bounds"),
    [
        (CUT, {"unasked_seconds": 1.5}),
        (CUT, {"total_seconds": 1.5}),
        (StorageUnavailable("busy", pause_seconds=1), {"total_seconds": 1.5}),
    ],
)
def test_no_pause_begins_that_would_end_too_late(
    error: FirehoseError, bounds: dict[str, float]
) -> None:
    patience = Patience(attempts=100, **bounds)

    with pytest.raises(StorageUnavailable):
        call_with(patience, [error] * 50)

    assert patience.pauses == [1]


def test_the_first_try_uses_up_patience_too() -> None:
    patience = Patience(unasked_seconds=1.01)

    def step() -> None:
        time.sleep(0.02)
        raise CUT

    with pytest.raises(StorageUnavailable):
        call(patience.policy, step)

    assert patience.pauses == []


def test_a_pause_that_the_other_side_asks_for_is_kept_where_it_is_the_longer_one() -> None:
    patience = Patience(attempts=4)
    busy = StorageUnavailable("busy", pause_seconds=3)

    call_with(patience, [busy, busy, busy])

    assert patience.pauses == [3, 3, 4]


def test_a_pause_that_is_longer_than_all_patience_is_not_begun() -> None:
    patience = Patience(total_seconds=100)

    with pytest.raises(StorageUnavailable):
        call_with(patience, [StorageUnavailable("busy", pause_seconds=3600)])

    assert patience.pauses == []


def test_an_asked_pause_is_read_in_each_of_its_spellings() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    assert [asked_pause(text) for text in ("7", " 30 ", None, "", "soon")] == [7, 30, 0, 0, 0]
    assert 80 < asked_pause(soon) <= 90
    assert asked_pause("Thu, 01 Jan 2026 00:00:00 GMT") == 0


@pytest.mark.parametrize("error", [AccessDenied("no"), DropChanged("no")])
def test_only_what_may_mend_itself_is_tried_again(error: FirehoseError) -> None:
    patience = Patience()

    with pytest.raises(type(error)):
        call_with(patience, [error])

    assert patience.pauses == []


# -- the storage ---------------------------------------------------------------------------------


def test_a_listing_that_fails_goes_on_behind_the_last_key(faulty: FaultyStorage) -> None:
    patience = Patience(attempts=2)
    for after in (7, 1, 0, 5):
        faulty.fail("list_drops", CUT, after=after)

    keys = [drop.key for drop in RetryingStorage(faulty, patience.policy).list_drops()]

    assert keys == [f"{number:02}" for number in range(21)]
    assert patience.pauses == [1]  # only for the failure that brought nothing


def test_a_listing_that_keeps_failing_ends_with_what_it_had(faulty: FaultyStorage) -> None:
    patience = Patience(attempts=3)
    faulty.fail("list_drops", CUT, after=4)
    faulty.fail("list_drops", CUT, times=3)
    drops = RetryingStorage(faulty, patience.policy).list_drops()

    assert [next(drops).key for _ in range(4)] == ["00", "01", "02", "03"]
    with pytest.raises(StorageUnavailable):
        next(drops)


def test_a_read_that_breaks_again_and_again_goes_on(faulty: FaultyStorage) -> None:
    patience = Patience(attempts=2)
    *_, drop = faulty.list_drops()
    for _ in range(10):
        faulty.fail("open", CUT, after=150_000)

    with RetryingStorage(faulty, patience.policy).open(drop, start=5, end=2_000_000) as file:
        assert file.read() == CONTENT[5:2_000_000]

    assert faulty.calls["open"] == 11


def test_every_question_is_asked_again(faulty: FaultyStorage) -> None:
    storage = RetryingStorage(faulty, Patience().policy)
    *_, drop = faulty.list_drops()
    for method in ("open", "confirm", "digest"):
        faulty.fail(method, CUT, times=2)

    storage.open(drop).close()
    storage.confirm(drop)
    storage.digest(drop)

    assert {faulty.calls[name] for name in ("open", "confirm", "digest")} == {3}


def test_a_drop_that_is_set_aside_is_not_asked_for_again(faulty: FaultyStorage) -> None:
    *_, drop = faulty.list_drops()
    faulty.fail("open", DropChanged("changed"))

    with pytest.raises(DropChanged):
        RetryingStorage(faulty, Patience().policy).open(drop)

    assert faulty.calls["open"] == 1
