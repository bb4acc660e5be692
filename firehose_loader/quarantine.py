"""Retry rows that are held: read each again from its own text, under today's schemas."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from msgspec import Struct, field

from firehose_loader.errors import DropsRefused, SchemaError, ScreenChanged
from firehose_loader.formats import RowText, header_of, reread
from firehose_loader.history import HeldFilter, HeldRow
from firehose_loader.loader import Loader
from firehose_loader.model import Content, Drift, Drop, Format, Reason, Rejection, RowCounts
from firehose_loader.normalise import DropTypes, Normaliser
from firehose_loader.protocols import StagedBatch, Warehouse
from firehose_loader.schema.model import EventSchema
from firehose_loader.spool import SpoolFolder

_ROWS = 20_000
"""About so many rows are retried in one transaction."""
Types = Callable[[Drop, Content], DropTypes]


class RetryReport(Struct, kw_only=True):
    """What retrying did, or would do."""

    selected: int = 0
    """Rows that were meant, and rows of the same drop with the same text."""
    accepted: RowCounts = field(default_factory=RowCounts)
    """Rows that today's schemas accept, and what became of them."""
    events: dict[str, RowCounts] = field(default_factory=dict)
    still_held: int = 0
    """Rows that today's schemas refuse, and conflicts."""
    need_their_drop: int = 0
    """Rows and drops whose text is not whole: only a replay of the drop reads them again."""


class Retry:
    """Retries held rows with a loader's schemas, or with other versions of some."""

    def __init__(
        self,
        warehouse: Warehouse,
        loader: Loader,
        types: Types,
        drift: Mapping[str, Mapping[str, Drift]],
        spool: Path,
    ) -> None:
        """Take what it works with.

        Args:
            warehouse: where the rows are held.
            loader: whose schemas hold.
            types: tells a drop's event type as for a new drop.
            drift: by source and event type, what becomes of unknown fields.
            spool: where files may be put for a while.
        """
        self._warehouse = warehouse
        self._loader = loader
        self._types = types
        self._drift = drift
        self._spool = spool

    def retry(
        self, wanted: HeldFilter, schemas: Sequence[EventSchema], *, preview: bool
    ) -> RetryReport:
        """Load the rows that the schemas accept now; with ``preview`` only tell which would be."""
        report = RetryReport()
        for drop_ids in _groups(self._warehouse.held_drops(wanted)):
            rows = self._chosen(wanted, drop_ids)
            readable = [row for row in rows if row.can_be_retried]
            report.selected += len(rows)
            report.need_their_drop += len(rows) - len(readable)
            for source in sorted({row.drop.source for row in readable}):
                groups: Sequence[Sequence[HeldRow]] = _alike(
                    [row for row in readable if row.drop.source == source]
                )
                while groups:
                    groups = self._transaction(source, groups, schemas, report, preview=preview)
        return report

    def _transaction(
        self,
        source: str,
        groups: Sequence[Sequence[HeldRow]],
        schemas: Sequence[EventSchema],
        report: RetryReport,
        *,
        preview: bool,
    ) -> Sequence[Sequence[HeldRow]]:
        """Retry rows of one source; return the groups that must be tried again without others.

        Rows with fields that a frozen schema does not know stay held.
        """
        if not preview:
            self._loader.personal.use_key(source)
        normaliser = self._loader.normaliser(
            source,
            schemas={**self._loader.schemas, **{one.event_type: one for one in schemas}},
            drift=self._drift.get(source),
        )
        with (
            SpoolFolder(self._spool, "retry") as folder,
            closing(normaliser),
        ):
            try:
                staged = self._staged(normaliser, groups, Path(folder))
            except DropsRefused as refused:
                report.still_held += sum(len(groups[number]) for number in refused.reasons)
                return [one for n, one in enumerate(groups) if n not in refused.reasons]
            try:
                receipt = self._warehouse.retry(staged, preview=preview)
            except (ScreenChanged, SchemaError) as error:
                self._loader.look_again(error)
                return groups
        if not preview:
            self._loader.learn(staged)
        report.accepted.add(receipt.accepted)
        report.still_held += receipt.still_held
        for event_type, counts in receipt.events.items():
            report.events.setdefault(event_type, RowCounts()).add(counts)
        return []

    def _chosen(self, wanted: HeldFilter, drop_ids: Collection[str]) -> list[HeldRow]:
        """Return the rows that are meant, and those of their drops with the same text.

        Rows without an id are told apart by their number among equal rows of their drop, so these
        must come together.
        """
        rows = self._warehouse.held(HeldFilter(drop_ids=drop_ids))
        meant = [row for row in rows if _is_meant(row, wanted)]
        texts = {(row.drop.drop_id, row.raw) for row in meant if row.can_be_retried}
        ids = {row.id for row in meant}
        return [row for row in rows if row.id in ids or (row.drop.drop_id, row.raw) in texts]

    def _staged(
        self, normaliser: Normaliser, groups: Sequence[Sequence[HeldRow]], folder: Path
    ) -> StagedBatch:
        """Read rows again, each group as if it were a drop."""
        drops: list[tuple[Drop, Content | None, DropTypes, tuple[Rejection, ...]]] = []
        saved = []
        for number, group in enumerate(groups):
            texts = [RowText(row.row or 0, row.raw, row.context or "") for row in group]
            saved.append((number, reread(texts, folder / str(number))))
            header = header_of(texts[0].context)
            content = Content(format=Format.CSV if header else Format.NDJSON, header=header)
            types = self._types(group[0].drop, content)
            if types == DropTypes():
                types = DropTypes(default=group[0].event_type)
            drops.append((group[0].drop, content, types, ()))
        normaliser.read_salvaged(saved)
        return normaliser.finish(drops, lambda _number, _rows: {})


def _groups(counts: Mapping[str, int]) -> Iterator[list[str]]:
    """Group drops, those with few held rows together."""
    group: list[str] = []
    rows = 0
    for drop_id, count in counts.items():
        if group and rows + count > _ROWS:
            yield group
            group, rows = [], 0
        group.append(drop_id)
        rows += count
    if group:
        yield group


def _alike(rows: Sequence[HeldRow]) -> list[list[HeldRow]]:
    """Group rows, those of one drop and event type together."""
    groups: dict[tuple[str, str | None], list[HeldRow]] = {}
    for row in rows:
        groups.setdefault((row.drop.drop_id, row.event_type), []).append(row)
    return list(groups.values())


def _is_meant(row: HeldRow, wanted: HeldFilter) -> bool:
    reasons: Collection[Reason] | None = wanted.reasons
    return (
        (wanted.ids is None or row.id in wanted.ids)
        and (reasons is None or row.reason in reasons)
        and (wanted.event_type is None or row.event_type == wanted.event_type)
    )
