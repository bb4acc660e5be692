"""Every error a user can meet, sorted by what the run does next.

FirehoseError
+-- FatalError           a person must change something: stop, exit 2
|   +-- ConfigError      the configuration or the command line
|   +-- SchemaError      an event schema, or a table that does not fit one
|   +-- AccessDenied     a place or a warehouse refuses us, or does not exist
|   +-- ListingTooLong   a place holds more than max_listed: perhaps it has no end
|   +-- MachineRefuses   this machine lacks room, a right or an open stream
|   +-- ExtraMissing     an optional package is not installed
|   +-- NotFound         no drop, row, run or event of that name
|   +-- UndoRefused      a drop cannot be taken out exactly; nothing was changed
|   +-- WarehouseUnusable  not a database, of a newer version, no permission
|       +-- TablesMissing    somebody else makes its tables, and some are not there
|       +-- TablesOutdated   its tables are older, and a command that only looks changes nothing
+-- TransientError       back off and try again; exit 4 if it never succeeds
|   +-- StorageUnavailable
|   +-- WarehouseUnavailable
|   +-- WarehouseBusy    someone else holds the database: exit 5
|   +-- AlertUnsent      a message to people: told, and tried again by the next run
|   +-- RunTooLong       its time is over: the next run goes on
+-- DropError            set this drop aside and go on
    +-- DropMissing      gone since it was listed: failed, the next run decides
    +-- DropChanged      rewritten since it was listed: failed, the next run sees the new version
    +-- DropBlocked      its new place is taken by another file: it stays where it is
    +-- DropDamaged      what arrived is not what the storage holds: failed, tried again
    +-- DropUnreadable   its content cannot be read as events: quarantined
    +-- DropTooLarge     beyond a configured limit: quarantined
    +-- DropTooSlow      takes more time than it may: quarantined
    +-- SpoolFull        takes more room than it may: quarantined
    +-- DropTooBad       more bad rows than its error budget: quarantined
    +-- SchemaFrozen     it has fields that a frozen schema does not know: quarantined
    +-- DropsRefused     drops of a batch are to be quarantined: the batch is loaded without them
    +-- DropsTaken       another run loaded them meanwhile: the batch is loaded without them
    +-- CountsDiffer     rows in and rows accounted for differ: rolled back, failed
    +-- EngineError      the engine refused a statement over it: rolled back, failed
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from enum import IntEnum
from shlex import quote
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process returns; documented in the README, never renumbered."""

    OK = 0
    UNEXPECTED = 1
    FATAL = 2
    QUARANTINE = 3
    FAILED_DROPS = 4
    BUSY = 5
    MISSING = 6
    INTERRUPTED = 130
    TERMINATED = 143


class FirehoseError(Exception):
    """Base of all errors raised on purpose; ``str()`` is the message for the user."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNEXPECTED


class FatalError(FirehoseError):
    """A person must change something before a run can succeed."""

    exit_code = ExitCode.FATAL


class ConfigError(FatalError):
    """The configuration file, an environment override or an argument is wrong."""


class SchemaError(FatalError):
    """An event schema is wrong, or a table in the warehouse does not fit one."""


class AccessDenied(FatalError):
    """A source does not exist or refuses the credentials used."""


class ListingTooLong(FatalError):
    """A place lists more than it may; perhaps it never ends."""

    def __init__(self, place: str, most: int) -> None:
        super().__init__(
            f"{place} lists more than max_listed = {most:,} drops and folders; nothing of it was"
            " loaded. Look whether folders lead back to themselves; narrow it with prefix, archive"
            " what is loaded, or raise max_listed of the source"
        )


class MachineRefuses(FatalError):
    """The system of this machine refused something: room is lacking, or a right, or a stream."""

    def __init__(self, error: OSError) -> None:
        """Take the error in the system's own words."""
        place = f"{error.filename}" if error.filename is not None else "standard output"
        super().__init__(
            f"{place}: {error.strerror or error}; what was loaded stays loaded: mend that, and run"
            " again"
        )


class ExtraMissing(FatalError):
    """An optional dependency is needed and not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs a package that is not installed."
            f" Install it with: {quote(sys.executable)} -m pip install 'firehose-loader[{extra}]'"
        )


class NotFound(FatalError):
    """What a command was to work on does not exist."""


class UndoRefused(FatalError):
    """A drop cannot be taken out exactly."""


class WarehouseUnusable(FatalError):
    """The warehouse cannot be opened as it is: wrong file, newer version, no permission."""


class TablesMissing(WarehouseUnusable):
    """Tables, columns or views are not there, and somebody else has to make them."""


class TablesOutdated(WarehouseUnusable):
    """The loader's own tables are older than the loader, which is to read them only."""


class TransientError(FirehoseError):
    """Worth trying again after a pause."""

    exit_code = ExitCode.FAILED_DROPS

    def __init__(self, message: str, *, pause_seconds: float = 0) -> None:
        super().__init__(message)
        self.pause_seconds = pause_seconds
        """What the other side asks to wait at least."""


class StorageUnavailable(TransientError):
    """A storage did not answer, answered with a server error, or cut the connection."""


class WarehouseUnavailable(TransientError):
    """A warehouse did not answer, or gave up what it was asked for; nothing is half loaded."""


class WarehouseBusy(TransientError):
    """Another process holds the warehouse."""

    exit_code = ExitCode.BUSY


class AlertUnsent(TransientError):
    """A message to people could not be sent."""


class RunTooLong(TransientError):
    """A run may take no longer; what it left is the next one's."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the run has taken the {seconds:g} s that max_run_time allows; the next one goes on"
            " with the drops that are left"
        )


class DropError(FirehoseError):
    """One drop cannot be loaded now; the others go on."""

    exit_code = ExitCode.FAILED_DROPS


class DropMissing(DropError):
    """The drop is gone since it was listed."""


class DropChanged(DropError):
    """The drop was rewritten since it was listed."""


class DropBlocked(DropError):
    """The drop cannot be moved: another file has the key that it is to get."""


class DropDamaged(DropError):
    """The bytes that arrived are not those the storage holds."""


class DropUnreadable(DropError):
    """The content cannot be read as events at all."""


class DropTooLarge(DropError):
    """The drop or something in it is beyond a configured limit."""


class TooManyFields(DropTooLarge):
    """A drop, or a batch, has more field names than it may."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"it has more than max_fields = {most} field names; look whether they are names at all,"
            " and raise that limit to have it loaded"
        )


class DropTooSlow(DropError):
    """The drop, or its batch, takes longer to read and merge than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"reading and merging it takes longer than max_drop_time = {seconds:g} s allows; see"
            " what is in it, and raise that limit to have it loaded"
        )


class SpoolFull(DropError):
    """What is unpacked of a drop, or of a batch, takes more room than it may."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"unpacked it takes more than {most} bytes, a quarter of max_spool_bytes;"
            " raise that limit to have it loaded"
        )


class DropTooBad(DropError):
    """The drop has more bad rows than its error budget allows."""


class SchemaFrozen(DropError):
    """The drop has fields that no schema version knows, where these are not to grow."""

    def __init__(self, unknown: Mapping[str, Sequence[str]]) -> None:
        """Take the names of the fields, by the event type and version that lacks them."""
        self.fields = [name for names in unknown.values() for name in names]
        told = "; ".join(
            f"{version} does not know {', '.join(map(repr, names))}"
            for version, names in unknown.items()
        )
        super().__init__(
            f"{told}, and the source's drift policy is freeze: add the fields to a schema of your"
            " own, or set drift to evolve or rescue, and have the drop read again"
        )


class DropsRefused(DropError):
    """Some drops of a batch must be set aside as a whole, as their rows show."""

    def __init__(self, reasons: Mapping[int, DropError]) -> None:
        """Take why, by the place of each drop in the batch."""
        self.reasons = reasons
        super().__init__(f"{len(reasons)} drops of the batch must be set aside")


class StagedRowsLost(DropError):
    """A session of the warehouse ended, and with it what it had read of drops by itself."""


class DropsTaken(DropError):
    """Another run has loaded drops of a batch since this one looked into the ledger."""

    def __init__(self, drop_ids: Collection[str]) -> None:
        """Take their ids."""
        self.drop_ids = frozenset(drop_ids)
        super().__init__(f"another run has loaded {len(self.drop_ids)} drops of the batch")


class ScreenChanged(DropError):
    """What decides on rows has changed since a batch was read: it is to be read again.

    People were forgotten, old events removed, a key taken into use, or a field added to a schema.
    """

    def __init__(self) -> None:
        super().__init__("what decides on rows was changed by another process meanwhile")


class CountsDiffer(DropError):
    """The rows of a drop are not all accounted for; its load was rolled back."""


class EngineError(DropError):
    """The engine could not work through a drop; nothing of its load was kept."""


class EngineInterrupted(EngineError):
    """The engine was told to end a statement."""


class EngineOutOfMemory(EngineError):
    """The engine needs more memory than ``memory_limit`` allows."""
