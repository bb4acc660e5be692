"""The loader's own tables in a warehouse: ledger, runs, recorded additions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import cast

from firehose_loader.engine import Row, columns_of
from firehose_loader.errors import CountsDiffer, DropsTaken
from firehose_loader.model import Content, Drop, DropState, Receipt, RowCounts, RunRecord
from firehose_loader.protocols import StagedBatch
from firehose_loader.schema.additions import Addition, Sighting
from firehose_loader.schema.model import Field, FieldType, Version
from firehose_loader.warehouse.keys import to_text
from firehose_loader.warehouse.session import Session

DROPS = (
    "drop_id",
    "source",
    "key",
    "version",
    "size_bytes",
    "modified",
    "state",
    "attempts",
    "format",
    "compression",
    "header",
    "rows_parsed",
    "rows_inserted",
    "rows_updated",
    "rows_identical",
    "rows_superseded",
    "rows_conflicting",
    "rows_quarantined",
    "event_rows",
    "error",
    "message",
    "run_id",
    "first_seen_at",
    "finished_at",
    "rows_expired",
)
RUNS = (
    "run_id",
    "started_at",
    "finished_at",
    "status",
    "exit_code",
    "loader_version",
    "summary",
    "costs",
)
SCHEMAS = (
    "event_type",
    "version",
    "field",
    "aliases",
    "column_name",
    "type",
    "why",
    "rows_seen",
    "rows_filled",
    "sample",
    "first_drop_id",
    "first_seen_at",
)
_SchemaRow = tuple[
    str, str, str, list[str] | str, str, str, str, int, int, str | None, str, datetime
]


class Ledger:
    """Writes the loader's own tables. What belongs to a batch is written in its transaction."""

    def __init__(self, session: Session, qualified: Callable[[str], str]) -> None:
        self._session = session
        self._drops = qualified("_firehose_drops")
        self._runs = qualified("_firehose_runs")
        self._schemas = qualified("_firehose_schemas")

    def write(self, batch: StagedBatch, receipt: Receipt, *, run_id: str, now: datetime) -> None:
        """Write the ledger rows of a batch."""
        past = self._past([staged.drop for staged in batch.drops])
        rows = []
        for staged in batch.drops:
            whole = next((one for one in staged.rejections if one.row is None), None)
            rows.append(
                _ledger_row(
                    staged.drop,
                    DropState.QUARANTINED if whole else DropState.LOADED,
                    receipt.drops[staged.drop.drop_id],
                    event_rows=receipt.event_rows.get(staged.drop.drop_id),
                    content=staged.content,
                    error=whole.reason if whole else None,
                    message=whole.message if whole else None,
                    run_id=run_id,
                    now=now,
                    past=past.get(staged.drop.drop_id),
                )
            )
        self._put(rows, past)

    def write_failure(
        self, drop: Drop, *, run_id: str, error: str, message: str, now: datetime
    ) -> None:
        """Write that a drop could not be loaded."""
        past = self._past([drop])
        self._put(
            [
                _ledger_row(
                    drop,
                    DropState.FAILED,
                    RowCounts(),
                    content=None,
                    error=error,
                    message=message,
                    run_id=run_id,
                    now=now,
                    past=past.get(drop.drop_id),
                )
            ],
            past,
        )

    def write_held(
        self, source: str, drops: Collection[Drop], *, run_id: str, now: datetime
    ) -> None:
        """Write which drops of a source are held, in place of what was written of others."""
        ids = [drop.drop_id for drop in drops]
        self._session.run("drops_unhold", {"source": source, "drop_id": ids}, table=self._drops)
        past = self._past(drops)
        rows = [
            _ledger_row(
                drop,
                DropState.HELD,
                RowCounts(),
                content=None,
                error=None,
                message=None,
                run_id=run_id,
                now=now,
                past=None,
            )
            for drop in drops
            if drop.drop_id not in past
        ]
        if rows:
            self._session.run("drops_add", columns_of(rows, DROPS), table=self._drops)

    def adopt(self, drops: Collection[Drop], *, run_id: str, message: str, now: datetime) -> int:
        """Write that drops were loaded by other means, unless they are done with; return how many.

        They may have been loaded since they were listed.
        """
        taken = self._taken([drop.drop_id for drop in drops], run_id=run_id)
        left = [drop for drop in drops if drop.drop_id not in taken]
        past = self._past(left)
        rows = [
            _ledger_row(
                drop,
                DropState.ADOPTED,
                RowCounts(),
                content=None,
                error=None,
                message=message,
                run_id=run_id,
                now=now,
                past=past.get(drop.drop_id),
            )
            for drop in left
        ]
        if rows:
            self._put(rows, past)
        return len(rows)

    def refuse_taken(self, batch: StagedBatch, *, run_id: str) -> None:
        """Raise DropsTaken if another run is done with drops that this one took for new."""
        if taken := self._taken([staged.drop.drop_id for staged in batch.drops], run_id=run_id):
            raise DropsTaken(taken)

    def record_additions(self, batch: StagedBatch, *, now: datetime) -> None:
        """Record what the batch adds to event schemas."""
        rows = [
            (
                addition.event_type,
                str(addition.version),
                field.name,
                list(field.aliases),
                field.column,
                str(field.type),
                sighting.why,
                sighting.rows,
                sighting.filled,
                sighting.sample,
                batch.drops[staged.first_drop].drop.drop_id,
                now,
            )
            for staged in batch.additions
            for addition in [staged.addition]
            for field in addition.fields
            for sighting in [addition.sightings.get(field.column, Sighting())]
        ]
        if rows:
            self._session.run("schemas_add", columns_of(rows, SCHEMAS), table=self._schemas)

    def write_run(self, run: RunRecord) -> None:
        """Write the record of a run."""
        self._session.run(
            "runs_add",
            {
                "run_id": run.run_id,
                "started_at": run.started_at,
                "finished_at": run.finished_at,
                "status": run.status,
                "exit_code": run.exit_code,
                "loader_version": run.loader_version,
                "summary": run.summary,
                "costs": run.costs,
            },
            table=self._runs,
        )

    def sources(self) -> list[str]:
        """Return the sources of which there are drops."""
        return [str(source) for (source,) in self._session.run("drops_sources", drops=self._drops)]

    def check_balance(self) -> None:
        """Raise CountsDiffer if there is a drop that does not account for every row."""
        if found := self._session.run("drops_unbalanced", drops=self._drops):
            raise CountsDiffer(
                f"{found[0][0]}: its counts would not balance any more; nothing was changed"
            )

    def _taken(self, drop_ids: Sequence[str], *, run_id: str) -> set[str]:
        """Return those of some drops that another run is done with."""
        looked_for = {"drop_id": drop_ids, "run_id": run_id}
        found = self._session.run("drops_taken", looked_for, table=self._drops)
        return {str(drop_id) for (drop_id,) in found}

    def _past(self, drops: Collection[Drop]) -> Mapping[str, tuple[int, datetime]]:
        """Return the attempts so far and the first sight of drops that the ledger has."""
        ids = [drop.drop_id for drop in drops]
        rows = self._session.run("drops_past", {"drop_id": ids}, table=self._drops)
        return {
            drop_id: (attempts, first)
            for drop_id, attempts, first in cast("list[tuple[str, int, datetime]]", rows)
        }

    def _put(self, rows: list[tuple[object, ...]], past: Collection[str]) -> None:
        """Write rows in place of those of drops that the ledger has."""
        if past:
            self._session.run("drops_forget", {"drop_id": list(past)}, table=self._drops)
        self._session.run("drops_add", columns_of(rows, DROPS), table=self._drops)


def recorded(rows: Iterable[Row]) -> Sequence[Addition]:
    """Return the additions that rows of ``_firehose_schemas`` tell of, in their order."""
    found: dict[tuple[str, Version], list[tuple[Field, Sighting]]] = {}
    for row in cast("Iterable[_SchemaRow]", rows):
        event_type, version, name, aliases, column, kind, why, seen, filled, sample, drop, at = row
        field = Field(
            name=name,
            column=column,
            type=FieldType(kind),
            aliases=tuple(json.loads(aliases) if isinstance(aliases, str) else aliases),
            evidence="observed",
        )
        sighting = Sighting(
            why=why,
            rows=seen,
            filled=filled,
            sample=sample,
            first_drop_id=drop,
            first_seen_at=at,
        )
        found.setdefault((event_type, Version.parse(version)), []).append((field, sighting))
    return [
        Addition(
            event_type=event_type,
            version=version,
            fields=tuple(field for field, _ in of),
            sightings={field.column: sighting for field, sighting in of},
        )
        for (event_type, version), of in found.items()
    ]


@lru_cache(maxsize=64)
def _names(header: tuple[str, ...]) -> list[str]:
    """Return the names of a header, which mostly all drops of a batch have, as valid text."""
    return [to_text(name) for name in header]


def _ledger_row(  # noqa: PLR0913 - one row of the ledger
    drop: Drop,
    state: DropState,
    counts: RowCounts,
    *,
    event_rows: Mapping[str, int] | None = None,
    content: Content | None,
    error: str | None,
    message: str | None,
    run_id: str,
    now: datetime,
    past: tuple[int, datetime] | None,
) -> tuple[object, ...]:
    attempts, first_seen = past or (0, now)
    return (
        drop.drop_id,
        drop.source,
        to_text(drop.key),
        drop.version,
        drop.size_bytes,
        drop.modified,
        str(state),
        attempts + (state not in {DropState.HELD, DropState.ADOPTED}),
        str(content.format) if content else None,
        content.compression if content else None,
        _names(content.header) if content else None,
        counts.parsed,
        counts.inserted,
        counts.updated,
        counts.identical,
        counts.superseded,
        counts.conflicting,
        counts.quarantined,
        json.dumps(event_rows) if event_rows else None,
        error,
        message,
        run_id,
        first_seen if first_seen.tzinfo else first_seen.replace(tzinfo=UTC),
        now,
        counts.expired,
    )
