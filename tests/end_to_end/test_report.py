"""The report of a simulated week: its figures are the database's, and it tells them well."""

from __future__ import annotations

import gzip
import html
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.command import Answer, ask, select
from tests.simulated import ADDRESS, HOSTILE, QUARTER, Reported, Week, data_of

pytestmark = pytest.mark.xdist_group("report")  # one week and one browser serve all

MASKED = "xxx.xxxxxxx@xxxxxxx.xxx"
FATES = (
    *("inserted", "updated", "identical", "superseded", "conflicting", "quarantined"),
    "expired",
)
WITHIN = "modified >= $1::TIMESTAMP AND modified < $2::TIMESTAMP"


@pytest.fixture(scope="module", name="week")
def _week(reported: Reported) -> Week:
    return reported.week


@pytest.fixture(scope="module")
def answer(reported: Reported) -> Answer:
    return reported.answer


@pytest.fixture(scope="module")
def page(reported: Reported) -> str:
    return reported.file.read_text("utf-8")


def _period(answer: Answer) -> list[str]:
    return [
        answer.json["since"].removesuffix("+00:00"),
        answer.json["until"].removesuffix("+00:00"),
    ]


def _number(source: dict[str, Any], moment: datetime) -> int:
    """Return the number of the slot that a time stands for."""
    return int((moment.timestamp() - source["start"]) // source["step"])


# -- the figures ---------------------------------------------------------------------------------


def test_the_headline_is_what_the_database_says(week: Week, answer: Answer) -> None:
    (ledger,) = select(
        week.database,
        "SELECT count(*) AS drops, sum(rows_parsed) AS parsed, sum(rows_inserted) AS inserted,"
        " sum(rows_identical + rows_superseded + rows_conflicting) AS duplicate,"
        " sum(rows_quarantined) AS quarantined"
        f" FROM dotdigital._firehose_drops WHERE {WITHIN}",
        _period(answer),
    )
    told = answer.json

    assert told["drops"] == ledger["drops"]
    assert {name: told["rows"][name] for name in ("parsed", "inserted", "duplicate")} == {
        name: ledger[name] for name in ("parsed", "inserted", "duplicate")
    }
    assert (told["rows"]["quarantined"], told["quarantined"]) == (ledger["quarantined"], 2)
    assert (told["missing_slots"], told["missing_types"], told["late_slots"]) == (4, 3, 1)
    assert told["bytes"] == (week.home / "report.html").stat().st_size
    assert [(one["kind"], one["event_type"]) for one in told["troubles"]] == [
        ("gaps", None),
        ("gaps", "email.click"),
        ("quarantined", None),
    ]


def test_the_heat_maps_show_the_rows_of_each_slot_and_event_type(week: Week, page: str) -> None:
    prod = data_of(page)["sources"][0]
    found = select(
        week.database,
        "SELECT split_part(key, '/', 1) AS type, regexp_extract(key, '\\d{8}T\\d{4}') AS slot,"
        " rows_parsed AS rows FROM dotdigital._firehose_drops"
        " WHERE source = 'prod' AND regexp_matches(key, '/\\d{8}T\\d{4}\\.csv')",
    )
    expected = {
        (one["type"], _number(prod, datetime.strptime(one["slot"] + "Z", "%Y%m%dT%H%M%z"))): one[
            "rows"
        ]
        for one in found
    }
    named = {
        (line["type"], slot): rows
        for line in prod["lines"][1:]
        for slot, rows in enumerate(line["rows"])
        if rows >= 0
    }

    differing = {at for at in named if named[at] != expected.get(at)}
    assert len(named) > 2600
    # Two drops whose names tell no slot belong to one by the time of their delivery.
    assert {event_type for event_type, _ in differing} <= {"email.open", "sms.send"}
    assert len(differing) <= 2
    assert {at for at in expected if 0 <= at[1] < prod["count"]} <= named.keys()


def test_the_heat_maps_mark_what_was_missing_and_what_came_late(week: Week, page: str) -> None:
    prod, daily = data_of(page)["sources"]
    lines = {line["type"]: line for line in prod["lines"]}
    outage, stopped = _number(prod, week.outage), _number(prod, week.stopped)

    assert [n for n, rows in enumerate(lines[None]["rows"]) if rows < 0] == [
        *range(outage, outage + 4)
    ]
    assert [n for n, rows in enumerate(lines["email.click"]["rows"]) if rows == -2] == [
        *range(stopped, stopped + 3)
    ]
    assert all(line["rows"][outage] == -3 for line in prod["lines"])
    assert daily["lines"][0]["late"] == [[_number(daily, week.late_day), 9 * 60]]


def test_the_charts_of_rows_and_lateness_sum_up_the_database(
    week: Week, answer: Answer, page: str
) -> None:
    data = data_of(page)
    by_hour = select(
        week.database,
        "SELECT strftime(date_trunc('hour', modified), '%Y-%m-%d %H:%M') AS hour, "
        + ", ".join(f"sum(rows_{name}) AS {name}" for name in FATES)
        + f" FROM dotdigital._firehose_drops WHERE {WITHIN} GROUP BY ALL",
        _period(answer),
    )
    minutes = [
        row["minutes"]
        for row in select(
            week.database,
            "SELECT (epoch(d.modified) - epoch(e.event_date)) / 60 AS minutes"
            " FROM dotdigital.events e JOIN dotdigital._firehose_drops d ON e._drop_id = d.drop_id"
            f" WHERE {WITHIN}",
            _period(answer),
        )
    ]

    shown = {
        hour: {name: counts[number] for name, counts in data["rows"]["fates"].items()}
        for number, hour in enumerate(data["rows"]["bins"])
    }
    assert {hour: of for hour, of in shown.items() if any(of.values())} == {
        row.pop("hour"): row for row in by_hour
    }
    buckets = Counter(
        dict(
            zip(
                data["lateness"]["buckets"],
                (sum(of) for of in zip(*data["lateness"]["types"].values(), strict=True)),
                strict=True,
            )
        )
    )
    assert buckets.total() == len(minutes)
    assert buckets["before the event"] == sum(one < 0 for one in minutes)
    assert buckets["1 min to 5 min"] == sum(1 <= one < 5 for one in minutes)
    assert buckets["2 d to 7 d"] + buckets["over 7 d"] == sum(one >= 2880 for one in minutes)


def test_a_period_in_the_past_and_one_source_are_told_alone(week: Week, tmp_path: Path) -> None:
    day = week.late_day
    told = ask(
        *("report", "-o", tmp_path / "day.html", "--source", "daily", "--json"),
        *("--from", f"{day:%Y-%m-%d}", "--to", f"{day + timedelta(days=1):%Y-%m-%d}"),
        cwd=week.home,
    )

    assert told.code == 0, told.err
    assert (told.json["drops"], told.json["rows"]["parsed"], told.json["late_slots"]) == (1, 2, 1)
    assert (told.json["missing_slots"], told.json["quarantined"]) == (0, 0)
    assert told.json["troubles"] == []
    page = (tmp_path / "day.html").read_text("utf-8")
    assert [one["name"] for one in data_of(page)["sources"]] == ["daily"]
    assert "email.click" not in page.partition("<script")[0].partition('id="schemas"')[0]


def test_what_waits_now_is_told_of_any_period(week: Week, tmp_path: Path) -> None:
    day = f"{week.now - timedelta(days=9):%Y-%m-%d}", f"{week.now - timedelta(days=8):%Y-%m-%d}"
    words = ("--from", day[0], "--to", day[1], "-o", tmp_path / "day.html", "--json")
    told = ask("report", *words, cwd=week.home).json

    assert [one["kind"] for one in told["troubles"]] == ["quarantined"]
    assert told["quarantined"] == 2


# -- what must not be in it ----------------------------------------------------------------------


def test_the_page_shows_the_shape_of_values_only(week: Week, page: str, tmp_path: Path) -> None:
    without = ask("report", "--no-samples", "-o", tmp_path / "r.html", cwd=week.home)

    assert ADDRESS not in page
    assert page.count(MASKED) == 2  # of the quarantine, and of the new field
    assert without.code == 0
    assert MASKED not in (tmp_path / "r.html").read_text("utf-8")


def test_nothing_that_the_feed_says_becomes_markup(page: str) -> None:
    text = page.partition("<script")[0]

    assert HOSTILE not in page
    assert html.escape(HOSTILE) in text  # the name of the field that it came with
    assert "<img" not in text
    assert page.count("</script>") == 3


def test_a_name_that_is_not_text_is_told_all_the_same(page: str) -> None:
    assert page.count("again-\\xff.csv") == 3  # twice in quarantine, once as a duplicate


def test_the_page_may_not_ask_the_network(page: str) -> None:
    head = page.partition("<style>")[0]

    assert "default-src &#39;none&#39;" in head
    assert "unsafe-eval" not in head
    assert not re.findall(r'(?:src|href|action)="(?!#)[^"]*"', page.partition("<script")[0])


# -- in a browser's absence ----------------------------------------------------------------------


def test_a_warehouse_that_is_not_there_yet_has_a_report_too(tmp_path: Path) -> None:
    told = ask("report", "--into", "none.duckdb", "--json", cwd=tmp_path)

    assert told.code == 0, told.err
    assert (told.json["drops"], told.json["last_drop"]) == (0, None)
    assert "Nothing was ever loaded" in (tmp_path / "report.html").read_text("utf-8")
    assert not (tmp_path / "none.duckdb").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--days", "3", "--from", "2026-01-01"), "not both"),
        (("--from", "2026-01-02", "--to", "2026-01-01"), "the period is empty"),
        (("--from", "1990-01-01"), "ten years"),
        (("--source", "prdo"), "there are: daily, prod"),
        (("-o", "no such folder/report.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    week: Week, words: tuple[str, ...], says: str
) -> None:
    told = ask("report", "--json", *words, cwd=week.home)

    assert told.code == 2
    assert says in told.json["errors"][0]["message"]


def test_a_report_that_cannot_be_finished_leaves_the_old_one(week: Week, tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()

    told = ask("report", "-o", tmp_path / "report.html", "--days", "1", cwd=week.home)

    assert told.code == 2
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_a_source_without_a_cadence_is_shown_and_not_judged(week: Week, tmp_path: Path) -> None:
    told = ask("report", "--into", week.database, "--days", "7", "--json", cwd=tmp_path)

    assert told.code == 0, told.err
    assert told.json["missing_slots"] == 0
    sources = data_of((tmp_path / "report.html").read_text("utf-8"))["sources"]
    assert [(one["judged"], one["step"]) for one in sources] == [(False, 3600), (False, 3600)]
    parsed = sum(rows for one in sources for rows in one["lines"][0]["rows"] if rows > 0)
    assert parsed == told.json["rows"]["parsed"]


def test_quarters_are_quarters_of_utc(page: str) -> None:
    prod = data_of(page)["sources"][0]

    assert prod["step"] == QUARTER.total_seconds()
    assert datetime.fromtimestamp(prod["start"], UTC).minute % 15 == 0


# -- what it is made of --------------------------------------------------------------------------


def test_the_library_of_charts_is_the_one_that_the_notice_names(page: str) -> None:
    assets = files("firehose_loader.report") / "assets"
    library = gzip.decompress((assets / "echarts.min.js.gz").read_bytes())
    notice = (assets / "NOTICE").read_text("utf-8")

    assert sha256(library).hexdigest() in notice
    (version,) = re.findall(r"echarts, version (\S+),", notice)
    assert f'version="{version}"'.encode() in library
    assert f"Apache ECharts {version}" in page
    assert library.decode() in page
