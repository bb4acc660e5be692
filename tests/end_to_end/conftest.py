"""A home with a past, made once and copied for each test that takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.past import copied, with_a_past


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_a_past(tmp_path_factory.mktemp("past"))


@pytest.fixture
def home(past: Path, tmp_path: Path) -> Path:
    return copied(past, tmp_path)
