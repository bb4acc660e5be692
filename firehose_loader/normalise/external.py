"""The plan of an event schema for a warehouse that reads drops itself: one SELECT in its SQL.

Only what is plain is told by it: spellings that mean the same wherever they are read. A drop in
which anything else stands is for the engine, which knows what to make of it. That way both ways of
loading give the same rows, and a row that is set aside keeps the very bytes that were delivered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from firehose_loader.normalise.match import Match, Seen, match
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.statements import literal

_DIGITS = "(0|[1-9][0-9]{0,17})"
_TIME = (
    "^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?"
    "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$"
)
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_NIL = "00000000-0000-0000-0000-000000000000"
_CASTS = {
    FieldType.TEXT: "{}",
    FieldType.INTEGER: "TRY_CAST({} AS NUMBER(38, 0))",
    FieldType.NUMBER: "TRY_CAST({} AS FLOAT)",
    FieldType.BOOLEAN: "(LOWER({}) = 'true')",
    FieldType.DATE: "TRY_CAST({} AS DATE)",
    FieldType.JSON: "{}",
}
_UNFIT = {FieldType.INTEGER, FieldType.NUMBER, FieldType.TIMESTAMP, FieldType.DATE}
"""No value of these begins with a letter."""


class Plan(Struct, frozen=True, kw_only=True):
    """How rows of one event type and one set of fields become typed; all in SQL, of a row ``r``."""

    schema: EventSchema
    values: Mapping[str, str]
    """By column of the schema; JSON as text."""
    key: str
    rescued: str
    """Texts that no column holds, as the text of a JSON object; NULL where there are none."""
    plain: str
    """True of the rows that all this tells rightly."""


def _text_of(one: Seen) -> str:
    """SQL of a field's text."""
    if not one.without:
        return f"r.{one.slot}"
    texts = ", ".join(literal(name) for name in one.without)
    return f"CASE WHEN r.{one.slot} NOT IN ({texts}) THEN r.{one.slot} END"


def planned(  # noqa: PLR0913 - what a plan depends on
    schema: EventSchema,
    seen: Sequence[Seen],
    *,
    told: Mapping[str, tuple[str, ...]],
    deciding: Collection[str],
    rescues: bool,
    documents: bool,
    left_out: Collection[str] = (),
) -> Plan | None:
    """Return how rows are typed; None where their fields do not tell which event each is.

    Args:
        schema: the version in force.
        seen: the fields that rows may have.
        told: by slot of the fields that may tell event types, the texts that stand for this one.
        deciding: slots of the fields that decide on event types.
        rescues: unknown fields go to ``_rescued``; else their drops are not for this.
        documents: they come from JSON; beside each slot stands the kind of its value.
        left_out: columns of which nothing is stored.
    """
    found = match(
        schema,
        seen,
        usage={},
        dictionary={},
        existing=dict,
        told=told,
        deciding=deciding,
        hashed=(),
        grows=False,
    )
    if schema.key != ("event_id",) or not all(column in found.sources for column in schema.key):
        return None
    filled = {one.slot for sources in found.sources.values() for one in sources}
    ordinary = [
        Seen(name=one.name, slot=one.slot, without=told.get(one.slot, ()))
        for one in seen
        if one.slot not in filled
    ]
    names_it = schema.event_type != "unknown"
    columns = {
        column: _text(sources)
        for column, sources in found.sources.items()
        if not (names_it and column == "event_type")
    }
    kinds = {column: schema.by_column[column].type for column in columns}
    values = {column: cast(kinds[column], columns[column]) for column in columns}
    if names_it:
        values["event_type"] = literal(schema.event_type)
    rescued = [
        (one, f"CASE WHEN {_unfit(_text_of(one))} THEN {_text_of(one)} END")
        for column in columns
        if kinds[column] in _UNFIT and column not in {schema.event_time, *left_out}
        for one in found.sources[column]
    ]
    if rescues:
        rescued += [(one, _text_of(one)) for one in ordinary]
    conditions = [
        *_wholeness(found, seen),
        *(
            _fits(kinds[column], columns[column], rescued=column != schema.event_time)
            for column in columns
            if kinds[column] is not FieldType.TEXT
        ),
        *(_known_key(columns[column]) for column in schema.key),
        *(
            f"COALESCE(r.{one.slot} IN ({_texts(found.own_names.get(one.slot, ()))}), TRUE)"
            for one in (found.sources.get("event_type", ()) if names_it else ())
        ),
        *(f"{_text_of(one)} IS NULL" for one in ordinary if not rescues),
    ]
    if documents:
        whole = [one for c in columns if kinds[c] is FieldType.TEXT for one in found.sources[c]]
        # A number keeps its value, but not for sure its spelling: 1.0 may have become 1.
        conditions += [
            f"COALESCE(r.{one.slot}_kind IN ('VARCHAR', 'BOOLEAN', 'NULL_VALUE'), TRUE)"
            for one in (*whole, *(ordinary if rescues else ()))
        ]
    stored = schema.without(left_out)
    return Plan(
        schema=stored,
        values={column: values[column] for column in stored.by_column if column in values},
        key=_key(columns[schema.key[0]]),
        rescued=_rescued(rescued),
        plain="\n    AND ".join(conditions),
    )


def cast(kind: FieldType, value: str) -> str:
    """SQL of a plain text as a type."""
    if kind is not FieldType.TIMESTAMP:
        return _CASTS[kind].format(value)
    local = (
        "TRY_TO_TIMESTAMP_NTZ(REPLACE(REGEXP_REPLACE("
        f"{value}, '(Z|[+-][0-9]{{2}}:[0-9]{{2}})$', ''), 'T', ' '))"
    )
    sign = f"CASE WHEN SUBSTR(RIGHT({value}, 6), 1, 1) = '-' THEN 1 ELSE -1 END"
    hours = f"TRY_CAST(SUBSTR(RIGHT({value}, 6), 2, 2) AS NUMBER(38, 0))"
    minutes = f"TRY_CAST(RIGHT({value}, 2) AS NUMBER(38, 0))"
    return (
        f"CASE WHEN REGEXP_LIKE({value}, '^.{{19,26}}[+-][0-9]{{2}}:[0-9]{{2}}$')"
        f" THEN DATEADD('minute', ({sign}) * ({hours} * 60 + {minutes}), {local}) ELSE {local} END"
    )


def _text(sources: Sequence[Seen]) -> str:
    texts = [_text_of(one) for one in sources]
    return texts[0] if len(texts) == 1 else f"COALESCE({', '.join(texts)})"


def _wholeness(found: Match, seen: Sequence[Seen]) -> Iterator[str]:
    """Yield what is true where a row has all that it must, and each of it once."""
    yield "NOT r.odd"
    yield f"COALESCE({', '.join(f'r.{one.slot}' for one in seen)}, NULL) IS NOT NULL"
    for field in found.schema.fields:
        sources = found.sources.get(field.column, ())
        if field.required:
            yield f"{_text(sources)} IS NOT NULL" if sources else "FALSE"
        if len(sources) > 1:
            filled = " + ".join(f"IFF({_text_of(one)} IS NULL, 0, 1)" for one in sources)
            yield f"{filled} <= 1"


def _fits(kind: FieldType, value: str, *, rescued: bool) -> str:
    """SQL that is true of a text that is plainly of a type, or plainly not; and of none."""
    conditions = f"{value} IS NULL OR ({_spelled(kind, value)})"
    if kind in _UNFIT and rescued:
        conditions += f" OR {_unfit(value)}"
    return f"({conditions})"


def _spelled(kind: FieldType, value: str) -> str:
    match kind:
        case FieldType.INTEGER:
            return f"REGEXP_LIKE({value}, '^-?{_DIGITS}$')"
        case FieldType.NUMBER:
            return (
                f"REGEXP_LIKE({value}, '^-?(0|[1-9][0-9]{{0,8}})([.][0-9]{{1,6}})?$')"
                f" AND NOT REGEXP_LIKE({value}, '^-0([.]0*)?$')"
            )
        case FieldType.BOOLEAN:
            return f"LOWER({value}) IN ('true', 'false')"
        case FieldType.TIMESTAMP:
            return f"REGEXP_LIKE({value}, '{_TIME}') AND {cast(kind, value)} IS NOT NULL"
        case FieldType.DATE:
            return (
                f"REGEXP_LIKE({value}, '^(19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}$')"
                f" AND {cast(kind, value)} IS NOT NULL"
            )
        case _:
            return (
                f"LEFT({value}, 1) IN ('{{', '[') AND TRY_PARSE_JSON({value}) IS NOT NULL"
                f" AND NOT CONTAINS(LOWER({value}), 'nan') AND NOT CONTAINS(LOWER({value}), 'inf')"
            )


def _unfit(value: str) -> str:
    """SQL that is true of a text that is no number and no time for sure."""
    return f"(REGEXP_LIKE(LEFT({value}, 1), '^[A-Za-z]$') AND LOWER(TRIM({value})) <> 'null')"


def _known_key(value: str) -> str:
    """SQL that is true where a text names an event, and only one reading of it is at hand."""
    return (
        f"(REGEXP_LIKE(LOWER({value}), '{_UUID}') AND {value} <> '{_NIL}'"
        f" OR LOWER(TRIM({value})) NOT IN ('', 'null') AND NOT CONTAINS({value}, CHR(92)) AND NOT"
        f" REGEXP_LIKE(REGEXP_REPLACE(LOWER({value}), '[^0-9a-z]', ''), '^[0-9a-f]{{32}}$'))"
    )


def _key(value: str) -> str:
    digest = f"MD5(TRIM({value}))"
    parts = " || '-' || ".join(
        f"SUBSTR({digest}, {first}, {count})"
        for first, count in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    )
    lower = f"LOWER({value})"
    return f"CASE WHEN REGEXP_LIKE({lower}, '{_UUID}') THEN {lower} ELSE {parts} END"


def _rescued(texts: Sequence[tuple[Seen, str]]) -> str:
    if not texts:
        return "NULL::VARCHAR"
    some = " OR ".join(f"{value} IS NOT NULL" for _, value in texts)
    members = ", ".join(f"{literal(one.name)}, {value}" for one, value in texts)
    return f"CASE WHEN {some} THEN TO_JSON(OBJECT_CONSTRUCT({members})) END"


def _texts(names: Collection[str]) -> str:
    return ", ".join(literal(name) for name in sorted(names)) or "NULL"
