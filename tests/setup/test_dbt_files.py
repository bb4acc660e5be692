"""What ``dbt`` writes: descriptions, tests and freshness, the same for the same tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firehose_loader.setup.yaml import yaml_text
from tests.command import ask
from tests.past import HEADER
from tests.schema_documents import a_document, write

OPENS = f"{HEADER}1,email.open,2026-01-05,x\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "opens.csv").write_text(OPENS)
    configure(tmp_path, 'cadence = "hourly"\n')
    assert ask("run", cwd=tmp_path).code == 0
    return tmp_path


def configure(home: Path, source: str = "", top: str = "", warehouse: str = "") -> None:
    (home / "firehose.toml").write_text(
        f'{top}[warehouse]\nurl = "events.duckdb"\n{warehouse}'
        f'[[source]]\nname = "s"\nurl = "drops"\n{source}'
    )


def sources(home: Path, *words: str) -> dict[str, Any]:
    """Have the files written, and return the one source with its tables by name."""
    answer = ask("dbt", *words, "--json", cwd=home)
    assert answer.code == 0, answer.err
    (source,) = yaml.safe_load((home / "models/dotdigital/sources.yml").read_text())["sources"]
    return {**source, "tables": {table["name"]: table for table in source["tables"]}}


def test_the_source_has_the_descriptions_of_the_schemas_and_tests_of_the_keys(home: Path) -> None:
    found = sources(home)

    assert (found["name"], found["database"], found["schema"]) == (
        "dotdigital",
        "events",
        "dotdigital",
    )
    assert set(found["tables"]) == {"email_open", "_firehose_drops", "_firehose_quarantine"}
    table = found["tables"]["email_open"]
    columns = {column["name"]: column for column in table["columns"]}
    assert table["description"] == "A contact opened a marketing email."
    assert columns["email"]["description"] == "The contact's email address."
    assert columns["email"]["config"] == {"meta": {"pii": "email"}}
    assert (columns["event_date"]["data_type"], columns["event_date"]["quote"]) == (
        "TIMESTAMP",
        True,
    )
    assert columns["event_id"]["data_tests"] == ["unique"]
    assert columns["_key"]["data_tests"] == ["not_null", "unique"]


def test_what_a_schema_requires_is_tested_and_a_key_of_several_columns_by_its_hash(
    home: Path,
) -> None:
    configure(home, top='schemas = "schemas"\n')
    document = a_document(**{"x-key": ["event_id", "total"], "required": ["total"]})
    write(home / "schemas", document)

    columns = {
        column["name"]: column.get("data_tests")
        for column in sources(home, "--offline")["tables"]["shop_order"]["columns"]
    }

    assert (columns["event_id"], columns["total"]) == (None, ["not_null"])
    assert columns["_key"] == ["not_null", "unique"]


@pytest.mark.parametrize(
    ("source", "warehouse", "late", "stale"),
    [
        ('cadence = "15min"\n', "", (30, "minute"), (45, "minute")),
        ('cadence = "hourly"\n', "", (2, "hour"), (3, "hour")),
        ('cadence = "daily"\n', "", (2, "day"), (3, "day")),
        ('cadence = "hourly"\n', 'merge_every = "6h"\n', (8, "hour"), (9, "hour")),
    ],
)
def test_freshness_follows_from_the_cadence(
    home: Path, source: str, warehouse: str, late: tuple[int, str], stale: tuple[int, str]
) -> None:
    configure(home, source, warehouse=warehouse)

    config = sources(home)["tables"]["_firehose_drops"]["config"]

    assert config["loaded_at_field"] == "finished_at"
    ages = [config["freshness"][name] for name in ("warn_after", "error_after")]
    assert [(one["count"], one["period"]) for one in ages] == [late, stale]


def test_without_a_cadence_there_is_no_freshness_and_that_is_said(home: Path) -> None:
    configure(home)

    answer = ask("dbt", "--json", cwd=home)

    assert answer.json["freshness"] is None
    assert "no source has a cadence" in answer.err
    assert "config" not in sources(home)["tables"]["_firehose_drops"]


def test_the_same_tables_give_the_same_files_and_a_new_column_changes_them(home: Path) -> None:
    first = ask("dbt", "--json", cwd=home).json
    texts = {path: path.read_bytes() for path in (home / "models/dotdigital").iterdir()}

    again = ask("dbt", "--json", cwd=home).json

    assert len(first["written"]) == 3
    assert (again["written"], again["unchanged"]) == ([], first["written"])
    assert texts == {path: path.read_bytes() for path in (home / "models/dotdigital").iterdir()}
    (home / "drops" / "more.csv").write_text(
        "eventId,eventType,eventDate,coupon\n2,email.open,2026-01-05,y\n"
    )
    assert ask("run", cwd=home).code == 0
    assert len(ask("dbt", "--json", cwd=home).json["written"]) == 3
    assert '"coupon",' in (home / "models/dotdigital/stg_dotdigital__email_open.sql").read_text()


def test_a_file_that_was_changed_by_hand_is_written_over_only_by_force(home: Path) -> None:
    ask("dbt", cwd=home)
    model = home / "models/dotdigital/stg_dotdigital__email_open.sql"
    model.write_text(model.read_text().replace('"email",', 'lower("email") AS email,'))
    changed = model.read_text()
    configure(home, 'cadence = "daily"\n')
    before = (home / "models/dotdigital/sources.yml").read_text()

    refused = ask("dbt", "--json", cwd=home)

    assert refused.code == 2
    assert "stg_dotdigital__email_open.sql: was changed by hand" in refused.err
    assert (model.read_text(), (model.parent / "sources.yml").read_text()) == (changed, before)
    assert ask("dbt", "--force", cwd=home).code == 0
    assert "lower" not in model.read_text()


def test_other_line_ends_are_no_change_and_what_has_no_table_any_more_is_told(home: Path) -> None:
    ask("dbt", "--offline", cwd=home)
    folder = home / "models/dotdigital"
    (folder / "mine.sql").write_text("SELECT 1\n")
    for path in folder.glob("*.yml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    answer = ask("dbt", "--json", cwd=home)

    assert answer.code == 0
    assert "stg_dotdigital__sms_send.sql" in answer.json["left"]
    assert "mine.sql" not in answer.json["left"]
    assert (folder / "stg_dotdigital__sms_send.sql").exists()


def test_what_cannot_be_written_is_told_in_words(home: Path) -> None:
    (home / "file").write_text("no folder")
    for words, message in (
        (("sms.send",), "there is no table of sms.send yet"),
        (("shop.nothing",), "no event schema for the event type 'shop.nothing'"),
        (("--into", "none.duckdb"), "nothing was loaded yet"),
        (("--output", "file"), "file"),
    ):
        answer = ask("dbt", *words, cwd=home)
        assert answer.code == 2, answer.err
        assert message in answer.err
    assert not (home / "models").exists()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, DOCUMENTS, max_size=4))
def test_whatever_is_written_as_yaml_is_read_as_it_was(document: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(document)) == document
