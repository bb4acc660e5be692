"""To forget somebody and load everything again is to load drops in which they never were."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from firehose_loader import service
from firehose_loader.aftercare import changing
from firehose_loader.aftercare.forgetting import Forgetting, Identifier
from firehose_loader.aftercare.replaying import replay_drops
from firehose_loader.config import Config
from firehose_loader.history import DropFilter
from firehose_loader.privacy import PiiClass
from tests.command import select

PEOPLE = ("jo@example.com", "al@example.com")
SPELLED = ("{}", " {}", "Name <{}>")
Event = dict[str, object]

events = st.builds(
    lambda number, who, how, place, upper: {
        "eventId": f"e{number}",
        "eventType": "email.open",
        "eventDate": f"2026-01-05T10:00:{number:02d}Z",
        place: how.format(PEOPLE[who].upper() if upper else PEOPLE[who]),
    },
    number=st.integers(0, 5),
    who=st.integers(0, 1),
    how=st.sampled_from(SPELLED),
    place=st.sampled_from(["email", "note", "replyEmail"]),
    upper=st.booleans(),
)
drops = st.lists(st.lists(events, min_size=1, max_size=5), min_size=1, max_size=4)


@settings(max_examples=2, deadline=None)
@given(delivered=drops, policy=st.sampled_from(["keep", "hash"]))
def test_what_is_left_of_drops_is_what_was_there_of_others(
    delivered: Sequence[Sequence[Event]], policy: str
) -> None:
    others = [
        [event for event in drop if PEOPLE[0] not in str(event).lower()] for drop in delivered
    ]
    with TemporaryDirectory() as folder:
        one, other = _home(Path(folder) / "one", policy), _home(Path(folder) / "other", policy)
        _deliver(Path(folder) / "one", delivered)
        _deliver(Path(folder) / "other", others)
        service.run(other, lambda _: None)

        service.run(one, lambda _: None)
        if others != delivered:
            with changing(one) as warehouse:
                person = [Identifier(PiiClass.EMAIL, PEOPLE[0])]
                Forgetting(warehouse, one, person).apply(preview=False, always=True)
        replay_drops(one, DropFilter(source="s"), unchecked=False)

        assert _events(Path(folder) / "one") == _events(Path(folder) / "other")
        for row in _ledger(Path(folder) / "one"):
            rest = sum(value for name, value in row.items() if name != "rows_parsed")
            assert row["rows_parsed"] == rest


def _home(folder: Path, policy: str) -> Config:
    (folder / "drops").mkdir(parents=True)
    return Config.model_validate(
        {
            "warehouse": {"url": str(folder / "events.duckdb")},
            "source": [{"name": "s", "url": str(folder / "drops")}],
            "pii": {"key_id": "k1", "key": "a key of many bytes", "policy": {"email": policy}},
            "spool": str(folder),
            "threads": 2,
        }
    )


def _deliver(folder: Path, delivered: Sequence[Sequence[Event]]) -> None:
    for number, drop in enumerate(delivered):
        path = folder / "drops" / f"{number}.ndjson"
        path.write_text("".join(json.dumps(event) + "\n" for event in drop))
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def _events(folder: Path) -> list[Mapping[str, object]]:
    """Return the events, each without what it does not say, by drop and what they say."""
    found = select(
        folder / "events.duckdb",
        "SELECT e.*, d.key FROM dotdigital.email_open AS e"
        " JOIN dotdigital._firehose_drops AS d ON e._drop_id = d.drop_id"
        if _has_events(folder)
        else "SELECT 1 WHERE false",
    )
    lineage = {"_drop_id", "_row", "_loaded_at", "_schema_version"}
    rows = [
        {name: value for name, value in row.items() if value is not None and name not in lineage}
        for row in found
    ]
    return sorted(rows, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def _has_events(folder: Path) -> bool:
    tables = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'email_open'"
    return bool(select(folder / "events.duckdb", tables))


def _ledger(folder: Path) -> list[dict[str, int]]:
    names = [
        "parsed",
        "inserted",
        "updated",
        "identical",
        "superseded",
        "conflicting",
        "quarantined",
    ]
    columns = ", ".join(f"rows_{name}" for name in names)
    return select(folder / "events.duckdb", f"SELECT {columns} FROM dotdigital._firehose_drops")
