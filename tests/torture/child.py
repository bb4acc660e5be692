"""The real command line in a process that is watched, or killed, at a step of the path.

Nothing of it is in the product: this program wraps the functions and statements of each step from
outside. ``TORTURE_TRACE`` names a file that every step is written to; ``TORTURE_KILL`` tells the
step at which the process is to kill itself, as ``PHASE NUMBER NAME``, with the number counted by
name.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from firehose_loader import batches, loader
from firehose_loader.cli import main
from firehose_loader.engine import Engine
from firehose_loader.fetch import Fetcher
from firehose_loader.normalise import Normaliser
from firehose_loader.service.after import AfterLoading
from firehose_loader.spool import SpoolFolder
from firehose_loader.storage.local import LocalStorage
from firehose_loader.warehouse.snowflake_session import SnowflakeSession
from firehose_loader.warehouse.sql_warehouse import SqlWarehouse
from firehose_loader.watch import Discovery

FUNCTIONS: tuple[tuple[Any, str, str], ...] = (
    (Discovery, "new", "discover"),
    (batches, "fetched_ahead", "batch"),
    (Fetcher, "fetch", "fetch"),
    (loader, "recognised", "recognise"),
    (Normaliser, "read", "read"),
    (Normaliser, "read_salvaged", "read what was saved"),
    (Normaliser, "finish", "normalise"),
    (SqlWarehouse, "load", "load"),
    (SqlWarehouse, "record_run", "record the run"),
    (SpoolFolder, "cleanup", "clear the spool"),
    (AfterLoading, "work", "after loading"),
    (LocalStorage, "move", "move a drop"),
)


class Steps:
    """Counts each step, and ends the process at the one that it was told."""

    def __init__(self, trace: str | None, kill: str | None) -> None:
        self._trace = open(trace, "a", encoding="utf-8") if trace else None  # noqa: SIM115, PTH123 - until the end
        self._kill = kill
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def pass_by(self, phase: str, name: str) -> None:
        """Take in that a step is about to begin, or is over."""
        with self._lock:
            place = f"{phase} {name}"
            self._seen[place] += 1
            told = f"{phase} {self._seen[place]} {name}"
            if self._trace:
                self._trace.write(told + "\n")
                self._trace.flush()
            if told == self._kill:
                os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def step(*words: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
            self.pass_by("before", name)
            given = function(*words, **named)
            self.pass_by("after", name)
            return given

        return step

    def statements(self, run: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(run)
        def step(self_: Any, name: str, *words: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
            if name.startswith("macro_"):
                return run(self_, name, *words, **named)
            self.pass_by("before", f"{name}.sql")
            given = run(self_, name, *words, **named)
            self.pass_by("after", f"{name}.sql")
            return given

        return step

    def transactions(self, transaction: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(transaction)
        @contextlib.contextmanager
        def step(*words: Any, **named: Any) -> Iterator[None]:  # noqa: ANN401 - as above
            with transaction(*words, **named):
                self.pass_by("before", "begin")
                yield
                self.pass_by("before", "commit")
            self.pass_by("after", "commit")

        return step


def prepare(steps: Steps) -> None:
    """Wrap all steps."""
    for owner, attribute, name in FUNCTIONS:
        setattr(owner, attribute, steps.wrapped(getattr(owner, attribute), name))
    for session in (Engine, SnowflakeSession):
        for attribute in ("run", "portions"):
            if hasattr(session, attribute):
                setattr(session, attribute, steps.statements(getattr(session, attribute)))
    Engine.transaction = steps.transactions(Engine.transaction)  # type: ignore[method-assign]


def run(words: list[str], environ: dict[str, str], story: str) -> None:
    """Be the command in this process, which was made for it."""
    os.environ.clear()
    os.environ.update(environ)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(story, os.O_WRONLY | os.O_APPEND | os.O_CREAT), 2)
    prepare(Steps(environ.get("TORTURE_TRACE"), environ.get("TORTURE_KILL")))
    sys.exit(main(words))


if __name__ == "__main__":
    prepare(Steps(os.environ.get("TORTURE_TRACE"), os.environ.get("TORTURE_KILL")))
    sys.exit(main())
