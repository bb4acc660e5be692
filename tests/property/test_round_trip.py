"""Rows come back as they were written, in whatever form, order, split and repetition they come."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from firehose_loader import service
from firehose_loader.config import Config
from tests.command import select

Event = dict[str, str]
texts = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("\"',;\t\r\n {}[]\\:\0\ufeff")
    ),
    max_size=6,
).filter(lambda text: text != "\\N")
"""In CSV, that text stands for NULL."""
contents = st.fixed_dictionaries(
    {}, optional={"campaignName": texts, "userAgent": texts, "shoe size": texts, "hat": texts}
)
COLUMNS = {"campaignName": "campaign_name", "userAgent": "user_agent", "shoe size": "shoe_size"}


def as_csv(events: Sequence[Event]) -> str:
    text = io.StringIO()
    names = list(dict.fromkeys(name for event in events for name in event))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(events)
    return text.getvalue()


def in_envelopes(events: Sequence[Event]) -> str:
    outer = ("eventId", "eventType")
    return "".join(
        json.dumps(
            {name: event[name] for name in outer}
            | {"data": {name: text for name, text in event.items() if name not in outer}}
        )
        + "\n"
        for event in events
    )


def in_csv_envelopes(events: Sequence[Event]) -> str:
    envelopes = map(json.loads, in_envelopes(events).splitlines())
    return as_csv([{**one, "data": json.dumps(one["data"])} for one in envelopes])


WRITERS: dict[str, Callable[[Sequence[Event]], str]] = {
    "csv": as_csv,
    "lines": lambda events: "".join(json.dumps(event) + "\n" for event in events),
    "array": json.dumps,
    "printed": lambda events: json.dumps(events, indent=1, ensure_ascii=False),
    "wrapper": lambda events: json.dumps({"events": events}),
    "envelopes": in_envelopes,
    "csv envelopes": in_csv_envelopes,
}
writers = st.sampled_from(sorted(WRITERS))


@settings(max_examples=6, deadline=None)
@given(
    rows=st.lists(contents, min_size=1, max_size=8),
    forms=st.lists(writers, min_size=1, max_size=4),
    chance=st.randoms(use_true_random=False),
    batch_files=st.integers(1, 4),
)
def test_any_rows_in_any_forms_and_any_delivery_give_the_same_table(
    rows: list[Event], forms: list[str], chance: Random, batch_files: int
) -> None:
    events = [
        {"eventId": f"e{number}", "eventType": "email.open", **row}
        for number, row in enumerate(rows)
    ]
    delivered = [*events, *chance.sample(events, chance.randint(0, len(events)))]
    chance.shuffle(delivered)
    drops: dict[str, list[Event]] = {}
    for event in delivered:
        number = chance.randrange(len(forms))
        drops.setdefault(f"{number}.{forms[number]}", []).append(event)

    held = _loaded(drops, batch_files)

    assert held == {
        event["eventId"]: {
            COLUMNS.get(name, name): text
            for name, text in event.items()
            if text and name not in {"eventId", "eventType"}
        }
        for event in events
    }


def _loaded(drops: dict[str, list[Event]], batch_files: int) -> dict[str, dict[str, str]]:
    """Load drops in the order of their names; return what the table holds, by event id."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "drops").mkdir()
        for number, (name, events) in enumerate(sorted(drops.items())):
            path = home / "drops" / name
            writer = WRITERS[name.partition(".")[2]]
            path.write_text(writer(events), encoding="utf-8", newline="")
            os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
        config = Config.model_validate(
            {
                "warehouse": {"url": str(home / "events.duckdb")},
                "source": [{"name": "s", "url": str(home / "drops")}],
                "spool": str(home),
                "batch_files": batch_files,
            }
        )
        summary = service.run(config, lambda _: None)
        assert summary.rows.quarantined == summary.rows.conflicting == 0
        found = select(home / "events.duckdb", "SELECT * FROM dotdigital.email_open")
    columns = {*COLUMNS.values(), "hat"}
    return {
        str(row["event_id"]): {
            name: str(value) for name, value in row.items() if name in columns and value is not None
        }
        for row in found
    }
