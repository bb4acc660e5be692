"""sqlfluff's grammar of Snowflake reads every statement of every event type that ships."""

from __future__ import annotations

import pytest
import sqlfluff

from firehose_loader.rehearsal import statements
from tests.test_golden_sql import DIFFERING, EVENT_TYPES


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_snowflakes_grammar_takes_every_statement_of_an_event_type(event_type: str) -> None:
    """Those that differ; the others are read once, with the first event type."""
    for one in statements(event_type, schema_name="dotdigital", dialect="snowflake"):
        if one.name in DIFFERING["snowflake"] or event_type == EVENT_TYPES[0]:
            # PUT is a command of the clients, of which the grammar knows the simplest form only.
            assert one.name == "stage_put" or sqlfluff.parse(f"{one.shown};", dialect="snowflake")
