"""What drops a sample has: where each lies, what it holds and how much of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import cycle
from random import Random

from msgspec import Struct

from firehose_loader.errors import ConfigError
from firehose_loader.sample.options import (
    SampleCompression,
    SampleFormat,
    SampleLayout,
    SampleOptions,
)
from firehose_loader.schema.names import snake

_SHARES = {
    "email.send": 300,
    "email.open": 220,
    "page.view": 90,
    "transactional.emailCampaignSend": 70,
    "email.click": 60,
    "transactional.open": 45,
    "sms.send": 40,
    "sms.delivered": 38,
    "pushNotification.send": 30,
    "email.view": 20,
    "transactional.click": 15,
    "landingPage.view": 12,
    "email.failed": 9,
    "sms.click": 8,
    "interaction.pushClick": 6,
    "email.unsubscribed": 4,
    "email.doubleOptIn": 3,
    "email.reply": 2,
    "sms.failed": 2,
    "sms.reply": 2,
    "transactional.emailFailed": 2,
    "campaign.send": 1,
    "email.ispComplained": 1,
    "interaction.socialShare": 1,
    "pushNotification.error": 1,
    "sms.remove": 1,
    "sms.unsubscribed": 1,
}
_OTHER_SHARE = 10
_FORMATS = (SampleFormat.CSV, SampleFormat.NDJSON, SampleFormat.JSON)
_COMPRESSIONS = (
    SampleCompression.NONE,
    SampleCompression.GZIP,
    SampleCompression.ZSTD,
    SampleCompression.ZIP,
)
_SINGLE_LANES = {
    SampleLayout.FOLDERS: (SampleLayout.FOLDERS,),
    SampleLayout.FLAT: (SampleLayout.FLAT,),
    SampleLayout.MIXED: (),
    SampleLayout.ALL: (SampleLayout.FOLDERS, SampleLayout.FLAT),
}
"""The layouts of drops with one event type, taken in turns by the event types."""
_SUFFIXES = {
    SampleCompression.GZIP: ".gz",
    SampleCompression.ZSTD: ".zst",
    SampleCompression.ZIP: ".zip",
}


class Lane(Struct, frozen=True, kw_only=True):
    """One series of drops: one drop a slot."""

    number: int
    event_types: tuple[str, ...]
    layout: SampleLayout
    folder: str = ""

    def path(self, slot: datetime) -> str:
        """Return where the drop of a slot lies, without what tells its format."""
        event_type = self.event_types[0]
        time = f"{slot:%Y%m%dT%H%M}"
        match self.layout:
            case SampleLayout.FOLDERS:
                return f"{event_type}/{slot:%Y/%m/%d}/{snake(event_type)}_{time}"
            case SampleLayout.FLAT:
                return f"{snake(event_type)}_{time}"
            case SampleLayout.MIXED | SampleLayout.ALL:
                return f"{self.folder}events_{time}"


class PlannedDrop(Struct, frozen=True, kw_only=True):
    """One file to write."""

    path: str
    """Below the sample's folder, with ``/``."""
    lane: Lane
    slot: datetime
    """Its beginning, UTC."""
    turn: int
    """Number of the slot, moved on from lane to lane: for what drops take turns in."""
    format: SampleFormat
    compression: SampleCompression
    drifted: bool
    events: int
    duplicates: int
    bad: int
    late: int

    @property
    def file_name(self) -> str:
        """The last part of the path, without what tells its compression."""
        name = self.path.rpartition("/")[2]
        return name.removesuffix(_SUFFIXES.get(self.compression, ""))


def share(event_type: str) -> int:
    """Return how common an event type is among others."""
    return _SHARES.get(event_type, _OTHER_SHARE)


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split a number by weights: whole parts that add up to it exactly.

    Where all weights are 0, everything is 0.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    quotas = [total * weight / whole for weight in weights]
    parts = [int(quota) for quota in quotas]
    by_rest = sorted(range(len(parts)), key=lambda n: (parts[n] - quotas[n], n))
    for place in by_rest[: total - sum(parts)]:
        parts[place] += 1
    return parts


def plan_drops(
    options: SampleOptions, event_types: Sequence[str], random: Random
) -> list[PlannedDrop]:
    """Return all drops in the order of their delivery.

    Raises:
        ConfigError: the slots reach beyond what a date can say.
    """
    lanes = _lanes(options.layout, sorted(event_types, key=lambda name: (-share(name), name)))
    slots = -(-options.drops // len(lanes))
    places = [divmod(number, len(lanes)) for number in range(options.drops)]
    weights = [
        sum(map(share, lanes[lane].event_types)) * random.uniform(0.6, 1.4) for _, lane in places
    ]
    events = apportion(options.events, weights)
    rows = round(options.events / (1 - options.duplicates - options.bad))
    duplicates = apportion(round(rows * options.duplicates), _repeatable(events, places, lanes))
    bad = apportion(round(rows * options.bad), events)
    late = apportion(round(options.events * options.late), events)
    drops = []
    for number, (slot_number, lane_number) in enumerate(places):
        lane, turn = lanes[lane_number], slot_number + lane_number
        slot = _slot(options, slot_number)
        kind, packed = _format(options, turn), _compression(options, turn)
        half_way = (2 * slot_number >= slots) if slots > 1 else (2 * number >= options.drops > 1)
        drops.append(
            PlannedDrop(
                path=f"{lane.path(slot)}.{kind}{_SUFFIXES.get(packed, '')}",
                lane=lane,
                slot=slot,
                turn=turn,
                format=kind,
                compression=packed,
                drifted=options.drift and half_way,
                events=events[number],
                duplicates=duplicates[number],
                bad=bad[number],
                late=late[number],
            )
        )
    return drops


def _lanes(layout: SampleLayout, event_types: Sequence[str]) -> list[Lane]:
    """Return the lanes, the busiest first: where drops are few, they go to these."""
    mixed = (SampleLayout.MIXED, tuple(event_types))
    turns = cycle(_SINGLE_LANES[layout])
    single = [(turn, (name,)) for turn, name in zip(turns, event_types, strict=False)]
    found = [mixed, *single] if layout in {SampleLayout.MIXED, SampleLayout.ALL} else single
    folder = "mixed/" if layout is SampleLayout.ALL else ""
    return [
        Lane(number=number, event_types=types, layout=kind, folder=folder)
        for number, (kind, types) in enumerate(found)
    ]


def _repeatable(
    events: Sequence[int], places: Sequence[tuple[int, int]], lanes: Sequence[Lane]
) -> list[int]:
    """Return the events of those drops that can repeat another's; of all, where none can."""

    def earlier() -> Iterator[int]:
        delivered: set[str] = set()
        for number, (_, lane) in zip(events, places, strict=True):
            types = set(lanes[lane].event_types)
            yield number if types <= delivered else 0
            delivered |= types if number else set()

    weights = list(earlier())
    return weights if any(weights) else list(events)


def _slot(options: SampleOptions, number: int) -> datetime:
    try:
        # What is delivered after the slot's end must be a date as well.
        return options.first_slot + (number + 2) * options.cadence.slot - 2 * options.cadence.slot
    except OverflowError:
        raise ConfigError(
            f"{options.drops} drops at the cadence {options.cadence} reach beyond the year 9999;"
            " ask for fewer, or for an earlier start"
        ) from None


def _format(options: SampleOptions, turn: int) -> SampleFormat:
    if options.formats is SampleFormat.MIXED:
        return _FORMATS[turn % len(_FORMATS)]
    return options.formats


def _compression(options: SampleOptions, turn: int) -> SampleCompression:
    if options.compression is SampleCompression.MIXED:
        # Another number than there are formats: over time, each format is packed in each way.
        return _COMPRESSIONS[turn % len(_COMPRESSIONS)]
    return options.compression
