from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from firehose_loader.errors import ConfigError, SchemaError
from firehose_loader.sample.options import SampleFormat, SampleLayout, SampleOptions
from firehose_loader.sample.write import write_sample
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.model import EventSchema, Field, FieldType, Version
from firehose_loader.schema.names import fold
from tests.sampled import EVERYTHING, events, sample
from tests.schema_documents import EVENT_TYPES


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def contents(folder: Path) -> dict[str, tuple[bytes, float]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime)
        for path in folder.rglob("*")
        if path.is_file()
    }


# -- what is told --------------------------------------------------------------------------------


VARIATIONS: Mapping[str, Mapping[str, Any]] = {
    "everything": {},
    **{f"format {kind}": {"formats": kind} for kind in SampleFormat},
    **{f"layout {layout}": {"layout": layout} for layout in SampleLayout},
    "one drop": {"drops": 1},
    "mostly bad and again": {"duplicates": 0.5, "bad": 0.4},
    "fewer events than drops": {"events": 20, "drops": 90},
    "no events": {"events": 0},
}


@pytest.mark.parametrize("changes", VARIATIONS.values(), ids=VARIATIONS.keys())
def test_the_files_hold_what_the_report_tells(
    tmp_path: Path, catalog: Catalog, changes: Mapping[str, Any]
) -> None:
    options = replace(EVERYTHING, **changes)

    report, drops = sample(tmp_path, options, catalog)

    seen: dict[str, set[str]] = defaultdict(set)
    good: Counter[str] = Counter()
    for drop in drops:
        for event in drop.events:
            event_type = drop.event_type or event["eventtype"]
            good[event_type] += 1
            seen[event_type].add(event["eventid"])
    assert report.drops == len(drops) == options.drops
    assert report.rows == sum(len(drop.rows) for drop in drops)
    assert report.events == options.events == len(set().union(*seen.values()))
    assert report.duplicates == good.total() - report.events
    assert report.bad == sum(drop.rows.count(None) for drop in drops)
    assert report.rows == report.events + report.duplicates + report.bad
    assert {name: counts.events for name, counts in report.event_types.items()} == {
        name: len(ids) for name, ids in seen.items()
    }
    assert {name: counts.duplicates for name, counts in report.event_types.items()} == {
        name: good[name] - len(ids) for name, ids in seen.items()
    }
    assert sum(report.bad_rows.values()) == report.bad


def test_the_report_counts_by_format(tmp_path: Path, catalog: Catalog) -> None:
    report, drops = sample(tmp_path, EVERYTHING, catalog)

    for kind, counts in report.formats.items():
        of_kind = [drop for drop in drops if f".{kind}" in drop.path]
        assert counts.drops == len(of_kind)
        assert counts.rows == sum(len(drop.rows) for drop in of_kind)
        assert counts.bytes == sum((tmp_path / drop.path).stat().st_size for drop in of_kind)
    assert set(report.formats) == {"csv", "json", "ndjson"}
    assert report.bytes == sum(counts.bytes for counts in report.formats.values())


def test_the_report_is_json(tmp_path: Path, catalog: Catalog) -> None:
    report = write_sample(tmp_path, EVERYTHING, catalog=catalog)

    told = json.loads(json.dumps(report.as_json()))

    assert told["events"] == 1500
    assert told["seed"] == 3
    assert told["first_slot"] == "2026-01-05T00:00:00+00:00"
    assert told["event_types"]["email.open"]["events"] > 0


def test_progress_is_told_after_each_drop(tmp_path: Path, catalog: Catalog) -> None:
    told: list[tuple[int, int]] = []

    write_sample(
        tmp_path,
        SampleOptions(events=10, drops=3),
        catalog=catalog,
        progress=lambda done, total: told.append((done, total)),
    )

    assert told == [(1, 3), (2, 3), (3, 3)]


# -- the same again ------------------------------------------------------------------------------


def test_the_same_options_give_the_same_bytes(tmp_path: Path, catalog: Catalog) -> None:
    first = write_sample(tmp_path / "a", EVERYTHING, catalog=catalog)
    second = write_sample(tmp_path / "b", EVERYTHING, catalog=load_catalog())

    assert first == second
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_another_seed_gives_other_events(tmp_path: Path, catalog: Catalog) -> None:
    _, first = sample(tmp_path / "a", EVERYTHING, catalog)
    _, second = sample(tmp_path / "b", replace(EVERYTHING, seed=4), catalog)

    ids = [{event["eventid"] for event in events(drops)} for drops in (first, second)]
    assert ids[0].isdisjoint(ids[1])


# -- event types ---------------------------------------------------------------------------------


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_every_event_type_comes_with_all_its_fields(
    tmp_path: Path, catalog: Catalog, event_type: str
) -> None:
    options = SampleOptions(
        events=100, drops=3, event_types=(event_type,), layout=SampleLayout.FLAT
    )

    report, drops = sample(tmp_path, options, catalog)

    filled = {name for event in events(drops) for name, value in event.items() if value is not None}
    fields = {fold(field.name) for field in catalog.latest(event_type).fields}
    assert filled == fields - {"eventtype"}
    assert set(report.event_types) == {event_type}
    assert {drop.event_type for drop in drops} == {event_type}


def test_all_event_types_come_in_realistic_shares(tmp_path: Path, catalog: Catalog) -> None:
    report, _ = sample(tmp_path, SampleOptions(events=20_000, drops=10), catalog)

    numbers = {name: counts.events for name, counts in report.event_types.items()}
    assert set(numbers) == EVENT_TYPES
    assert numbers["email.send"] > numbers["email.open"] > numbers["email.click"] > 500
    assert numbers["sms.remove"] < 100


def test_an_event_type_may_be_spelled_otherwise(tmp_path: Path, catalog: Catalog) -> None:
    options = SampleOptions(events=5, drops=1, event_types=("emailOpen", "email.open"))

    report, _ = sample(tmp_path, options, catalog)

    assert set(report.event_types) == {"email.open"}


def test_an_event_type_without_schema_is_refused(tmp_path: Path, catalog: Catalog) -> None:
    options = SampleOptions(event_types=("email.opened",))

    with pytest.raises(SchemaError, match=r"did you mean 'email\.open'"):
        write_sample(tmp_path / "new", options, catalog=catalog)

    assert not (tmp_path / "new").exists()


def own_schema(key: tuple[str, ...]) -> EventSchema:
    fields = [
        Field(name=f"{kind}Value", column=f"{kind}_value", type=kind, required=kind == "date")
        for kind in FieldType
    ]
    return EventSchema(
        event_type="till.receipt",
        version=Version(1, 0, 0),
        fields=(
            *fields,
            Field(name="no", column="no", type=FieldType.INTEGER),
            Field(name="url", column="url", type=FieldType.NUMBER),
            Field(name="cohort", column="cohort", type=FieldType.TEXT),
            Field(name="happened", column="happened", type=FieldType.TIMESTAMP),
        ),
        key=key,
        event_time="happened",
        origin="user",
    )


def test_a_users_own_event_type_has_values_of_its_types(tmp_path: Path) -> None:
    catalog = Catalog([own_schema(("date_value", "no"))])
    options = SampleOptions(
        events=200, drops=6, formats=SampleFormat.NDJSON, drift=True, bad=0.1, duplicates=0.1
    )

    report, drops = sample(tmp_path, options, catalog)

    types: dict[str, set[type]] = defaultdict(set)
    for event in events(drops):
        for name, value in event.items():
            types[name].add(type(value))
    assert types["textvalue"] - {type(None)} == {str}
    assert types["integervalue"] - {type(None)} == {int}
    assert types["numbervalue"] - {type(None)} == {float}
    assert types["booleanvalue"] - {type(None)} == {bool}
    assert types["jsonvalue"] - {type(None)} == {dict}
    assert types["datevalue"] == {str}
    assert types["url"] - {type(None)} == {float}
    assert len({(event["datevalue"], event["no"]) for event in events(drops)}) == 200
    assert report.bad == sum(drop.rows.count(None) for drop in drops) > 0
    assert set(report.unknown_columns) == {"journey", "score"}  # its own is called cohort


def test_an_event_type_whose_events_cannot_be_told_apart_is_refused(tmp_path: Path) -> None:
    catalog = Catalog([own_schema(("happened", "boolean_value"))])

    with pytest.raises(ConfigError, match=r"till\.receipt: .* happened, boolean_value"):
        write_sample(tmp_path, SampleOptions(), catalog=catalog)


def test_texts_are_as_awkward_as_real_ones(tmp_path: Path, catalog: Catalog) -> None:
    options = SampleOptions(events=2000, drops=12, formats=SampleFormat.CSV)

    _, drops = sample(tmp_path, options, catalog)

    texts = "".join(str(value) for event in events(drops) for value in event.values())
    assert all(
        part in texts for part in (",", '"', "\n", "\t", ";", "ü", "日本", "🎉", "2001:db8::")
    )
    assert any(None in event.values() for event in events(drops))


def test_a_contact_and_a_campaign_keep_their_names(tmp_path: Path, catalog: Catalog) -> None:
    _, drops = sample(tmp_path, SampleOptions(events=3000, drops=20), catalog)

    emails, campaigns = defaultdict(set), defaultdict(set)
    for event in events(drops):
        if event.get("email"):
            emails[str(event["contactid"])].add(event["email"])
        if event.get("campaignname"):
            campaigns[str(event["campaignid"])].add(event["campaignname"])
    assert {len(found) for found in emails.values()} == {1}
    assert {len(found) for found in campaigns.values()} == {1}
    assert len(campaigns) <= 24


# -- the folder ----------------------------------------------------------------------------------


def test_a_folder_with_files_is_refused(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "real.csv").write_text("eventId\n")

    with pytest.raises(ConfigError, match=r"such as below/real\.csv; .*--overwrite"):
        write_sample(tmp_path, EVERYTHING, catalog=catalog)

    assert list(contents(tmp_path)) == ["below/real.csv"]


def test_an_earlier_sample_is_written_over_when_asked(tmp_path: Path, catalog: Catalog) -> None:
    write_sample(tmp_path / "a", EVERYTHING, catalog=catalog)
    write_sample(tmp_path / "b", replace(EVERYTHING, seed=4), catalog=catalog)

    write_sample(tmp_path / "a", replace(EVERYTHING, seed=4, overwrite=True), catalog=catalog)

    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_folder_with_other_files_is_refused_even_so(tmp_path: Path, catalog: Catalog) -> None:
    write_sample(tmp_path, EVERYTHING, catalog=catalog)
    (tmp_path / "real.csv").write_text("eventId\n")
    before = contents(tmp_path)

    with pytest.raises(ConfigError, match=r"would not replace, such as real\.csv"):
        write_sample(tmp_path, replace(EVERYTHING, seed=4, overwrite=True), catalog=catalog)

    assert contents(tmp_path) == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(ConfigError, match=r"taken.*cannot be written"):
        write_sample(tmp_path / "taken" / "drops", EVERYTHING, catalog=catalog)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"events": -1}, "events is -1; give at least 0"),
        ({"drops": 0}, "drops is 0; give at least 1"),
        ({"duplicates": 0.6}, r"duplicates is 0\.6; give a share between 0 and 0\.5"),
        ({"bad": 0.41}, r"bad is 0\.41; give a share between 0 and 0\.4"),
        ({"late": -0.1}, r"late is -0\.1; give a share"),
        ({"late": float("nan")}, "late is nan; give a share"),
        ({"start": datetime(1979, 1, 1, tzinfo=UTC)}, "start is 1979.*; give a time from 1980 on"),
    ],
)
def test_options_that_cannot_be_are_refused(changes: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(EVERYTHING, **changes)


def test_slots_beyond_the_calendar_are_refused(tmp_path: Path, catalog: Catalog) -> None:
    options = replace(EVERYTHING, start=datetime(9999, 12, 31, 23, 0, tzinfo=UTC), drops=500)

    with pytest.raises(ConfigError, match="beyond the year 9999"):
        write_sample(tmp_path, options, catalog=catalog)
