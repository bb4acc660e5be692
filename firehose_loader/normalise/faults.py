"""What makes a row unfit to be loaded."""

from __future__ import annotations

from firehose_loader.normalise.match import Match
from firehose_loader.statements import literal


def first_fault(one: Match, is_empty: str) -> str:
    """SQL of the first fault of a row as reason, field and message; NULL where it has none."""
    empty = (is_empty, "missing_required", None, "the row is empty")
    whens = " ".join(
        f"WHEN {condition} THEN {{'reason': {literal(reason)},"
        f" 'field': {literal(field) if field else 'NULL::VARCHAR'}, 'message': {literal(message)}}}"
        for condition, reason, field, message in [empty, *_checks(one)]
    )
    return f"CASE {whens} END"


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
