"""Read the rows of a batch of drops once more, and hold each cell against the tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from typing import cast

from msgspec.structs import replace

from firehose_loader.audit.cells import compare_cells
from firehose_loader.audit.files import Beginning, ReadDrop
from firehose_loader.audit.report import Why
from firehose_loader.audit.versions import Group, Versions, grouped
from firehose_loader.engine import columns_of
from firehose_loader.errors import TooManyFields
from firehose_loader.formats import locate
from firehose_loader.held_text import HeldText
from firehose_loader.loader import Loader
from firehose_loader.model import Content, Drift, Drop, Limits, Reason, Rejection
from firehose_loader.normalise import DropTypes
from firehose_loader.protocols import StagedBatch, Warehouse
from firehose_loader.schema.catalog import Catalog

_MOST_FIELDS_TOGETHER = 400


class DeepAudit:
    """Normalises drops again, each row under the schema version that it was loaded under."""

    def __init__(
        self,
        warehouse: Warehouse,
        catalog: Catalog,
        loader: Loader,
        types: Callable[[Drop, Content], DropTypes],
        limits: Limits,
    ) -> None:
        """Take what it works with.

        Args:
            warehouse: opened to look, with ``audit_accounts`` and ``audit_drops`` in its engine.
            catalog: the event schemas on file.
            loader: whose settings hold for normalising.
            types: tells the event type of a drop, as for a new one.
            limits: of a row, and of field names.
        """
        self._warehouse = warehouse
        self._engine = warehouse.engine()
        self._catalog = catalog
        self._loader = loader
        self._types = types
        self._limits = limits
        self.cells = 0
        """Cells that were compared."""
        self.left_out: dict[str, tuple[Why, str]] = {}
        """By drop id, why some of its rows could not be compared."""

    def compare(self, drops: Mapping[str, ReadDrop], beginnings: Mapping[str, Beginning]) -> None:
        """Note in ``audit_found`` what differs.

        Args:
            drops: with rows, by the id of the ledger.
            beginnings: of drops that are set aside as a whole, likewise.
        """
        self._hold_texts(drops, beginnings)
        versions = Versions(self._catalog, self._warehouse.additions())
        choices, unknown = versions.chosen(self._engine)
        self.left_out |= {
            drop_id: (Why.SCHEMA, why) for drop_id, why in unknown.items() if drop_id in drops
        }
        read = {drop_id: of for drop_id, of in choices.items() if drop_id in drops}
        for group in grouped(read):
            self._compare(group, [drops[drop_id] for drop_id in group.drop_ids])

    def _hold_texts(
        self, drops: Mapping[str, ReadDrop], beginnings: Mapping[str, Beginning]
    ) -> None:
        """Hold the texts of what is set aside against those of the files, masked as they are."""
        held = cast("list[tuple[str, list[int]]]", self._engine.run("audit_held_rows"))
        rows: list[tuple[object, ...]] = []
        named = [one.drop for one in drops.values()] + [one.drop for one in beginnings.values()]
        source = named[0].source
        with closing(self._loader.normaliser(source)) as normaliser:
            kept = HeldText(self._loader.personal.policies(source), normaliser)
            for drop_id, numbers in held:
                if drop_id in drops:
                    rows += self._texts(drops[drop_id], set(numbers), kept)
            whole = kept.of_rejections([_whole(one) for one in beginnings.values()])
            for drop_id, rejection in zip(beginnings, whole, strict=True):
                rows.append((drop_id, None, _hash(rejection.raw), None))
        names = ("drop_id", "row_no", "raw_hash", "reason")
        self._engine.run("audit_texts", columns_of(rows, names))
        self._engine.run("audit_raw")

    def _texts(
        self, one: ReadDrop, rows: Collection[int], kept: HeldText
    ) -> Iterator[tuple[object, ...]]:
        """Yield rows with a hash of their text, and why the parser refuses one if it does."""
        refused = {
            rejection.row: rejection
            for rejection in kept.of_rejections(
                [rejection for rejection in one.saved.rejections if rejection.row in rows]
            )
        }
        places = kept.of_rows(
            locate(
                one.path,
                one.content,
                {row for row in rows if row not in refused},
                max_row_bytes=self._limits.max_row_bytes,
            )
        )
        for row in sorted(rows):
            if row in refused:
                rejection = refused[row]
                yield one.drop.drop_id, row, _hash(rejection.raw), str(rejection.reason)
            elif row in places:
                yield one.drop.drop_id, row, _hash(places[row].raw), None

    def _compare(self, group: Group, drops: Sequence[ReadDrop]) -> None:
        most = self._limits.max_fields
        if len(drops) > 1:
            most = min(most, _MOST_FIELDS_TOGETHER)
        schemas = group.in_force(self._catalog)
        normaliser = self._loader.normaliser(
            drops[0].drop.source,
            schemas=schemas,
            limits=replace(self._limits, max_fields=most),
            # What a version does not know was kept beside its columns, or it would know it.
            drift=dict.fromkeys((one.event_type for one in schemas.values()), Drift.RESCUE),
        )
        with closing(normaliser):
            try:
                normaliser.read_salvaged([(n, one.saved) for n, one in enumerate(drops)])
            except TooManyFields as error:
                if len(drops) == 1:
                    self.left_out[drops[0].drop.drop_id] = (Why.UNREADABLE, str(error))
                    return
            else:
                known = {model.event_type for model in group.schemas}
                staged = normaliser.finish(
                    [
                        (one.drop, one.content, self._pinned(one, known), one.saved.rejections)
                        for one in drops
                    ],
                    lambda _number, _rows: {},
                )
                self._hold(staged, group)
                return
        middle = len(drops) // 2
        for half in (drops[:middle], drops[middle:]):
            self._compare(group, half)

    def _pinned(self, one: ReadDrop, known: Collection[str]) -> DropTypes:
        """Return what tells the event type of a drop, as far as it tells one that its rows have.

        Rules and event types may have come since.
        """
        types = self._types(one.drop, one.content)
        forced = types.forced if types.forced in known else None
        default = types.default if types.default in known else None
        if forced is None and default is None and len(known) == 1:
            (default,) = known
        return DropTypes(forced=forced, default=default)

    def _hold(self, staged: StagedBatch, group: Group) -> None:
        """Hold what was normalised against the warehouse."""
        numbers = list(enumerate(one.drop.drop_id for one in staged.drops))
        self._engine.run("audit_numbers", columns_of(numbers, ("drop_no", "drop_id")))
        self._engine.run("audit_types", columns_of(_types(staged, group), _TYPE_COLUMNS))
        for statement in ("audit_place", "audit_keys", "audit_reason"):
            self._engine.run(statement)
        compared = cast("list[tuple[str, int]]", self._engine.run("audit_compared"))
        rows = dict(compared)
        drop_ids = [drop_id for _, drop_id in numbers]
        left_out = self._loader.left_out
        self.cells += compare_cells(self._warehouse, staged.tables, drop_ids, rows, left_out)


_NONE = -1
_TYPE_COLUMNS = ("type_no", "event_type", "table_name", "version")


def _types(staged: StagedBatch, group: Group) -> Iterator[tuple[int, str, str, str]]:
    """Yield the event types that rows have in the warehouse or by their files, each once."""
    schemas = {schema.table: (_NONE, schema) for schema in group.schemas.values()}
    schemas |= {one.schema.table: (one.type_no, one.schema) for one in staged.tables}
    for type_no, schema in schemas.values():
        yield type_no, schema.event_type, schema.table, str(schema.version)


def _whole(one: Beginning) -> Rejection:
    """A drop as a whole, as it was kept."""
    return Rejection(
        row=None,
        line=None,
        offset=None,
        reason=Reason.UNPARSEABLE,
        field=None,
        message="",
        raw=one.text,
    )


def _hash(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
