"""The loader's own checks and the metaschema agree: what passes the checks has the right form."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from firehose_loader.resources import bundled
from firehose_loader.schema.documents import SchemaFile, read_documents
from firehose_loader.schema.lint import check_document
from tests.schema_documents import METASCHEMA, VERSIONS, Document, a_document

SHARED = tuple(file for file in read_documents(bundled("schemas"), "shipped") if file.shared)
COMMON: Document = dict(SHARED[0].content)
BASES = [
    a_document(),
    a_document(**{"x-key": ["event_id"], "x-event-time": None, "required": ["total"]}),
    *(json.loads(path.read_text("utf-8")) for path in sorted(VERSIONS.glob("*/*.json"))),
]
VALIDATOR = Draft202012Validator(METASCHEMA)
WORDS = st.sampled_from(
    [
        "string", "integer", "null", "date", "date-time", "email", "uuid", "total", "event_id",
        "x-column", "x-aliases", "x-pii", "x-evidence", "x-delivery", "x-key", "x-merge", "enum",
        "insert", "upsert", "known", "observed", "phone", "", "_row", "a b", "Ä", "1-0-0", "type",
        "properties", "$ref", "$comment", "format", "description", "examples", "required",
        "../common/1-0-0.json#/$defs/email",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(-1, 3), st.just(1.5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=4,
)


def places(document: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Return every path in a document."""
    found = [path]
    members: list[tuple[object, object]] = []
    if isinstance(document, dict):
        members = list(document.items())
    elif isinstance(document, list):
        members = list(enumerate(document))
    for name, value in members:
        found += places(value, (*path, name))
    return found


@st.composite
def mutated(draw: st.DrawFn, bases: list[Document]) -> Document:
    """Return a document in which one to three places are something else, gone or new."""
    document: Any = copy.deepcopy(draw(st.sampled_from(bases)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(document)[1:] or [()]))
        if not path:
            break
        parent = document
        for name in path[:-1]:
            parent = parent[name]
        match draw(st.sampled_from(["change", "remove", "add"])):
            case "remove":
                del parent[path[-1]]
            case "add" if isinstance(parent, dict):
                parent[draw(WORDS)] = draw(VALUES)
            case _:
                parent[path[-1]] = draw(VALUES)
    return document  # type: ignore[no-any-return]


def problems(document: Document, *, folder: str) -> list[str]:
    file = SchemaFile(
        path="x",
        folder=folder,
        stem=str(document.get("x-version")),
        origin="user",
        content=document,
    )
    return [problem.line for problem in check_document(file, SHARED)]


@given(document=mutated(BASES))
@settings(max_examples=150, deadline=None)
def test_an_event_type_that_passes_the_checks_has_the_form_of_the_metaschema(
    document: Document,
) -> None:
    found = problems(document, folder=str(document.get("x-event-type")))

    if not found:
        assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@given(document=mutated([COMMON]))
@settings(max_examples=150, deadline=None)
def test_shared_fields_that_pass_the_checks_have_the_form_of_the_metaschema(
    document: Document,
) -> None:
    found = problems(document, folder="common")

    if not found:
        assert [error.message for error in VALIDATOR.iter_errors(document)] == []
