"""The nouns of the program: frozen, without behaviour that does I/O."""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import cast

from msgspec import Struct, field, to_builtins

BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in BASE32 for second in BASE32]
"""Ten bits each: a listing may have a million drops."""


def as_dict(value: Struct) -> dict[str, object]:
    """Return the fields of a value by name, for JSON; those of the values in it likewise."""
    return cast(
        "dict[str, object]",
        to_builtins(value, builtin_types=(datetime, timedelta), enc_hook=str),
    )


class Drop(Struct, frozen=True, kw_only=True, dict=True):
    """One file as one listing saw it. Identity: (source, key, version)."""

    source: str
    """Name of the source in the configuration."""
    key: str
    """Path below the source's URL, segments joined by ``/``."""
    size_bytes: int
    modified: datetime
    """Aware, UTC: what the storage says."""
    version: str
    """Whatever the storage offers that changes when the content does."""

    @cached_property
    def drop_id(self) -> str:
        """Twelve characters that follow from the identity alone (60 bits of SHA-256)."""
        identity = f"{self.source}\0{self.key}\0{self.version}"
        digest = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).digest()
        number = int.from_bytes(digest[:8], "big") >> 4
        return "".join([_PAIRS[number >> shift & 1023] for shift in (50, 40, 30, 20, 10, 0)])


class DropState(StrEnum):
    """Where a drop stands in the ledger."""

    LOADED = "loaded"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    HELD = "held"
    """Seen, and perhaps still being written; nothing of it was read."""
    UNDONE = "undone"
    """Taken out again; the next run loads it as if it had never been seen."""
    ADOPTED = "adopted"
    """Loaded by other means, as somebody said: nothing of it was read, and none of its rows are
    expected."""

    @property
    def is_done(self) -> bool:
        """The next run has nothing to do with it."""
        return self in {DropState.LOADED, DropState.QUARANTINED, DropState.ADOPTED}


class Reason(StrEnum):
    """Why a row, or a drop as a whole, is set aside. There are no others."""

    UNPARSEABLE = "unparseable"
    TOO_LARGE = "too_large"
    MISSING_REQUIRED = "missing_required"
    BAD_EVENT_TIME = "bad_event_time"
    SCHEMA_FROZEN = "schema_frozen"
    TOO_MANY_BAD = "too_many_bad"
    """The drop has more bad rows than its error budget."""
    CONFLICT = "conflict"
    FORGOTTEN = "forgotten"
    """The row names a person who was forgotten; nothing of it is kept."""
    EXPIRED = "expired"
    """The row is older than its retention. It is counted, and kept nowhere: not here either."""


class HeldState(StrEnum):
    """Where a row in quarantine stands."""

    HELD = "held"
    RETRIED = "retried"
    """Loaded since, under a later schema."""
    REMOVED = "removed"
    """Given up on purpose: its text is gone, that it was there is not."""
    UNDONE = "undone"
    """Its drop was taken out, or is replayed."""


class Digest(Struct, frozen=True, kw_only=True):
    """A checksum that the storage keeps of one object's whole content."""

    algorithm: str
    """``md5``, ``sha1``, ``sha256``, ``crc32``, ``crc32c`` or ``crc64nvme``; or ``md5-parts``:
    the MD5 of the parts' binary MD5s, as S3 gives for a multipart upload."""
    hex: str
    """Lower-case hexadecimal, big-endian for the CRCs."""
    part_bytes: tuple[int, ...] = ()
    """For ``md5-parts``: sizes that a part may have (all but the last part), likeliest first."""
    guessed: bool = False
    """The sizes in ``part_bytes`` are guesses: that none of them fits proves nothing."""


class Format(StrEnum):
    """The shapes of a drop's content."""

    CSV = "csv"
    NDJSON = "ndjson"
    JSON_ARRAY = "json_array"
    JSON_OBJECT = "json_object"
    """One object, or an object that wraps an array of events."""
    EMPTY = "empty"
    """No rows: zero bytes, white space, a header alone, ``[]``."""


class Content(Struct, frozen=True, kw_only=True):
    """What a drop's bytes turned out to be."""

    format: Format
    compression: str = "none"
    """``none``, ``gzip``, ``zip`` or ``zstd``."""
    encoding: str = "utf-8"
    """``utf-8``, ``utf-16-le``, ``utf-16-be`` or ``windows-1252``; a BOM is not part of it."""
    bom: bool = False
    delimiter: str = ""
    """CSV only."""
    header: tuple[str, ...] = ()
    """CSV: the header's names as written. JSON: the keys of the first object that parses."""
    fast: bool = True
    """The engine's own reader can take the file as it is."""


class Drift(StrEnum):
    """What becomes of a field that no schema version knows."""

    EVOLVE = "evolve"
    """It gets a column: a new addition version is made and recorded."""
    RESCUE = "rescue"
    """Its values are kept in ``_rescued``."""
    FREEZE = "freeze"
    """The drop is set aside as a whole."""


class Packing(Struct, frozen=True, kw_only=True):
    """How far a packed drop may go."""

    max_ratio: float
    """It may unpack to so many times its size."""
    max_members: int
    """Most members of a zip."""


ANY_PACKING = Packing(max_ratio=math.inf, max_members=sys.maxsize)
"""For what was within its limits before."""


class Limits(Struct, frozen=True, kw_only=True):
    """What is read at most."""

    max_file_bytes: int
    """Of one drop, packed and unpacked."""
    max_row_bytes: int
    max_fields: int
    """Different field names of what is read together."""
    max_rows: int = sys.maxsize
    """Of one drop."""
    max_depth: int = 100
    """How deep objects and arrays of a JSON row may lie in each other."""
    packing: Packing = ANY_PACKING


class Rejection(Struct, frozen=True, kw_only=True):
    """One row that cannot be loaded, with all that is known of it."""

    row: int | None
    """1-based data row in the drop; None: the drop as a whole."""
    line: int | None
    """1-based physical line where the row begins."""
    offset: int | None
    """Byte offset of the row in the unpacked drop."""
    reason: Reason
    field: str | None
    message: str
    raw: str
    """The row's text; bytes that are not UTF-8 as ``\\xNN``."""


class Salvage(Struct, frozen=True, kw_only=True):
    """What the strict parser made of one drop: good rows as a clean file, and the rest."""

    path: Path
    """CSV in UTF-8, comma, RFC 4180 quoting, no header: row, then one text per field, fewer where
    the last ones are missing. An empty cell means the field was absent, null or empty."""
    fields: tuple[str, ...]
    """The fields' names as written, in the order of the columns after the row number."""
    rows: int
    """Rows in ``path``."""
    longest: int
    """Bytes of the longest line in ``path``."""
    rejections: tuple[Rejection, ...]


class Position(Struct, frozen=True, kw_only=True):
    """Where a row stands in its drop, and its text."""

    line: int | None
    offset: int | None
    raw: str
    context: str | None = None
    """What else of its drop it takes to read the text again, as ``formats.reread`` understands
    it; None where the text is not whole."""


class RowCounts(Struct, kw_only=True):
    """What became of rows. ``parsed`` equals the sum of the others, always."""

    parsed: int = 0
    inserted: int = 0
    updated: int = 0
    identical: int = 0
    superseded: int = 0
    conflicting: int = 0
    quarantined: int = 0
    expired: int = 0
    """Rows that are older than their retention: nothing is kept of them but their number."""

    @property
    def duplicate(self) -> int:
        """Rows whose event was there already: identical, superseded or conflicting."""
        return self.identical + self.superseded + self.conflicting

    @property
    def accounted(self) -> int:
        """Rows whose fate is known."""
        return self.inserted + self.updated + self.duplicate + self.quarantined + self.expired

    @property
    def fates(self) -> str:
        """What became of the rows, as people are told it."""
        told = {
            "inserted": self.inserted,
            "updated": self.updated,
            "duplicate": self.duplicate,
            "quarantined": self.quarantined,
        }
        words = [f"{count} {fate}" for fate, count in told.items()]
        return ", ".join([*words, f"{self.expired} expired"] if self.expired else words)

    def document(self) -> dict[str, int]:
        """Return the counts as every answer to a machine has them."""
        return {
            "parsed": self.parsed,
            "inserted": self.inserted,
            "updated": self.updated,
            "duplicate": self.duplicate,
            "quarantined": self.quarantined,
            "expired": self.expired,
            "identical": self.identical,
            "superseded": self.superseded,
            "conflicting": self.conflicting,
        }

    def add(self, other: RowCounts) -> None:
        """Add another count to this one."""
        self.parsed += other.parsed
        self.inserted += other.inserted
        self.updated += other.updated
        self.identical += other.identical
        self.superseded += other.superseded
        self.conflicting += other.conflicting
        self.quarantined += other.quarantined
        self.expired += other.expired


class Receipt(Struct, frozen=True, kw_only=True):
    """What one transaction did."""

    drops: Mapping[str, RowCounts]
    """By drop id."""
    events: Mapping[str, RowCounts]
    """By event type; rows that never got one count under ``unknown``."""
    event_rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By drop id: the rows found in the drop, by event type."""
    forgotten: int = 0
    """Quarantined rows of people who were forgotten: nobody has to look after these."""
    tables_made: tuple[str, ...] = ()
    """Event tables that this load made."""
    columns_added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By table: columns that this load added."""
    columns_widened: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By table: columns to which this load gave a wider type."""


class RunRecord(Struct, frozen=True, kw_only=True):
    """One run, as ``_firehose_runs`` keeps it."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    status: str
    exit_code: int
    loader_version: str
    summary: str
    """The run's summary as JSON."""
    costs: str | None = None
    """``Costs`` as JSON; None where the warehouse charges nothing."""


class Cost(Struct, frozen=True, kw_only=True):
    """What some statements took. None: the account did not tell."""

    queries: int
    """How many there were."""
    query_ids: tuple[str, ...]
    """The last ones of them."""
    bytes_scanned: int | None = None
    seconds: float | None = None
    """For which the warehouse worked on them."""
    credits: float | None = None
    """For cloud services; what the warehouse takes is counted by its time, not by statement."""


class Costs(Struct, frozen=True, kw_only=True):
    """What a run took of an account that charges for it."""

    warehouse: str | None
    size: str | None
    """Of the warehouse, such as ``X-Small``."""
    total: Cost
    events: Mapping[str, Cost]
    """By event type: the statements that are about its table."""
    bytes_uploaded: int

    def document(self) -> dict[str, object]:
        """Return it as every answer to a machine has it."""
        return as_dict(self)
