"""What COPY loaded into Snowflake by hand is known by its history, and adopted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firehose_loader.warehouse.snowflake_copied import CopiedFile
from firehose_loader.warehouse.snowflake_places import location
from tests.command import Answer, ask
from tests.configured import source_table
from tests.past import opens
from tests.rigs import moto, snowflake
from tests.rigs.s3 import S3Rig
from tests.rigs.snowflake import SnowflakeAccount
from tests.snowflake_place import Place

pytestmark = pytest.mark.xdist_group(snowflake.NAME)
GRANTS = [
    ["USAGE", "WAREHOUSE", snowflake.WAREHOUSE],
    ["USAGE", "SCHEMA", f"{snowflake.DATABASE}.DOTDIGITAL"],
]


@pytest.fixture
def bucket(request: pytest.FixtureRequest) -> Iterator[S3Rig]:
    rig = S3Rig(request.getfixturevalue(moto.NAME))
    yield rig
    rig.close()


def carry_out(account: SnowflakeAccount, *statements: str, role: str = snowflake.ROLE) -> None:
    with account.connect(role=role) as user:
        for statement in statements:
            user.cursor().execute(statement)


def adopt(place: Place, *words: str) -> Answer:
    return ask("adopt", "prod", *words, "--json", cwd=place.folder)


def test_files_of_a_bucket_that_copy_loaded_are_adopted_unless_they_changed_since(
    request: pytest.FixtureRequest, bucket: S3Rig, tmp_path: Path
) -> None:
    seen = tmp_path / "bucket" / "out" / "opens"
    seen.mkdir(parents=True)
    for number in range(3):
        text = opens(f"{number}:x")
        (seen / f"{number}.csv").write_text(text)
        bucket.put(f"opens/{number}.csv", text.encode())
    account = SnowflakeAccount(
        request.getfixturevalue(snowflake.NAME),
        buckets={f"s3://{bucket.bucket}/": str(tmp_path / "bucket")},
    )
    carry_out(
        account,
        f"CREATE STAGE outside URL = 's3://{bucket.bucket}/out/' STORAGE_INTEGRATION = loading",
        "CREATE TABLE by_hand (line VARCHAR)",
        "COPY INTO by_hand FROM (SELECT $1 FROM @outside) FILES = ('opens/0.csv', 'opens/1.csv')"
        " FILE_FORMAT = (TYPE = CSV)",
    )
    bucket.put("opens/1.csv", opens("1:x", "4:other").encode())
    place = Place(account, tmp_path)
    place.configure(source=source_table(bucket.source(), name="prod"))

    trial = adopt(place, "--copy-history", "public.by_hand", "--dry-run")
    done = adopt(place, "--copy-history", f'{snowflake.DATABASE}.public."BY_HAND"')
    run = place.run()

    assert trial.code == done.code == 0, done.err
    assert (trial.json["adopted"], done.json["adopted"], done.json["not_chosen"]) == (1, 1, 2)
    assert done.json["not_listed"] == 0
    assert "loaded by COPY into" in done.json["message"]
    assert run.json["drops"]["loaded"] == 2
    assert place.events() == ["1", "2", "4"]
    states = place.rows("SELECT key, state FROM _firehose_drops ORDER BY key")
    assert [state for _, state in states] == ["adopted", "loaded", "loaded"]
    account.close()


@pytest.mark.parametrize(
    ("source", "stage", "name"),
    [
        ("s3://b/prod", "s3://b/prod/", "opens/a.csv"),
        ("s3://b/prod/", "s3gov://b", "/prod/opens/a.csv"),
        ("azure://me/box/prod", "azure://me.blob.core.windows.net/box/prod/", "opens/a.csv"),
        ("gs://b/prod/", "gcs://b/", "prod/opens/a.csv"),
    ],
)
def test_a_file_has_the_url_of_its_drop_in_every_cloud(source: str, stage: str, name: str) -> None:
    now = datetime.now(UTC)

    file = CopiedFile(stage=stage, name=name, size_bytes=7, loaded_at=now)

    assert file.url == f"{location(source)}opens/a.csv"


def test_files_that_were_put_on_a_stage_are_known_by_their_paths(
    account: SnowflakeAccount, tmp_path: Path
) -> None:
    place = Place(account, tmp_path)
    carry_out(
        account,
        "CREATE STAGE inside",
        "CREATE TABLE by_hand (line VARCHAR)",
        f"PUT 'file://{tmp_path}/in/0.csv' @inside AUTO_COMPRESS = FALSE",
        "COPY INTO by_hand FROM (SELECT $1 FROM @inside) FILE_FORMAT = (TYPE = CSV)",
    )

    done = adopt(place, "--copy-history", "public.by_hand")

    assert (done.code, done.json["adopted"], done.json["not_chosen"]) == (0, 1, 3)


def test_what_cannot_be_read_of_the_history_is_told_with_what_grants_it(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    account = SnowflakeAccount(
        request.getfixturevalue(snowflake.NAME), grants={snowflake.ROLE: GRANTS}
    )
    carry_out(account, "CREATE TABLE by_hand (line VARCHAR)", role="READER")
    place = Place(account, tmp_path)

    in_part = adopt(place, "--copy-history", "public.by_hand", "--dry-run")
    not_there = adopt(place, "--copy-history", "public.nowhere", "--dry-run")
    no_name = adopt(place, "--copy-history", "by hand", "--dry-run")

    grant = 'GRANT IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE TO ROLE "LOADER"'
    assert (in_part.code, in_part.json["adopted"]) == (0, 0)
    assert "warning: read in part only" in in_part.err
    assert grant in in_part.err
    assert not_there.code == 2
    assert "Table 'MARKETING.PUBLIC.NOWHERE' does not exist or not authorized" in not_there.err
    assert no_name.code == 2
    assert "'by hand' is no name of a table" in no_name.err
    account.close()
