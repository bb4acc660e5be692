"""The same drops into DuckDB and into Snowflake's double, by the command line: all is the same."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from firehose_loader.external import Here
from firehose_loader.sample.write import write_sample
from firehose_loader.schema.catalog import load_catalog
from tests.command import Answer, Row, ask, select
from tests.rigs import moto, snowflake
from tests.rigs.external import external_stage, in_bucket, packed
from tests.rigs.snowflake import SnowflakeAccount
from tests.sampled import EVERYTHING
from tests.schema_documents import a_document, write
from tests.simulated import data_of

pytestmark = pytest.mark.xdist_group(snowflake.NAME)

SAMPLE = replace(
    EVERYTHING,
    events=240,
    drops=16,
    event_types=("email.open", "email.click", "sms.send"),
)
"""Drift, bad rows, duplicates and late events, in all formats and packings."""
ODD = {
    # JSON within a cell, a conflict, rows that are replaced, types that no schema has, no text.
    "feed/email.open.a.csv": "eventId,eventDate,campaignName,payloads\n"
    'j1,2026-01-05T10:00:00Z,x,"{""b"": 1, ""a"": [1.5, null]}"\n'
    "j2,2026-01-05T10:00:00Z,x,\n",
    "feed/email.open.again.csv": "eventId,eventDate,campaignName,payloads\n"
    'j1,2026-01-05T10:00:00Z,x,"{""a"": [1.5, null], ""b"": 1}"\n'
    'j2,2026-01-05T10:00:00Z,another,"{""a"": 1}"\n',
    "feed/shop.order.a.csv": "eventId,total\n1,5\n2,6\n",
    "feed/shop.order.bb.csv": "eventId,total\n1,5\n2,7\n3,never\n",
    "feed/unknown.json": '[{"eventType": "wishlist.add", "n": 1}, {"eventType": "wishlist.add"}]',
    "feed/torn.csv.gz": "no gzip",
}
LEDGER_OWN = {"run_id", "finished_at", "first_seen_at"}
"""What tells of the run rather than of the drop."""
OF_A_BATCH = frozenset({"rows_seen", "rows_filled", "sample", "_schema_version"})
"""What tells of the batch that brought a field; drops that are read in two places are no batch."""
OWN = {
    "_firehose_drops": LEDGER_OWN,
    "_firehose_quarantine": {"id", "run_id", "quarantined_at", "changed_at"},
    "_firehose_duplicates": {"noted_at", "changed_at"},
    "_firehose_digests": {"digest", "witness"},  # each engine hashes in its own way
    "_firehose_schemas": {"first_seen_at", "recorded_at"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """One folder of drops, loaded into both."""

    folder: Path
    account: SnowflakeAccount
    runs: tuple[Answer, Answer]
    apart: frozenset[str]
    """Columns that may differ: those that tell of a batch, where both have batches of their own."""

    def ask(self, *words: object) -> tuple[Answer, Answer]:
        """Ask both the same."""
        return _ask(self.folder, *words)

    def tables(self) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
        """Return the rows of all tables and of the view, of both."""
        both = (_of_duckdb(self.folder / "events.duckdb"), _of_snowflake(self.account))
        for tables in both:
            for rows in tables.values():
                for row in rows:
                    for name in self.apart & row.keys():
                        del row[name]
        return both


CLEAN = {
    # What Snowflake reads by itself where it may: all that an event type's own schema foresees.
    "feed/email.open.plain.csv": "eventId,eventDate,campaignName,isHtml\n"
    'p1,2026-01-05T10:00:00+02:00,x,true\np2,2026-01-05 10:00:00,"a, b",FALSE\n'
    "p3,2026-01-06T00:30:00.25Z,,\n",
    "feed/email.open.same.ndjson": '{"eventId": "p1", "eventDate": "2026-01-05T08:00:00Z",'
    ' "campaignName": "y"}\n{"eventId": "p4", "eventDate": "2026-01-05T08:00:00Z"}\n',
    "feed/email.click.plain.json": '[{"eventId": "c1", "eventDate": "2026-01-05T08:00:00Z",'
    ' "data": {"campaignId": 77, "linkUrl": "https://example.org/?a=1"}},'
    ' {"eventId": "c2", "eventDate": "2026-01-05T08:00:01Z", "campaignId": 78}]',
    "feed/sms.send.plain.csv.gz": "eventId,eventDate\ns1,2026-01-05T10:00:00Z\n"
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301,2026-01-05T10:00:00Z\n"
    "3F2504E0-4F89-11D3-9A0C-0305E82C3302,2026-01-05T10:00:00Z\n",
    "feed/mixed.plain.csv": "eventType,eventId,eventDate\nemail.open,m1,2026-01-05T10:00:00Z\n"
    "Email Click,m2,2026-01-05T10:00:00Z\n",
}
BUCKET = "drops-of-twins"


BATCH = {"stage": 14, "external": 8}
"""Two batches where one reader has all drops, more where two share them."""


@pytest.fixture(scope="module", params=["stage", "external"])
def load(request: pytest.FixtureRequest) -> str:
    """Each way in which drops get into Snowflake."""
    mode: str = request.param
    return mode


@pytest.fixture(scope="module")
def twins(
    load: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Twins]:
    folder = tmp_path_factory.mktemp("twins")
    drops = folder / "drops"
    write_sample(drops, SAMPLE, catalog=load_catalog(None))
    write(folder / "schemas", a_document(**{"x-merge": "upsert"}))
    for name, text in {**ODD, **CLEAN}.items():
        (drops / name).parent.mkdir(exist_ok=True)
        (drops / name).write_bytes(packed(name, text))
    account = SnowflakeAccount(
        request.getfixturevalue(snowflake.NAME), buckets={f"s3://{BUCKET}/": str(drops)}
    )
    with closing(account):
        way: dict[str, object] = {**account.settings(), "url": account.url(), "load": load}
        way["access_token"] = way.pop("password") and snowflake.ACCESS_TOKEN
        file: dict[str, object] = {"url": "events.duckdb"}
        source: dict[str, object] = {"name": "feed", "url": "drops"}
        if load == "external":
            source |= in_bucket(request.getfixturevalue(moto.NAME), BUCKET, drops)
            way["external_stage"] = external_stage(account, f"s3://{BUCKET}/")
        for name, settings in (("duckdb", file), ("snowflake", way)):
            (folder / f"{name}.toml").write_text(
                f'batch_files = {BATCH[load]}\nschemas = "schemas"\n[warehouse]\n{_toml(settings)}'
                f"[[source]]\n{_toml(source)}"
            )
        runs = _ask(folder, "run", "--json")
        apart = OF_A_BATCH if load == "external" else frozenset()
        yield Twins(folder=folder, account=account, runs=runs, apart=apart)


def _ask(folder: Path, *words: object) -> tuple[Answer, Answer]:
    one, other = (ask(*words, "-c", f"{name}.toml", cwd=folder) for name in ("duckdb", "snowflake"))
    return one, other


def _toml(settings: dict[str, object]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())


def _of_duckdb(database: Path) -> dict[str, list[Row]]:
    names = select(
        database,
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'dotdigital'",
    )
    return {
        name: _plain(name, select(database, f'SELECT * FROM dotdigital."{name}"'))
        for name in sorted(row["table_name"] for row in names)
    }


def _of_snowflake(account: SnowflakeAccount) -> dict[str, list[Row]]:
    with account.connect(schema="DOTDIGITAL") as user, user.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name FROM information_schema.columns"
            " WHERE table_schema = 'DOTDIGITAL'"
        )
        names = sorted(name for (name,) in cursor.fetchall())
        tables = {}
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')
            columns = [column[0].lower() for column in cursor.description or ()]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            tables[name.lower()] = _plain(name.lower(), rows)
    del tables["_firehose_leases"]  # a file has one writer, and needs none
    return tables


def _plain(table: str, rows: list[Row]) -> list[Row]:
    """Return rows in an order of their own, with JSON as values, without what is of the run."""
    own = OWN.get(table, {"_loaded_at"})
    plain = [{name: _value(row[name]) for name in row.keys() - own} for row in rows]
    if table == "_firehose_drops":
        for row in plain:  # an object's members are in no order, and Snowflake keeps none
            if row["header"] and row["format"] != "csv":
                row["header"].sort()
    return sorted(plain, key=lambda row: json.dumps(row, sort_keys=True, default=str))


def _value(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _of_drops(answer: Any, apart: Collection[str] = ()) -> Any:  # noqa: ANN401 - whatever was printed
    """Return an answer without what tells of the run alone, and without these members."""
    if isinstance(answer, str):
        for of_the_run in (
            r"(?<=loaded at )\S+ \S+",
            r"(?<=, in )\d+ of \d+ rows, such as .*(?= Its type)",
            # The drops of a bucket came within a second; and of arrays that a query makes, the
            # stand-in mixes up some places. The contract has its own tests of gaps.
            r"\d+ of \d+(?= drops since the first)|(?<=the newest is )\S+",
        ):
            answer = re.sub(of_the_run, "", answer)
        return answer
    if isinstance(answer, dict):
        return {
            name: _of_drops(one, apart)
            for name, one in answer.items()
            if name not in _OF_THE_RUN and name not in apart
        }
    return [_of_drops(one, apart) for one in answer] if isinstance(answer, list) else answer


_OF_THE_RUN = {"run_id", "seconds", "read", "last_filled", "quarantined_at", "costs"}


def test_a_run_counts_the_same(twins: Twins) -> None:
    one, other = twins.runs

    assert (one.code, other.code) == (0, 0), other.err
    assert _of_drops(one.json) == _of_drops(other.json)
    rows = one.json["rows"]
    assert all(rows[fate] for fate in ("inserted", "duplicate", "quarantined"))


def test_each_drop_is_read_where_it_should_be(load: str, twins: Twins) -> None:
    _, answer = twins.runs
    read = answer.json["sources"][0]["read"]

    if load == "stage":
        assert read == {}
        return
    assert sum(read.values()) == answer.json["drops"]["loaded"]
    assert read["warehouse"] >= len(CLEAN), answer.err
    for why in read.keys() - {"warehouse"}:
        assert f"drops read here, for {Here(why).message}" in answer.err


def test_all_tables_hold_the_same(twins: Twins) -> None:
    one, other = twins.tables()

    assert one.keys() == other.keys()
    for table, rows in one.items():
        if table not in {"_firehose_runs", "_firehose_alerts", "_firehose_versions"}:
            assert other[table] == rows, table
    fates = {row["fate"] for row in one["_firehose_duplicates"]}
    assert fates == {"identical", "conflicting", "superseded"}
    assert one["_firehose_schemas"]


@pytest.mark.parametrize(
    "words",
    [
        ("schema", "evidence", "--json"),
        ("schema", "export", "--json"),
        ("quarantine", "list", "--json"),
        ("run", "--json"),
    ],
    ids=lambda words: words[0] if words[0] != "schema" else words[1],
)
def test_questions_have_the_same_answers(twins: Twins, words: tuple[str, ...]) -> None:
    _assert_same_answers(twins, words)


@pytest.mark.parametrize(
    "words",
    [("audit", "--deep", "--json"), ("undo", "feed/", "--preview", "--json")],
    ids=lambda words: words[0],
)
# These look at the tables alone, which hold the same whatever read the drops.
@pytest.mark.parametrize(
    "load", ["stage", pytest.param("external", marks=pytest.mark.long)], indirect=True
)
def test_questions_about_tables_have_the_same_answers(twins: Twins, words: tuple[str, ...]) -> None:
    _assert_same_answers(twins, words)


def _assert_same_answers(twins: Twins, words: tuple[str, ...]) -> None:
    one, other = twins.ask(*words)

    assert (one.code, one.err) == (other.code, other.err)
    assert _of_drops(one.json, twins.apart) == _of_drops(other.json, twins.apart)


def test_a_report_shows_the_same(twins: Twins) -> None:
    told, shown = [], []
    for name in ("duckdb", "snowflake"):
        words = ("report", "--days", "366", "--json", "-c", f"{name}.toml", "-o", f"{name}.html")
        answer = ask(*words, cwd=twins.folder)
        assert answer.code == 0, answer.err
        told.append(answer.json)
        page = (twins.folder / f"{name}.html").read_text("utf-8")
        data = data_of(page)
        del data["runs"]
        tables = re.findall(r'<section id="(?:dupl|quar)(.*?)</section>', page, re.DOTALL)
        shown.append((data, [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", one) for one in tables]))

    same = ("drops", "rows", "quarantined", "failed_drops", "last_drop")
    assert [told[0][name] for name in same] == [told[1][name] for name in same]
    assert told[0]["rows"]["duplicate"]
    assert shown[0] == shown[1]
