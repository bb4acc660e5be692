"""What the last runs tell of each source: when they saw it, and whether they can."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.model import RunRecord


class Look(Struct, frozen=True, kw_only=True):
    """How the last runs fared with one source."""

    good_at: datetime | None = None
    """Aware: when the last run began that listed it without trouble."""
    good_since: datetime | None = None
    """When the first of them began that listed it without trouble."""
    trouble: str | None = None
    """Why the last run could not work through it; None: it could."""
    trouble_since: datetime | None = None
    """When the first of the runs in a row ended that could not."""


NEVER = Look()


def looks_of(runs: Sequence[RunRecord]) -> Mapping[str, Look]:
    """Return how runs, the latest first, fared with each source that they were about."""
    looks: dict[str, Look] = {}
    for run in runs:
        summary = json.loads(run.summary)
        troubles = {
            one["source"]: one["message"] for one in summary["errors"] if one["drop"] is None
        }
        for source in summary["sources"]:
            name = source["name"]
            look = looks.get(name, NEVER)
            if name not in troubles:
                began = run.started_at.replace(tzinfo=UTC)
                looks[name] = replace(look, good_at=look.good_at or began, good_since=began)
            elif look.good_at is None:
                looks[name] = Look(
                    trouble=look.trouble or troubles[name],
                    trouble_since=run.finished_at.replace(tzinfo=UTC),
                )
    return looks
