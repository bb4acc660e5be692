"""Write down what the feed showed: new versions of event schemas, ready to commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from firehose_loader.review.evidence import TypeEvidence
from firehose_loader.review.verdicts import FieldEvidence, Verdict
from firehose_loader.schema.additions import Addition, Sighting, is_superseded
from firehose_loader.schema.evolve import Step, breaches, raised
from firehose_loader.schema.gather import Gathered
from firehose_loader.schema.model import EventSchema, Field
from firehose_loader.schema.names import fold
from firehose_loader.schema.writing import Document, field_document, new_version, properties_of


def corrected(evidence: TypeEvidence, gathered: Gathered) -> Document | None:
    """Return the next version of an event type as the feed shows it; None if that is the same.

    A field that came is ``observed`` from then on; one that came under an alias only takes that
    name and keeps its column; one of another type gets a wider one where there is one; fields that
    the feed added are in it. A field that is absent stays as it was: it does no harm.
    """
    base = newest(gathered, evidence.schema)
    properties = properties_of(gathered.files[base.event_type, base.version].content)
    fields: list[Field] = []
    written: dict[str, object] = {}
    for one in evidence.fields:
        known = base.by_column.get(one.field.column)
        field = _corrected_field(one)
        fields.append(field)
        if known is None or replace(field, evidence=known.evidence) != known:
            written[field.name] = field_document(field, comment=_comment(one))
        elif field.evidence != known.evidence:
            written[known.name] = _with_evidence(properties[known.name], field.evidence)
        else:
            written[known.name] = properties[known.name]
    after = replace(evidence.schema, version=base.version, fields=tuple(fields))
    if after.fields == base.fields:
        return None
    version = next(
        number
        for number in (raised(evidence.schema.version, step) for step in Step)
        if not list(breaches(base, replace(after, version=number)))
    )
    content = gathered.files[base.event_type, base.version].content
    document = new_version(content, version, written)
    if "required" in document:
        document["required"] = [field.name for field in fields if field.required]
    return document


def exported(
    additions: Sequence[Addition], schema: EventSchema, gathered: Gathered
) -> Iterator[Document]:
    """Yield the versions that the feed added to an event type, one document for each."""
    base = newest(gathered, schema)
    content = gathered.files[base.event_type, base.version].content
    known = set(base.by_column)
    version = base.version
    properties = properties_of(content)
    for addition in additions:
        of = (addition.event_type, addition.version.model)
        new = [
            field
            for field in addition.fields
            if field.column not in known and not is_superseded(field, addition, base)
        ]
        if of != (schema.event_type, version.model) or not new:
            continue
        version = max(addition.version, raised(version, Step.ADDITION))
        for field in new:
            sighting = addition.sightings.get(field.column, Sighting())
            properties[field.name] = field_document(field, comment=seen(sighting))
        known |= {field.column for field in new}
        yield new_version(content, version, properties)


def newest(gathered: Gathered, schema: EventSchema) -> EventSchema:
    """Return the newest version on file of an event type's model."""
    return max(
        (
            one
            for (event_type, version), one in gathered.schemas.items()
            if (event_type, version.model) == (schema.event_type, schema.version.model)
        ),
        key=lambda one: one.version,
    )


def seen(sighting: Sighting) -> str:
    """Say in a sentence how a field was first seen."""
    at = f"{sighting.first_seen_at:%Y-%m-%d}" if sighting.first_seen_at else "unknown"
    return (
        f"Seen first on {at} in the drop {sighting.first_drop_id}, in {sighting.filled} of"
        f" {sighting.rows} rows, such as {sighting.sample}. Its type: {sighting.why}."
    )


def _corrected_field(one: FieldEvidence) -> Field:
    field = one.field
    if one.filled and field.evidence == "inferred":
        field = replace(field, evidence="observed")
    if one.better_type is not None:
        field = replace(field, type=one.better_type)
    one_name = len({fold(name) for name in one.spelled}) == 1
    if one.verdict is Verdict.RESPELLED and one_name and field.column != "event_type":
        name = one.spelled[0]
        others = (field.name, *(alias for alias in field.aliases if fold(alias) != fold(name)))
        field = replace(field, name=name, aliases=others)
    return field


def _with_evidence(content: object, evidence: str) -> Document:
    """Return a field as it stands in a document, a reference included, with other evidence."""
    known = content if isinstance(content, dict) else {}
    return {**known, "x-evidence": evidence}


def _comment(one: FieldEvidence) -> str:
    if one.sighting is not None:
        return seen(one.sighting)
    return "" if one.verdict is Verdict.CONFIRMED else f"{one.message}."
