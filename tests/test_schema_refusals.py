from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from firehose_loader.errors import SchemaError
from firehose_loader.privacy import CLASSES
from firehose_loader.schema.catalog import load_catalog
from tests.schema_documents import (
    METASCHEMA,
    a_document,
    with_field,
    write,
)

# Each: the document, where it is wrong, what is said, and whether its form alone shows it.
REFUSED: dict[str, tuple[object, str, str, bool]] = {
    "an array": ([], "", "must be one JSON object", True),
    "an unknown keyword": (
        a_document(**{"x-merg": "upsert"}),
        "/x-merg",
        "did you mean 'x-merge'?",
        True,
    ),
    "a keyword of validators": (
        with_field("state", {"type": "string", "enum": ["a"]}),
        "/properties/state/enum",
        "no keyword 'enum' here; known are",
        True,
    ),
    "an unknown annotation of a field": (
        with_field("state", {"type": "string", "x-alias": ["a"]}),
        "/properties/state/x-alias",
        "did you mean 'x-aliases'?",
        True,
    ),
    "another dialect": (
        a_document(**{"$schema": "http://json-schema.org/draft-07/schema#"}),
        "/$schema",
        "must be https://json-schema.org/draft/2020-12/schema",
        True,
    ),
    "no event type": (a_document(**{"x-event-type": None}), "/x-event-type", "email.open", True),
    "an event type that is none": (
        a_document(**{"x-event-type": "shop/order"}),
        "/x-event-type",
        "'shop/order' is not the name of an event type",
        True,
    ),
    "an event type in another folder": (
        a_document(**{"x-event-type": "shop.basket"}),
        "/x-event-type",
        "says 'shop.basket', but the folder is 'shop.order'",
        False,
    ),
    "no version": (a_document(**{"x-version": None}), "/x-version", "like 1-0-0", True),
    "a bad version": (a_document(**{"x-version": "1.0"}), "/x-version", "like 1-0-0", True),
    "a number for a version": (a_document(**{"x-version": 1}), "/x-version", "must be str", True),
    "a version in another file": (
        a_document(**{"x-version": "1-0-1"}),
        "/x-version",
        "name it 1-0-1.json",
        False,
    ),
    "not an object's schema": (a_document(type="array"), "/type", '"type": "object"', True),
    "a merge that is none": (
        a_document(**{"x-merge": "replace"}),
        "/x-merge",
        "'replace' is not one of insert, upsert",
        True,
    ),
    "evidence that is none": (
        a_document(**{"x-evidence": "sure"}),
        "/x-evidence",
        "'sure' is not one of known, inferred",
        True,
    ),
    "closed to new fields": (
        a_document(additionalProperties=False),
        "/additionalProperties",
        "`drift`",
        True,
    ),
    "no fields": (a_document(properties={}), "/properties", "at least one field", True),
    "a required field that is not there": (
        a_document(required=["eventId", "basket"]),
        "/required/1",
        "no field 'basket'",
        False,
    ),
    "a field that is no object": (
        a_document(properties={"a": "string"}),
        "/properties/a",
        "must be object, not str",
        True,
    ),
    "a field without a name": (
        with_field("_", {"type": "string"}),
        "/properties/_",
        "nothing is left",
        False,
    ),
    "a field without a type": (
        with_field("state", {"description": "?"}),
        "/properties/state",
        "the field has no type; write string",
        True,
    ),
    "a type that no column has": (
        with_field("state", {"type": "decimal"}),
        "/properties/state/type",
        "no column has the type decimal",
        True,
    ),
    "two types at once": (
        with_field("state", {"type": ["string", "integer", "null"]}),
        "/properties/state/type",
        "no column has the type string and integer and null",
        False,
    ),
    "a type twice": (
        with_field("state", {"type": ["string", "string"]}),
        "/properties/state/type",
        "names a type twice",
        True,
    ),
    "a column that is null": (
        with_field("state", {"type": "string", "x-column": None}),
        "/properties/state/x-column",
        "must be str, not null; or leave it out",
        True,
    ),
    "nothing but null": (
        with_field("state", {"type": ["null"]}),
        "/properties/state/type",
        "no column has the type null",
        True,
    ),
    "a format that no column has": (
        with_field("state", {"type": "string", "format": "time"}),
        "/properties/state/type",
        "no column has the type string with the format 'time'",
        True,
    ),
    "a format of another type": (
        with_field("state", {"type": "integer", "format": "date"}),
        "/properties/state/type",
        "no column has the type integer with the format 'date'",
        False,
    ),
    "a column of the loader": (
        with_field("state", {"type": "string", "x-column": "_row"}),
        "/properties/state/x-column",
        "write 'row'",
        True,
    ),
    "a column of the engine": (
        with_field("state", {"type": "string", "x-column": "rowid"}),
        "/properties/state/x-column",
        "such as 'rowid_2'",
        False,
    ),
    "a column in camel case": (
        with_field("state", {"type": "string", "x-column": "orderState"}),
        "/properties/state/x-column",
        "write 'order_state'",
        True,
    ),
    "a column without a name": (
        with_field("state", {"type": "string", "x-column": ""}),
        "/properties/state/x-column",
        "write 'state'",
        True,
    ),
    "two fields for one column": (
        with_field("sum", {"type": "number", "x-column": "total"}),
        "/properties/sum",
        "'total' is already that of the field 'total'",
        False,
    ),
    "two fields with one spelling": (
        with_field("TOTAL", {"type": "number", "x-column": "total_2"}),
        "/properties/TOTAL",
        "cannot be told from the field 'total'",
        False,
    ),
    "an alias that is another field": (
        with_field("amount", {"type": "number"}),
        "/properties/total/x-aliases/0",
        "'amount' is the name of the field 'amount'",
        False,
    ),
    "an alias that says nothing": (
        with_field("state", {"type": "string", "x-aliases": ["status", "-"]}),
        "/properties/state/x-aliases/1",
        "nothing is left",
        False,
    ),
    "aliases that are no list": (
        with_field("state", {"type": "string", "x-aliases": "status"}),
        "/properties/state/x-aliases",
        "must be array, not str",
        True,
    ),
    "an alias that is no text": (
        with_field("state", {"type": "string", "x-aliases": ["status", 1]}),
        "/properties/state/x-aliases/1",
        "must be str, not int",
        True,
    ),
    "aliases beside a reference that are no list": (
        with_field(
            "eventDate", {"$ref": "../common/1-0-0.json#/$defs/eventDate", "x-aliases": "at"}
        ),
        "/properties/eventDate/x-aliases",
        "must be array, not str",
        True,
    ),
    "evidence of a field that is none": (
        with_field("state", {"type": "string", "x-evidence": "sure"}),
        "/properties/state/x-evidence",
        "'sure' is not one of",
        True,
    ),
    "an unknown class of personal data": (
        with_field("state", {"type": "string", "x-pii": "name"}),
        "/properties/state/x-pii",
        f"is not one of {', '.join(CLASSES)}",
        True,
    ),
    "a pointer that needs escaping": (
        with_field("a/b~c", {"type": "decimal"}),
        "/properties/a~1b~0c/type",
        "no column",
        True,
    ),
    "a key that no field has": (
        a_document(**{"x-key": ["event_id", "order_id"]}),
        "/x-key/1",
        "no field has the column 'order_id'; write one of event_date, event_id, total",
        False,
    ),
    "an empty key": (a_document(**{"x-key": []}), "/x-key", "one or more columns", True),
    "a key column twice": (
        a_document(**{"x-key": ["total", "total"]}),
        "/x-key",
        "each once",
        True,
    ),
    "an event time that no field has": (
        a_document(**{"x-event-time": "sent_at"}),
        "/x-event-time",
        "no field has the column 'sent_at'",
        False,
    ),
    "an event time that is no time": (
        a_document(**{"x-event-time": "total"}),
        "/x-event-time",
        "of type number",
        False,
    ),
    "a reference to a missing field": (
        with_field("x", {"$ref": "../common/1-0-0.json#/$defs/nothing"}),
        "/properties/x/$ref",
        "names no shared field",
        False,
    ),
    "a reference to a missing version": (
        with_field("x", {"$ref": "../common/7-0-0.json#/$defs/email"}),
        "/properties/x/$ref",
        "names no shared field",
        False,
    ),
    "a reference of another form": (
        with_field("x", {"$ref": "#/properties/total"}),
        "/properties/x/$ref",
        "write ../common/<version>.json#/$defs/<field>",
        True,
    ),
    "a reference that is no text": (
        with_field("x", {"$ref": 1}),
        "/properties/x/$ref",
        "names no shared field",
        True,
    ),
    "a type beside a reference": (
        with_field("email", {"$ref": "../common/1-0-0.json#/$defs/email", "type": "integer"}),
        "/properties/email/type",
        "cannot stand beside $ref",
        True,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_document_that_is_wrong_is_refused_with_file_place_and_remedy(
    tmp_path: Path, name: str
) -> None:
    document, pointer, message, _ = REFUSED[name]
    path = write(tmp_path, document)

    with pytest.raises(SchemaError) as refused:
        load_catalog(tmp_path)

    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{path}: {pointer}{': ' if pointer else ''}")
    assert message in line


@pytest.mark.parametrize("name", REFUSED)
def test_the_metaschema_refuses_what_its_form_alone_shows_to_be_wrong(name: str) -> None:
    document, _, _, formal = REFUSED[name]

    assert Draft202012Validator(METASCHEMA).is_valid(document) is not formal
