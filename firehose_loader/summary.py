"""What a run did, for people and for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field

from firehose_loader.errors import ExitCode, FirehoseError
from firehose_loader.markup import html_table
from firehose_loader.model import Costs, Receipt, RowCounts
from firehose_loader.steps import Steps

_DROP_COUNTS = (
    *("listed", "new", "loaded", "quarantined", "failed", "held", "skipped"),
    *("archived", "deleted", "waiting"),
)


class SourceSummary(Struct, kw_only=True):
    """One source in one run."""

    name: str
    drops: Counter[str] = field(default_factory=Counter)
    """Drops listed; of these waiting (for a later merge), new, held (still being written) and
    skipped (known, or left out by a glob); of the new ones loaded, quarantined and failed."""
    rows: RowCounts = field(default_factory=RowCounts)
    encodings: Counter[str] = field(default_factory=Counter)
    """Drops in another encoding than UTF-8, by its name."""
    read: Counter[str] = field(default_factory=Counter)
    """Where the warehouse reads drops by itself: how many it did ("warehouse"), and how many were
    read here, by the reason."""

    def as_json(self) -> dict[str, object]:
        """Return it as ``--json`` prints it."""
        return {
            "name": self.name,
            "drops": _drops(self.drops),
            "rows": self.rows.document(),
            "encodings": dict(sorted(self.encodings.items())),
            "read": dict(sorted(self.read.items())),
        }


class Trouble(Struct, frozen=True, kw_only=True):
    """One thing that went wrong."""

    error: str
    """Name of the error's class, or the reason of a quarantine."""
    message: str
    source: str | None = None
    drop: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return it as ``--json`` prints it."""
        return {
            "source": self.source,
            "drop": self.drop,
            "error": self.error,
            "message": self.message,
        }


class RunSummary(Struct, kw_only=True):
    """One run."""

    run_id: str
    seconds: float = 0.0
    steps: Steps = field(default_factory=Steps)
    """Where they went."""
    sources: list[SourceSummary] = field(default_factory=list)
    events: dict[str, RowCounts] = field(default_factory=dict)
    errors: list[Trouble] = field(default_factory=list)
    tables_made: list[str] = field(default_factory=list)
    """Event tables that came with this run."""
    assumed: dict[str, Counter[str]] = field(default_factory=dict)
    """By event type that got a table: its fields by how they are known (``inferred``, ...)."""
    costs: Costs | None = None
    put_off_until: datetime | None = None
    """The run loaded nothing: what is new waits until then."""
    forgotten: int = 0
    """Quarantined rows that name people who were forgotten."""
    exit_code: ExitCode = ExitCode.OK
    """The worst that happened, without ``--strict``."""

    @property
    def drops(self) -> Counter[str]:
        """Drops of all sources."""
        return sum((source.drops for source in self.sources), Counter())

    @property
    def rows(self) -> RowCounts:
        """Rows of all sources."""
        total = RowCounts()
        for source in self.sources:
            total.add(source.rows)
        return total

    @property
    def status(self) -> str:
        """One word for it.

        ``ok``; ``partial`` where something was set aside or is to be tried again; ``failed`` where
        a source could not be worked through.
        """
        if self.exit_code not in {ExitCode.OK, ExitCode.FAILED_DROPS}:
            return "failed"
        return "partial" if self.set_aside or self.exit_code else "ok"

    @property
    def set_aside(self) -> int:
        """Rows and drops that somebody has to look after: not those of who was forgotten."""
        rows = self.rows
        return rows.quarantined - self.forgotten + rows.conflicting + self.drops["quarantined"]

    def add_receipt(self, source: SourceSummary, receipt: Receipt) -> None:
        """Count what one batch did."""
        for counts in receipt.drops.values():
            source.rows.add(counts)
        for event_type, counts in receipt.events.items():
            self.events.setdefault(event_type, RowCounts()).add(counts)
        self.tables_made += receipt.tables_made
        self.forgotten += receipt.forgotten

    def add_error(
        self, error: FirehoseError, *, source: str | None = None, drop: str | None = None
    ) -> None:
        """Note what went wrong; the exit code is that of the worst."""
        self.errors.append(
            Trouble(error=type(error).__name__, message=str(error), source=source, drop=drop)
        )
        self.exit_code = worst([self.exit_code, error.exit_code])

    def as_json(self, *, exit_code: ExitCode | None = None) -> dict[str, object]:
        """Return it as ``--json`` prints it."""
        return {
            "run_id": self.run_id,
            "status": self.status,
            "exit_code": int(self.exit_code if exit_code is None else exit_code),
            "seconds": round(self.seconds, 3),
            "drops": _drops(self.drops),
            "rows": self.rows.document(),
            "forgotten": self.forgotten,
            "events": {name: of.document() for name, of in sorted(self.events.items())},
            "sources": [source.as_json() for source in self.sources],
            "errors": [trouble.as_json() for trouble in self.errors],
            "put_off_until": self.put_off_until and self.put_off_until.isoformat(),
            "costs": self.costs.document() if self.costs else None,
        }

    def _repr_html_(self) -> str:
        """Return what a notebook shows of it."""
        drops, rows = self.drops, self.rows
        told = (
            f"{self.status}: {drops['listed']} drops listed, {drops['loaded']} loaded,"
            f" {drops['quarantined']} quarantined, {drops['failed']} failed;"
            f" {rows.parsed} rows in {self.seconds:.1f} s"
        )
        events = html_table(
            told,
            ("event type", "inserted", "updated", "duplicate", "quarantined"),
            [
                (name, of.inserted, of.updated, of.duplicate, of.quarantined)
                for name, of in sorted(self.events.items())
            ],
        )
        if not self.errors:
            return events
        return events + html_table(
            "errors",
            ("source", "drop", "error", "message"),
            [(one.source, one.drop, one.error, one.message) for one in self.errors],
        )


_SEVERITY = [
    ExitCode.OK,
    ExitCode.QUARANTINE,
    ExitCode.FAILED_DROPS,
    ExitCode.MISSING,
    ExitCode.BUSY,
    ExitCode.FATAL,
    ExitCode.UNEXPECTED,
]


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the exit code that says most of what has to be done."""
    return max(codes, default=ExitCode.OK, key=_SEVERITY.index)


def _drops(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in _DROP_COUNTS}
