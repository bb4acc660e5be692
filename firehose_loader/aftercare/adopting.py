"""Mark drops as loaded by other means, for those who loaded by hand before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice

from msgspec import Struct, field

from firehose_loader.aftercare import new_run_id
from firehose_loader.aftercare.publishing import publish
from firehose_loader.config import Config, Source
from firehose_loader.errors import NotFound
from firehose_loader.model import Drop
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.warehouse import copied_files, open_warehouse
from firehose_loader.warehouse.snowflake_places import location
from firehose_loader.watch import Discovery, Verdict

_AT_ONCE = 5000
"""Drops that are noted in one transaction."""
_EXAMPLES = 20
_WANTED = {Verdict.NEW, Verdict.KNOWN, Verdict.HELD}


class Chosen(Struct, frozen=True, kw_only=True):
    """Which drops were loaded by other means."""

    means: Callable[[Drop], bool]
    message: str
    """How they were chosen, as the ledger keeps it."""
    names: Collection[str] | None = None
    """Keys of all that are chosen; None where something else than a name tells."""


class AdoptReport(Struct, kw_only=True):
    """What was adopted, or would be."""

    run_id: str
    source: str
    listed: int = 0
    adopted: int = 0
    known: int = 0
    """Chosen ones that are loaded, quarantined or adopted already: these stay as they are."""
    held: int = 0
    """Chosen ones that may still be being written: the next run looks at them again."""
    not_chosen: int = 0
    """New ones that were not chosen: the next run loads them."""
    not_listed: int = 0
    """Names that were chosen and that the source does not list, or leaves out."""
    newest: datetime | None = None
    """When the newest of the adopted drops was delivered."""
    examples: list[str] = field(default_factory=list)
    """The first names that are not listed."""


def until(moment: datetime) -> Chosen:
    """Choose what was delivered before a moment; without a time zone, it is UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    told = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return Chosen(means=lambda drop: drop.modified < moment, message=f"delivered before {told}")


def named(names: Collection[str], source: Source, *, origin: str) -> Chosen:
    """Choose drops by name: all by their keys, or all by their paths from the root, or URLs."""
    url = source.url if source.url.endswith("/") else source.url + "/"
    beginnings = [one for one in (url, source.root, source.root.lstrip("/")) if one.strip("/")]
    whole = next((one for one in beginnings if all(name.startswith(one) for name in names)), "")
    keys = {name.removeprefix(whole).removeprefix("./") for name in names}
    return Chosen(means=lambda drop: drop.key in keys, message=f"named by {origin}", names=keys)


def copied(config: Config, tables: Sequence[str]) -> tuple[Chosen, Sequence[str]]:
    """Choose the drops that COPY loaded into tables of Snowflake, and that did not change since.

    A file of a bucket is known by its URL; one that was put on an internal stage by its path there,
    which must be the drop's key.

    Returns:
        The choice, and what of the history could not be read.

    Raises as ``copied_files``.
    """
    (source,) = config.source
    files, unread = copied_files(config, tables)
    place = location(source.url) if "://" in source.url else ""
    last: dict[str, tuple[datetime, int | None]] = {}
    for one in sorted(files, key=lambda one: one.loaded_at):
        if "://" not in one.url or (place and one.url.startswith(place)):
            last[one.url.removeprefix(place)] = (one.loaded_at, one.size_bytes)

    def unchanged(drop: Drop) -> bool:
        loaded_at, size = last.get(drop.key, (None, None))
        return (
            loaded_at is not None and drop.modified <= loaded_at and size in {None, drop.size_bytes}
        )

    message = f"loaded by COPY into {', '.join(tables)}"
    return Chosen(means=unchanged, message=message, names=last.keys()), unread


def adopt(config: Config, chosen: Chosen, *, preview: bool) -> AdoptReport:
    """Note that the chosen drops of the one source were loaded by other means.

    What is done with already stays as it is. Some thousand drops are noted at a time; the same
    again notes what an interruption left.

    Args:
        config: the warehouse and the source.
        chosen: which drops.
        preview: tell what would be done, and change nothing.

    Raises:
        NotFound: names were given, and the source lists none of them.
        AccessDenied, StorageUnavailable, WarehouseUnusable, WarehouseBusy, and as ``publish``.
    """
    (source,) = config.source
    report = AdoptReport(run_id=new_run_id(), source=source.name)
    with (
        closing(open_warehouse(config, read_only=preview)) as warehouse,
        closing(RetryingStorage(open_storage(source))) as storage,
    ):
        if not preview:
            warehouse.prepare()
        discovery = Discovery(source, storage, warehouse, now=datetime.now(UTC), everything=True)
        found = _chosen(discovery, chosen, report)
        while drops := list(islice(found, _AT_ONCE)):
            report.adopted += (
                len(drops)
                if preview
                else warehouse.adopt(drops, run_id=report.run_id, message=chosen.message)
            )
        if not preview:
            publish(config, warehouse)
    return report


def _chosen(discovery: Discovery, chosen: Chosen, report: AdoptReport) -> Iterator[Drop]:
    """Yield the chosen drops that can be adopted; count the others."""
    seen: set[str] = set()
    counts: Counter[Verdict] = Counter()
    for one in discovery.judged():
        report.listed += 1
        if chosen.names is not None and one.verdict in _WANTED and one.drop.key in chosen.names:
            seen.add(one.drop.key)
        if not chosen.means(one.drop):
            report.not_chosen += one.verdict is Verdict.NEW
            continue
        counts[one.verdict] += 1
        if one.verdict is Verdict.NEW:
            report.newest = max(one.drop.modified, report.newest or one.drop.modified)
            yield one.drop
    report.known, report.held = counts[Verdict.KNOWN], counts[Verdict.HELD]
    if chosen.names is not None:
        left = sorted(set(chosen.names) - seen)
        report.not_listed, report.examples = len(left), left[:_EXAMPLES]
        if left and not seen:
            raise NotFound(
                f"source {report.source!r} lists none of the {len(left)} drops that are"
                f" {chosen.message}, such as {left[0]!r}; in a list, write all of them as keys"
                " below its URL, as whole URLs, or as paths from the root of the bucket. Nothing"
                " was changed"
            )
