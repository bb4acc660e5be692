"""Tell people what is not as it should be, once, and again when it is over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from firehose_loader.config import Config, redacted
from firehose_loader.errors import FirehoseError
from firehose_loader.freshness import FreshState
from firehose_loader.history import Alert
from firehose_loader.observe import Troubles
from firehose_loader.service.health import Finding, Health
from firehose_loader.service.messages import Message, send_all
from firehose_loader.warehouse import open_warehouse

_QUIET = {str(FreshState.CAUGHT_UP)}
"""What is no trouble and no news either: the recovery tells of it."""
_OVERDUE = {str(FreshState.STOPPED), str(FreshState.LATE)}


class Turn(StrEnum):
    """What an alert tells."""

    OPENED = "opened"
    ENDED = "ended"
    NEWS = "news"
    """Something that happened: it has no end."""


class Told(Struct, frozen=True, kw_only=True):
    """One thing that people are told now."""

    turn: Turn
    alert: Alert
    message: str


class Change(Struct, frozen=True, kw_only=True):
    """What changed since people were told last."""

    told: Sequence[Told]
    opened: Sequence[Alert]
    """To be noted as told, whether a message of its own tells of it or not."""
    ended: Collection[str]


def alert(config: Config, found: Health, troubles: Troubles) -> None:
    """Send what people do not know yet, and note that they know.

    What cannot be sent is not noted, so the next run tries again.
    """
    what = "alerts"
    try:
        with closing(open_warehouse(config, read_only=True)) as warehouse:
            change = changes(found, warehouse.open_alerts(), since=found.at - config.check.window)
        if not (change.opened or change.ended):
            return
        if change.told:
            send_all(config.alerts, _message(config, found, change.told))
        with closing(open_warehouse(config)) as warehouse:
            warehouse.record_alerts(told=change.opened, ended=change.ended)
    except FirehoseError as error:
        troubles.failed(what, str(error))
        return
    troubles.worked(what)


def changes(found: Health, known: Sequence[Alert], *, since: datetime) -> Change:
    """Compare how things stand with what people were told.

    ``since``: gaps before it are told no more, and that is not their end.
    """
    now = {one.cause: one for one in (*found.findings, *found.news) if one.kind not in _QUIET}
    before = {one.cause: one for one in known}
    ended = [one for cause, one in before.items() if cause not in now and one.kind != "drift"]
    left = {_place(one): one for one in now.values() if one.kind == FreshState.GAPS}
    overdue = {(one.source, one.event_type) for one in now.values() if one.kind in _OVERDUE}
    told: list[Told] = []
    follow_ups: set[str] = set()
    for one in ended:
        if one.kind in _OVERDUE and (one.source, one.event_type) in overdue:
            continue  # what it is told as is another thing; that nothing comes is not over
        gap = left.get(_place(one)) if one.kind != FreshState.GAPS else None
        if gap is not None:
            follow_ups.add(gap.cause)
        if one.kind != FreshState.GAPS or one.since >= since:
            told.append(Told(turn=Turn.ENDED, alert=one, message=_ending(one, gap)))
    opened = [_alert(one) for cause, one in now.items() if cause not in before]
    told += [
        Told(turn=Turn.NEWS if one.kind == "drift" else Turn.OPENED, alert=one, message=one.message)
        for one in opened
        if one.cause not in follow_ups
    ]
    return Change(told=told, opened=opened, ended=[one.cause for one in ended])


def _place(one: Finding | Alert) -> tuple[str, str | None, datetime]:
    return one.source, one.event_type, one.since


def _ending(one: Alert, gap: Finding | None) -> str:
    if gap is not None:
        return f"it comes again; {gap.message}"
    return f"it is over: {one.message}"


def _alert(one: Finding) -> Alert:
    return Alert(
        cause=one.cause,
        kind=one.kind,
        source=one.source,
        event_type=one.event_type,
        message=one.message,
        since=one.since,
    )


def _message(config: Config, found: Health, told: Sequence[Told]) -> Message:
    run_id = found.runs[0].run_id if found.runs else None
    return Message(
        warehouse=redacted(config.warehouse.url),
        run_id=run_id,
        sent_at=found.at,
        alerts=[dict(_document(one)) for one in told],
        text="\n".join(_line(one) for one in told),
    )


def _document(one: Told) -> Iterator[tuple[str, object]]:
    yield "turn", str(one.turn)
    yield "cause", one.alert.cause
    yield "kind", one.alert.kind
    yield "source", one.alert.source
    yield "event_type", one.alert.event_type
    yield "since", one.alert.since.isoformat()
    yield "message", one.message


def _line(one: Told) -> str:
    sign: Mapping[Turn, str] = {Turn.OPENED: "[!]", Turn.ENDED: "[ok]", Turn.NEWS: "[i]"}
    kind = one.alert.kind.replace("_", " ")
    return f"{sign[one.turn]} {kind}: {one.alert.source}: {one.message}"
