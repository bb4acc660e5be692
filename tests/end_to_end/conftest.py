"""What several tests take: a home with a past, a week with its report, a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.past import copied, with_a_past
from tests.rigs import chromium
from tests.simulated import Reported, reported


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_a_past(tmp_path_factory.mktemp("past"))


@pytest.fixture
def home(past: Path, tmp_path: Path) -> Path:
    return copied(past, tmp_path)


@pytest.fixture(scope="session", name="reported")
def reported_week(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A week in which much went wrong, and its report."""
    return reported(tmp_path_factory.mktemp("week"))


@pytest.fixture(scope="session", name=chromium.NAME)
def browser() -> Iterator[Browser]:
    with chromium.started() as browser:
        yield browser
