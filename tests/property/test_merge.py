"""Whatever is delivered, in whatever order, shape and split: each event once, each row counted."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from firehose_loader import service
from firehose_loader.config import Config
from firehose_loader.model import RowCounts
from tests.command import select

Event = dict[str, str]

events = st.builds(
    lambda number, contact: {
        "eventId": f"e{number}",
        "eventType": "email.open",
        "eventDate": f"2026-01-05T10:00:{number:02d}Z",
        "contactId": str(contact),
    },
    number=st.integers(0, 9),
    contact=st.integers(1, 2),
)
shapes = st.sampled_from(["csv", "ndjson", "array"])
drops = st.lists(st.tuples(shapes, st.lists(events, max_size=6)), min_size=1, max_size=5)


@settings(max_examples=8, deadline=None)
@given(drops=drops, batch_files=st.integers(1, 5))
def test_each_key_is_held_once_by_its_oldest_row_and_every_row_is_accounted_for(
    drops: list[tuple[str, list[Event]]], batch_files: int
) -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        _deliver(home / "drops", drops)

        rows = _load(home, batch_files)
        again = _load(home, batch_files, forget=True)

        rest: dict[str, str] = {}
        conflicts = 0
        for _, delivered in drops:
            for event in delivered:
                first = rest.setdefault(event["eventId"], event["contactId"])
                conflicts += first != event["contactId"]
        parsed = sum(len(delivered) for _, delivered in drops)
        assert (parsed, parsed, len(rest), conflicts) == (
            rows.parsed,
            rows.accounted,
            rows.inserted,
            rows.conflicting,
        )
        assert (parsed, 0, conflicts) == (again.parsed, again.inserted, again.conflicting)
        if rest:
            held = select(
                home / "events.duckdb", "SELECT event_id, contact_id FROM dotdigital.email_open"
            )
            assert rest == {row["event_id"]: str(row["contact_id"]) for row in held}
            assert len(rest) == len(held)


@settings(max_examples=3, deadline=None)
@given(drops=drops, order=st.randoms(use_true_random=False))
def test_the_order_of_delivery_does_not_change_which_events_there_are(
    drops: list[tuple[str, list[Event]]], order: Random
) -> None:
    shuffled = list(drops)
    order.shuffle(shuffled)
    keys = []
    for delivered in (drops, shuffled):
        with TemporaryDirectory() as folder:
            home = Path(folder)
            _deliver(home / "drops", delivered)
            rows = _load(home, 3)
            keys.append((rows.parsed, rows.inserted))

    assert keys[0] == keys[1]


def _deliver(folder: Path, drops: Sequence[tuple[str, list[Event]]]) -> None:
    folder.mkdir()
    for number, (shape, delivered) in enumerate(drops):
        path = folder / f"{number}.drop"
        path.write_text(_written(shape, delivered))
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def _written(shape: str, delivered: list[Event]) -> str:
    if shape == "array":
        return json.dumps(delivered)
    if shape == "ndjson":
        return "".join(json.dumps(event) + "\n" for event in delivered)
    text = io.StringIO()
    writer = csv.DictWriter(text, ["eventId", "eventType", "eventDate", "contactId"])
    writer.writeheader()
    writer.writerows(delivered)
    return text.getvalue()


def _load(home: Path, batch_files: int, *, forget: bool = False) -> RowCounts:
    path = home / "events.duckdb"
    if forget:
        with duckdb.connect(str(path)) as connection:
            connection.execute("DELETE FROM dotdigital._firehose_drops")
    config = Config.model_validate(
        {
            "warehouse": {"url": str(path)},
            "source": [{"name": "s", "url": str(home / "drops")}],
            "spool": str(home),
            "batch_files": batch_files,
        }
    )
    return service.run(config, lambda _: None).rows
