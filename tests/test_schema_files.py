from __future__ import annotations

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from firehose_loader.errors import SchemaError
from firehose_loader.schema.catalog import load_catalog
from tests.schema_documents import (
    METASCHEMA,
    a_document,
    with_field,
    write,
)


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, a_document(type="array") | {"x-merge": "replace"})
    write(tmp_path, a_document(), "shop.basket/1-0-0.json")

    with pytest.raises(SchemaError) as refused:
        load_catalog(tmp_path)

    places = [line.split(": ")[1] for line in str(refused.value).splitlines()]
    assert places == ["/x-event-type", "/type", "/x-merge"]


@pytest.mark.parametrize(
    ("definition", "pointer", "message"),
    [
        ({"type": "decimal"}, "/$defs/state/type", "no column has the type decimal"),
        ({"$ref": "#/$defs/other"}, "/$defs/state/$ref", "write it out here"),
        ({"type": "string", "x-alias": []}, "/$defs/state/x-alias", "'x-aliases'"),
    ],
)
def test_a_shared_field_that_is_wrong_is_refused_where_it_stands(
    tmp_path: Path, definition: object, pointer: str, message: str
) -> None:
    shared = {"x-version": "1-0-0", "$defs": {"state": definition}}
    path = write(tmp_path, shared, "common/1-0-0.json")
    write(tmp_path, with_field("state", {"$ref": "../common/1-0-0.json#/$defs/state"}))

    with pytest.raises(SchemaError) as refused:
        load_catalog(tmp_path)

    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{path}: {pointer}: ")
    assert message in line
    assert not Draft202012Validator(METASCHEMA).is_valid(shared)


@pytest.mark.parametrize(
    ("shared", "pointer"),
    [
        ({"$defs": {}}, "/x-version"),
        ({"x-version": "1-0-1", "$defs": {}}, "/x-version"),
        ({"x-version": "1-0-0", "$defs": []}, "/$defs"),
        ({"x-version": "1-0-0"}, "/$defs"),
        ({"x-version": "1-0-0", "properties": {}}, "/properties"),
    ],
)
def test_a_document_of_shared_fields_has_a_form_too(
    tmp_path: Path, shared: object, pointer: str
) -> None:
    path = write(tmp_path, shared, "common/1-0-0.json")

    with pytest.raises(SchemaError, match=re.escape(f"{path}: {pointer}: ")):
        load_catalog(tmp_path)


@pytest.mark.parametrize(
    ("event_type", "message"),
    [
        ("Email.open", "'Email.open' and 'email.open' differ only in spelling; write 'email.open'"),
        ("emailopen", "differ only in spelling"),
        ("events", "'events' is the name of a view"),
    ],
)
def test_an_event_type_that_clashes_with_another_is_refused(
    tmp_path: Path, event_type: str, message: str
) -> None:
    document = a_document(**{"x-event-type": event_type})
    path = write(tmp_path, document, f"{event_type}/1-0-0.json")

    with pytest.raises(SchemaError) as refused:
        load_catalog(tmp_path)

    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{path}: /x-event-type: ")
    assert message in line


def test_two_event_types_never_share_a_table(tmp_path: Path) -> None:
    second = a_document(**{"x-event-type": "email.open", "x-version": "2-0-0"})
    write(tmp_path, second, "email.open/2-0-0.json")
    write(tmp_path, a_document(**{"x-event-type": "email.open-2"}), "email.open-2/1-0-0.json")

    with pytest.raises(SchemaError, match="would share the table 'email_open_2'"):
        load_catalog(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not a JSON document"),
        (b"", "not a JSON document"),
        (b"\xff\xfe{", "not a JSON document"),
        (b'{"type": "object", "type": "object"}', "the key 'type' stands twice"),
        (b"[" * 100_000, "not a JSON document"),
    ],
)
def test_a_file_that_is_no_json_document_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = write(tmp_path, {})
    path.write_bytes(content)

    with pytest.raises(SchemaError, match=re.escape(message)) as refused:
        load_catalog(tmp_path)

    assert str(path) in str(refused.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path, a_document())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert "shop.order" in load_catalog(tmp_path).event_types


@pytest.mark.parametrize("place", ["nowhere", "a file", "folder/1-0-0.json"])
def test_what_cannot_be_read_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "folder" / "shop.order" / "1-0-0.json").mkdir(parents=True)
    asked = tmp_path / place.removesuffix("/1-0-0.json")

    with pytest.raises(SchemaError, match="cannot be read") as refused:
        load_catalog(asked)

    named = asked / "shop.order" / "1-0-0.json" if place.endswith(".json") else asked
    assert str(refused.value).startswith(f"{named}: ")


def test_a_folder_without_schemas_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a_document(), "shop.order.json")

    with pytest.raises(SchemaError, match="holds no event schemas"):
        load_catalog(tmp_path)
