"""Connections that are lent to one thread at a time, and used again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from firehose_loader.errors import AccessDenied, StorageUnavailable
from firehose_loader.pool import Loan, Pool


class Line:
    """A connection that can be cut."""

    def __init__(self) -> None:
        self.alive = True
        self.works = True
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Lines:
    """All that were made."""

    def __init__(self) -> None:
        self.made: list[Line] = []

    def connect(self) -> Line:
        self.made.append(Line())
        return self.made[-1]


def used(loan: Loan[Line]) -> Line:
    """Do something over a connection, and give it back."""
    loan.end(broken=not loan.connection.works)
    if not loan.connection.works:
        raise StorageUnavailable("cut")
    return loan.connection


def test_a_connection_is_used_again() -> None:
    lines = Lines()
    pool = Pool(lines.connect, limit=3)

    assert pool.lend(used) is pool.lend(used)
    assert len(lines.made) == 1


def test_a_broken_connection_is_closed_and_not_used_again() -> None:
    lines = Lines()
    pool = Pool(lines.connect, limit=3)
    pool.lend(lambda loan: loan.end(broken=True))

    second = pool.lend(used)

    assert lines.made[0].closed
    assert second is lines.made[1]


def test_a_connection_that_is_known_to_be_dead_is_not_lent() -> None:
    lines = Lines()
    pool = Pool(lines.connect, limit=3)
    pool.lend(used).alive = False

    assert pool.lend(used) is lines.made[1]
    assert lines.made[0].closed


def test_a_kept_connection_that_fails_is_replaced_by_a_new_one() -> None:
    lines = Lines()
    pool = Pool(lines.connect, limit=3)
    pool.lend(used).works = False

    assert pool.lend(used) is lines.made[1]


def test_a_new_connection_that_fails_is_a_failure() -> None:
    lines = Lines()

    def connect() -> Line:
        lines.connect().works = False
        return lines.made[-1]

    with pytest.raises(StorageUnavailable):
        Pool(connect, limit=3).lend(used)
    assert len(lines.made) == 1


def test_no_more_than_the_limit_are_open_at_once() -> None:
    lines = Lines()
    pool = Pool(lines.connect, limit=2)
    together = threading.Barrier(2)

    def step(loan: Loan[Line]) -> None:
        together.wait(60)  # each time two are lent, and never more
        loan.end(broken=False)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: pool.lend(step), range(8)))

    assert len(lines.made) == 2


def test_a_connection_that_is_not_made_takes_no_place() -> None:
    def refuse() -> Line:
        raise AccessDenied("no")

    pool = Pool(refuse, limit=1)

    for _ in range(3):
        with pytest.raises(AccessDenied):
            pool.lend(used)


def test_what_is_lent_when_the_pool_closes_is_closed_when_it_comes_back() -> None:
    lines = Lines()
    pool = Pool(lines.connect, limit=2)
    loans: list[Loan[Line]] = []
    pool.lend(loans.append)
    pool.lend(used)

    pool.close()
    pool.close()

    assert [line.closed for line in lines.made] == [False, True]
    loans[0].end(broken=False)
    loans[0].end(broken=False)
    assert all(line.closed for line in lines.made)
