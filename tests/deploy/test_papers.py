"""What contributors and reporters are told to use is there."""

from __future__ import annotations

import re

import pytest

from tests.checkout import ROOT


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_is_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    links = re.findall(r"\]\(([\w/.-]+)\)", text)
    paths = re.findall(r"`((?:tests|firehose_loader|docs|deploy)/[\w/.-]+)`", text)
    targets = re.findall(r"^(?:    |.*?`)make ([a-z-]+)", text, re.MULTILINE)
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert links or paths
    named = {path for path in (*links, *paths) if "NAME" not in path}
    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert set(targets) <= set(made)
