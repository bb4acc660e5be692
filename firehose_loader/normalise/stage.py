"""From the text of a batch to typed rows, keys and faults: what a warehouse merges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from firehose_loader.engine import DIALECT, Engine, columns_of
from firehose_loader.model import Content, Drop, Limits, Position, Rejection, Salvage
from firehose_loader.normalise.match import Match, Seen, Usage, match
from firehose_loader.normalise.match import cast as cast_sql
from firehose_loader.normalise.sightings import sighted
from firehose_loader.normalise.text import BatchText, TextFile
from firehose_loader.normalise.types import UNKNOWN, EventTypes, TypeSpellings
from firehose_loader.protocols import StagedBatch, StagedDrop, StagedTable
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.statements import literal, quoted, statement


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTypes:
    """What is known of a drop's event type without looking at its rows."""

    forced: str | None = None
    """A rule of the configuration: stands above everything."""
    default: str | None = None
    """From its folder, name or header: for rows that do not tell."""
    why: str = ""
    """What told it, for people: such as ``its folder email.open``."""


class Normaliser:
    """Normalises one batch. The schemas are those in force, recorded additions included."""

    def __init__(
        self,
        engine: Engine,
        *,
        schemas: Mapping[str, EventSchema],
        dictionary: Mapping[str, tuple[str, FieldType]],
        columns: Callable[[str], Mapping[str, FieldType | None]],
        limits: Limits,
    ) -> None:
        """Take what matching needs.

        Args:
            engine: where the work is done.
            schemas: by event type, ``unknown`` included.
            dictionary: by folded spelling, column and type that known fields have everywhere.
            columns: tells the columns that a table of the warehouse has.
            limits: of a row, and of the field names of the batch.
        """
        self._engine = engine
        self._schemas = schemas
        self._dictionary = dictionary
        self._columns = columns
        told_by = schemas[UNKNOWN].by_column["event_type"].spellings
        self._types = EventTypes(tuple(schemas), told_by)
        self._text = BatchText(engine, limits)

    def read(self, files: Sequence[TextFile]) -> list[TextFile]:
        """Read files as text, set-based; return those that need the strict parser.

        Raises:
            TooManyFields: together the drops have more field names than a batch may.
        """
        return self._text.read(files)

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
        """
        parsed = self._place_files([(drop, types) for drop, _, types, _ in drops])
        spellings = self._types.make_rows(self._engine, self._text.seen)
        matches = {
            type_no: sighted(self._engine, type_no, one)
            for type_no, one in self._match_types(spellings).items()
        }
        self._find_faults(matches)
        self._make_keys(matches)
        return StagedBatch(
            drops=[
                StagedDrop(
                    drop=drop,
                    content=content,
                    parsed=parsed.get(number, 0)
                    + sum(rejection.row is not None for rejection in rejections),
                    rejections=rejections,
                )
                for number, (drop, content, _, rejections) in enumerate(drops)
            ],
            tables=[self._table(type_no, one) for type_no, one in matches.items()],
            event_types=self._types.names,
            additions=[one.addition for one in matches.values() if one.addition],
            locate=locate,
        )

    def _place_files(self, drops: Sequence[tuple[Drop, DropTypes]]) -> dict[int, int]:
        """Tell the engine which file is which drop; return the rows read by ``drop_no``."""
        rows = []
        parsed: dict[int, int] = {}
        for extent in self._text.extents():
            drop, types = drops[extent.drop_no]
            parsed[extent.drop_no] = parsed.get(extent.drop_no, 0) + extent.rows
            forced, default = self._types.number(types.forced), self._types.number(types.default)
            rows.append(
                (extent.file, extent.drop_no, drop.drop_id, extent.first_seq, forced, default)
            )
        names = ("file", "drop_no", "drop_id", "first_seq", "forced_no", "type_no")
        self._engine.run("stage_files", columns_of(rows, names))
        return parsed

    def _match_types(self, spellings: TypeSpellings) -> dict[int, Match]:
        """Match the fields of the batch with the schema of each event type that occurs in it."""
        seen = self._text.seen
        strange = [one for one in seen if not self._known_to_all(one)]
        counts = "".join(
            f", count({value}), count_if(left({value}, 1) IN ('{{', '[') AND json_valid({value})),"
            f" min(CASE WHEN {value} IS NOT NULL THEN drop_no END)"
            for value in (_value(one, spellings.get(one.slot, {})) for one in strange)
        )
        matches: dict[int, Match] = {}
        for type_no, *numbers in sorted(self._engine.run("stage_usage", more_counts=counts)):
            values = cast("list[int]", numbers)
            usage = {
                one.slot: Usage(filled=filled, nested=nested, first_drop=first)
                for one, filled, nested, first in zip(
                    strange, values[::3], values[1::3], values[2::3], strict=True
                )
            }
            number = cast("int", type_no)
            schema = self._schemas[self._types.names[number]]
            told = {
                slot: tuple(sorted(text for text, names in of.items() if names == number))
                for slot, of in spellings.items()
            }
            matches[number] = match(
                schema,
                seen,
                usage=usage,
                dictionary=self._dictionary,
                existing=self._columns(schema.table),
                told=told,
                deciding=[one.slot for one in seen if self._types.decides(one.name)],
            )
        return matches

    def _known_to_all(self, one: Seen) -> bool:
        fields = [schema.field_of(one.name) for schema in self._schemas.values()]
        return all(
            field is not None and (field.column != "event_type" or self._types.decides(one.name))
            for field in fields
        )

    def _find_faults(self, matches: Mapping[int, Match]) -> None:
        values = ", ".join(one.sql for one in self._text.seen) or "NULL::VARCHAR"
        empty = (f"coalesce({values}, NULL) IS NULL", "missing_required", None, "the row is empty")
        cases = {number: _first_fault([empty, *_checks(one)]) for number, one in matches.items()}
        nothing = "NULL::STRUCT(reason VARCHAR, field VARCHAR, message VARCHAR)"
        self._engine.run("stage_faults", fault=_by_type(cases, nothing))

    def _make_keys(self, matches: Mapping[int, Match]) -> None:
        keys = {number: _key(one) for number, one in matches.items()}
        stamps = {number: _stamp(one) for number, one in matches.items()}
        self._engine.run(
            "stage_keys",
            key=_by_type(keys, "NULL::UUID"),
            stamp=_by_type(stamps, "NULL::TIMESTAMP"),
        )
        for (number,) in cast("list[tuple[int]]", self._engine.run("stage_keyless")):
            table = self._table(number, matches[number])
            self._engine.run(
                "stage_hashes",
                {"type_no": number},
                rows=table.rows,
                content=_content(table),
            )

    def _table(self, type_no: int, one: Match) -> StagedTable:
        columns = tuple(
            column
            for column in one.schema.by_column
            if column in one.sources or column == "event_type"
        )
        values = "".join(f", {one.value(column)} AS {quoted(column)}" for column in columns)
        rows = statement(
            DIALECT, "stage_typed", more_columns=values, rescued=one.rescued(), type_no=str(type_no)
        ).sql
        return StagedTable(type_no=type_no, schema=one.schema, columns=columns, rows=rows)


def _value(one: Seen, spellings: Mapping[str, int]) -> str:
    """SQL of a field's text where it does more than name the event type of its row."""
    column = quoted(one.slot)
    if not spellings:
        return column
    names = ", ".join(f"({number}, {literal(text)})" for text, number in sorted(spellings.items()))
    return f"CASE WHEN (type_no, {column}) NOT IN ({names}) THEN {column} END"


def _checks(one: Match) -> list[tuple[str, str, str | None, str]]:
    """What makes a row unfit to load: condition, reason, field, message."""
    schema = one.schema
    checks: list[tuple[str, str, str | None, str]] = []
    if schema.event_time is not None and schema.event_time in one.sources:
        name = schema.by_column[schema.event_time].name
        checks.append(
            (
                one.misfit(schema.event_time),
                "bad_event_time",
                name,
                f"{name} is not a date and time",
            )
        )
    checks += [
        (
            one.missing(field.column),
            "missing_required",
            field.name,
            f"{field.name} is missing, and {schema.event_type} {schema.version} requires it",
        )
        for field in schema.fields
        if field.required
    ]
    return checks


def _first_fault(checks: Sequence[tuple[str, str, str | None, str]]) -> str:
    whens = " ".join(
        f"WHEN {condition} THEN {{'reason': {literal(reason)},"
        f" 'field': {literal(field) if field else 'NULL::VARCHAR'}, 'message': {literal(message)}}}"
        for condition, reason, field, message in checks
    )
    return f"CASE {whens} END"


def _key(one: Match) -> str:
    """SQL of the key that the row itself names; NULL where it names none."""
    if not all(column in one.sources for column in one.schema.key):
        return "NULL::UUID"
    keys = [f"firehose_key({_spelling(one, column)})" for column in one.schema.key]
    if len(keys) == 1:
        return keys[0]
    return f"md5({' || '.join(f'{key}::VARCHAR' for key in keys)})::UUID"


def _spelling(one: Match, column: str) -> str:
    """SQL of a column's text, spelled one way where its type allows for several."""
    if one.schema.by_column[column].type is FieldType.TEXT:
        return one.text(column)
    return f"coalesce({one.value(column)}::VARCHAR, {one.text(column)})"


def _stamp(one: Match) -> str:
    """SQL of when the row was delivered, which orders versions of one event."""
    for field in one.schema.fields:
        if field.delivery and field.type is FieldType.TIMESTAMP and field.column in one.sources:
            return cast_sql(field.type, one.text(field.column))
    return "NULL::TIMESTAMP"


def _content(table: StagedTable) -> str:
    """SQL of all that makes two rows without an id the same event; delivery fields do not."""
    parts = [
        f"{literal(column + '=')} || strlen({text}) || ':' || {text}"
        for column in sorted(table.columns)
        if not table.schema.by_column[column].delivery
        for text in (_lasting_text(table.schema.by_column[column]),)
    ]
    return f"concat_ws(';', {', '.join(parts)}, firehose_rescued(r._rescued))"


def _lasting_text(field: Field) -> str:
    """SQL of a value's text, the same after its column became a wider one."""
    value = f"r.{quoted(field.column)}"
    if field.type is FieldType.NUMBER:
        return f"firehose_number_text({value})"
    if field.type is FieldType.DATE:
        return f"{value}::TIMESTAMP::VARCHAR"
    return f"{value}::VARCHAR"


def _by_type(expressions: Mapping[int, str], otherwise: str) -> str:
    """SQL that takes each row's expression by its event type; one alone where all agree."""
    if len(set(expressions.values())) <= 1:
        return next(iter(expressions.values()), otherwise)
    numbers: dict[str, list[int]] = {}
    for number, expression in expressions.items():
        numbers.setdefault(expression, []).append(number)
    whens = " ".join(
        f"WHEN r.type_no IN ({', '.join(map(str, of))}) THEN {expression}"
        for expression, of in numbers.items()
    )
    return f"CASE {whens} END"


__all__ = ["DropTypes", "Normaliser", "TextFile"]
