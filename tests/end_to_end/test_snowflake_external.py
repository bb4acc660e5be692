"""Drops that Snowflake reads from the bucket by itself: what it must not, and what goes wrong."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from firehose_loader.config import Config
from tests.command import Answer, ask
from tests.rigs import moto, snowflake
from tests.rigs.external import external_stage, in_bucket
from tests.rigs.s3 import S3Server
from tests.rigs.snowflake import SnowflakeAccount

pytestmark = pytest.mark.xdist_group(snowflake.NAME)

HEADER = "eventId,eventDate,campaignName\n"
_NUMBERS = itertools.count(1)


@dataclass(slots=True, kw_only=True)
class Bucket:
    """A bucket, a folder in which Snowflake's double sees it, and a loader for both."""

    server: S3Server
    account: SnowflakeAccount
    folder: Path
    name: str
    source: dict[str, object] = field(default_factory=dict)
    warehouse: dict[str, object] = field(default_factory=dict)

    @property
    def seen(self) -> Path:
        """What Snowflake sees of it."""
        return self.folder / "bucket"

    def deliver(self, drops: dict[str, str]) -> None:
        """Put all drops there, and make the stage that leads to them."""
        for name, text in drops.items():
            (self.seen / name).parent.mkdir(parents=True, exist_ok=True)
            (self.seen / name).write_text(text)
        self.source = {"name": "feed", **in_bucket(self.server, self.name, self.seen)}
        stage = external_stage(self.account, f"s3://{self.name}/")
        self.warehouse = {
            **self.account.settings(),
            "url": self.account.url(),
            "load": "external",
            "external_stage": stage,
        }

    def run(self, *words: str, **warehouse: object) -> Answer:
        """Run the loader, or another of its commands."""
        text = "[warehouse]\n" + _toml({**self.warehouse, **warehouse})
        (self.folder / "firehose.toml").write_text(text + "[[source]]\n" + _toml(self.source))
        return ask(*(words or ("run",)), "--json", "-c", "firehose.toml", cwd=self.folder)

    def names(self) -> list[tuple[str, str]]:
        """Return the ids and campaign names of all events."""
        with self.account.connect(schema="DOTDIGITAL") as user, user.cursor() as cursor:
            cursor.execute("SELECT event_id, campaign_name FROM email_open ORDER BY 1")
            return [(str(one), str(other)) for one, other in cursor.fetchall()]

    def copies(self) -> list[str]:
        """Return the statements with which drops were read from the bucket."""
        return [
            one for one in self.account.statements() if "INTO external_" in one and "COPY" in one
        ]


@pytest.fixture
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bucket]:
    name = f"external-{os.getpid()}-{next(_NUMBERS)}"
    account = SnowflakeAccount(
        request.getfixturevalue(snowflake.NAME),
        buckets={f"s3://{name}/": str(tmp_path / "bucket"), "s3://elsewhere/": str(tmp_path)},
    )
    with closing(account):
        server = request.getfixturevalue(moto.NAME)
        yield Bucket(server=server, account=account, folder=tmp_path, name=name)


def read(answer: Answer) -> dict[str, int]:
    found: dict[str, int] = answer.json["sources"][0]["read"]
    return found


def test_what_snowflake_reads_comes_into_tables_of_other_names_without_what_is_left_out(
    bucket: Bucket,
) -> None:
    header = "eventId,eventDate,campaignName,mailClient,campaignId\n"
    rows = [f"e{n},2026-01-05T10:00:00Z,{name},client,x7\n" for n, name in ((1, "a"), (2, "b"))]
    bucket.deliver(
        {
            "email.open.1.csv": "".join([header, *rows]),
            "email.open.22.csv": "".join([header, rows[1]]),
        }
    )

    names = {"names.table": "STG_{event_type}", "names.column": "DD_{column}"}
    run = bucket.run(**names, **{'leave_out."*"': ["campaign_id", "mail_client"]})

    assert run.code == 0, run.err
    assert read(run) == {"warehouse": 2}
    assert run.json["rows"]["inserted"] == 2
    with bucket.account.connect(schema="DOTDIGITAL") as user, user.cursor() as cursor:
        cursor.execute(
            "SELECT dd_event_id, dd_campaign_name, _rescued FROM stg_email_open ORDER BY 1"
        )
        assert cursor.fetchall() == [("e1", "a", None), ("e2", "b", None)]
        cursor.execute("SELECT * FROM stg_email_open")
        columns = {column[0] for column in cursor.description or ()}
    assert not {"DD_CAMPAIGN_ID", "DD_MAIL_CLIENT"} & columns


def test_what_came_after_the_listing_is_not_loaded_for_what_was_listed(bucket: Bucket) -> None:
    bucket.deliver(
        {
            "email.open.changed.csv": f"{HEADER}e1,2026-01-05T10:00:00Z,listed\n",
            "email.open.gone.csv": f"{HEADER}e2,2026-01-05T10:00:00Z,listed\n",
            "email.open.same.csv": f"{HEADER}e3,2026-01-05T10:00:00Z,listed\n",
        }
    )
    changed = bucket.seen / "email.open.changed.csv"
    later = changed.stat().st_mtime + 60
    changed.write_text(f"{HEADER}e1,2026-01-05T10:00:00Z,written anew\n")
    os.utime(changed, (later, later))
    (bucket.seen / "email.open.gone.csv").unlink()

    run = bucket.run()

    assert run.code == 0, run.err
    assert read(run) == {"warehouse": 1, "rows": 1, "unreadable": 1}
    assert bucket.names() == [("e1", "listed"), ("e2", "listed"), ("e3", "listed")]


def test_a_conflict_has_the_text_that_was_delivered(bucket: Bucket) -> None:
    bucket.deliver({"email.open.1.csv": f"{HEADER}e1,2026-01-05T10:00:00Z,one\n"})
    first = bucket.run()
    row = 'e1,2026-01-05T10:00:00Z,"another, quoted"'
    second = bucket.seen / "email.open.2.csv"
    second.write_text(f"{HEADER}e5,2026-01-05T10:00:00Z,five\n{row}\n")
    bucket.server.client.put_object(Bucket=bucket.name, Key=second.name, Body=second.read_bytes())
    when = bucket.server.client.head_object(Bucket=bucket.name, Key=second.name)["LastModified"]
    os.utime(second, (when.timestamp(), when.timestamp()))

    run = bucket.run()

    assert (first.code, run.code) == (0, 0), run.err
    assert read(first) == read(run) == {"warehouse": 1}
    (held,) = bucket.run("quarantine", "list").json["held"]
    assert (held["reason"], held["row"], held["line"], held["raw"]) == ("conflict", 2, 3, row)


def test_drops_that_lie_scattered_among_others_are_read_with_them(bucket: Bucket) -> None:
    bucket.deliver(
        {
            f"email.open.{number:02}.csv": f"{HEADER}e{number:02},{when},x\n"
            for number in range(22)
            for when in ("2026-01-05T10:00:00Z" if number % 2 else "1767607200",)
        }
    )

    run = bucket.run()

    assert run.code == 0, run.err
    assert read(run) == {"rows": 11, "turns": 11}
    assert len(bucket.names()) == 22
    assert run.err.count("22 drops loaded") == 1


def test_limits_hold_whoever_reads(bucket: Bucket) -> None:
    many = "".join(f"m{n},2026-01-05T10:00:00Z,x\n" for n in range(30))
    deep = f'{{"eventId": "d1", "eventDate": "2026-01-05T10:00:00Z", "b": {"[" * 9}{"]" * 9}}}\n'
    bucket.deliver(
        {
            "email.open.long.csv": f"{HEADER}l1,2026-01-05T10:00:00Z,{'x' * 600}\n",
            "email.open.many.csv": HEADER + many,
            "email.open.deep.ndjson": deep,
            "email.open.big.csv": HEADER + f"b1,2026-01-05T10:00:00Z,{'x' * 3000}\n",
        }
    )
    limits = "max_row_bytes = 1024\nmax_rows = 20\nmax_depth = 5\nmax_file_bytes = 2048\n"
    text = f"{limits}[warehouse]\n{_toml(bucket.warehouse)}[[source]]\n{_toml(bucket.source)}"
    (bucket.folder / "firehose.toml").write_text(text)

    run = ask("run", "--json", "-c", "firehose.toml", cwd=bucket.folder)

    assert read(run) == {"rows": 2, "size": 2}, run.err
    assert run.json["rows"]["inserted"] == 1, "the long row is within its limit"


@pytest.mark.parametrize("times", [1, 3])
def test_what_was_read_when_the_session_ends_is_loaded_all_the_same(
    bucket: Bucket, times: int
) -> None:
    drops = {f"email.open.{n}.csv": f"{HEADER}e{n},2026-01-05T10:00:00Z,x\n" for n in range(3)}
    bucket.deliver(drops)
    ends = {"code": 390111, "ends_session": True, "times": times}
    bucket.account.order(r"^MERGE INTO \S+EMAIL_OPEN", "error", **ends)

    run = bucket.run()

    if times == 1:  # what the session had read is gone with it; the drops are read here
        assert (run.code, read(run)) == (0, {"transaction": 3}), run.err
    else:
        assert run.code == 4, run.err
        assert run.json["drops"]["loaded"] == 0
        run = bucket.run()
    assert bucket.names() == [(f"e{n}", "x") for n in range(3)], run.err


def test_after_somebody_was_forgotten_all_drops_are_read_here(bucket: Bucket) -> None:
    row = "{},2026-01-05T10:00:00Z,x,{}\n"
    header = "eventId,eventDate,campaignName,email\n"
    bucket.deliver({"email.open.1.csv": header + row.format("e1", "ada@example.org")})
    first = bucket.run()
    forgotten = bucket.run("forget", "--email", "ada@example.org", "--yes")
    late = bucket.seen / "email.open.2.csv"
    late.write_text(
        header + row.format("e2", "ADA@example.org") + row.format("e3", "b@example.org")
    )
    bucket.server.client.put_object(Bucket=bucket.name, Key=late.name, Body=late.read_bytes())

    run = bucket.run()

    assert (first.code, forgotten.code, run.code) == (0, 0, 0), forgotten.err + run.err
    assert (read(first), read(run)) == ({"warehouse": 1}, {"forgotten": 1})
    assert [one for one, _ in bucket.names()] == ["e3"]
    assert "ada@" not in run.err.lower()


def test_a_stage_that_does_not_lead_to_the_source_loads_nothing(bucket: Bucket) -> None:
    bucket.deliver({"email.open.1.csv": f"{HEADER}e1,2026-01-05T10:00:00Z,x\n"})
    elsewhere = external_stage(bucket.account, "s3://elsewhere/", "elsewhere")
    with bucket.account.connect() as user, user.cursor() as cursor:
        cursor.execute("CREATE STAGE dotdigital.inner_one")

    refused = {
        stage: bucket.run(external_stage=stage)
        for stage in (elsewhere, f"{snowflake.DATABASE}.dotdigital.inner_one", "x.y.missing")
    }
    for answer in refused.values():
        assert answer.code == 2, answer.err
        assert answer.json["drops"]["loaded"] == 0
    said, internal, missing = (one.json["errors"][0]["message"] for one in refused.values())
    assert f"leads to s3://elsewhere/, which does not cover s3://{bucket.name}/" in said
    assert "init --grants" in said
    assert "it leads to no bucket" in internal
    assert "MISSING" in missing.upper()
    assert "doctor" in missing
    assert not bucket.copies()

    assert read(bucket.run()) == {"warehouse": 1}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"url": "drops"}, "which is in no bucket of S3, Azure or Google"),
        ({"url": "sftp://me@host/in"}, "which is in no bucket of S3, Azure or Google"),
        ({"url": "s3://b/", "pii": {"email": "drop"}}, "policies for personal data"),
    ],
)
def test_what_snowflake_cannot_read_by_itself_is_refused_before_anything_is_done(
    source: dict[str, object], said: str
) -> None:
    warehouse = {"url": "snowflake://l@a/d", "load": "external", "connection": "x"}

    with pytest.raises(ValueError, match=said) as refused:
        Config.model_validate({"warehouse": warehouse, "source": [{"name": "feed", **source}]})

    assert 'write load = "stage"' in str(refused.value)


def _toml(settings: dict[str, object]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
