"""What an audit found: the drops whose rows are all accounted for, and every difference."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from msgspec import Struct, field

from firehose_loader.errors import ExitCode
from firehose_loader.model import Drop, RowCounts


class Kind(StrEnum):
    """How files and warehouse can differ. There are no others."""

    MISSING = "missing"
    """Nothing accounts for a row of the file."""
    EXTRA = "extra"
    """Something stands for a row that the drop does not have."""
    TWICE = "twice"
    """A row is accounted for more than once."""
    CONFLICT = "conflict"
    """A conflict is noted in one of its two places alone."""
    LOST = "lost"
    """A row counts as a duplicate of an event that no table has any more."""
    COUNT = "count"
    """A count of the ledger is not what is there."""
    STRANGER = "stranger"
    """A table has rows of a drop that the ledger does not know."""
    PLACE = "place"
    """By its file a row belongs into another table, or into none."""
    CELL = "cell"
    """A cell is not what the file gives."""
    SET_ASIDE = "set_aside"
    """What is set aside has another text or another reason than the file gives."""


class Why(StrEnum):
    """Why a drop's file could not be held against the warehouse."""

    GONE = "gone"
    CHANGED = "changed"
    UNREACHABLE = "unreachable"
    """Its source is not configured, or did not give the file."""
    UNREADABLE = "unreadable"
    """It was loaded once, and cannot be read under today's limits."""
    SCHEMA = "schema"
    """The schema version that rows were loaded under is not known any more."""


class Difference(Struct, frozen=True, kw_only=True):
    """One difference."""

    kind: Kind
    source: str | None
    drop: str | None
    """The drop's key; None for a drop that the ledger does not know."""
    drop_id: str
    row: int | None
    """None: it is about the drop as a whole."""
    column: str | None
    message: str


class NotRead(Struct, frozen=True, kw_only=True):
    """A drop whose file could not be read: only tables and ledger were held against each other."""

    source: str
    drop: str
    drop_id: str
    why: Why
    message: str


class AuditReport(Struct, kw_only=True):
    """What an audit found so far; it keeps no more than ``limit`` examples of anything."""

    limit: int
    cells: int | None = None
    """Cells that were compared; None where rows alone are counted."""
    drops: int = 0
    """Drops of the ledger that were looked at."""
    different: int = 0
    """Of these, drops with a difference."""
    file_rows: int = 0
    """Rows in the files that were read."""
    rows: RowCounts = field(default_factory=RowCounts)
    """What the ledger counts for the drops."""
    found: Counter[Kind] = field(default_factory=Counter)
    """How many differences there are."""
    differences: list[Difference] = field(default_factory=list)
    unread: Counter[Why] = field(default_factory=Counter)
    not_read: list[NotRead] = field(default_factory=list)

    def add(self, difference: Difference, *, of: int = 1) -> None:
        """Take in a difference, one of so many of its kind that are told by few."""
        self.found[difference.kind] += of
        if len(self.differences) < self.limit:
            self.differences.append(difference)

    def leave_out(self, drop: Drop, why: Why, message: str) -> None:
        """Take in that a drop's file could not be read."""
        self.unread[why] += 1
        if len(self.not_read) < self.limit:
            self.not_read.append(
                NotRead(
                    source=drop.source,
                    drop=drop.key,
                    drop_id=drop.drop_id,
                    why=why,
                    message=message,
                )
            )

    @property
    def exit_code(self) -> ExitCode:
        """What the audit says as a whole: a proof with holes is no success."""
        if self.found.total():
            return ExitCode.MISSING
        return ExitCode.FAILED_DROPS if self.unread.total() else ExitCode.OK
