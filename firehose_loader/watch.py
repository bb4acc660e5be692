"""Find the drops that are ready: list a source and hold it against the ledger."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wcmatch import glob

from firehose_loader.config import LocalSource, Source
from firehose_loader.model import Drop
from firehose_loader.protocols import Known, Storage, Warehouse
from firehose_loader.route import GLOB_FLAGS

_TEMPORARY = re.compile(
    r"(?i)(^\.~|^~|\.(tmp|temp|part|partial|filepart|crdownload|swp|uploading)$)"
)
_MAGIC = re.compile(r"[*?\[{(|!+@\\]")


class Verdict(StrEnum):
    """What becomes of a listed drop before anything of it is read."""

    NEW = "new"
    KNOWN = "known"
    HELD = "held"
    TEMPORARY = "temporary"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A listed drop and what becomes of it."""

    drop: Drop
    verdict: Verdict
    why: str


class Discovery:
    """One listing of one source."""

    def __init__(
        self, source: Source, storage: Storage, warehouse: Warehouse, *, now: datetime
    ) -> None:
        self._source = source
        self._storage = storage
        self._warehouse = warehouse
        self._now = now
        self._include = glob.compile(list(source.include), flags=GLOB_FLAGS)
        self._exclude = glob.compile(list(source.exclude), flags=GLOB_FLAGS)
        self.counts: Counter[Verdict] = Counter()
        """How many drops got which verdict, once the listing was read to its end."""

    def new(self) -> list[Drop]:
        """Return the drops that the ledger does not have, oldest first."""
        listed = self._ready(None)
        found = list(self._warehouse.compare(self._source.name, listed, new_only=True))
        new = [known.drop for known in found]
        self.counts[Verdict.KNOWN] = self.counts[Verdict.NEW] - len(new)
        self.counts[Verdict.NEW] = len(new)
        return new

    def judged(self) -> Iterator[Judged]:
        """Yield every listed drop with what becomes of it and why."""
        aside: list[Judged] = []
        known = self._warehouse.compare(self._source.name, self._ready(aside), new_only=False)
        for one in known:
            verdict = Verdict.NEW if one.is_new else Verdict.KNOWN
            yield Judged(drop=one.drop, verdict=verdict, why=_reason(one))
        yield from aside

    def _ready(self, aside: list[Judged] | None) -> Iterator[Drop]:
        """Yield the drops that may be read; count the others, and keep them in ``aside``."""
        for drop in self._storage.list_drops(prefix=literal_prefix(self._source.include)):
            verdict, why = self._first_look(drop)
            self.counts[verdict] += 1
            if verdict is Verdict.NEW:
                yield drop
            elif aside is not None:
                aside.append(Judged(drop=drop, verdict=verdict, why=why))

    def _first_look(self, drop: Drop) -> tuple[Verdict, str]:
        if not self._include.match(drop.key):
            return Verdict.EXCLUDED, f"matches none of include = {list(self._source.include)}"
        if self._source.exclude and self._exclude.match(drop.key):
            return Verdict.EXCLUDED, f"matches exclude = {list(self._source.exclude)}"
        if self._storage.traits.partial_files_visible:
            if _TEMPORARY.search(drop.key.rpartition("/")[2]):
                return Verdict.TEMPORARY, "its name is that of a file still being written"
            settle = self._source.settle if isinstance(self._source, LocalSource) else 0
            age = (self._now - drop.modified).total_seconds()
            if 0 <= age < settle:
                return Verdict.HELD, f"changed {age:.0f} s ago, settle = {settle:g}"
        return Verdict.NEW, ""


def literal_prefix(patterns: Sequence[str]) -> str:
    """Return what every key that matches one of the globs starts with."""
    literal = [_MAGIC.split(pattern, maxsplit=1)[0] for pattern in patterns]
    low, high = min(literal), max(literal)  # what these two share, all share
    differ = (
        number for number, pair in enumerate(zip(low, high, strict=False)) if pair[0] != pair[1]
    )
    return low[: next(differ, len(low))]


def _reason(known: Known) -> str:
    when = f" on {known.loaded_at:%Y-%m-%d %H:%M:%S} UTC" if known.loaded_at else ""
    match known.state:
        case None if known.earlier_version:
            return "new content under a known name"
        case None:
            return "never seen"
        case "loaded":
            return f"loaded{when}, {known.rows} rows"
        case "quarantined":
            return f"quarantined{when}: {known.error}"
        case _:
            return f"failed {known.attempts} times, tried again: {known.error}"
