"""Find the drops that are ready: list a source and hold it against the ledger."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Protocol

from msgspec import Struct

from firehose_loader.config import LocalSource, ServerSource, Source
from firehose_loader.model import Drop, DropState
from firehose_loader.protocols import Known, Listing, Storage
from firehose_loader.route import Globs
from firehose_loader.templates import archive_folder, behind, dated_prefixes

_TEMPORARY = re.compile(
    r"(?i)(^\.~|^~|^\.in\..+\.$|\.(tmp|temp|part|partial|filepart|crdownload|swp|uploading)$)"
)
_AT_ONCE = 20_000
"""Drops that are held against the ledger together."""
_MAGIC = re.compile(r"[*?\[{(|!+@\\]")


class Verdict(StrEnum):
    """What becomes of a listed drop before anything of it is read."""

    NEW = "new"
    KNOWN = "known"
    HELD = "held"
    TEMPORARY = "temporary"
    EXCLUDED = "excluded"


class Judged(Struct, frozen=True, kw_only=True):
    """A listed drop and what becomes of it."""

    drop: Drop
    verdict: Verdict
    why: str


class Lister(Protocol):
    """The part of a warehouse that a discovery needs."""

    def listing(self, source: str, *, new_only: bool) -> Listing:
        """See ``Warehouse.listing``."""


class Discovery:
    """One listing of one source."""

    def __init__(  # noqa: PLR0913 - what there is to know about a source
        self,
        source: Source,
        storage: Storage,
        warehouse: Lister | None,
        *,
        now: datetime,
        everything: bool = False,
        told: Iterable[Drop] | None = None,
    ) -> None:
        """Get ready to list a source.

        Args:
            source: what is to be listed,
            storage: where it lies,
            warehouse: and what knows what was loaded; None: nobody, and only ``wanted`` works.
            now: the time by which files settle.
            everything: list all that there is, not only what ``prefix`` narrows it to.
            told: take these drops, of which there was word, for all that is listed.
        """
        self._told = told
        self._source = source
        self._prefixes = _prefixes(source, now, everything=everything)
        self._archive = archive_below(source)
        self._storage = storage
        self._warehouse = warehouse
        self._now = now
        self._settle = timedelta(seconds=_settle_seconds(source, storage))
        self._include = Globs(source.include)
        self._exclude = Globs(source.exclude)
        self.counts: Counter[Verdict] = Counter()
        """How many drops got which verdict, once the listing was read to its end."""
        self.unsettled: list[Drop] = []
        """What the ledger is to remember as held: drops that must wait, and drops that are ready
        because an earlier run saw them, until they are loaded."""

    def new(self) -> Generator[Drop]:
        """List the source; return the drops that are ready and not yet in the ledger, oldest first.

        They come as a stream: memory does not grow with their number. ``counts`` and ``unsettled``
        are known as soon as this returns.
        """
        listing = self._begin(new_only=True)
        found = _filled(listing, self._candidates(None))
        if self._settle:
            self._hold(listing, found)
        self.counts[Verdict.KNOWN] = self.counts[Verdict.NEW] - found
        self.counts[Verdict.NEW] = found - self.counts[Verdict.HELD]
        return self._ready(listing, found)

    def judged(self) -> Iterator[Judged]:
        """Yield every listed drop with what becomes of it and why."""
        aside: list[Judged] = []
        with closing(self._begin(new_only=False)) as listing:
            found = _filled(listing, self._candidates(aside))
            for one in _each(listing, found):
                if not one.is_new:
                    yield Judged(drop=one.drop, verdict=Verdict.KNOWN, why=_reason(one))
                elif wait := self._wait(one):
                    yield Judged(drop=one.drop, verdict=Verdict.HELD, why=wait)
                else:
                    yield Judged(drop=one.drop, verdict=Verdict.NEW, why=_reason(one))
        yield from aside

    def wanted(self) -> Iterator[Drop]:
        """Yield every listed drop that is not left out by its name, whether it is new or not."""
        return self._candidates(None)

    def _begin(self, *, new_only: bool) -> Listing:
        assert self._warehouse is not None  # noqa: S101 - the caller's promise
        return self._warehouse.listing(self._source.name, new_only=new_only)

    def _hold(self, listing: Listing, found: int) -> None:
        """Take note of what must wait, and of what is ready because it has waited."""
        for known in _each(listing, found):
            wait = bool(self._wait(known))
            self.counts[Verdict.HELD] += wait
            if wait or known.state is DropState.HELD:
                self.unsettled.append(known.drop)

    def _ready(self, listing: Listing, found: int) -> Generator[Drop]:
        with closing(listing):
            for known in _each(listing, found):
                if not self._wait(known):
                    yield known.drop

    def _candidates(self, aside: list[Judged] | None) -> Iterator[Drop]:
        """Yield the drops that are wanted; count the others, and keep them in ``aside``."""
        for drop in self._listed() if self._told is None else self._told:
            verdict, why = self.first_look(drop)
            self.counts[verdict] += 1
            if verdict is Verdict.NEW:
                yield drop
            elif aside is not None:
                aside.append(Judged(drop=drop, verdict=verdict, why=why))

    def _listed(self) -> Iterator[Drop]:
        for prefix in self._prefixes:
            yield from listed(self._storage, prefix, self._archive)

    def first_look(self, drop: Drop) -> tuple[Verdict, str]:
        """Judge a drop by its name alone."""
        if self._archive is not None and drop.key.startswith(self._archive):
            return Verdict.EXCLUDED, "lies in the archive of its source"
        if not self._include.match(drop.key):
            return Verdict.EXCLUDED, f"matches none of include = {list(self._source.include)}"
        if self._exclude.match(drop.key):
            return Verdict.EXCLUDED, f"matches exclude = {list(self._source.exclude)}"
        partial = self._storage.traits.partial_files_visible
        if partial and _TEMPORARY.search(drop.key.rpartition("/")[2]):
            return Verdict.TEMPORARY, "its name is that of a file still being written"
        return Verdict.NEW, ""

    def _wait(self, known: Known) -> str:
        """Return why a drop that was not taken yet must wait; empty when it is ready.

        It is ready when its time says so, or, whatever the clock of the server that set that time,
        when an earlier run saw the very same version long enough ago.
        """
        if not self._settle or known.state in {DropState.FAILED, DropState.UNDONE}:
            return ""  # what was tried before was ready then
        age, seen = self._now - known.drop.modified, known.first_seen_at
        if age >= self._settle or (seen is not None and self._now - seen >= self._settle):
            return ""
        ahead = age < timedelta()
        changed = "its time lies ahead" if ahead else f"changed {age.total_seconds():.0f} s ago"
        since = f"first seen {(self._now - seen).total_seconds():.0f} s ago, " if seen else ""
        return f"{changed}, {since}settle = {self._settle.total_seconds():g}"


def _filled(listing: Listing, drops: Iterator[Drop]) -> int:
    """Add all drops to a listing; return how many it holds of them."""
    try:
        while chunk := list(islice(drops, _AT_ONCE)):
            listing.add(chunk)
        return listing.finish()
    except BaseException:
        listing.close()
        raise


def _each(listing: Listing, count: int) -> Iterator[Known]:
    first = 0
    while first < count and (page := listing.page(first)):
        yield from page
        first += len(page)


def _settle_seconds(source: Source, storage: Storage) -> float:
    """Return how long a drop must be unchanged: nothing where files appear whole."""
    if storage.traits.partial_files_visible and isinstance(source, LocalSource | ServerSource):
        return source.settle
    return 0


def listed(storage: Storage, prefix: str, archive: str | None) -> Iterator[Drop]:
    """Yield what a storage lists, without its archive, which is passed over and not read."""
    after = ""
    while True:
        for drop in storage.list_drops(prefix=prefix, after=after):
            if archive is None or not drop.key.startswith(archive):
                yield drop
            elif not after:
                after = behind(archive)
                break
        else:
            return


def archive_below(source: Source) -> str | None:
    """Return the folder below a source's URL that holds its archive; None: it lies elsewhere."""
    if source.archive is None:
        return None
    folder = archive_folder(source.archive)
    if not folder.startswith("/"):
        return folder
    return folder.removeprefix(source.root) if folder.startswith(source.root) else None


def _prefixes(source: Source, now: datetime, *, everything: bool) -> list[str]:
    """Return what to list: what ``prefix`` and ``include`` both allow."""
    literal = literal_prefix(source.include)
    if source.prefix_template is None or everything:
        return [literal]
    dated = dated_prefixes(
        source.prefix_template, source.account_ids, now=now, look_back=source.look_back
    )
    both = (
        max(prefix, literal, key=len)
        for prefix in dated
        if prefix.startswith(literal) or literal.startswith(prefix)
    )
    return list(dict.fromkeys(both))


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
        case None | "held":
            return _first_sight(known)
        case "loaded":
            return f"loaded{when}, {known.rows} rows"
        case "undone":
            return f"undone{when}, loaded again"
        case "quarantined" | "adopted":
            return f"{known.state}{when}: {known.error}"
        case _:
            return f"failed {known.attempts} times, tried again: {known.error}"


def _first_sight(known: Known) -> str:
    told = ["new content under a known name"] if known.earlier_version else []
    if known.state is DropState.HELD:
        told.append("unchanged since it was first seen")
    return ", ".join(told) or "never seen"
