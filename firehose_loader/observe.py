"""What the program reports while it works: a noun and a past verb each, never one per row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, TypeAlias

from msgspec import Struct

from firehose_loader.model import RowCounts


class SourceListed(Struct, frozen=True, kw_only=True):
    """A source was listed and held against the ledger."""

    source: str
    listed: int
    new: int
    held: int
    skipped: int


class BatchLoaded(Struct, frozen=True, kw_only=True):
    """A batch was committed."""

    source: str
    drops: int
    rows: RowCounts
    seconds: float
    quarantined: int = 0
    """Drops of these that were set aside as a whole."""


class ColumnsAdded(Struct, frozen=True, kw_only=True):
    """The feed sent fields that no schema version knew."""

    what: ClassVar[str] = "new"
    table: str
    columns: tuple[str, ...]


class ColumnsWidened(Struct, frozen=True, kw_only=True):
    """A new schema version gave columns a wider type."""

    what: ClassVar[str] = "wider"
    table: str
    columns: tuple[str, ...]


class DropTranscoded(Struct, frozen=True, kw_only=True):
    """A drop is no UTF-8: its bytes tell what it is."""

    what: ClassVar[str] = "no UTF-8"
    source: str
    drop_id: str
    key: str
    message: str


class DropQuarantined(Struct, frozen=True, kw_only=True):
    """A drop was set aside as a whole."""

    what: ClassVar[str] = "quarantined"
    source: str
    drop_id: str
    key: str
    message: str


class RowsQuarantined(Struct, frozen=True, kw_only=True):
    """Some rows of a drop were set aside."""

    source: str
    drop_id: str
    key: str
    rows: int


class DropFailed(Struct, frozen=True, kw_only=True):
    """A drop could not be loaded; the next run tries it again."""

    what: ClassVar[str] = "failed, tried again next time"
    source: str
    drop_id: str
    key: str
    message: str


class DropsOvertaken(Struct, frozen=True, kw_only=True):
    """Another run loaded drops between this one's look into the ledger and its own load."""

    source: str
    drops: int


class DropsReadHere(Struct, frozen=True, kw_only=True):
    """The warehouse reads drops by itself, but not these."""

    source: str
    drops: int
    why: str
    """In a word, as the summary counts them."""
    message: str


class DropsDeparted(Struct, frozen=True, kw_only=True):
    """Loaded drops left their source, as its configuration wants it."""

    source: str
    archived: int
    deleted: int


class AuditBegun(Struct, frozen=True, kw_only=True):
    """It is known which drops are to be audited."""

    drops: int


class DropsAudited(Struct, frozen=True, kw_only=True):
    """Some drops were held against their files."""

    source: str
    drops: int
    rows: int
    """Rows in the files that were read."""
    different: int
    """Drops that the warehouse does not have as their files are."""

    @property
    def message(self) -> str:
        """How far the audit is."""
        return (
            f"{self.drops} drops audited, {self.rows} rows in their files,"
            f" {self.different} drops differ"
        )


class NoticesLeft(Struct, frozen=True, kw_only=True):
    """A source's queue tells of what is not below its URL; that was left there."""

    source: str
    notices: int

    @property
    def message(self) -> str:
        """What to do about it."""
        return (
            f"{self.notices} messages in the queue are not about this source and were left there;"
            " give each source a queue of its own"
        )


class WarehouseAdvised(Struct, frozen=True, kw_only=True):
    """The warehouse's configuration works and should be another one."""

    source: ClassVar[str] = "warehouse"
    message: str


class SourceFailed(Struct, frozen=True, kw_only=True):
    """A source could not be worked through."""

    source: str
    message: str


class MergePutOff(Struct, frozen=True, kw_only=True):
    """A source was listed, and what is new there waits for the next merge."""

    source: str
    listed: int
    waiting: int
    """Drops that came since the last merge."""
    until: datetime


class RunStarted(Struct, frozen=True, kw_only=True):
    """A pass over the sources begins; what follows belongs to it."""

    run_id: str
    sources: tuple[str, ...]


class RunFinished(Struct, frozen=True, kw_only=True):
    """A pass over the sources is over, and on record."""

    run_id: str
    status: str
    exit_code: int
    seconds: float
    tables: tuple[str, ...] = ()
    """Of the event types that it found rows of."""


class TroubleBegan(Struct, frozen=True, kw_only=True):
    """Something beside the load does not work; the load goes on. Told once."""

    what: str
    message: str


class TroubleEnded(Struct, frozen=True, kw_only=True):
    """It works again."""

    what: str


Event: TypeAlias = (
    SourceListed
    | BatchLoaded
    | ColumnsAdded
    | ColumnsWidened
    | DropTranscoded
    | DropQuarantined
    | RowsQuarantined
    | DropFailed
    | DropsOvertaken
    | DropsReadHere
    | DropsDeparted
    | AuditBegun
    | DropsAudited
    | NoticesLeft
    | MergePutOff
    | SourceFailed
    | RunStarted
    | RunFinished
    | TroubleBegan
    | TroubleEnded
    | WarehouseAdvised
)
Observer: TypeAlias = Callable[[Event], None]


class Troubles:
    """Tells of what fails beside the load: once, and again when it works."""

    def __init__(self, observe: Observer) -> None:
        self._observe = observe
        self._open: set[str] = set()

    def failed(self, what: str, message: str) -> None:
        """Note that it failed; the first time in a row, tell."""
        if what not in self._open:
            self._open.add(what)
            self._observe(TroubleBegan(what=what, message=message))

    def worked(self, what: str) -> None:
        """Note that it worked; if it had failed before, tell."""
        if what in self._open:
            self._open.remove(what)
            self._observe(TroubleEnded(what=what))
