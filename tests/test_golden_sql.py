"""The SQL that a reviewer reads is the SQL that runs, for every event type that ships.

After a wanted change, write the files anew: REGENERATE=1 python -m pytest tests/test_golden_sql.py
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from firehose_loader.config import Config
from firehose_loader.rehearsal import rehearse, statements
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.statements import Statement
from tests.checkout import ROOT
from tests.schema_documents import a_document, write

SQL = ROOT / "sql"
GOLDEN = Path(__file__).parent / "golden" / "sql"
DIFFERING = {
    "duckdb": ("table_create", "stage_keys", "merge_insert"),
    "snowflake": ("table_create", "scratch_rows", "merge_insert", "merge_judge", "duplicates_add"),
}
"""The statements in which event types differ; the others are the same for all."""
EXTERNAL = sorted(path.stem for path in (SQL / "snowflake").glob("external_*.sql"))
TARGETS: Mapping[str, Mapping[str, object]] = {
    "duckdb": {"url": "duckdb://:memory:"},
    "snowflake": {"url": "snowflake://loader@account/database", "connection": "nowhere"},
    "external": {
        "url": "snowflake://loader@account/database",
        "connection": "nowhere",
        "load": "external",
        "external_stage": "database.dotdigital.drops",
    },
}
NAMES = {
    "table": "stg_{event_type}_t",
    "table_case": "pascal",
    "column": "dd_{column}",
    "column_case": "camel",
    "view": "{view}_v",
}
EVENT_TYPES = (*load_catalog().event_types, "unknown")
FAMILIES = {name.partition(".")[0]: name for name in reversed(EVENT_TYPES)}.values()
"""The first event type of each family; what makes the statements is the same for all."""


@pytest.mark.parametrize("dialect", DIFFERING)
@pytest.mark.parametrize(
    "event_type",
    [
        name if name in FAMILIES else pytest.param(name, marks=pytest.mark.long)
        for name in EVENT_TYPES
    ],
)
def test_the_statements_of_an_event_type_are_those_on_file(event_type: str, dialect: str) -> None:
    path = GOLDEN / dialect / f"{event_type}.sql"
    seen = statements(event_type, schema_name="dotdigital", dialect=dialect)
    found = {one.name: one.shown for one in seen}

    text = "".join(f"-- {name}\n{found[name]};\n\n" for name in DIFFERING[dialect])
    if os.environ.get("REGENERATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("dialect", DIFFERING)
def test_no_file_is_left_of_an_event_type_that_is_gone(dialect: str) -> None:
    files = {path.name for path in (GOLDEN / dialect).iterdir()}
    assert files == {f"{name}.sql" for name in EVENT_TYPES}


@pytest.mark.parametrize("merge", ["insert", "upsert"])
def test_the_way_of_a_batch_into_snowflake_is_that_on_file(merge: str, tmp_path: Path) -> None:
    """With the stage: PUT, COPY, REMOVE; and with rows that are replaced."""
    path = GOLDEN.parent / "snowflake" / f"{merge}.sql"

    text = "".join(f"-- {one.name}\n{one.shown};\n\n" for one in a_load(merge, tmp_path))
    if os.environ.get("REGENERATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


def test_the_way_of_drops_that_snowflake_reads_is_that_on_file() -> None:
    path = GOLDEN.parent / "snowflake" / "external.sql"

    text = "".join(f"-- {one.name}\n{one.shown};\n\n" for one in an_external_load("email.click"))
    if os.environ.get("REGENERATE"):
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("kind", TARGETS)
def test_other_names_change_the_statements_that_are_on_file_and_no_other(kind: str) -> None:
    """Statements of which an event table, its columns or a view are part, as they are then."""
    path = GOLDEN / "named" / f"{kind}.sql"

    plain = {(one.name, one.shown) for one in a_whole_load(TARGETS[kind])}
    named = dict.fromkeys(
        (one.name, one.shown) for one in a_whole_load({**TARGETS[kind], "names": NAMES})
    )
    changed = [(name, shown) for name, shown in named if (name, shown) not in plain]
    text = "".join(f"-- {name}\n{shown};\n\n" for name, shown in changed)
    if os.environ.get("REGENERATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text
    own = [shown for _, shown in named if re.search(r"(?i)\"email_click\"", shown)]
    assert not own, "a statement that ignores the names"


def a_whole_load(warehouse: Mapping[str, object]) -> Sequence[Statement]:
    """Return all statements of a load of clicks."""
    steps = rehearse("email.click", Config.model_validate({"warehouse": warehouse}))
    return [one.statement for one in steps]


def an_external_load(event_type: str) -> Sequence[Statement]:
    """Return what reads, judges and types a drop of an event type in Snowflake itself."""
    warehouse = TARGETS["external"]
    steps = rehearse(event_type, Config.model_validate({"warehouse": warehouse}))
    return [one.statement for one in steps if one.statement.name in EXTERNAL]


def a_load(merge: str, folder: Path) -> Sequence[Statement]:
    """Return what brings and merges a batch of a user's own event type, merged in some way."""
    document = a_document(**{"x-merge": merge})
    document["properties"]["processedDate"] = {"$ref": "../common/1-0-0.json#/$defs/processedDate"}
    write(folder, document)
    found = statements("shop.order", schema_name="dotdigital", schemas=folder, dialect="snowflake")
    names = [one.name for one in found]
    return found[names.index("stage_list") : names.index("stage_clear") + 1]
