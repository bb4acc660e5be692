"""One process that looks at each source at its own rhythm, for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from firehose_loader import memory, service, stopping
from firehose_loader.config import Config, Source
from firehose_loader.errors import ExitCode, FatalError, TransientError
from firehose_loader.observe import Observer, Troubles
from firehose_loader.service.aftermath import judged_health, publish
from firehose_loader.service.health import Health
from firehose_loader.service.merging import Merging
from firehose_loader.service.metrics import exposition
from firehose_loader.service.rhythm import Rhythm, rhythm_of
from firehose_loader.service.web import Pages, Probe, WebServer
from firehose_loader.summary import RunSummary

_LONGEST_NAP = 15.0
_STUCK_AFTER = 300.0
"""Seconds without a sign of life, outside a pass, after which the process counts as stuck."""
_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 900.0


def _now() -> datetime:
    return datetime.now(UTC)


class Clock(Struct, frozen=True, kw_only=True):
    """What the loop knows of time; a test brings its own."""

    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class _Turn(Struct, kw_only=True):
    """When one source is looked at next."""

    source: Source
    due: datetime
    looked: float | None = None
    """On the clock that never jumps."""
    failures: int = 0


class Loop:
    """Runs passes until somebody stops the process."""

    def __init__(self, config: Config, observe: Observer, *, clock: Clock | None = None) -> None:
        memory.use_one_heap()
        self._config = config
        self._observe = observe
        self._clock = clock or Clock()
        self._troubles = Troubles(observe)
        self._turns = [_Turn(source=source, due=self._clock.now()) for source in config.source]
        self._health: Health | None = None
        self._passes = 0
        self._in_pass = False
        self._alive_at = self._clock.monotonic()
        self._fatal: str | None = None
        self._server: WebServer | None = None

    @property
    def port(self) -> int | None:
        """Where health and metrics are served, if they are."""
        return self._server.port if self._server else None

    def run(self) -> None:
        """Look at the sources for ever; leave by what a signal raises.

        Raises:
            FatalError: the first pass cannot even begin: a person must change something.
        """
        service.prepared(self._config)
        try:
            while True:
                self.step()
        finally:
            self.close()

    def close(self) -> None:
        """Serve no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def step(self) -> None:
        """Look at the sources whose time has come, else wait for a while."""
        stopping.check()
        self._alive_at = self._clock.monotonic()
        self.serve()
        due = [turn for turn in self._turns if self._is_due(turn)]
        if due:
            # What is merged together wakes the warehouse once.
            self._pass(self._turns if self._is_merge_due() else due)
            memory.give_back()
            return
        now = self._clock.now()
        wait = min((turn.due - now).total_seconds() for turn in self._turns)
        self._clock.sleep(min(max(wait, 0.05), _LONGEST_NAP))

    def _is_due(self, turn: _Turn) -> bool:
        """Tell whether it is time, even where somebody set the clock back."""
        if self._clock.now() >= turn.due:
            return True
        if turn.looked is None:
            return False
        longest = self._rhythm(turn.source).every.total_seconds() + _LONGEST_PAUSE
        return self._clock.monotonic() - turn.looked > longest

    def _is_merge_due(self) -> bool:
        if self._config.warehouse.merge_every is None:
            return False
        return Merging(self._config, self._clock.now()).put_off_until is None

    def _pass(self, due: list[_Turn]) -> None:
        wanted = self._config.model_copy(update={"source": tuple(one.source for one in due)})
        self._in_pass = True
        try:
            summary = service.run(wanted, self._observe, now=self._clock.now())
        except TransientError as error:
            self._troubles.failed("the warehouse", str(error))
            self._put_off(due)
            return
        except FatalError as error:
            if not self._passes:
                raise
            self._fatal = str(error)
            self._troubles.failed("the run", str(error))
            self._put_off(due)
            return
        finally:
            self._in_pass = False
        self._passes += 1
        self._fatal = None
        self._troubles.worked("the warehouse")
        self._troubles.worked("the run")
        if summary.put_off_until is None:  # else, judging would wake the warehouse for no news
            self._judge()
        for turn in due:
            self._plan_next(turn, summary)

    def _judge(self) -> None:
        if (found := judged_health(self._config, self._troubles)) is not None:
            self._health = found
            publish(self._config, found, self._troubles)

    def _plan_next(self, turn: _Turn, summary: RunSummary) -> None:
        """Look again at the next slot; sooner where something failed that may mend itself."""
        turn.looked = self._clock.monotonic()
        now = self._clock.now()
        jitter = self._config.watch.jitter.total_seconds() * self._clock.chance()
        turn.due = self._rhythm(turn.source).after(now, jitter=jitter)
        failed = summary.exit_code is ExitCode.FAILED_DROPS and any(
            trouble.source == turn.source.name for trouble in summary.errors
        )
        turn.failures = turn.failures + 1 if failed else 0
        if failed:
            turn.due = min(turn.due, now + self._pause(turn.failures))

    def _put_off(self, due: list[_Turn]) -> None:
        for turn in due:
            turn.failures += 1
            turn.looked = self._clock.monotonic()
            turn.due = self._clock.now() + self._pause(turn.failures)

    def _pause(self, failures: int) -> timedelta:
        nominal = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures - 1, 20))
        return timedelta(seconds=nominal * (0.5 + 0.5 * self._clock.chance()))

    def _rhythm(self, source: Source) -> Rhythm:
        usual = None
        if self._health is not None:
            for one in self._health.series:
                if one.source == source.name and one.event_type is None:
                    usual = one.usually
        watch = self._config.watch
        return rhythm_of(source.cadence, every=watch.every, delay=watch.delay, usual=usual)

    # -- for probes ------------------------------------------------------------------------------

    def serve(self) -> None:
        """Serve the pages; where the port is taken, try again as long as the loop goes round."""
        watch = self._config.watch
        if self._server is not None or watch.port is None:
            return
        what = f"health and metrics at {watch.host}:{watch.port}"
        pages = Pages(alive=self._alive, ready=self._ready, metrics=self._exposition)
        try:
            self._server = WebServer(watch.host, watch.port, pages)
            self._troubles.worked(what)
        except OSError as error:
            self._troubles.failed(what, f"cannot be served: {error}; look at watch.port")

    def _alive(self) -> Probe:
        silent = self._clock.monotonic() - self._alive_at
        if self._in_pass or silent < _STUCK_AFTER:
            return Probe(good=True, told=f"{self._passes} passes")
        return Probe(good=False, told=f"no sign of life for {silent:.0f} s")

    def _ready(self) -> Probe:
        if self._fatal is not None:
            return Probe(good=False, told=self._fatal)
        if not self._passes:
            return Probe(good=False, told="the first pass is not over")
        return Probe(good=True, told=f"{self._passes} passes")

    def _exposition(self) -> bytes:
        return b"" if self._health is None else exposition(self._health)
