"""The page on troubleshooting knows every error that a user can meet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from firehose_loader.errors import DropError, FatalError, FirehoseError, TransientError
from tests.checkout import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
FAMILIES = {FatalError, TransientError, DropError}


def _all_below(error: type[FirehoseError]) -> Iterator[type[FirehoseError]]:
    for below in error.__subclasses__():
        if below.__module__ == FirehoseError.__module__:
            yield below
            yield from _all_below(below)


def test_every_error_is_on_the_page_and_no_other() -> None:
    cells = re.findall(r"^\| (`[A-Z]\w+`(?:, `\w+`)*) \|", PAGE, re.MULTILINE)
    told = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}

    assert told == {one.__name__ for one in set(_all_below(FirehoseError)) - FAMILIES}
