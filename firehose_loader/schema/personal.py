"""What class of personal data a field holds that no event schema describes, by its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from msgspec.structs import replace

from firehose_loader.privacy import PiiClass
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.schema.names import fold, is_payload, snake, within_payload

_NAMES = {
    PiiClass.EMAIL: "e_?mails?|mail_?(address|box)|(from|to|cc|bcc|sender|reply_?to)_address",
    PiiClass.PHONE: "phones?|tele?phones?|tel|fax|mobiles?|msisdns?|cell(_?phone)?|sms_?number"
    "|(mobile|phone)_?(number|no)",
    PiiClass.IP: "ips?|ip_?(v4|v6|addr(ess)?(es)?)|remote_addr(ess)?|client_addr(ess)?",
    PiiClass.USER_AGENT: "user_?agents?|ua",
    PiiClass.URL_QUERY: "urls?|uris?|links?|href|referr?er",
    PiiClass.ID: "(contact|profile|user|person|customer|subscriber|member|device|visitor)_?ids?"
    "|(push|device)_?tokens?|cookies?",
    PiiClass.FREE_TEXT: "(first|last|full|given|family|middle|user|nick|display|contact|customer)"
    "_?names?|surnames?|forenames?|salutation|(birth|b)_?(day|date)|date_of_birth|dob|gender|sex"
    "|street|address(es)?(_?(line)?_?[0-9])?|post_?codes?|zip(_?codes?)?|(message|reply)_?text"
    "|messages?|body|comments?|notes?|feedback|subject|passports?|iban|ssn|national_?id",
}
"""By class, what the last words of a name in snake case are."""
_PATTERNS = {of: re.compile(rf"(?:.*_)?(?:{words})(?:_?[0-9]+)?") for of, words in _NAMES.items()}

_CONTACT = re.compile("contactids?$")


@lru_cache(maxsize=4096)
def class_by_name(name: str) -> PiiClass | None:
    """Return the class of personal data that a field's name tells of; None where it tells none.

    >>> class_by_name("backupEmail"), class_by_name("HOME_PHONE"), class_by_name("linkId")
    (<PiiClass.EMAIL: 'email'>, <PiiClass.PHONE: 'phone'>, None)
    """
    words = snake(within_payload(name) or name)
    return next((of for of, pattern in _PATTERNS.items() if pattern.fullmatch(words)), None)


def class_of_field(field: Field) -> PiiClass | None:
    """Return the class of a field: as declared; of one that the feed added, as its name tells."""
    if field.pii is not None:
        return PiiClass(field.pii)
    return class_by_name(field.name) if field.evidence == "observed" else None


def classes_by_spelling(schemas: Iterable[EventSchema]) -> Mapping[str, PiiClass]:
    """Return the classes of all fields that any schema declares, by folded spelling."""
    found: dict[str, PiiClass] = {}
    for field in (field for schema in schemas for field in schema.fields):
        if (pii := class_of_field(field)) is not None:
            for spelling in field.spellings:
                found.setdefault(spelling, pii)
    return found


def class_of_name(name: str, declared: Mapping[str, PiiClass]) -> PiiClass | None:
    """Return the class of a field by its name; ``declared`` are the classes by folded spelling."""
    if is_payload(name):
        return None  # an envelope: its members tell
    inner = within_payload(name) or name
    return declared.get(fold(inner)) or class_by_name(inner)


def identified_by(name: str, declared: Mapping[str, PiiClass]) -> PiiClass | None:
    """Return as what a field's values identify a contact; None where they do not by its name.

    >>> identified_by("contact_id", {}), identified_by("deviceId", {}), identified_by("name", {})
    (<PiiClass.ID: 'id'>, None, None)
    """
    found = class_of_name(name, declared)
    if found is PiiClass.ID:
        return found if _CONTACT.search(fold(name)) else None
    return found if found in {PiiClass.EMAIL, PiiClass.PHONE} else None


def as_stored(
    schema: EventSchema, hashed: Collection[PiiClass], columns: Mapping[str, FieldType | None]
) -> EventSchema:
    """Return a schema in which personal data that is hashed is text, whatever it was before.

    Where a column of the table is text by now, because it holds pseudonyms, so is its field.
    """
    fields = tuple(
        replace(field, type=FieldType.TEXT)
        if field.type not in {FieldType.TEXT, FieldType.JSON}
        and (pii := class_of_field(field)) is not None
        and (pii in hashed or columns.get(field.column) is FieldType.TEXT)
        else field
        for field in schema.fields
    )
    return schema if fields == schema.fields else replace(schema, fields=fields)
