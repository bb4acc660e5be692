"""``init --grants``: what an administrator of Snowflake is asked to run.

After a wanted change, write the files anew with REGENERATE=1.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import sqlfluff

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.setup.snowflake import external
from tests.checkout import ROOT
from tests.command import Answer, ask

FILES = ROOT / "deploy" / "snowflake"
URL = "snowflake://loader@myorg-myaccount/marketing/dotdigital?warehouse=loading&role=loader"
KEY = 'key_file = "/run/secrets/snowflake_key.p8"'
BUCKETS = {
    "s3": "s3://my-dd-events/prod/",
    "azure": "azure://mystorage/my-dd-events/prod",
    "gcs": "gs://my-dd-events/prod/",
}


def grants(folder: Path, *settings: str, url: str = URL) -> Answer:
    """Ask for what a configuration needs."""
    (folder / "firehose.toml").write_text("\n".join(["[warehouse]", f"url = '{url}'", *settings]))
    return ask("init", "--grants", "-c", "firehose.toml", cwd=folder)


def on_file(name: str, told: str) -> str:
    """Return what is on file, for which what is told is written where that is wanted."""
    path = FILES / name
    if os.environ.get("REGENERATE"):
        path.write_text(told, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def test_the_set_up_on_file_is_that_of_the_usual_configuration(tmp_path: Path) -> None:
    told = grants(tmp_path, KEY)

    assert told.code == 0, told.err
    assert told.out == on_file("setup.sql", told.out)
    assert sqlfluff.parse(told.out, dialect="snowflake")
    for statement in told.out.split(";"):  # Snowflake refuses one that sets a property twice
        properties = re.findall(r"^ {4}(\w+) =", statement, re.MULTILINE)
        assert len(properties) == len(set(properties))
    assert [one.name for one in tmp_path.iterdir()] == ["firehose.toml"]


@pytest.mark.parametrize("cloud", BUCKETS)
def test_the_integrations_on_file_let_snowflake_read_a_bucket_of_each_cloud(cloud: str) -> None:
    source = {"name": "prod", "url": BUCKETS[cloud]}
    if cloud == "azure":
        source["auth"] = "managed_identity"
    config = Config.model_validate(
        {"warehouse": {"url": URL, "key_file": "key.p8"}, "source": [source]}
    )
    assert isinstance(config.warehouse, SnowflakeTarget)

    (part,) = external(config, config.warehouse)

    text = "\n\n".join([f"-- {part.title}.", *part.statements, ""])
    assert text == on_file(f"integration-{cloud}.sql", text)
    assert sqlfluff.parse(text, dialect="snowflake")


def test_a_stage_that_is_named_need_only_be_used(tmp_path: Path) -> None:
    stage = 'load = "external"\nexternal_stage = "lake.raw.drops"'

    told = grants(tmp_path, KEY, stage)

    assert told.code == 0, told.err
    for named in ('DATABASE "LAKE"', 'SCHEMA "LAKE"."RAW"', 'STAGE "LAKE"."RAW"."DROPS"'):
        assert f"GRANT USAGE ON {named} TO ROLE" in told.out
    assert "INTEGRATION" not in told.out
    assert sqlfluff.parse(told.out, dialect="snowflake")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('access_token = "${env:A_TOKEN_THAT_IS_NOT_SET}"', "ADD PROGRAMMATIC ACCESS TOKEN"),
        ('oauth_token_file = "/run/token"', "signs in with OAuth"),
        ('workload_identity = "aws"', "WORKLOAD_IDENTITY = (TYPE = AWS ARN = "),
        ('password = "${env:A_PASSWORD_THAT_IS_NOT_SET}"', "RSA_PUBLIC_KEY = "),
    ],
)
def test_the_user_signs_in_as_it_is_configured(settings: str, said: str, tmp_path: Path) -> None:
    told = grants(tmp_path, settings)

    assert said in told.out
    assert "NOT_SET" not in told.out


def test_names_are_written_as_the_session_will_find_them(tmp_path: Path) -> None:
    url = "snowflake://a.b@myorg-x/%22my data%22/Feed?warehouse=w&role=%22Loader%22"

    told = grants(tmp_path, KEY, "statement_timeout = 77", url=url)

    assert 'ON SCHEMA "my data"."FEED" TO ROLE "Loader"' in told.out
    assert 'CREATE USER IF NOT EXISTS "A.B"' in told.out
    assert 'GRANT USAGE ON WAREHOUSE "W"' in told.out
    assert "STATEMENT_TIMEOUT_IN_SECONDS = 77" in told.out


def test_a_duckdb_file_has_nothing_to_grant(tmp_path: Path) -> None:
    told = grants(tmp_path, url="events.duckdb")

    assert (told.code, told.out) == (2, "")
    assert "doctor --policy" in told.err


def test_where_others_make_the_tables_nothing_may_be_made(tmp_path: Path) -> None:
    told = grants(tmp_path, KEY, "manage_tables = false")

    assert told.code == 0, told.err
    schema = '"MARKETING"."DOTDIGITAL"'
    assert f'GRANT USAGE ON SCHEMA {schema} TO ROLE "LOADER";' in told.out
    for which in ("ALL", "FUTURE"):
        assert (
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {which} TABLES IN SCHEMA {schema} TO ROLE"
            in told.out
        )
    assert f'GRANT READ, WRITE ON STAGE {schema}."_FIREHOSE_STAGE" TO ROLE' in told.out
    assert not [one for one in ("TABLE", "VIEW", "STAGE", "SCHEMA") if f"CREATE {one}" in told.out]
    assert sqlfluff.parse(told.out, dialect="snowflake")
