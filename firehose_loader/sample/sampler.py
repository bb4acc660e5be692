"""The content of a sample, drop by drop, and what it adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random
from typing import TypeAlias

from msgspec import Struct, field

from firehose_loader.sample.events import Event, EventMaker
from firehose_loader.sample.header import Header, make_drift, make_header, unknown_fields
from firehose_loader.sample.options import (
    FormatCounts,
    SampleFormat,
    SampleLayout,
    SampleOptions,
    SampleReport,
    TypeCounts,
)
from firehose_loader.sample.plan import PlannedDrop, apportion, share
from firehose_loader.sample.render import (
    BAD_CSV,
    BAD_JSON,
    BadRow,
    bad_csv_row,
    bad_json_row,
    csv_rows,
    framed,
    json_rows,
    mixed_in,
    packed,
)
from firehose_loader.sample.values import Vocabulary
from firehose_loader.schema.catalog import Catalog

_REMEMBERED = 2000
"""Events of a type that may be delivered again."""
_REMEMBERED_OF_A_DROP = 300
_IN_THE_SAME_DROP = 0.1
"""Share of the duplicates whose event stands in the same drop."""

_Typed: TypeAlias = tuple[str, Event]
"""An event and its type."""


class _Tally(Struct, kw_only=True):
    types: dict[str, TypeCounts] = field(default_factory=dict)
    formats: dict[str, FormatCounts] = field(default_factory=dict)
    bad: Counter[str] = field(default_factory=Counter)
    unknown: set[str] = field(default_factory=set)


class Sampler:
    """Makes the content of one drop after the other, and remembers what may be delivered again."""

    def __init__(
        self, options: SampleOptions, types: Sequence[str], catalog: Catalog, random: Random
    ) -> None:
        """Take what the sample is about.

        Raises:
            ConfigError: no sample can be made of one of the event types.
            SchemaError: the catalog lacks one.
        """
        self._options = options
        self._random = random
        vocabulary = Vocabulary(random, options.first_slot)
        extras = unknown_fields(catalog)
        self._extras = tuple(name for name, _ in extras)
        self._makers = {
            name: EventMaker(
                catalog.latest(name), random=random, vocabulary=vocabulary, extras=extras
            )
            for name in types
        }
        self._headers: dict[tuple[int, bool], Header] = {}
        self._delivered: dict[str, list[Event]] = {name: [] for name in types}
        self._bad_csv = cycle(BAD_CSV)
        self._bad_json = cycle(BAD_JSON)
        self._tally = _Tally()

    def content(self, drop: PlannedDrop) -> bytes:
        """Return the bytes of the next drop."""
        header = self._header(drop)
        fresh = self._fresh(drop)
        again = self._redelivered(drop, fresh)
        self._remember(fresh)
        typed = fresh + again
        self._random.shuffle(typed)
        rows = [header.row(event_type, event) for event_type, event in typed]
        if drop.format is SampleFormat.CSV:
            good = csv_rows(rows)
        else:
            # A null for every field of every other event type would be odd in a mixed drop.
            nulls = drop.turn % 2 == 1 and len(drop.lane.event_types) == 1
            good = json_rows(header.names, rows, nulls=nulls)
        bad = list(self._bad(drop, header, fresh))
        content = framed(
            drop.format,
            header.names,
            mixed_in(good, bad, self._random),
            lines=bool(bad) or drop.turn % 2 == 0,
        )
        content = packed(drop.compression, content, drop.file_name)
        self._count(drop, fresh, again, len(content))
        return content

    def report(self, drops: Sequence[PlannedDrop]) -> SampleReport:
        """Return what all drops hold."""
        types, formats = self._tally.types.values(), self._tally.formats.values()
        return SampleReport(
            drops=len(drops),
            rows=sum(counts.rows for counts in formats),
            events=sum(counts.events for counts in types),
            duplicates=sum(counts.duplicates for counts in types),
            bad=self._tally.bad.total(),
            late=sum(drop.late for drop in drops),
            bytes=sum(counts.bytes for counts in formats),
            seed=self._options.seed,
            first_slot=drops[0].slot,
            last_slot=drops[-1].slot,
            unknown_columns=tuple(sorted(self._tally.unknown)),
            event_types=dict(sorted(self._tally.types.items())),
            formats=dict(sorted(self._tally.formats.items())),
            bad_rows=dict(sorted(self._tally.bad.items())),
        )

    def _header(self, drop: PlannedDrop) -> Header:
        """Return the header of the drop's lane, as it is before or after the drift."""
        place = (drop.lane.number, drop.drifted)
        if place not in self._headers:
            makers = [self._makers[name] for name in drop.lane.event_types]
            drift = None
            if drop.drifted:
                drift = make_drift(drop.lane.number, makers, self._extras, self._random)
            self._headers[place] = make_header(
                makers,
                extras=self._extras,
                tells_type=drop.lane.layout is SampleLayout.MIXED,
                drift=drift,
            )
            self._tally.unknown |= drift.extras if drift else set()
        return self._headers[place]

    def _fresh(self, drop: PlannedDrop) -> list[_Typed]:
        """Return the events that are delivered for the first time."""
        names = drop.lane.event_types
        chosen = self._random.choices(names, [share(name) for name in names], k=drop.events)
        counts = Counter(chosen)
        late = apportion(drop.late, [counts[name] for name in names])
        length = self._options.cadence.slot
        return [
            (name, event)
            for name, late_ones in zip(names, late, strict=True)
            for event in self._makers[name].make(drop.slot, length, counts[name], late_ones)
        ]

    def _redelivered(self, drop: PlannedDrop, fresh: Sequence[_Typed]) -> list[_Typed]:
        """Return events of earlier drops, and a few of this one, as they are delivered again."""
        slot_end = drop.slot + self._options.cadence.slot
        again = []
        for _ in range(drop.duplicates):
            name, event = self._random.choice(fresh)
            earlier = self._delivered[name]
            if earlier and self._random.random() >= _IN_THE_SAME_DROP:
                event = self._random.choice(earlier)
            again.append((name, self._makers[name].redelivered(event, slot_end)))
        return again

    def _remember(self, fresh: Sequence[_Typed]) -> None:
        if not self._options.duplicates:
            return
        for name, event in self._random.sample(fresh, min(len(fresh), _REMEMBERED_OF_A_DROP)):
            self._delivered[name].append(event)
        for name in {name for name, _ in fresh}:
            del self._delivered[name][:-_REMEMBERED]

    def _bad(self, drop: PlannedDrop, header: Header, fresh: Sequence[_Typed]) -> Iterator[str]:
        """Yield rows that no reader can take, each of an event that is delivered nowhere else."""
        is_csv = drop.format is SampleFormat.CSV
        for _ in range(drop.bad):
            name, _event = self._random.choice(fresh)
            maker = self._makers[name]
            (event,) = maker.make(drop.slot, self._options.cadence.slot, 1, 0)
            kind = next(self._bad_csv if is_csv else self._bad_json)
            if kind is BadRow.EVENT_DATE:
                undated = maker.undated(event)
                if undated is None:
                    kind = BadRow.EXTRA_CELL if is_csv else BadRow.CUT_OBJECT
                event = undated or event
            row = header.row(name, event)
            self._tally.bad[kind] += 1
            if is_csv:
                yield bad_csv_row(kind, row, self._random)
            else:
                yield bad_json_row(kind, header.names, row, self._random)

    def _count(
        self, drop: PlannedDrop, fresh: Sequence[_Typed], again: Sequence[_Typed], size: int
    ) -> None:
        types = self._tally.types
        for name, number in Counter(name for name, _ in fresh).items():
            types.setdefault(name, TypeCounts()).events += number
        for name, number in Counter(name for name, _ in again).items():
            types.setdefault(name, TypeCounts()).duplicates += number
        counts = self._tally.formats.setdefault(drop.format, FormatCounts())
        counts.drops += 1
        counts.rows += len(fresh) + len(again) + drop.bad
        counts.bytes += size
