"""Keys with the date in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from firehose_loader.config import Config, Source
from firehose_loader.config.sources.base import BaseSource
from firehose_loader.errors import ConfigError
from firehose_loader.model import Drop
from firehose_loader.templates import archive_folder, archive_key, behind, dated_prefixes
from firehose_loader.watch import archive_below, listed
from tests.rigs.local import LocalRig

NOW = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)


def a_source(**settings: object) -> Source:
    values = {"name": "s", "url": "/srv/in", **settings}
    return Config.model_validate({"warehouse": {"url": "e.duckdb"}, "source": [values]}).source[0]


@pytest.mark.parametrize(
    ("template", "look_back", "expected"),
    [
        ("{yyyy}/{mm}/{dd}/", "1d", ["2026/02/28/", "2026/03/01/", "2026/03/02/"]),
        ("{yyyy}-{mm}/", "1d", ["2026-02/", "2026-03/"]),
        (
            "d={yyyy}{mm}{dd}/h={hh}/",
            "1h",
            [
                f"d={d}/h={h}/"
                for d, h in (("20260228", "23"), ("20260301", "00"), ("20260301", "01"))
            ],
        ),
        ("fixed/", "9d", ["fixed/"]),
    ],
)
def test_a_prefix_looks_back_and_one_slot_ahead(
    template: str, look_back: str, expected: list[str]
) -> None:
    source = a_source(prefix=template, look_back=look_back)

    assert dated_prefixes(template, (), now=NOW, look_back=source.look_back) == expected


def test_every_account_has_its_prefixes() -> None:
    found = dated_prefixes(
        "{account_id}/{yyyy}{mm}{dd}", ("7", "12"), now=NOW, look_back=timedelta()
    )

    assert found == ["12/20260301", "12/20260302", "7/20260301", "7/20260302"]


def test_a_drop_always_goes_to_the_same_place() -> None:
    drop = Drop(source="s", key="a b/{yyyy}.csv", size_bytes=1, modified=NOW, version="1")

    assert (
        archive_key("done/{yyyy}/{mm}/{dd}/{hh}/{key}", drop) == "done/2026/03/01/00/a b/{yyyy}.csv"
    )
    assert archive_key("done/{drop_id}-{name}", drop) == f"done/{drop.drop_id}-{{yyyy}}.csv"
    assert archive_folder("done/x{yyyy}/{key}") == "done/"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"prefix": "{year}/"}, "in braces may stand"),
        ({"prefix": "{account_id}/"}, "account_ids"),
        ({"account_ids": ["1"], "prefix": "{yyyy}/"}, "account_ids"),
        ({"prefix": "{yyyy}/", "look_back": "3 fortnights"}, "such as 36h or 3d"),
        ({"after": "archive"}, "go together"),
        ({"archive": "done/{key}"}, "go together"),
        ({"after": "archive", "archive": "done/{key"}, "in braces may stand"),
        ({"after": "archive", "archive": "done/{yyyy}/"}, "each drop gets its own place"),
        ({"after": "archive", "archive": "{yyyy}/{key}"}, "a folder of its own"),
        ({"after": "archive", "archive": "done/../{key}"}, r"\.\."),
        ({"after": "burn"}, "keep"),
        ({"after": "delete", "after_days": -1}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises((ConfigError, ValueError), match=message):
        a_source(**settings)


@pytest.mark.parametrize(
    ("url", "archive", "below"),
    [
        ("/srv/in", "done/{key}", "done/"),
        ("/srv/in", "/srv/in/done/{key}", "done/"),
        ("/srv/in", "/srv/done/{key}", None),
        ("s3://bucket/in", "/in/done/{key}", "done/"),
        ("s3://bucket/in", "/done/{key}", None),
        ("s3://bucket", "/done/{key}", "done/"),
    ],
)
def test_an_archive_below_the_source_is_known_to_be_there(
    url: str, archive: str, below: str | None
) -> None:
    source = a_source(url=url, after="archive", archive=archive)

    assert isinstance(source, BaseSource)
    assert archive_below(source) == below


def test_an_archive_is_passed_over_and_what_sorts_around_it_is_not(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rig = LocalRig(tmp_path_factory.mktemp("in"))
    for key in (
        "done-a",
        "done/1",
        "done/z/2",
        "done/\U0010fffd",
        "done/\udcff",
        "done0",
        "donf",
        "a",
    ):
        rig.put(key, b"1")

    keys = [drop.key for drop in listed(rig.storage, "", "done/")]

    assert keys == ["a", "done-a", "done0", "donf"]
    assert behind("done/") < "done0"
