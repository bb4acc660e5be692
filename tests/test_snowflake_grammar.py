"""sqlfluff's grammar of Snowflake reads every statement of every event type that ships."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

import pytest
import sqlfluff
from sqlfluff.api.simple import APIParsingError

from firehose_loader.rehearsal import statements
from tests.test_golden_sql import DIFFERING, EVENT_TYPES, a_load, an_external_load

WHOLE = "WHOLE_CONTRACT" in os.environ
"""Take every event type; else those that have fields of all types, and the one that has few."""
_UNITS = re.compile(r"(?= WHEN |,\s| AND )")


@pytest.mark.xdist_group("grammar")  # what one has read, the others need not
@pytest.mark.parametrize(
    "event_type", EVENT_TYPES if WHOLE else (EVENT_TYPES[0], "email.click", "unknown")
)
def test_snowflakes_grammar_takes_every_statement_of_an_event_type(event_type: str) -> None:
    """Those that differ, by their shape; the others are read once, as they are."""
    for one in statements(event_type, schema_name="dotdigital", dialect="snowflake"):
        if one.name in DIFFERING["snowflake"]:
            assert parses(shape(one.shown)), one.shown
        elif event_type == EVENT_TYPES[0] and one.name != "stage_put":
            # PUT is a command of the clients, of which the grammar knows the simplest form only.
            assert parses(one.shown)


def test_snowflakes_grammar_takes_every_statement_of_an_upsert(tmp_path: Path) -> None:
    for one in a_load("upsert", tmp_path):
        if one.name.startswith(("merge_", "digests_", "duplicates_")):
            assert parses(shape(one.shown)), one.shown


@pytest.mark.xdist_group("grammar")
@pytest.mark.parametrize("event_type", EVENT_TYPES if WHOLE else ("email.click", "unknown"))
def test_snowflakes_grammar_takes_all_that_reads_drops_of_an_event_type(event_type: str) -> None:
    for one in an_external_load(event_type):
        assert parses(shape(one.shown)), one.shown


@lru_cache(maxsize=1000)
def parses(text: str) -> bool:
    return bool(sqlfluff.parse(f"{text};", dialect="snowflake"))


def shape(text: str) -> str:
    """Return a statement without what makes no difference to a grammar.

    That is which columns and texts they are, and how many alike follow each other.
    """
    text = re.sub(r"\b[cf]\d+(_kind)?\b", r"f\1", re.sub(r'"\w+"', '"N"', text))
    text = re.sub(r"'(?:[^']|'')*'", "'s'", text)
    kept: list[str] = []
    for unit in _UNITS.split(text):
        is_whole = unit.count("(") == unit.count(")")
        if not (kept and kept[-1] == unit and is_whole):
            kept.append(unit)
    return "".join(kept)


def test_a_shape_keeps_one_of_what_is_alike() -> None:
    columns = 'SELECT "A", "B", "C", "D" FROM t'
    cases = "SELECT CASE WHEN f(a, 'x') THEN 'y' WHEN f(a, 'z') THEN 'it''s' END"

    assert shape(columns) == 'SELECT "N", "N", "N" FROM t'
    assert shape(cases) == "SELECT CASE WHEN f(a, 's') THEN 's' WHEN f(a, 's') THEN 's' END"


@pytest.mark.parametrize(
    "wrong", ['SELECT "A", "B",, "C" FROM t', "SELECT CASE WHEN a THEN 'x' WHEN b 'y' END"]
)
def test_what_is_wrong_is_wrong_in_its_shape(wrong: str) -> None:
    with pytest.raises(APIParsingError):
        parses(shape(wrong))
