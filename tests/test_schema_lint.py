"""``schema lint``: rules between versions, and published versions that never change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from firehose_loader.errors import SchemaError
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.schema.frozen import LIST, check_published, digest, frozen
from firehose_loader.schema.gather import gather
from tests.command import ask
from tests.schema_documents import (
    DOCUMENTS,
    SCHEMAS,
    VERSIONS,
    Document,
    a_document,
    a_version_of,
    write,
    write_version,
)

A_TEXT = {"type": ["string", "null"]}


def a_pair(folder: Path, version: str, **changes: object) -> Path:
    """Write a first version and a second one in which fields differ; return the second's path."""
    first = a_document()
    write(folder, first)
    properties = {
        name: field for name, field in (first["properties"] | changes).items() if field is not None
    }
    return write_version(folder, first | {"x-version": version, "properties": properties})


# -- rules between versions ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "change", "pointer", "message"),
    [
        (
            "1-0-1",
            {"total": {"type": "string", "x-column": "total", "x-aliases": ["amount"]}},
            "/properties/total",
            (
                "total was number and is text, compared with 1-0-0: more than a new addition may"
                " do; make it the version 1-1-0"
            ),
        ),
        (
            "1-1-0",
            {"total": None},
            "/properties",
            "keep it (a field that never comes stays NULL), or make it the version 2-0-0",
        ),
        (
            "1-1-0",
            {"total": {"type": "number"}},
            "/properties/total",
            (
                "total is no longer spelled amount, compared with 1-0-0: more than a new revision"
                " may do; keep the spelling among its x-aliases, or make it the version 2-0-0"
            ),
        ),
        (
            "1-3-0",
            {"total": {"type": "boolean", "x-aliases": ["amount"]}},
            "/properties/total",
            "leave it as it was, or make it the version 2-0-0",
        ),
    ],
)
def test_a_version_that_changes_more_than_it_may_is_refused(
    tmp_path: Path, version: str, change: Document, pointer: str, message: str
) -> None:
    path = a_pair(tmp_path, version, **change)

    with pytest.raises(SchemaError) as refused:
        load_catalog(tmp_path)

    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{path}: {pointer}: ")
    assert message in line


def test_a_new_required_field_needs_a_new_model(tmp_path: Path) -> None:
    second = a_document(required=["state"], **{"x-version": "1-1-0"})
    second["properties"]["state"] = {"type": "string"}
    write(tmp_path, a_document())
    path = write_version(tmp_path, second)

    with pytest.raises(SchemaError) as refused:
        load_catalog(tmp_path)

    assert f"{path}: /properties/state: state is new" in str(refused.value)
    assert "let it be missing, or make it the version 2-0-0" in str(refused.value)


@pytest.mark.parametrize(
    ("role", "value"), [("x-key", ["total"]), ("x-event-time", None), ("x-merge", "upsert")]
)
def test_key_time_and_merge_change_with_a_new_model_only(
    tmp_path: Path, role: str, value: object
) -> None:
    write(tmp_path, a_document())
    second = {**a_document(), "x-version": "1-1-0", role: value}
    path = write_version(tmp_path, second)

    with pytest.raises(SchemaError) as refused:
        load_catalog(tmp_path)
    path.unlink()
    write_version(tmp_path, second | {"x-version": "2-0-0"})

    assert str(refused.value).startswith(f"{path}: /{role}: ")
    assert len(load_catalog(tmp_path).versions("shop.order")) == 2


def test_a_version_of_a_shipped_event_type_keeps_the_rules_too(tmp_path: Path) -> None:
    document = a_version_of("email.open", "1-0-1")
    del document["properties"]["mailClient"]
    path = write_version(tmp_path, document)

    with pytest.raises(SchemaError, match="mailClient is gone, and its column") as refused:
        load_catalog(tmp_path)

    assert str(refused.value).startswith(f"{path}: /properties: ")


def test_a_shipped_version_that_does_not_build_on_a_users_one_is_told_to_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade of the loader, which has a newer version of its own."""
    shipped = tmp_path / "shipped"
    shutil.copytree(SCHEMAS, shipped)
    write_version(shipped, a_version_of("email.open", "1-1-0"))
    monkeypatch.setattr("firehose_loader.schema.gather.bundled", lambda _: shipped)
    own = write_version(tmp_path / "own", a_version_of("email.open", "1-0-1", hat=A_TEXT))

    with pytest.raises(SchemaError, match="hat is gone") as refused:
        load_catalog(tmp_path / "own")

    assert str(refused.value).startswith(f"{own}: /x-version: the version 1-1-0 of the loader")
    assert str(refused.value).endswith("raise this one above 1-1-0, with the fields of both")


def test_a_column_that_only_the_engine_may_have_is_refused(tmp_path: Path) -> None:
    document = a_document()
    document["properties"]["rowid"] = {"type": "integer"}
    document["properties"]["place"] = {"type": "integer", "x-column": "rowid"}
    write(tmp_path, document)

    lines = [one.problem.line for one in gather(tmp_path).findings]

    assert [line.split(": ")[0] for line in lines] == [
        "/properties/rowid",
        "/properties/place/x-column",
    ]
    assert all("give the field another x-column, such as 'rowid_2'" in line for line in lines)


def test_all_problems_are_told_those_of_files_that_are_no_documents_too(tmp_path: Path) -> None:
    a_pair(tmp_path, "1-1-0", total=None)
    (tmp_path / "shop.order" / "1-2-0.json").write_text("{")
    write_version(tmp_path, a_document(**{"x-event-type": "shop.basket", "type": "array"}))

    files = [Path(one.path).relative_to(tmp_path).as_posix() for one in gather(tmp_path).findings]

    assert files == ["shop.basket/1-0-0.json", "shop.order/1-2-0.json", "shop.order/1-1-0.json"]


# -- published versions --------------------------------------------------------------------------


def test_every_shipped_version_is_published_and_unchanged() -> None:
    published = json.loads((SCHEMAS / LIST).read_text("utf-8"))

    assert list(check_published(SCHEMAS)) == []
    assert published.keys() == {path.relative_to(SCHEMAS).as_posix() for path in DOCUMENTS}
    assert gather().findings == []


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return a folder of schemas whose versions are all published."""
    folder = tmp_path / "schemas"
    shutil.copytree(VERSIONS, folder)
    (folder / LIST).write_text(frozen(folder)[0])
    return folder


def test_an_edited_version_is_refused_and_a_new_one_is_not(published: Path) -> None:
    path = published / "shop.order" / "1-1-0.json"
    document = json.loads(path.read_text())
    document["properties"]["note"] = {"type": "string"}
    write_version(published, document | {"x-version": "1-1-1"})
    assert list(check_published(published)) == []

    write_version(published, document)

    (finding,) = check_published(published)
    assert finding.line == (
        f"{path}: was published and has changed since; restore it, and make a new version"
    )


def test_a_version_that_is_gone_is_missed(published: Path) -> None:
    path = published / "shop.order" / "1-0-1.json"
    path.unlink()

    (finding,) = check_published(published)

    assert finding.path == str(path)
    assert "was published and is gone" in finding.problem.message


def test_layout_does_not_count_and_the_order_of_columns_does(published: Path) -> None:
    path = published / "shop.order" / "1-0-0.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(document.items())), indent=1))
    assert list(check_published(published)) == []

    fields = dict(reversed(document["properties"].items()))

    assert digest(document) != digest(document | {"properties": fields})


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}'])
def test_a_list_that_is_none_is_told(published: Path, text: str) -> None:
    (published / LIST).write_text(text)

    (finding,) = check_published(published)

    assert finding.line == f"{published / LIST}: is not a list of digests; restore it"


# -- the command ---------------------------------------------------------------------------------


def test_lint_tells_every_problem_and_exits_with_2(tmp_path: Path) -> None:
    path = a_pair(tmp_path, "1-0-1", total=None)

    told = ask("schema", "lint", tmp_path)
    answer = ask("schema", "lint", tmp_path, "--json")

    assert (told.code, answer.code) == (2, 2)
    assert told.out.startswith(f"{path}: /properties: total is gone")
    assert told.err == "30 event schemas, 1 problems\n"
    (problem,) = answer.json["problems"]
    assert (problem["file"], problem["pointer"]) == (str(path), "/properties")


def test_lint_publishes_what_is_sound_and_guards_it_from_then_on(tmp_path: Path) -> None:
    path = write(tmp_path, a_document())

    published = ask("schema", "lint", tmp_path, "--freeze")
    again = ask("schema", "lint", tmp_path, "--freeze", "--json")
    write(tmp_path, a_document(title="Orders"))
    edited = ask("schema", "lint", tmp_path, "--freeze")

    assert (published.code, published.out) == (0, "published: shop.order/1-0-0.json\n")
    assert (again.code, again.json["frozen"]) == (0, [])
    assert edited.code == 2
    assert edited.out.startswith(f"{path}: was published and has changed since")


def test_lint_without_a_folder_checks_the_shipped_schemas() -> None:
    answer = ask("schema", "lint", "--json")

    assert (answer.code, answer.json) == (0, {"schemas": 28, "problems": [], "frozen": []})
