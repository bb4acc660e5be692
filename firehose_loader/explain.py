"""Say why a drop was loaded, skipped, held or set aside: a sentence, the rule, the evidence."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from firehose_loader.history import DropRecord
from firehose_loader.model import Drop, DropState
from firehose_loader.watch import Judged


class Explanation(Struct, frozen=True, kw_only=True):
    """Why a drop stands where it stands."""

    drop: Drop
    verdict: str
    """The ledger's state, or what the next run would make of it."""
    rule: str
    sentence: str
    evidence: Mapping[str, object]


_RULES = {
    DropState.LOADED: "a drop is loaded once: the ledger has its source, key and version",
    DropState.QUARANTINED: "a drop that cannot be read as events is set aside as a whole",
    DropState.FAILED: "a drop that failed is tried again by the next run",
    DropState.HELD: "a file that may still be being written waits until it has settled",
    DropState.UNDONE: "a drop that was undone is new to the next run",
    DropState.ADOPTED: "a drop that somebody said was loaded by other means is not loaded here",
}


def explained(record: DropRecord) -> Explanation:
    """Explain a drop that the ledger knows."""
    sentence = f"{record.drop.key} {_SENTENCES[record.state](record)}"
    if record.newer is not None:
        sentence += f"; it was overwritten since: {record.newer} is a later version of that key"
    return Explanation(
        drop=record.drop,
        verdict=str(record.state),
        rule=_RULES[record.state],
        sentence=f"{sentence}.",
        evidence={
            "attempts": record.attempts,
            "run_id": record.run_id,
            "first_seen_at": record.first_seen_at,
            "finished_at": record.finished_at,
            "rows": record.rows.document(),
            "error": record.error,
            "message": record.message,
            "newer": record.newer,
        },
    )


def judged(one: Judged) -> Explanation:
    """Explain a drop that only the listing of its source knows."""
    words = {
        "new": "will be loaded by the next run",
        "held": "is held, for it may still be being written",
        "temporary": "is left alone",
        "excluded": "is left out",
        "known": "is known",
    }
    return Explanation(
        drop=one.drop,
        verdict=str(one.verdict),
        rule=one.why,
        sentence=f"{one.drop.key} {words[str(one.verdict)]}: {one.why}.",
        evidence={"size_bytes": one.drop.size_bytes, "modified": one.drop.modified},
    )


def _loaded(record: DropRecord) -> str:
    rows = record.rows
    conflicts = f" ({rows.conflicting} of these told otherwise)" if rows.conflicting else ""
    return (
        f"was loaded on {record.finished_at:%Y-%m-%d %H:%M:%S} UTC by run {record.run_id},"
        f" and is known since: of {rows.parsed} rows {rows.inserted} were inserted,"
        f" {rows.updated} updated, {rows.duplicate} there already{conflicts},"
        f" {rows.quarantined + rows.conflicting} set aside"
        f"{f', {rows.expired} older than their retention' if rows.expired else ''}"
    )


def _quarantined(record: DropRecord) -> str:
    return (
        f"was set aside as a whole on {record.finished_at:%Y-%m-%d %H:%M:%S} UTC"
        f" ({record.error}): {record.message}"
    )


def _failed(record: DropRecord) -> str:
    times = "once" if record.attempts == 1 else f"{record.attempts} times"
    return (
        f"failed {times}, last on {record.finished_at:%Y-%m-%d %H:%M:%S} UTC ({record.error}),"
        f" and the next run tries it again: {record.message}"
    )


def _held(record: DropRecord) -> str:
    return (
        f"was first seen on {record.first_seen_at:%Y-%m-%d %H:%M:%S} UTC and is held, for it may"
        " still be being written"
    )


def _undone(record: DropRecord) -> str:
    return f"was {record.message}, and the next run that lists it loads it as if it were new"


def _adopted(record: DropRecord) -> str:
    return (
        f"was adopted on {record.finished_at:%Y-%m-%d %H:%M:%S} UTC by run {record.run_id}, as"
        f" loaded by other means ({record.message}): nothing of it was read, and none of its rows"
        f" are expected here; firehose-loader undo {record.drop.drop_id} takes that back"
    )


_SENTENCES = {
    DropState.LOADED: _loaded,
    DropState.QUARANTINED: _quarantined,
    DropState.FAILED: _failed,
    DropState.HELD: _held,
    DropState.UNDONE: _undone,
    DropState.ADOPTED: _adopted,
}
