"""The Python interface: what the commands do, for notebooks and orchestrators.

Errors are those of ``errors``; nothing is printed, logged or exited from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from firehose_loader.aftercare import held_filter, looking
from firehose_loader.config import Config, load_config
from firehose_loader.history import DropFilter, HeldFilter, HeldRow
from firehose_loader.markup import html_table
from firehose_loader.model import HeldState
from firehose_loader.observe import Event, Observer, Troubles
from firehose_loader.protocols import Status
from firehose_loader.service import run
from firehose_loader.service.aftermath import aftermath
from firehose_loader.service.health import Finding, health
from firehose_loader.service.telemetry import telemetry
from firehose_loader.summary import RunSummary
from firehose_loader.warehouse import read_connection

if TYPE_CHECKING:
    from firehose_loader.warehouse import ReadConnection

Place: TypeAlias = str | PathLike[str]
"""A path, or a URL."""


def load(  # noqa: PLR0913 - one for each option of the command
    source: Place | Sequence[Place] = (),
    *,
    into: Place | None = None,
    config: Place | None = None,
    full: bool = False,
    now: bool = False,
    observe: Observer | None = None,
) -> RunSummary:
    """Load every drop that is new, once, as ``firehose-loader run`` does.

    Args:
        source: folders or URLs, or names of sources in the configuration; without any, all of it.
        into: the warehouse; without it, that of the configuration.
        config: the file; without it, ``firehose.toml`` of the working directory if it exists.
        full: list all that there is, whatever ``prefix`` and ``notify`` say.
        now: load at once, whatever ``merge_every`` says.
        observe: who is told of what happens meanwhile.

    Returns:
        What ``--json`` prints, as an object: look at ``exit_code`` and ``errors``. A source in
        trouble does not raise, as it does not hold back the others.

    Raises:
        FatalError: nothing could be started: the configuration, a schema or the warehouse is wrong.
        WarehouseBusy: another process holds the warehouse.
    """
    given = (source,) if isinstance(source, str | PathLike) else source
    loaded = _configured(into, config, sources=tuple(fspath(one) for one in given))
    with telemetry(loaded, observe or _silent) as tell:
        summary = run(loaded, tell, everything=full, at_once=now)
        if summary.put_off_until is None:  # else, telling of it would wake the warehouse
            aftermath(loaded, Troubles(tell))
    return summary


def open_feed(into: Place | None = None, *, config: Place | None = None) -> Feed:
    """Return what was loaded into a warehouse, to look at; nothing is opened before it is asked.

    Raises:
        ConfigError: with the file, the key, and what to write instead.
    """
    return Feed(_configured(into, config))


class Feed(Struct, frozen=True):
    """What was loaded, to look at. Each call opens the warehouse for reading and closes it again.

    All raise WarehouseUnusable, WarehouseUnavailable and WarehouseBusy.
    """

    config: Config

    def status(self) -> Status:
        """Return what arrived, by source and event type, and what is set aside."""
        return health(self.config).status

    def check(self) -> Sequence[Finding]:
        """Return what is late, missing, failed or set aside; ``is_trouble``: somebody should look.

        What is no trouble came late and is complete by now.
        """
        return health(self.config).findings

    def quarantine(
        self, *, event_type: str | None = None, limit: int | None = 100
    ) -> Sequence[HeldRow]:
        """Return rows and drops that are set aside, with reason, place and text.

        Raises:
            SchemaError: there is no such event type.
        """
        rows = HeldFilter(event_type=event_type, states=(HeldState.HELD,))
        with looking(self.config) as warehouse:
            wanted = held_filter(self.config, warehouse, rows, DropFilter())
            return warehouse.held(wanted, limit=limit)

    @contextmanager
    def connection(self) -> Iterator[ReadConnection]:
        """Give a connection that can only read, and close it behind the block.

        Raises:
            ConfigError: the warehouse is no DuckDB file.
        """
        with closing(read_connection(self.config)) as connection:
            yield connection

    def _repr_html_(self) -> str:
        """Return what a notebook shows of it."""
        return html_table(
            self.config.warehouse.place,
            ("event type", "table", "rows", "first event", "last event", "last load"),
            [
                (
                    *(one.event_type, one.table, one.rows),
                    *(one.first_event, one.last_event, one.last_load),
                )
                for one in self.status().events
            ],
        )


def _configured(
    into: Place | None, config: Place | None, *, sources: tuple[str, ...] = ()
) -> Config:
    file = None if config is None else Path(config)
    return load_config(file, sources=sources, into=None if into is None else fspath(into))


def _silent(event: Event) -> None:
    del event
