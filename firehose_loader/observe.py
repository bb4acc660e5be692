"""What the program reports while it works: a noun and a past verb each, never one per row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias

from firehose_loader.model import RowCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceListed:
    """A source was listed and held against the ledger."""

    source: str
    listed: int
    new: int
    held: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLoaded:
    """A batch was committed."""

    source: str
    drops: int
    rows: RowCounts
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsAdded:
    """The feed sent fields that no schema version knew."""

    what: ClassVar[str] = "new"
    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsWidened:
    """A new schema version gave columns a wider type."""

    what: ClassVar[str] = "wider"
    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTranscoded:
    """A drop is no UTF-8: its bytes tell what it is."""

    what: ClassVar[str] = "no UTF-8"
    source: str
    drop_id: str
    key: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropQuarantined:
    """A drop was set aside as a whole."""

    what: ClassVar[str] = "quarantined"
    source: str
    drop_id: str
    key: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsQuarantined:
    """Some rows of a drop were set aside."""

    source: str
    drop_id: str
    key: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFailed:
    """A drop could not be loaded; the next run tries it again."""

    what: ClassVar[str] = "failed, tried again next time"
    source: str
    drop_id: str
    key: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropsOvertaken:
    """Another run loaded drops between this one's look into the ledger and its own load."""

    source: str
    drops: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DropsReadHere:
    """The warehouse reads drops by itself, but not these."""

    source: str
    drops: int
    why: str
    """In a word, as the summary counts them."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropsDeparted:
    """Loaded drops left their source, as its configuration wants it."""

    source: str
    archived: int
    deleted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditBegun:
    """It is known which drops are to be audited."""

    drops: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DropsAudited:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesLeft:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseAdvised:
    """The warehouse's configuration works and should be another one."""

    source: ClassVar[str] = "warehouse"
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFailed:
    """A source could not be worked through."""

    source: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePutOff:
    """A source was listed, and what is new there waits for the next merge."""

    source: str
    listed: int
    waiting: int
    """Drops that came since the last merge."""
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A pass over the sources begins; what follows belongs to it."""

    run_id: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """A pass over the sources is over, and on record."""

    run_id: str
    status: str
    exit_code: int
    seconds: float
    tables: tuple[str, ...] = ()
    """Of the event types that it found rows of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleBegan:
    """Something beside the load does not work; the load goes on. Told once."""

    what: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleEnded:
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
