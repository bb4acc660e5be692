"""dbt takes the models: it builds and tests them on DuckDB, and compiles them for Snowflake.

``make dbt`` does it with the models of all event types.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb
import sqlfluff

from tests.command import ask, select
from tests.rigs.dbt import DbtProject
from tests.schema_documents import a_document, write

SOURCE = '[[source]]\nname = "prod"\nurl = "drops"\ncadence = "15min"\n'
SNOWFLAKE = (
    '[warehouse]\nurl = "snowflake://loader@myorg-myaccount/marketing/dotdigital?warehouse=w&role=r"'
    '\nkey_file = "/run/secrets/key.p8"\n'
)
NAMES = () if os.environ.get("WHOLE_DBT") else ("email.open", "shop.order")
OPENS = "eventId,eventType,eventDate,coupon\n{}\n"
ORDERS = "eventId,eventType,eventDate,order\n{}\n"
OFFLINE = ("--target", "snowflake", "--no-introspect", "--no-populate-cache")
HOSTILE = "{{ raise_('read as a template') }} {% endfor %} {# and gone"


def a_home(folder: Path) -> Path:
    """Load drops of two event types, one of them the user's own, and one with a field too much."""
    if not NAMES:
        assert ask("sample", "drops", "--events", 3000, cwd=folder).code == 0
    (folder / "drops").mkdir(exist_ok=True)
    (folder / "drops" / "opens.csv").write_text(OPENS.format("1,email.open,2026-01-05,x\n"))
    (folder / "drops" / "orders.csv").write_text(ORDERS.format("1,shop.order,2026-01-05,7\n"))
    document = a_document(description=HOSTILE)
    document["properties"]["order"] = {"type": ["integer", "null"], "description": HOSTILE}
    write(folder / "schemas", document)
    duckdb = 'schemas = "schemas"\n[warehouse]\nurl = "events.duckdb"\n' + SOURCE
    (folder / "firehose.toml").write_text(duckdb)
    (folder / "snowflake.toml").write_text('schemas = "schemas"\n' + SNOWFLAKE + SOURCE)
    assert ask("run", cwd=folder).code == 0
    return folder


def doubled_and_late(loaded: Path, path: Path) -> Path:
    """Write a copy of a loaded file, in which events are there twice and nothing came for long."""
    shutil.copy(loaded, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "UPDATE dotdigital._firehose_drops SET finished_at = finished_at - INTERVAL 40 MINUTE"
        )
        connection.execute("INSERT INTO dotdigital.email_open FROM dotdigital.email_open")
    return path


def test_dbt_builds_tests_and_times_the_models_on_duckdb_and_compiles_those_for_snowflake(
    tmp_path: Path,
) -> None:
    home = a_home(tmp_path)
    loaded = home / "events.duckdb"
    worse = doubled_and_late(loaded, home / "worse.duckdb")
    project = DbtProject(home / "analytics", good=loaded, worse=worse)
    other = DbtProject(home / "other")
    made = ask("dbt", *NAMES, "--output", project.models, cwd=home)
    assert made.code == 0, made.err
    words = ("-c", "snowflake.toml", "--offline", "--output", other.models)
    assert ask("dbt", *NAMES, *words, cwd=home).code == 0

    fresh, built, late, doubled, compiled = project.run(
        ["source", "freshness", "--target", "good"],
        ["build", "--target", "good"],
        ["source", "freshness", "--target", "worse"],
        ["test", "--select", "source:dotdigital.email_open", "--target", "worse"],
        ["compile", *OFFLINE, "--project-dir", str(other.folder)],
    )

    assert (fresh.success, fresh.states) == (True, {"_firehose_drops": "pass"})
    assert built.success, built.states
    assert built.states["stg_dotdigital__email_open"] == "success"
    assert built.states["source_unique_dotdigital_email_open__event_id_"] == "pass"
    assert late.states == {"_firehose_drops": "warn"}
    assert doubled.states["source_unique_dotdigital_email_open___key_"] == "fail"
    views = select(project.folder / "good.duckdb", "SELECT view_name, sql FROM duckdb_views()")
    texts = {row["view_name"]: row["sql"] for row in views}
    assert "coupon" in texts["stg_dotdigital__email_open"]
    source = project.manifest()["sources"]["source.analytics.dotdigital.shop_order"]
    assert source["description"] == HOSTILE
    assert source["columns"]["order"]["description"] == HOSTILE
    assert compiled.success
    check_for_snowflake(other.compiled())


def check_for_snowflake(texts: Mapping[str, str]) -> None:
    model = texts["stg_dotdigital__shop_order"]
    assert 'FROM marketing."DOTDIGITAL"."SHOP_ORDER"' in model
    assert '"ORDER"' in model
    tests = [text for name, text in texts.items() if name.startswith("source_")]
    assert any('"_KEY" is null' in text for text in tests)
    for text in {model, *(tests[:2] if NAMES else texts.values())}:
        assert sqlfluff.parse(text, dialect="snowflake")
