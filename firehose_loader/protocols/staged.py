"""A batch after normalising: what a warehouse loads in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec import Struct

from firehose_loader.model import Content, Drop, Position, Rejection
from firehose_loader.privacy import ScreenVersion
from firehose_loader.schema.additions import Addition
from firehose_loader.schema.model import EventSchema


class StagedDrop(Struct, frozen=True, kw_only=True):
    """One drop of a batch. Its place in ``StagedBatch.drops`` is its ``drop_no``."""

    drop: Drop
    content: Content | None
    """None where nothing of it could be recognised."""
    parsed: int
    """Rows found in it, rejected ones included."""
    rejections: tuple[Rejection, ...] = ()
    """Rows that never became a row of the engine; with ``row`` None: the drop as a whole."""


class StagedTable(Struct, frozen=True, kw_only=True):
    """Rows of one event type in a batch that have the same fields, typed, ready to merge."""

    type_no: int
    """Their number in ``staged_keys`` and ``staged_faults``."""
    part: int
    """Tells them from the other rows of their event type: their ``seq`` shifted right by 40."""
    schema: EventSchema
    """The version they are loaded under; the table needs all its columns."""
    columns: tuple[str, ...]
    """The columns that this batch fills; the others are NULL."""
    rows: str
    """SQL for the engine, giving ``_seq``, ``_drop_no``, ``_drop_id``, ``_row_no``, ``_key``, the
    ``columns`` and ``_rescued`` of every row that can be loaded."""
    duplicates: str
    """The same of those rows that are in ``staged_duplicates`` by their ``seq``; to be used after
    ``StagedBatch.gather``."""


class StagedAddition(Struct, frozen=True, kw_only=True):
    """What a batch adds to an event schema."""

    addition: Addition
    first_drop: int
    """``drop_no`` of the first drop that has one of the new fields."""


class StagedBatch(Struct, frozen=True, kw_only=True):
    """A batch after normalising: what a warehouse loads in one transaction.

    Beside it, the engine holds two temporary tables. ``staged_keys`` (seq, drop_no, row_no,
    type_no, _key, stamp): the rows that can be loaded; ``drop_no`` rises with the age of the drops,
    oldest first, and ``stamp`` tells when the row was delivered. ``staged_faults`` (seq, drop_no,
    row_no, type_no, reason, field, message): the rows that cannot.
    """

    drops: Sequence[StagedDrop]
    tables: Sequence[StagedTable]
    """In the order of ``type_no``; an event type has as many as its rows have sets of fields."""
    event_types: Sequence[str]
    """Names by ``type_no``."""
    additions: Sequence[StagedAddition]
    locate: Callable[[int, Collection[int]], Mapping[int, Position]]
    """Find rows of a drop (``drop_no``, row numbers) in its file: line, offset, raw text."""
    gather: Callable[[], None]
    """Take the rows out that ``duplicates`` of its tables give, once all these are known."""
    is_there: bool = False
    """The warehouse's own session holds all this, not the engine."""
    screened: ScreenVersion | None = None
    """Of what its rows were held against, and of the schemas that they were read under."""
