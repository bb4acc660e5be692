from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from firehose_loader.sample.options import (
    Cadence,
    SampleCompression,
    SampleFormat,
    SampleLayout,
    SampleOptions,
)
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.names import fold
from tests.sampled import EVERYTHING, ReadDrop, events, sample

START = datetime(2026, 1, 5, tzinfo=UTC)
OPENS = SampleOptions(events=600, drops=12, event_types=("email.open",), layout=SampleLayout.FLAT)
CSV_FAULTS = {"event_date", "extra_cell", "missing_cell", "not_utf8", "unclosed_quote"}
JSON_FAULTS = {"cut_object", "cut_string", "event_date", "missing_value"}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


# -- formats -------------------------------------------------------------------------------------


def test_each_format_is_what_its_name_says(tmp_path: Path, catalog: Catalog) -> None:
    _, drops = sample(tmp_path, OPENS, catalog)

    for drop in drops:
        text = drop.content.decode()
        if ".csv" in drop.path:
            assert text.startswith("eventId,eventDate,processedDate,")
        elif ".ndjson" in drop.path:
            assert all(isinstance(json.loads(line), dict) for line in text.splitlines())
        else:
            assert isinstance(json.loads(text), list)


def test_arrays_stand_in_one_line_or_in_many(tmp_path: Path, catalog: Catalog) -> None:
    _, drops = sample(tmp_path, replace(OPENS, formats=SampleFormat.JSON), catalog)

    lines = {drop.content.count(b"\n") for drop in drops}
    assert 0 in lines
    assert max(lines) > 10


def test_absent_values_are_null_or_left_out(tmp_path: Path, catalog: Catalog) -> None:
    _, drops = sample(tmp_path, replace(OPENS, formats=SampleFormat.NDJSON), catalog)

    nulls = {b":null" in drop.content for drop in drops}
    assert nulls == {True, False}


@pytest.mark.parametrize("kind", [SampleFormat.CSV, SampleFormat.NDJSON, SampleFormat.JSON])
def test_one_format_alone(tmp_path: Path, catalog: Catalog, kind: SampleFormat) -> None:
    report, drops = sample(tmp_path, replace(OPENS, formats=kind), catalog)

    assert set(report.formats) == {kind}
    assert all(f".{kind}" in drop.path for drop in drops)


@pytest.mark.parametrize(
    ("kind", "suffixes"),
    [
        (SampleCompression.NONE, {".csv"}),
        (SampleCompression.GZIP, {".gz"}),
        (SampleCompression.ZSTD, {".zst"}),
        (SampleCompression.ZIP, {".zip"}),
        (SampleCompression.MIXED, {".csv", ".gz", ".zst", ".zip"}),
    ],
)
def test_compression(
    tmp_path: Path, catalog: Catalog, kind: SampleCompression, suffixes: set[str]
) -> None:
    options = replace(OPENS, formats=SampleFormat.CSV, compression=kind)

    report, drops = sample(tmp_path, options, catalog)

    assert {Path(drop.path).suffix for drop in drops} == suffixes
    assert len(events(drops)) == report.events


def test_drops_without_rows_come_in_every_format(tmp_path: Path, catalog: Catalog) -> None:
    _, drops = sample(
        tmp_path, replace(OPENS, events=1, compression=SampleCompression.NONE), catalog
    )

    empty = [drop for drop in drops if not drop.rows]
    assert len(empty) == 11
    for drop in empty:
        if drop.path.endswith(".csv"):
            assert re.fullmatch(rb"eventId,[^\n]+\n", drop.content)
        else:
            assert drop.content == (b"[]" if drop.path.endswith(".json") else b"")


# -- places and times ----------------------------------------------------------------------------


def test_folders_tell_event_type_and_day(tmp_path: Path, catalog: Catalog) -> None:
    options = SampleOptions(events=200, drops=30, layout=SampleLayout.FOLDERS)

    _, drops = sample(tmp_path, options, catalog)

    for drop in drops:
        event_type, name = re.fullmatch(
            r"([\w.]+)/2026/01/05/(\w+)_20260105T00[01][05]\.\w+(\.\w+)?", drop.path
        ).groups()[:2]  # type: ignore[union-attr]
        assert catalog.resolve_type(name) == event_type
        assert fold("eventType") not in map(fold, drop.names)


def test_flat_names_tell_the_event_type(tmp_path: Path, catalog: Catalog) -> None:
    options = SampleOptions(events=200, drops=30, layout=SampleLayout.FLAT)

    _, drops = sample(tmp_path, options, catalog)

    names = [re.fullmatch(r"(\w+)_20260105T00[01][05]\.[\w.]+", drop.path) for drop in drops]
    assert {catalog.resolve_type(name[1]) for name in names if name} == set(catalog.event_types)
    assert {drop.event_type for drop in drops} == set(catalog.event_types)


def test_mixed_drops_tell_the_event_type_by_a_column(tmp_path: Path, catalog: Catalog) -> None:
    options = SampleOptions(events=300, drops=6, layout=SampleLayout.MIXED)

    _, drops = sample(tmp_path, options, catalog)

    for drop in drops:
        assert re.fullmatch(r"events_20260105T0[01][0-5]\d\.[\w.]+", drop.path)
        assert drop.event_type is None
        assert len({event["eventtype"] for event in drop.events}) > 3


def test_all_layouts_deliver_each_event_type_in_two_ways(tmp_path: Path, catalog: Catalog) -> None:
    _, drops = sample(tmp_path, SampleOptions(events=3000, drops=56), catalog)

    mixed = [drop for drop in drops if drop.path.startswith("mixed/events_")]
    single = [drop for drop in drops if drop not in mixed]
    assert len(mixed) == 2
    assert {drop.event_type for drop in single} == set(catalog.event_types)
    assert {drop.path.count("/") for drop in single} == {0, 4}


@pytest.mark.parametrize(
    ("cadence", "length"),
    [
        (Cadence.QUARTER_HOURLY, timedelta(minutes=15)),
        (Cadence.HOURLY, timedelta(hours=1)),
        (Cadence.DAILY, timedelta(days=1)),
    ],
)
def test_a_drop_is_delivered_at_the_end_of_its_slot(
    tmp_path: Path, catalog: Catalog, cadence: Cadence, length: timedelta
) -> None:
    start = datetime(2025, 12, 31, 22, 0, tzinfo=timezone(timedelta(hours=1)))

    report, drops = sample(tmp_path, replace(OPENS, cadence=cadence, start=start), catalog)

    first = datetime(2025, 12, 31, 21, 0, tzinfo=UTC)
    assert report.first_slot == first
    assert report.last_slot == first + 11 * length
    for number, drop in enumerate(drops):
        slot = first + number * length
        assert f"_{slot:%Y%m%dT%H%M}." in drop.path
        assert drop.modified == (slot + length).timestamp()
        for event in drop.events:
            happened, processed = time(event["eventdate"]), time(event["processeddate"])
            assert slot <= happened <= processed < slot + length


def test_a_start_without_zone_is_utc(tmp_path: Path, catalog: Catalog) -> None:
    report, _ = sample(tmp_path, replace(OPENS, start=datetime(2026, 3, 1)), catalog)  # noqa: DTZ001

    assert report.first_slot == datetime(2026, 3, 1, tzinfo=UTC)


def test_late_events_happened_up_to_three_days_before(tmp_path: Path, catalog: Catalog) -> None:
    report, drops = sample(tmp_path, replace(OPENS, late=0.25), catalog)

    before = []
    for number, drop in enumerate(drops):
        slot = START + number * timedelta(minutes=15)
        gaps = [slot - time(event["eventdate"]) for event in drop.events]
        before += [gap for gap in gaps if gap > timedelta()]
    assert report.late == len(before) == 150
    assert timedelta(hours=1) <= min(before) < max(before) <= timedelta(hours=72)


# -- the same event again ------------------------------------------------------------------------


def test_duplicates_repeat_an_event_and_are_processed_later(
    tmp_path: Path, catalog: Catalog
) -> None:
    options = replace(OPENS, events=2000, duplicates=0.2, formats=SampleFormat.NDJSON, drift=True)

    report, drops = sample(tmp_path, options, catalog)

    delivered: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for drop in drops:
        for event in sorted(drop.events, key=lambda event: time(event["processeddate"])):
            delivered[event["eventid"]].append((drop.path, event))
    places = Counter[bool]()
    for (path, first), *again in delivered.values():
        for other_path, other in again:
            places[path == other_path] += 1
            assert time(first["processeddate"]) < time(other["processeddate"])
            shared = (first.keys() & other.keys()) - {"processeddate"}
            assert {name: first[name] for name in shared} == {name: other[name] for name in shared}
    assert places.total() == report.duplicates == 500
    assert places[False] > places[True] > 0


def test_without_duplicates_every_event_comes_once(tmp_path: Path, catalog: Catalog) -> None:
    report, drops = sample(tmp_path, OPENS, catalog)

    assert len({event["eventid"] for event in events(drops)}) == len(events(drops)) == 600
    assert report.duplicates == 0


# -- rows that cannot be loaded ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "faults"),
    [
        (SampleFormat.CSV, CSV_FAULTS),
        (SampleFormat.NDJSON, JSON_FAULTS),
        (SampleFormat.JSON, JSON_FAULTS),
        (SampleFormat.MIXED, CSV_FAULTS | JSON_FAULTS),
    ],
)
def test_bad_rows_come_in_all_kinds(
    tmp_path: Path, catalog: Catalog, kind: SampleFormat, faults: set[str]
) -> None:
    report, drops = sample(tmp_path, replace(OPENS, bad=0.1, formats=kind), catalog)

    assert set(report.bad_rows) == faults
    assert report.bad == sum(drop.rows.count(None) for drop in drops) == 67


def test_the_first_row_of_a_drop_is_good(tmp_path: Path, catalog: Catalog) -> None:
    _, drops = sample(tmp_path, replace(EVERYTHING, bad=0.4), catalog)

    assert all(drop.rows[0] is not None for drop in drops if drop.rows)


# -- drift ---------------------------------------------------------------------------------------


def test_drift_begins_in_the_middle(tmp_path: Path, catalog: Catalog) -> None:
    options = replace(OPENS, drift=True, formats=SampleFormat.CSV)

    report, drops = sample(tmp_path, options, catalog)

    fields = [fold(field.name) for field in catalog.latest("email.open").fields]
    before, after = drops[:6], drops[6:]
    assert {tuple(map(fold, drop.names)) for drop in before} == {
        tuple(name for name in fields if name != "eventtype")
    }
    (drifted,) = {drop.names for drop in after}
    folded = list(map(fold, drifted))
    assert set(folded) - set(fields) == set(report.unknown_columns)
    assert len(set(fields) - {"eventtype"} - set(folded)) == 1
    known = [name for name in folded if name in fields]
    assert known != sorted(known, key=fields.index)
    assert set(drifted).isdisjoint(before[0].names)
    for name in report.unknown_columns:
        assert all(event[name] is not None for event in events(after))


def test_drift_differs_from_event_type_to_event_type(tmp_path: Path, catalog: Catalog) -> None:
    options = replace(EVERYTHING, drops=108, layout=SampleLayout.FOLDERS)

    report, drops = sample(tmp_path, options, catalog)

    after = [drop for drop in drops if drop.modified > START.timestamp() + 2 * 900 and drop.names]
    added = {frozenset(map(fold, drop.names)) & {"cohort", "score"} for drop in after}
    spelled = {_spelling(drop) for drop in after}
    assert report.unknown_columns == ("cohort", "score")
    assert added == {frozenset({"cohort"}), frozenset({"cohort", "score"})}
    assert spelled == {"EVENTID", "event_id", "eventid"}


def test_without_drift_headers_stay(tmp_path: Path, catalog: Catalog) -> None:
    report, drops = sample(tmp_path, replace(OPENS, formats=SampleFormat.CSV), catalog)

    assert report.unknown_columns == ()
    assert len({drop.names for drop in drops}) == 1


def _spelling(drop: ReadDrop) -> str:
    return next(name for name in drop.names if fold(name) == "eventid")
