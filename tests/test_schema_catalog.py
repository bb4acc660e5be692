from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from firehose_loader.errors import SchemaError
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.documents import read_documents
from firehose_loader.schema.model import EventSchema, FieldType, Version
from tests.schema_documents import (
    EVENT_TYPES,
    METASCHEMA,
    a_document,
    a_version_of,
    with_field,
    write,
    write_version,
)

V1 = Version(1, 0, 0)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


# -- finding event types -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "event_type"),
    [
        ("email.open", "email.open"),
        ("emailOpen", "email.open"),
        ("EMAIL_OPEN", "email.open"),
        ("email-open", "email.open"),
        ("emailopen", "email.open"),
        (" Email Open ", "email.open"),
        ("push_notification_send", "pushNotification.send"),
        ("TRANSACTIONAL.EMAILCAMPAIGNSEND", "transactional.emailCampaignSend"),
        ("unknown", "unknown"),
        ("email.opened", None),
        ("email", None),
        ("", None),
    ],
)
def test_an_event_type_is_known_by_any_spelling(
    catalog: Catalog, text: str, event_type: str | None
) -> None:
    assert catalog.resolve_type(text) == event_type


@pytest.mark.parametrize(
    ("text", "event_type"),
    [
        ("prod_email_open_20250101.csv", "email.open"),
        ("email.open.csv.gz", "email.open"),
        ("emailOpen20250101T1015.json", "email.open"),
        ("EMAILOPEN-20250101.json", "email.open"),
        ("dailyEmailOpenReport.csv", "email.open"),
        ("2025-01-01 sms delivered (1).ndjson", "sms.delivered"),
        ("landing_page_view.csv", "landingPage.view"),
        ("page_view.csv", "page.view"),
        ("transactional_emailFailed.csv", "transactional.emailFailed"),
        ("transactionalEmailFailed_1.csv", "transactional.emailFailed"),
        ("email_failed_1.csv", "email.failed"),
        ("email_open_after_email_open.csv", "email.open"),
        ("unknown_email_open.csv", "email.open"),
        ("unknown.csv", None),
        ("myemailopens.csv", None),
        ("email_opened.csv", None),
        ("resend_emailopen2x.csv", "email.open"),
        ("notransactionalemailfailed.csv", None),
        ("sms_send_and_sms_click.csv", None),
        ("email_send_sms_delivered.csv", None),
        ("email_2025_open.csv", None),
        ("", None),
    ],
)
def test_a_file_name_tells_its_event_type_by_whole_words(
    catalog: Catalog, text: str, event_type: str | None
) -> None:
    assert catalog.find_type(text) == event_type


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_every_event_type_is_found_in_a_file_name(catalog: Catalog, event_type: str) -> None:
    for name in (event_type, event_type.replace(".", "_"), event_type.replace(".", "").upper()):
        assert catalog.find_type(f"prod_{name}_20250101_0015.csv.gz") == event_type


# -- the dictionary ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelling", "meaning"),
    [
        ("contactid", ("contact_id", FieldType.INTEGER)),
        ("emailaddress", ("email", FieldType.TEXT)),
        ("dateopened", ("event_date", FieldType.TIMESTAMP)),
        ("ishtml", ("is_html", FieldType.BOOLEAN)),
        ("payload", ("data", FieldType.JSON)),
    ],
)
def test_the_dictionary_tells_column_and_type_of_a_spelling(
    catalog: Catalog, spelling: str, meaning: tuple[str, FieldType]
) -> None:
    assert catalog.dictionary[spelling] == meaning


@pytest.mark.parametrize("spelling", ["reason", "status"])
def test_the_dictionary_leaves_out_what_means_different_things(
    catalog: Catalog, spelling: str
) -> None:
    assert spelling not in catalog.dictionary


# -- asking for versions -------------------------------------------------------------------------


def test_versions_come_in_their_own_order_and_the_newest_is_the_latest() -> None:
    versions = [Version(1, 0, 10), Version(1, 0, 9), Version(2, 0, 0), Version(1, 1, 0)]
    catalog = Catalog(
        EventSchema(event_type="shop.order", version=version, fields=()) for version in versions
    )

    assert catalog.versions("shop.order") == tuple(sorted(versions))
    assert catalog.latest("shop.order").version == Version(2, 0, 0)
    assert catalog.get("shop.order", Version(1, 0, 9)).version == Version(1, 0, 9)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda catalog: catalog.latest("email.opn"), "did you mean 'email.open'?"),
        (lambda catalog: catalog.versions("xyz"), "`schema list`"),
        (lambda catalog: catalog.get("email.open", Version(9, 0, 0)), "there are 1-0-0"),
    ],
)
def test_asking_for_what_is_not_there_says_what_is(
    catalog: Catalog, ask: Callable[[Catalog], object], message: str
) -> None:
    with pytest.raises(SchemaError, match=re.escape(message)):
        ask(catalog)


# -- the user's own folder -----------------------------------------------------------------------


def test_a_user_adds_an_event_type(tmp_path: Path) -> None:
    write(tmp_path, a_document())

    catalog = load_catalog(tmp_path)

    schema = catalog.latest("shop.order")
    assert set(catalog.event_types) == EVENT_TYPES | {"shop.order"}
    assert schema.origin == "user"
    assert schema.table == "shop_order"
    assert [(field.column, field.type) for field in schema.fields] == [
        ("event_id", FieldType.TEXT),
        ("event_date", FieldType.TIMESTAMP),
        ("total", FieldType.NUMBER),
    ]
    assert catalog.find_type("2025_shop_order.csv") == "shop.order"


def test_a_user_adds_a_version_of_a_shipped_event_type(tmp_path: Path) -> None:
    write_version(tmp_path, a_version_of("email.open", "1-0-1", hat={"type": "string"}))

    catalog = load_catalog(tmp_path)

    assert catalog.versions("email.open") == (V1, Version(1, 0, 1))
    assert catalog.get("email.open", V1).origin == "shipped"
    assert catalog.latest("email.open").origin == "user"
    assert catalog.latest("email.open").by_column["hat"].type is FieldType.TEXT


def test_a_user_replaces_a_shipped_document_only_by_saying_so(tmp_path: Path) -> None:
    document = a_document(**{"x-event-type": "email.open"})
    path = write(tmp_path, document, "email.open/1-0-0.json")

    with pytest.raises(SchemaError, match=r"/x-version: .*\"x-overrides\": true") as refused:
        load_catalog(tmp_path)
    write(tmp_path, document | {"x-overrides": True}, "email.open/1-0-0.json")
    replaced = load_catalog(tmp_path).latest("email.open")

    assert str(path) in str(refused.value)
    assert replaced.origin == "user"
    assert "total" in replaced.by_column


def test_shared_fields_are_looked_up_in_the_users_folder_first(tmp_path: Path) -> None:
    mine = {"type": "integer", "x-column": "event_id", "description": "mine"}
    write(tmp_path, {"x-version": "1-0-0", "$defs": {"eventId": mine}}, "common/1-0-0.json")
    write(tmp_path, a_document())

    catalog = load_catalog(tmp_path)

    assert catalog.latest("shop.order").by_column["event_id"].type is FieldType.INTEGER
    assert catalog.latest("shop.order").by_column["event_date"].type is FieldType.TIMESTAMP
    assert catalog.latest("email.open").by_column["event_id"].type is FieldType.TEXT


def test_what_a_user_leaves_out_has_its_default(tmp_path: Path) -> None:
    write(tmp_path, with_field("orderLines", {"type": ["array", "null"]}))

    schema = load_catalog(tmp_path).latest("shop.order")

    assert schema.by_column["order_lines"].type is FieldType.JSON
    assert (schema.key, schema.event_time, schema.merge) == (("event_id",), "event_date", "insert")


def test_a_user_states_key_time_merge_and_required_fields(tmp_path: Path) -> None:
    roles = {"x-key": ["event_id", "total"], "x-event-time": None, "x-merge": "upsert"}
    document = a_document(required=["total"]) | roles
    write(tmp_path, document)

    schema = load_catalog(tmp_path).latest("shop.order")

    assert (schema.key, schema.event_time, schema.merge) == (("event_id", "total"), None, "upsert")
    assert [field.name for field in schema.fields if field.required] == ["total"]


@pytest.mark.parametrize(
    ("json_type", "json_format", "field_type"),
    [
        ("string", None, FieldType.TEXT),
        ("string", "uuid", FieldType.TEXT),
        ("string", "email", FieldType.TEXT),
        ("string", "uri", FieldType.TEXT),
        ("string", "ipv4", FieldType.TEXT),
        ("string", "ipv6", FieldType.TEXT),
        (["null", "string"], "date-time", FieldType.TIMESTAMP),
        (["string", "null"], "date", FieldType.DATE),
        ("integer", None, FieldType.INTEGER),
        ("number", None, FieldType.NUMBER),
        ("boolean", None, FieldType.BOOLEAN),
        ("object", None, FieldType.JSON),
        (["array", "object", "null"], None, FieldType.JSON),
    ],
)
def test_type_and_format_make_the_column_type(
    tmp_path: Path, json_type: object, json_format: str | None, field_type: FieldType
) -> None:
    field = {"type": json_type} | ({"format": json_format} if json_format else {})
    document = with_field("extra", field)
    write(tmp_path, document)

    assert load_catalog(tmp_path).latest("shop.order").by_column["extra"].type is field_type
    assert Draft202012Validator(METASCHEMA).is_valid(document)


def test_other_files_and_hidden_folders_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, a_document())
    write(tmp_path, "not a schema", "notes.json")
    write(tmp_path, "not a schema", ".git/config.json")
    write(tmp_path, "not a schema", "shop.order/README.md")

    assert "shop.order" in load_catalog(tmp_path).event_types


def test_documents_are_read_from_inside_a_zip(tmp_path: Path) -> None:
    write(tmp_path, a_document())
    with zipfile.ZipFile(tmp_path / "wheel.zip", "w") as wheel:
        wheel.write(tmp_path / "shop.order/1-0-0.json", "schemas/shop.order/1-0-0.json")

    with zipfile.ZipFile(tmp_path / "wheel.zip") as wheel:
        (file,) = read_documents(zipfile.Path(wheel, "schemas/"), "shipped")

    assert (file.folder, file.stem) == ("shop.order", "1-0-0")
