from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

from firehose_loader.schema.catalog import UNKNOWN_TYPE, Catalog, load_catalog
from firehose_loader.schema.model import Field, FieldType, Version
from tests.schema_documents import (
    DOCUMENTS,
    EVENT_TYPES,
    METASCHEMA,
    SCHEMAS,
    VERSIONS,
)

REGISTRY: Registry[Any] = Registry().with_contents(
    (document.get("$id", ""), document) for document in DOCUMENTS.values()
)
V1 = Version(1, 0, 0)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def schema_id(path: Path) -> str:
    return path.relative_to(SCHEMAS).as_posix()


def all_fields(catalog: Catalog) -> Iterator[Field]:
    return (field for schema in catalog for field in schema.fields)


# -- what is shipped -----------------------------------------------------------------------------


def test_all_event_types_of_the_feed_are_shipped(catalog: Catalog) -> None:
    assert set(catalog.event_types) == EVENT_TYPES
    assert all(catalog.versions(event_type) == (V1,) for event_type in EVENT_TYPES)
    assert {schema.origin for schema in catalog} == {"shipped"}


def test_rows_of_unknown_type_have_a_schema_of_shared_fields(catalog: Catalog) -> None:
    unknown = catalog.latest(UNKNOWN_TYPE)

    shared = set(catalog.latest("email.open").by_column) | set(catalog.latest("sms.send").by_column)
    assert UNKNOWN_TYPE not in catalog.event_types
    assert set(unknown.by_column) <= shared


@pytest.mark.parametrize("path", DOCUMENTS, ids=schema_id)
def test_a_shipped_document_passes_the_metaschema(path: Path) -> None:
    Draft202012Validator.check_schema(DOCUMENTS[path])
    problems = [
        error.message for error in Draft202012Validator(METASCHEMA).iter_errors(DOCUMENTS[path])
    ]

    assert problems == []


@pytest.mark.parametrize(
    "path", sorted(VERSIONS.glob("*/*.json")), ids=lambda path: f"{path.parent.name} {path.stem}"
)
def test_a_users_sound_document_passes_the_metaschema(path: Path) -> None:
    assert Draft202012Validator(METASCHEMA).is_valid(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", DOCUMENTS, ids=schema_id)
def test_the_identifier_of_a_shipped_document_ends_in_its_path(path: Path) -> None:
    base = METASCHEMA["$id"].removesuffix("metaschema.json")

    assert DOCUMENTS[path]["$id"] == base + schema_id(path)


def test_the_metaschema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(METASCHEMA)


def test_a_column_has_one_type_in_all_shipped_event_types(catalog: Catalog) -> None:
    types: dict[str, set[FieldType]] = {}
    for field in all_fields(catalog):
        types.setdefault(field.column, set()).add(field.type)

    assert {column: found for column, found in types.items() if len(found) > 1} == {}


def test_every_event_type_begins_with_the_columns_of_the_envelope(catalog: Catalog) -> None:
    envelope = ("event_id", "event_type", "event_date", "processed_date", "account_id")

    for schema in catalog:
        assert tuple(schema.by_column)[:5] == envelope
        assert tuple(schema.by_column)[-1] == "data"


def test_nothing_shipped_depends_on_columns_that_are_not_published(catalog: Catalog) -> None:
    assert {field.evidence for field in all_fields(catalog)} == {"inferred"}
    assert not any(field.required for field in all_fields(catalog))
    assert {schema.merge for schema in catalog} == {"insert"}
    assert {schema.key for schema in catalog} == {("event_id",)}


def test_every_shipped_event_type_has_a_table_of_its_own(catalog: Catalog) -> None:
    assert len({schema.table for schema in catalog}) == len(list(catalog))


def test_only_the_time_of_processing_tells_of_the_delivery(catalog: Catalog) -> None:
    assert {field.column for field in all_fields(catalog) if field.delivery} == {"processed_date"}


def test_every_shipped_field_is_described(catalog: Catalog) -> None:
    assert [field.name for field in all_fields(catalog) if not field.description] == []


def test_no_alias_of_a_shipped_schema_is_claimed_twice_or_says_nothing_new(
    catalog: Catalog,
) -> None:
    for schema in catalog:
        spellings = [spelling for field in schema.fields for spelling in field.spellings]
        written = [name for field in schema.fields for name in (field.name, *field.aliases)]

        assert len(set(spellings)) == len(spellings) == len(written), schema.event_type


@pytest.mark.parametrize(
    ("event_type", "values"),
    [
        ("email.failed", ["hardBounced", "softBounced", "mailBlocked"]),
        ("transactional.emailFailed", ["hardBounced", "softBounced", "mailBlocked"]),
        (
            "sms.failed",
            ["failed", "expired", "deleted", "softBounced", "hardBounced", "skipped"],
        ),
    ],
)
def test_the_kinds_of_failure_that_are_known_are_named(
    catalog: Catalog, event_type: str, values: list[str]
) -> None:
    description = catalog.latest(event_type).by_column["failure_type"].description

    assert all(re.search(rf"\b{value}\b", description) for value in values)


@pytest.mark.parametrize(
    ("column", "pii"),
    [
        ("email", "email"),
        ("mobile_number", "phone"),
        ("ip_address", "ip"),
        ("user_agent", "user_agent"),
        ("message", "free_text"),
        ("url", "url_query"),
        ("contact_id", "id"),
        ("campaign_id", None),
    ],
)
def test_personal_data_is_marked(catalog: Catalog, column: str, pii: str | None) -> None:
    marks = {field.pii for field in all_fields(catalog) if field.column == column}

    assert marks == {pii}


# -- the documents as JSON Schema ----------------------------------------------------------------


def validator(event_type: str) -> Draft202012Validator:
    document = DOCUMENTS[SCHEMAS / event_type / "1-0-0.json"]
    return Draft202012Validator(document, registry=REGISTRY)


@pytest.mark.parametrize(
    ("event_type", "event"),
    [
        (
            "email.doubleOptIn",
            {
                "id": "0b5d4f6e-52ab-4a5e-9d6c-6f0c3c1d9f10",
                "accountId": 33210,
                "type": "email.doubleOptIn",
                "eventDate": "2025-01-01T10:00:00.000Z",
                "processedDate": "2025-01-01T10:00:05.000Z",
                "data": {"optinCode": True, "contactId": 12, "userAccountId": 54321},
            },
        ),
        ("email.doubleOptIn", {"optinCode": True, "timeStamp": "2025-01-01T10:00:00.618Z"}),
        ("email.open", {"contactId": 2**40, "isHtml": False, "mailClient": None, "new": [1]}),
        ("campaign.send", {"sendId": None, "addressBookIds": [1, 2], "status": "Sent"}),
        ("sms.failed", {"failureType": "a value that nobody published"}),
        ("unknown", {}),
    ],
)
def test_an_event_is_an_instance_of_its_schema(event_type: str, event: object) -> None:
    validator(event_type).validate(event)


@pytest.mark.parametrize(
    ("event_type", "event", "path"),
    [
        ("email.open", {"contactId": "twelve"}, "contactId"),
        ("email.open", {"data": "text"}, "data"),
        ("campaign.send", {"addressBookIds": {"a": 1}}, "addressBookIds"),
    ],
)
def test_a_shared_field_is_followed_by_a_standard_validator(
    event_type: str, event: object, path: str
) -> None:
    (error,) = validator(event_type).iter_errors(event)

    assert list(error.absolute_path) == [path]


def test_a_standard_validator_and_the_loader_agree_on_every_type(catalog: Catalog) -> None:
    fitting: dict[FieldType, list[list[object]]] = {
        FieldType.TEXT: [["text"]],
        FieldType.TIMESTAMP: [["text"]],
        FieldType.INTEGER: [[1]],
        FieldType.BOOLEAN: [[True]],
        FieldType.JSON: [[{}], [[]]],
    }

    for schema in catalog:
        standard = validator(schema.event_type)
        for field in schema.fields:
            values = ["text", 1, 1.5, True, {}, []]
            accepted = [value for value in values if standard.is_valid({field.name: value})]
            assert accepted in fitting[field.type], (schema.event_type, field.name)
            assert standard.is_valid({field.name: None})


# -- aliases -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event_type", "spelling", "column"),
    [
        ("email.open", "eventId", "event_id"),
        ("email.open", "id", "event_id"),
        ("email.open", "EVENT_GUID", "event_id"),
        ("email.open", "timeStamp", "event_date"),
        ("email.open", "timestamp", "event_date"),
        ("email.open", "dateOpened", "event_date"),
        ("email.click", "dateClicked", "event_date"),
        ("email.click", "link", "url"),
        ("email.reply", "dateReplied", "event_date"),
        ("email.unsubscribed", "dateRemoved", "event_date"),
        ("email.failed", "reason", "failure_type"),
        ("email.failed", "Status", "failure_type"),
        ("email.unsubscribed", "reason", "reason"),
        ("sms.send", "to", "mobile_number"),
        ("sms.reply", "from", "mobile_number"),
        ("sms.send", "payload", "data"),
        ("campaign.send", "status", "status"),
        ("interaction.socialShare", "bookmarkName", "social_network"),
        ("landingPage.view", "surveyId", "landing_page_id"),
        ("unknown", "userAccountId", "account_id"),
        ("unknown", "name", "event_type"),
    ],
)
def test_a_spelling_of_a_neighbouring_api_finds_its_column(
    catalog: Catalog, event_type: str, spelling: str, column: str
) -> None:
    folded = re.sub(r"[_\-. ]", "", spelling).lower()

    assert catalog.latest(event_type).by_spelling[folded].column == column


@pytest.mark.parametrize(
    ("event_type", "column", "first"),
    [
        ("email.open", "event_id", ("eventid", "eventguid", "eventuuid", "id")),
        ("email.open", "event_type", ("eventtype", "type", "event", "eventname", "name")),
        ("email.open", "event_date", ("eventdate", "dateopened", "openeddate")),
        ("email.open", "account_id", ("accountid", "useraccountid")),
        ("email.failed", "failure_type", ("failuretype", "failurereason")),
    ],
)
def test_aliases_keep_their_order_those_of_the_event_type_first(
    catalog: Catalog, event_type: str, column: str, first: tuple[str, ...]
) -> None:
    spellings = catalog.latest(event_type).by_column[column].spellings

    assert spellings[: len(first)] == first
