"""Times of Amazon's answers are read as its SDK reads them, in a fraction of the time."""

from __future__ import annotations

import datetime as dt

import pytest
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from firehose_loader.storage.s3.connect import moment

_FORMS = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.000Z",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S+02:00",
    "%Y-%m-%d %H:%M:%S+00:00",
    "%a, %d %b %Y %H:%M:%S GMT",
    "%a, %d %b %Y %H:%M:%S +0200",
    "%d %b %Y %H:%M:%S GMT",
    "%Y%m%dT%H%M%SZ",
)
_TIMES = st.datetimes(min_value=dt.datetime(1970, 1, 2), max_value=dt.datetime(2100, 1, 1))  # noqa: DTZ001 - UTC


@given(_TIMES, st.sampled_from(_FORMS))
def test_it_is_the_time_that_the_sdk_reads(time: dt.datetime, form: str) -> None:
    text = time.strftime(form)

    assert moment(text) == parse_timestamp(text)
    assert moment(text).utcoffset() is not None


@pytest.mark.parametrize("value", [1767225600, 1767225600.5, "1767225602", "1767225601.25"])
def test_seconds_are_taken_as_well(value: str | float) -> None:
    assert moment(value) == dt.datetime.fromtimestamp(float(value), dt.UTC)


@pytest.mark.parametrize(
    "text", ["", "lately", "2026-13-01T00:00:00Z", "Thu, 99 Foo 2026 00:00:00 GMT"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Invalid timestamp"):
        moment(text)
