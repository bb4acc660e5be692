"""What a sample may be asked for, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from firehose_loader.errors import ConfigError
from firehose_loader.model import as_dict


class SampleFormat(StrEnum):
    """The shape of a drop's content; ``mixed`` takes turns."""

    CSV = "csv"
    NDJSON = "ndjson"
    JSON = "json"
    """One array."""
    MIXED = "mixed"


class SampleCompression(StrEnum):
    """How a drop is packed; ``mixed`` takes turns."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    ZIP = "zip"
    MIXED = "mixed"


class Cadence(StrEnum):
    """How often the feed delivers."""

    QUARTER_HOURLY = "15min"
    HOURLY = "hourly"
    DAILY = "daily"

    @property
    def slot(self) -> timedelta:
        """The time that one delivery covers."""
        match self:
            case Cadence.QUARTER_HOURLY:
                return timedelta(minutes=15)
            case Cadence.HOURLY:
                return timedelta(hours=1)
            case Cadence.DAILY:
                return timedelta(days=1)


class SampleLayout(StrEnum):
    """Where drops lie and what tells their event type."""

    FOLDERS = "folders"
    """One event type a drop, told by its folder: ``<type>/<yyyy>/<mm>/<dd>/<type>_<slot>``."""
    FLAT = "flat"
    """One event type a drop, told by its name: ``<type>_<slot>``."""
    MIXED = "mixed"
    """All event types in one drop, told by a column: ``events_<slot>``."""
    ALL = "all"
    """Each event type in ``folders`` or ``flat``, and besides all of them in ``mixed/``."""


class SampleOptions(Struct, frozen=True, kw_only=True):
    """What to write. The same options give the same bytes.

    Raises:
        ConfigError: a value cannot be; its message says what can.
    """

    events: int = 10_000
    """Distinct good events: what the tables must hold after a load."""
    drops: int = 100
    """Files. Fewer than there are event types leave the rarest types out in single-type layouts;
    where events are fewer than drops, some drops have no rows."""
    event_types: tuple[str, ...] = ()
    """Empty: all that the catalog knows, in realistic shares."""
    formats: SampleFormat = SampleFormat.MIXED
    compression: SampleCompression = SampleCompression.MIXED
    cadence: Cadence = Cadence.QUARTER_HOURLY
    layout: SampleLayout = SampleLayout.ALL
    start: datetime = datetime(2026, 1, 5, tzinfo=UTC)
    """Beginning of the first slot; a time without a zone is UTC."""
    seed: int = 1
    duplicates: float = 0.0
    """Share of the rows that deliver an earlier event again, processed later."""
    bad: float = 0.0
    """Share of the rows that cannot be loaded."""
    late: float = 0.0
    """Share of the events that happened 1 to 72 hours before their slot."""
    drift: bool = False
    """From the middle of the time on: new columns, one gone, other order, other spelling."""
    overwrite: bool = False
    """Write over an earlier sample; a folder that holds any other file is refused even then."""

    def __post_init__(self) -> None:
        for name, number, least in (("events", self.events, 0), ("drops", self.drops, 1)):
            if number < least:
                raise ConfigError(f"{name} is {number}; give at least {least}")
        for name, share, most in (
            ("duplicates", self.duplicates, 0.5),
            ("bad", self.bad, 0.4),
            ("late", self.late, 1.0),
        ):
            if not 0 <= share <= most:
                raise ConfigError(f"{name} is {share}; give a share between 0 and {most}")
        if self.first_slot.year < 1980:  # noqa: PLR2004 - what a zip archive can say
            raise ConfigError(f"start is {self.start}; give a time from 1980 on")

    @property
    def first_slot(self) -> datetime:
        """Beginning of the first slot, UTC."""
        if self.start.tzinfo is None:
            return self.start.replace(tzinfo=UTC)
        return self.start.astimezone(UTC)


class TypeCounts(Struct, kw_only=True):
    """What a sample holds of one event type."""

    events: int = 0
    duplicates: int = 0


class FormatCounts(Struct, kw_only=True):
    """What a sample holds in one format."""

    drops: int = 0
    rows: int = 0
    bytes: int = 0


class SampleReport(Struct, frozen=True, kw_only=True):
    """What was written, to check a load against: ``rows == events + duplicates + bad``.

    A load of all drops into an empty warehouse must insert ``events``, find ``duplicates`` to be
    duplicates (or, for event schemas that merge by upsert, updates) and quarantine ``bad``.
    """

    drops: int
    rows: int
    """All data rows, the bad ones included."""
    events: int
    duplicates: int
    """Good rows beyond the first of an event."""
    bad: int
    late: int
    bytes: int
    seed: int
    first_slot: datetime
    """Beginning of the first slot, UTC."""
    last_slot: datetime
    """Beginning of the last one."""
    unknown_columns: tuple[str, ...]
    """Columns in the drops that no event schema knows."""
    event_types: Mapping[str, TypeCounts]
    formats: Mapping[str, FormatCounts]
    bad_rows: Mapping[str, int]
    """By what is wrong with them."""

    def as_json(self) -> dict[str, object]:
        """Return the report in JSON's own types."""
        return as_dict(self) | {
            "first_slot": self.first_slot.isoformat(),
            "last_slot": self.last_slot.isoformat(),
            "unknown_columns": list(self.unknown_columns),
        }
