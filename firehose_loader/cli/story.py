"""The story of a run on stderr: a bar on a terminal, plain lines or JSON lines elsewhere."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from firehose_loader.cli.console import printable
from firehose_loader.model import as_dict
from firehose_loader.observe import (
    AuditBegun,
    BatchLoaded,
    ColumnsAdded,
    ColumnsWidened,
    DropFailed,
    DropQuarantined,
    DropsAudited,
    DropsDeparted,
    DropsOvertaken,
    DropsReadHere,
    DropTranscoded,
    Event,
    MergePutOff,
    NoticesLeft,
    Observer,
    RowsQuarantined,
    RunFinished,
    RunStarted,
    SourceFailed,
    SourceListed,
    TroubleBegan,
    TroubleEnded,
    WarehouseAdvised,
)

if TYPE_CHECKING:  # it exists for type checkers only
    from _typeshed import ReadableBuffer


_BAD_DROPS = 20
"""Drops with bad rows that a run tells of one by one."""


class LogFormat(StrEnum):
    """How the story on stderr is told."""

    TEXT = "text"
    JSON = "json"


class _Lossy(FileIO):
    """A file that takes whatever it is given; what cannot be written is lost."""

    def write(self, text: ReadableBuffer, /) -> int:
        data = memoryview(text)
        try:
            written = super().write(data)
        except OSError:  # a full disk, a reader who has gone: there is nobody else to be told
            written = None
        return data.nbytes if written is None else written


def story_stream(descriptor: int, encoding: str) -> TextIO:
    """Return a stream for the story that never fails: what is told must not end what it tells of.

    The descriptor stays open when the stream is gone.
    """
    file = _Lossy(descriptor, "w", closefd=False)
    return TextIOWrapper(BufferedWriter(file), encoding, line_buffering=True)


@contextmanager
def progress(log: LogFormat = LogFormat.TEXT, *, doing: str = "loading") -> Iterator[Observer]:
    """Tell the story of what is done on stderr."""
    if log is LogFormat.JSON:
        yield _JsonLog()
        return
    story = _Story()
    if not sys.stderr.isatty():
        yield partial(_tell_lines, story)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("drops"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(doing, total=0)

        def tell(event: Event) -> None:
            more, done = _moved(event)
            bars.update(task, total=(bars.tasks[0].total or 0) + more, advance=done)
            for line in story.lines(event):
                bars.console.print(printable(line), markup=False, highlight=False)

        yield tell


def _moved(event: Event) -> tuple[int, int]:
    """Tell how many drops there are more to work on, and how many are done."""
    match event:
        case SourceListed():
            return event.new, 0
        case AuditBegun():
            return event.drops, 0
        case BatchLoaded() | DropsAudited():
            return 0, event.drops
        case DropFailed():
            return 0, 1
        case _:
            return 0, 0


class _JsonLog:
    """One JSON object a line, with the id of the run that it belongs to."""

    def __init__(self) -> None:
        self._run: str | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._run = event.run_id
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()
        begin = {"time": datetime.now(UTC).isoformat(), "event": name, "run_id": self._run}
        if isinstance(event, RunFinished):
            self._run = None
        print(json.dumps(begin | as_dict(event), default=str), file=sys.stderr, flush=True)


class _Story:
    """The events of runs in lines; of drops with bad rows, the first ones of each run."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._untold: set[str] = set()

    def lines(self, event: Event) -> Iterator[str]:
        """Yield what there is to say of an event."""
        match event:
            case RunStarted():
                self._told, self._untold = set(), set()
            case DropQuarantined() | RowsQuarantined():
                if event.drop_id not in self._told and len(self._told) >= _BAD_DROPS:
                    self._untold.add(event.drop_id)
                    return
                self._told.add(event.drop_id)
            case RunFinished() if self._untold:
                yield (
                    f"{len(self._untold)} more drops have rows in quarantine, or are there as a"
                    " whole: firehose-loader quarantine list shows them"
                )
            case _:
                pass
        if line := _line(event):
            yield line


def _tell_lines(story: _Story, event: Event) -> None:
    for line in story.lines(event):
        print(printable(line), file=sys.stderr, flush=True)


def _line(event: Event) -> str:
    """Say what happened in one line."""
    match event:
        case SourceListed():
            return (
                f"{event.source}: {event.listed} listed, {event.new} new, {event.held} held,"
                f" {event.skipped} skipped"
            )
        case BatchLoaded():
            rows = event.rows
            aside = f", {event.quarantined} quarantined," if event.quarantined else ""
            return (
                f"{event.source}: {event.drops - event.quarantined} drops loaded{aside}"
                f" in {event.seconds:.1f} s: {rows.parsed} rows, {rows.fates}"
            )
        case ColumnsAdded() | ColumnsWidened():
            return f"{event.table}: {event.what} columns {', '.join(event.columns)}"
        case DropQuarantined() | DropTranscoded() | DropFailed():
            return f"{event.source}: {event.key}: {event.what}: {event.message}"
        case RowsQuarantined():
            return f"{event.source}: {event.key}: {event.rows} rows quarantined"
        case DropsDeparted():
            return f"{event.source}: {event.archived} drops archived, {event.deleted} deleted"
        case SourceFailed() | NoticesLeft() | WarehouseAdvised() | DropsAudited():
            return f"{event.source}: {event.message}"
        case _:
            return _beside(event)


def _beside(event: Event) -> str:
    """Say what is not about loading in one line; nothing where it is no news."""
    match event:
        case TroubleBegan():
            return f"{event.what}: {event.message}; loading goes on"
        case DropsOvertaken():
            return f"{event.source}: another run loaded {event.drops} drops meanwhile: skipped"
        case MergePutOff():
            return f"{event.source}: {event.listed} listed, {event.waiting} wait for the next merge"
        case DropsReadHere():
            return f"{event.source}: {event.drops} drops read here, for {event.message}"
        case TroubleEnded():
            return f"{event.what}: works again"
        case _:
            return ""
