"""From the text of a batch to typed rows, keys and faults: what a warehouse merges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import cast

from msgspec.structs import replace

from firehose_loader.engine import Engine, columns_of
from firehose_loader.errors import DropsRefused, SchemaFrozen
from firehose_loader.model import Content, Drift, Drop, Limits, Position, Rejection, Salvage
from firehose_loader.normalise.expiry import Expiry
from firehose_loader.normalise.faults import first_fault
from firehose_loader.normalise.forgotten import Forgotten
from firehose_loader.normalise.keys import content_sql, key_sql, stamp_sql
from firehose_loader.normalise.masking import Masking
from firehose_loader.normalise.match import Match, Usage, match
from firehose_loader.normalise.shapes import SHAPE_SEQS, Kinds, Shape
from firehose_loader.normalise.sightings import sighted
from firehose_loader.normalise.text import BatchText
from firehose_loader.normalise.text_file import TextFile
from firehose_loader.normalise.typed import landed, typed
from firehose_loader.normalise.types import UNKNOWN, DropTypes, EventTypes, TypeSpellings, by_type
from firehose_loader.normalise.usage import used
from firehose_loader.privacy import KEEP_ALL, Policies, Screen
from firehose_loader.protocols import StagedBatch, StagedDrop, StagedTable
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.statements import quoted

_DEAR_SQL = 6000
"""Statements that are longer take the engine longer to plan than small drops take to load."""
_MANY_ROWS = 100_000
"""To copy or look at so many takes longer than to plan how they are typed."""
_KEEPS_ALL = Screen()


class Normaliser:
    """Normalises one batch. The schemas are those in force, recorded additions included."""

    def __init__(  # noqa: PLR0913 - what matching needs
        self,
        engine: Engine,
        *,
        schemas: Mapping[str, EventSchema],
        dictionary: Mapping[str, tuple[str, FieldType]],
        columns: Callable[[str], Mapping[str, FieldType | None]],
        limits: Limits,
        drift: Mapping[str, Drift] | None = None,
        policies: Policies = KEEP_ALL,
        row_key: str | None = None,
        screen: Screen = _KEEPS_ALL,
        left_out: Mapping[str, Collection[str]] | None = None,
        lands: bool = False,
    ) -> None:
        """Take what matching and masking need.

        Args:
            engine: where the work is done.
            schemas: by event type, ``unknown`` included.
            dictionary: by folded spelling, column and type that known fields have everywhere.
            columns: tells the columns that a table of the warehouse has.
            limits: of a row, and of the field names of the batch.
            drift: by event type, what becomes of unknown fields; they evolve where it says nothing.
            policies: what becomes of personal data.
            row_key: id of the key that names rows without an id, if there is one.
            screen: of whom and from when nothing may be loaded.
            left_out: by event type, columns of which nothing is stored.
            lands: keep rows as they are, in one table for all event types.
        """
        self._engine = engine
        self._masking = Masking(engine, policies, schemas.values(), row_key=row_key)
        self.forgotten = Forgotten(engine, screen.people, schemas.values())
        """Finds the people of whom nothing may be loaded."""
        if lands:
            newest = {name: one for name, one in schemas.items() if name == one.event_type}
            schemas, dictionary = {name: one.landed() for name, one in newest.items()}, {}
        self._schemas = schemas
        self._dictionary = dictionary
        self._columns = columns
        self._drift = drift or {}
        told_by = schemas[UNKNOWN].by_column["event_type"].spellings
        self._types = EventTypes(schemas, told_by)
        self._screen = screen
        self._left_out = left_out or {}
        self._expiry = Expiry(engine, screen.retention)
        kinds = Kinds(schemas, dictionary)
        self._text = BatchText(engine, kinds, limits, self._masking.name)
        self._ungathered: set[int] = set()

    def read(
        self, files: Sequence[TextFile], is_sound: Callable[[TextFile], bool]
    ) -> list[TextFile]:
        """Read files set-based; return those that need the strict parser.

        Where the engine may have lost lines of a file, ``is_sound`` is asked for its word.

        Raises:
            TooManyFields: together the drops have more field names than a batch may.
        """
        return self._text.read(files, is_sound)

    def read_salvaged(self, salvages: Sequence[tuple[int, Salvage]]) -> None:
        """Read what the strict parser saved of drops, by ``drop_no``; raises as ``read`` does."""
        self._text.read_salvaged(salvages)

    def finish(
        self,
        drops: Sequence[tuple[Drop, Content | None, DropTypes, tuple[Rejection, ...]]],
        locate: Callable[[int, Collection[int]], Mapping[int, Position]],
    ) -> StagedBatch:
        """Type, key and check all rows that were read.

        Args:
            drops: of the whole batch, by ``drop_no``, with the rows rejected before this.
            locate: passed on to the warehouse.

        Raises:
            DropsRefused: drops have fields that no version of a frozen schema knows.
        """
        parsed = self._place_files([(drop, types) for drop, _, types, _ in drops])
        self._text.settle()
        self._engine.run(
            "macro_said_of_many" if sum(parsed.values()) >= _MANY_ROWS else "macro_said"
        )
        spellings = {
            shape.number: self._types.make_rows(self._engine, shape) for shape in self._text.shapes
        }
        parts = self._match_types(spellings)
        self._engine.run("stage_begin_faults")
        self._engine.run("stage_begin_keys")
        self._expiry.begin(
            [drop for drop, *_ in drops],
            {
                number: self._types.schemas[number].event_type
                for number in {number for _, matches in parts for number in matches}
            },
        )
        tables = [table for shape, matches in parts for table in self._tables(shape, matches)]
        additions = {
            one.schema.table: one.addition
            for _, matches in parts
            for one in matches.values()
            if one.addition
        }
        contents = self.forgotten.contents([content for _, content, _, _ in drops])
        return StagedBatch(
            drops=[
                StagedDrop(
                    drop=drop,
                    content=(content := self._expiry.content(drop, contents[number]))
                    and self._masking.content(content),
                    parsed=parsed.get(number, 0)
                    + sum(rejection.row is not None for rejection in rejections),
                    rejections=self._expiry.rejections(drop, rejections),
                )
                for number, (drop, _, _, rejections) in enumerate(drops)
            ],
            tables=sorted(tables, key=lambda table: table.type_no),
            event_types=[schema.event_type for schema in self._types.schemas],
            additions=[
                additions[schema.table]
                for schema in self._types.schemas
                if schema.table in additions
            ],
            locate=locate,
            gather=self._gather,
            screened=self._screen.version,
        )

    @property
    def masking(self) -> Masking:
        """What masks the personal data of the batch."""
        return self._masking

    def close(self) -> None:
        """Give the memory of the batch's rows back, once it is loaded."""
        self._text.close()
        self._masking.close()

    def _place_files(self, drops: Sequence[tuple[Drop, DropTypes]]) -> dict[int, int]:
        """Tell the engine which file is which drop; return the rows read by ``drop_no``."""
        rows = []
        parsed: dict[int, int] = {}
        for extent in self._text.extents():
            drop, types = drops[extent.drop_no]
            parsed[extent.drop_no] = parsed.get(extent.drop_no, 0) + extent.rows
            forced, default = self._types.number(types.forced), self._types.number(types.default)
            rows.append(
                (extent.file, extent.drop_no, drop.drop_id, extent.first_row, forced, default)
            )
        names = ("file", "drop_no", "drop_id", "first_row", "forced_no", "type_no")
        self._engine.run("stage_files", columns_of(rows, names))
        return parsed

    def _match_types(
        self, spellings: Mapping[int, TypeSpellings]
    ) -> list[tuple[Shape, Mapping[int, Match]]]:
        """Match the fields of the batch with the schema of each event type that occurs in it.

        Returns, by shape, the event types that occur in it and how its fields match.

        Raises:
            DropsRefused: drops have fields that a frozen schema does not know.
        """
        uses = [
            (shape, used(self._engine, shape, self._types, spellings[shape.number]))
            for shape in self._text.shapes
        ]
        told: dict[str, dict[str, int]] = {}
        for of in spellings.values():
            for slot, names in of.items():
                told.setdefault(slot, {}).update(names)
        whole: dict[int, Match] = {}
        frozen: dict[int, dict[str, list[str]]] = {}
        for number in sorted({number for _, of in uses for number in of}):
            one = self._match(number, [of[number] for _, of in uses if number in of], told)
            parts = [(shape.rows, one.within(shape.fields)) for shape, of in uses if number in of]
            version = f"{one.schema.event_type} {one.schema.version}"
            for drop_no, unknown in self._frozen(number, one, parts).items():
                frozen.setdefault(drop_no, {})[version] = unknown
            whole[number] = one
        if frozen:
            raise DropsRefused({number: SchemaFrozen(of) for number, of in frozen.items()})
        matched = [
            (shape, {number: whole[number].within(shape.fields) for number in of})
            for shape, of in uses
            if of  # else all of its files went to the strict parser
        ]
        whole = sighted(self._engine, whole, [(shape.rows, of) for shape, of in matched])
        return [
            (shape, {number: whole[number].within(shape.fields) for number in of})
            for shape, of in matched
        ]

    def _match(
        self,
        number: int,
        uses: Sequence[Mapping[str, Usage]],
        told: Mapping[str, Mapping[str, int]],
    ) -> Match:
        """Match one event type over all shapes in which it occurs."""
        usage: dict[str, Usage] = {}
        for slot, one in (item for of in uses for item in of.items()):
            usage[slot] = usage[slot].joined(one) if slot in usage else one
        schema, newest = self._types.schemas[number], self._types.newest(number)
        if schema.lands:
            return landed(schema, self._text.seen)
        return match(
            schema,
            self._text.seen,
            usage=usage,
            dictionary=self._dictionary,
            existing=cache(partial(self._columns, schema.table)),
            told={
                slot: tuple(sorted(text for text, names in of.items() if names == newest))
                for slot, of in told.items()
            },
            deciding=[one.slot for one in self._text.seen if self._types.decides(one.name)],
            hashed=self._masking.hashed,
            grows=self._drift.get(schema.event_type, Drift.EVOLVE) is Drift.EVOLVE,
        )

    def _frozen(
        self, number: int, one: Match, parts: Sequence[tuple[str, Match]]
    ) -> Mapping[int, list[str]]:
        """Return by drop the fields that a frozen schema does not know."""
        if not one.loose or self._drift[one.schema.event_type] is not Drift.FREEZE:
            return {}
        unknown: dict[int, list[str]] = {}
        type_no = {"type_no": number}
        for rows, part in parts:
            counts = "".join(f", count({source.sql})" for source in part.loose)
            found = self._engine.run("stage_frozen", type_no, rows=rows, more_counts=counts)
            for drop_no, *filled in cast("list[tuple[int, ...]]", found):
                counted = zip(part.loose, filled, strict=True)
                unknown.setdefault(drop_no, []).extend(s.name for s, count in counted if count)
        return {drop_no: names for drop_no, names in unknown.items() if names}

    def _tables(self, shape: Shape, matches: Mapping[int, Match]) -> Iterator[StagedTable]:
        """Find the faults and keys of a shape's rows; yield what is to be merged of it."""
        seqs = {"first_seq": shape.first_seq, "end_seq": shape.first_seq + SHAPE_SEQS}
        is_empty = " AND ".join(f"r.{name} IS NULL" for name, _ in shape.columns) or "true"
        faults = {number: first_fault(one, is_empty) for number, one in matches.items()}
        without_faulty = "ANTI JOIN staged_faults AS f ON r.seq = f.seq"
        faulty = self.forgotten.set_aside(shape)
        joins = without_faulty if faulty else ""
        faulty += self._expiry.set_aside(shape, matches, joins)
        faulty += self._engine.changed(
            "stage_faults",
            rows=shape.rows,
            row_joins=without_faulty if faulty else "",
            fault=by_type(faults),
        )
        self._engine.run(
            "stage_keys",
            rows=shape.rows,
            row_joins=without_faulty if faulty else "",
            key=by_type({number: key_sql(one) for number, one in matches.items()}),
            stamp=by_type({number: stamp_sql(one) for number, one in matches.items()}),
        )
        keyless = {number for (number,) in self._engine.run("stage_keyless", seqs)}
        ((size,),) = cast("list[tuple[int]]", self._engine.run("stage_size", table=shape.table))
        for number, one in matches.items():
            # Mostly every row can be loaded and names its key: no need to look it up again.
            key = None if faulty or number in keyless else key_sql(one)
            table = typed(shape, number, one, key)
            masked = self._masking.table(table)
            if number in keyless:
                self._name_rows(masked if self._masking.names_by_masked else table)
            if (kept := one.without(self._left_out.get(one.schema.event_type, ()))) is not one:
                masked = self._masking.table(typed(shape, number, kept, key))
            yield self._held(shape, masked, small=size < _MANY_ROWS)

    def _name_rows(self, table: StagedTable) -> None:
        """Give a key to the rows that have no id."""
        self._engine.run(
            "stage_hashes",
            rows=table.rows,
            content=content_sql(table),
            hashed=self._masking.digest(),
        )

    def _held(self, shape: Shape, table: StagedTable, *, small: bool) -> StagedTable:
        """Return a table whose rows are typed already, if typing them is dear to plan."""
        if len(table.rows) <= _DEAR_SQL or not small:
            self._ungathered.add(shape.number)
            return table
        typed = quoted(f"staged_typed_{shape.number}_{table.type_no}")
        shape.aids.append(typed)
        self._engine.run("stage_hold", table=typed, rows=table.rows)
        duplicates = f"FROM {typed} AS r SEMI JOIN staged_duplicates AS d ON r._seq = d.seq"
        return replace(table, rows=f"FROM {typed}", duplicates=duplicates)

    def _gather(self) -> None:
        """Take the duplicates out of each shape from whose view they would be typed."""
        for shape in self._text.shapes:
            if shape.number in self._ungathered:
                shape.aids.append(shape.again)
                self._engine.run("stage_again", table=shape.again, rows=shape.rows)


__all__ = ["DropTypes", "Normaliser", "TextFile"]
