"""Many threads, one owner: whose turn it is, and how all of it ends."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import pytest

from firehose_loader.errors import StorageUnavailable
from firehose_loader.service.turns import Turns


def test_steps_of_all_tasks_run_in_the_thread_of_the_owner() -> None:
    turns = Turns()
    seen: list[tuple[int, int]] = []

    def task() -> None:
        turns.take(lambda: seen.append((threading.get_ident(), threading.active_count())))

    turns.run([task] * 5, threads=3)

    assert {thread for thread, _ in seen} == {threading.get_ident()}
    assert len(seen) == 5


def test_tasks_run_side_by_side_and_no_more_than_the_threads_allow() -> None:
    turns = Turns()
    together = threading.Barrier(3, timeout=30)

    turns.run([lambda: (together.wait(), None)[1]] * 9, threads=3)

    assert together.n_waiting == 0


def test_an_error_that_is_foreseen_goes_to_the_task_that_asked() -> None:
    turns = Turns()
    caught: list[str] = []

    def refuse() -> None:
        raise StorageUnavailable("not now")

    def task() -> None:
        try:
            turns.take(refuse)
        except StorageUnavailable as error:
            caught.append(str(error))

    turns.run([task, task], threads=2)

    assert caught == ["not now", "not now"]


@pytest.mark.parametrize("where", ["task", "step"])
def test_any_other_error_stops_every_task_and_is_raised(where: str) -> None:
    turns = Turns()
    stopped: list[str] = []

    def bug() -> None:
        raise ZeroDivisionError

    def failing() -> None:
        if where == "task":
            bug()
        turns.take(bug)

    def waiting() -> None:
        try:
            turns.sleep(300)
        except CancelledError:
            stopped.append("asleep")
            raise

    with pytest.raises(ZeroDivisionError):
        turns.run([waiting, failing], threads=2)

    assert stopped == ["asleep"]
    with pytest.raises(CancelledError):
        turns.take(bug)


def test_what_interrupts_the_owner_ends_the_tasks() -> None:
    turns = Turns()
    ended = threading.Event()

    def interrupted() -> None:
        raise KeyboardInterrupt

    def task() -> None:
        try:
            turns.take(interrupted)
        finally:
            ended.set()

    with pytest.raises(KeyboardInterrupt):
        turns.run([task], threads=1)

    assert ended.is_set()


def test_the_owner_rests_while_no_step_comes_and_goes_on_with_the_next() -> None:
    rested = threading.Event()
    turns = Turns(rest=rested.set)
    seen: list[str] = []

    def task() -> None:
        turns.take(lambda: seen.append("before"))
        rested.clear()
        assert rested.wait(30)
        turns.take(lambda: seen.append("after"))

    turns.run([task], threads=1)

    assert seen == ["before", "after"]
