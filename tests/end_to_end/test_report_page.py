"""The report in a real browser, the network off: on a desktop, a phone, paper, by day and night.

Colours are read from what is drawn, and counts from what the charts were given.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from firehose_loader.schema.catalog import load_catalog
from tests.command import ask
from tests.rigs.chromium import Look, Shown, opened
from tests.simulated import Reported, configure, put

pytestmark = pytest.mark.xdist_group("report")  # one week and one browser serve all

LOOKS = {
    f"{name}-{scheme}": Look(width=width, height=height, scheme=scheme)
    for name, width, height in (("desktop", 1280, 800), ("phone", 390, 844))
    for scheme in ("light", "dark")
}
DESKTOP, PHONE_AT_NIGHT = LOOKS["desktop-light"], LOOKS["phone-dark"]
CHART = "echarts.getInstanceByDom(document.querySelectorAll('.chart')[number])"
CELLS = f"""number => Object.fromEntries(
    {CHART}.getOption().series.map(one => [one.name, one.data.length]))"""
DRAWN = f"""([number, state]) => {{
    const chart = {CHART};
    const places = chart.getOption().series.find(one => one.name === state).data;
    const copy = document.createElement('canvas');
    const layers = [...chart.getDom().querySelectorAll('canvas')];
    [copy.width, copy.height] = [layers[0].width, layers[0].height];
    const paper = copy.getContext('2d', {{willReadFrequently: true}});
    for (const layer of layers) paper.drawImage(layer, 0, 0);
    const ratio = copy.width / layers[0].clientWidth;
    const shows = places.map(([x, y]) => {{
        const at = chart.convertToPixel({{xAxisIndex: 0, yAxisIndex: 0}}, [x, y]);
        return [...paper.getImageData(at[0] * ratio, at[1] * ratio, 1, 1).data].slice(0, 3);
    }});
    const probe = document.createElement('i');
    probe.style.color = getComputedStyle(document.documentElement).getPropertyValue('--' + state);
    document.body.append(probe);
    const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
    probe.remove();
    return shows.filter(one => one.every((part, n) => Math.abs(part - wanted[n]) < 8)).length;
}}"""
MOST_BYTES = 5_000_000


@pytest.fixture(scope="module", params=LOOKS)
def shown(request: pytest.FixtureRequest, chromium: Browser, reported: Reported) -> Iterator[Shown]:
    with opened(chromium, reported.file, LOOKS[request.param]) as shown:
        yield shown


def test_the_page_is_quiet_asks_for_nothing_and_fits(shown: Shown, reported: Reported) -> None:
    sizes = shown.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")

    assert shown.said == []
    assert shown.asked == [reported.file.as_uri()]
    assert sizes[0] <= sizes[1]
    # Each chart is drawn on one layer: what is drawn on several comes too late for paper.
    assert shown.page.locator(".chart:has(canvas)").count() == 7
    assert shown.page.locator(".chart canvas").count() == 7


def test_what_went_wrong_is_seen_at_first_sight(shown: Shown) -> None:
    page = shown.page
    first_screen = [
        one.inner_text()
        for one in page.locator("h1, .findings li").all()
        if (box := one.bounding_box()) and box["y"] + box["height"] <= page.viewport_size["height"]  # type: ignore[index]
    ]

    assert first_screen[0] == "3 things need a look"
    said = " ".join(first_screen)
    assert "nothing came for 4 slots" in said
    assert "email.click did not come for 3 slots" in said
    assert "rows waiting in quarantine: 2" in said
    assert "came 9 h late" in said
    assert "new fields: email, loyaltyTier" in said


def test_the_heat_maps_show_it_in_colour_and_by_marks(shown: Shown) -> None:
    calendar, matrix, daily = 0, 1, 2
    page = shown.page

    cells = page.evaluate(CELLS, calendar)
    assert (cells["absent"], cells["partly"], cells["late"]) == (4, 3, 0)
    assert (cells["absent marks"], cells["partly marks"]) == (1, 1)
    assert page.evaluate(CELLS, matrix)["absent marks"] == 2  # of the source, and of one type
    assert page.evaluate(CELLS, daily)["late"] == 1
    # Some cells lie under the edge of a mark.
    assert page.evaluate(DRAWN, [calendar, "absent"]) >= 2
    assert page.evaluate(DRAWN, [calendar, "partly"]) >= 1
    assert page.evaluate(DRAWN, [daily, "late"]) == 1


def test_nobody_is_shut_out(shown: Shown) -> None:
    found = Axe().run(shown.page)

    assert found.violations_count == 0, found.generate_report()


def test_it_can_be_used_by_keyboard(chromium: Browser, reported: Reported) -> None:
    with opened(chromium, reported.file, DESKTOP) as shown:
        page = shown.page
        page.keyboard.press("Tab")
        assert _focused(page) == "Skip to the content"

        page.locator("select.type").first.focus()
        page.keyboard.press("ArrowDown")  # email.click
        assert page.evaluate(CELLS, 0)["absent"] == 7

        page.locator("select.span").first.focus()
        page.keyboard.press("ArrowDown")  # one day
        page.keyboard.press("Tab")
        before = page.locator("output").first.inner_text()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "before => document.querySelector('output').textContent !== before", arg=before
        )

        page.locator("#lateness-type").focus()
        page.keyboard.press("ArrowDown")  # campaign.send, of which eight came
        assert page.evaluate(f"number => {CHART}.getOption().series[0].data", 5)
        page.locator(".behind summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator(".behind table").first.is_visible()


def test_each_chart_has_its_figures_in_a_table(chromium: Browser, reported: Reported) -> None:
    """Without scripts, too: then the tables are all there is."""
    with opened(chromium, reported.file, DESKTOP, scripts=False) as shown:
        page = shown.page
        rows = _table(page, "#rows table")
        lateness = _table(page, "#lateness table")
        days = _table(page, "article.source table")

    told = reported.answer.json["rows"]
    assert sum(_number(row["inserted"]) for row in rows) == told["inserted"]
    assert sum(_number(row["rows"]) for row in rows) == told["parsed"]
    assert sum(_number(row["all"]) for row in lateness) == told["inserted"]
    (eventful,) = [row for row in days if "4 missing" in row["all"]]
    assert "3 missing" in eventful["email.click"]
    assert eventful["day"] == f"{reported.week.outage:%Y-%m-%d}"


def test_on_paper_it_is_light_and_narrow_and_then_as_before(
    chromium: Browser, reported: Reported
) -> None:
    widths = "[...document.querySelectorAll('.chart canvas')].map(one => one.clientWidth)"
    background = "getComputedStyle(document.documentElement).getPropertyValue('--card')"
    with opened(chromium, reported.file, PHONE_AT_NIGHT) as shown:
        page = shown.page
        before = page.evaluate(widths)

        # Paper takes what is there as soon as the page was told: not what would be drawn later.
        drawn = page.evaluate(
            "asked => { window.dispatchEvent(new Event('beforeprint'));"
            f" return ({DRAWN})(asked); }}",
            [0, "absent"],
        )
        assert drawn >= 2
        assert set(page.evaluate(widths)) == {640}
        assert page.evaluate(background).strip() == "#fff"
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")

        assert page.evaluate(widths) == before
        assert page.pdf(format="A4").startswith(b"%PDF")
        assert shown.said == []


# -- a long report -------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[7, pytest.param(27, marks=pytest.mark.long)])
def long_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of 10,000 slots of a quarter of an hour with so many event types each."""
    home = tmp_path_factory.mktemp("long")
    configure(home)
    (home / "daily").mkdir()
    put(
        home / "drops" / "email.open" / "a.csv",
        datetime.now(UTC) - timedelta(hours=1),
        "eventId\n1\n",
    )
    assert ask("run", cwd=home).code == 0
    with duckdb.connect(str(home / "events.duckdb")) as connection:
        connection.execute(
            """
            INSERT INTO dotdigital._firehose_drops
            SELECT
                s || '-' || t.n, 'prod', t.name || '/' || strftime(slot, '%Y%m%dT%H%M') || '.csv',
                'v', 10, slot + INTERVAL 3 MINUTE, 'loaded', 1, 'csv', 'none', ['a'],
                rows, rows, 0, 0, 0, 0, 0, json_object(t.name, rows), NULL, NULL, 'run',
                slot, slot, 0
            FROM
                range(10000) AS x(s),
                (SELECT unnest($1) AS name, generate_subscripts($1, 1) AS n) AS t,
                LATERAL (
                    SELECT
                        date_trunc('hour', now()::TIMESTAMP) - INTERVAL 15 MINUTE * s AS slot,
                        1000 + (hash(s, t.n) % 9000)::BIGINT AS rows
                )
            WHERE s NOT BETWEEN 3000 AND 3003 AND NOT (t.n = 7 AND s BETWEEN 6000 AND 6002)
            """,
            [list(load_catalog().event_types[: request.param])],
        )
    told = ask("report", "--days", "110", cwd=home)
    assert told.code == 0, told.err
    return home / "report.html"


def test_ten_thousand_slots_of_all_event_types_are_seen_whole(
    long_report: Path, chromium: Browser
) -> None:
    assert long_report.stat().st_size < MOST_BYTES

    with opened(chromium, long_report, PHONE_AT_NIGHT) as shown:
        page = shown.page
        calendar, matrix = page.evaluate(CELLS, 0), page.evaluate(CELLS, 1)
        page.locator("select.span").first.select_option("604800")
        page.locator("label.from input").first.evaluate(
            "one => { one.value = 4000; one.dispatchEvent(new Event('input')); }"
        )
        page.wait_for_function("document.querySelector('output').textContent !== ''")
        said = shown.said

    assert said == []
    assert calendar["partly"] == 3
    assert (
        calendar["rows"] + calendar["absent"] + calendar["partly"] >= 9_999
    )  # the last may be to come
    assert 2 <= matrix["absent marks"] <= 4  # what is drawn together loses no gap
    assert sum(matrix.values()) < 20_000  # what is drawn does not grow with the period


def _focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent")
    return text


def _table(page: Page, selector: str) -> list[dict[str, str]]:
    found: list[list[str]] = [
        row.locator("th, td").all_text_contents()
        for row in page.locator(selector).first.locator("tr").all()
    ]
    return [dict(zip(found[0], row, strict=True)) for row in found[1:]]


def _number(text: str) -> int:
    return int(text.replace(",", ""))
