"""``merge_every``: runs in between look at their sources and leave the warehouse asleep.

When a source was merged last is kept in a small file in the spool. Where that is lost, a merge is
due: too many cost something, one that never comes would be worse.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from firehose_loader.config import Config, Source
from firehose_loader.errors import ConfigError, FirehoseError
from firehose_loader.observe import MergePutOff, Observer, WarehouseAdvised
from firehose_loader.service.rhythm import Rhythm
from firehose_loader.spool import SpoolFolder, private
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.summary import RunSummary, SourceSummary
from firehose_loader.watch import Discovery


class Merging:
    """When the sources of a configuration were merged, and whether it is time again."""

    def __init__(self, config: Config, now: datetime) -> None:
        """Read what an earlier run left."""
        self._config = config
        self._now = now
        self._every = config.warehouse.merge_every
        warehouse = f"{config.warehouse.place}\0{config.warehouse.schema_name}"
        digest = hashlib.sha256(warehouse.encode()).hexdigest()[:16]
        self._file = config.spool / f"firehose-merged-{digest}.json"
        self._merged = self._read()

    @property
    def put_off_until(self) -> datetime | None:
        """When the next merge is due; None: now."""
        if self._every is None or not self._config.source:
            return None
        rhythm = Rhythm(every=self._every, behind=timedelta())
        merged = [self._merged.get(source.name) for source in self._config.source]
        times = [rhythm.after(at) for at in merged if at is not None and at <= self._now]
        until = min(times, default=self._now)
        return until if len(times) == len(merged) and until > self._now else None

    def look(self, summary: RunSummary, until: datetime, observe: Observer) -> None:
        """List the sources without a merge, so that trouble with them is told all the same."""
        summary.put_off_until = until
        for source in self._config.source:
            part = SourceSummary(name=source.name)
            summary.sources.append(part)
            try:
                self._look_at(source, part)
            except FirehoseError as error:
                summary.add_error(error, source=source.name)
            listed, waiting = part.drops["listed"], part.drops["waiting"]
            observe(MergePutOff(source=source.name, listed=listed, waiting=waiting, until=until))

    def done(self, summary: RunSummary, observe: Observer) -> None:
        """Remember that sources were merged; one with trouble stays due."""
        if self._every is None:
            return
        troubled = {trouble.source for trouble in summary.errors}
        merged = {source.name for source in summary.sources} - troubled
        left = {name: at for name, at in self._merged.items() if name not in troubled}
        try:
            self._write({**left, **dict.fromkeys(merged, self._now)})
        except (OSError, ConfigError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            observe(
                WarehouseAdvised(
                    message=f"{self._file}: when the last merge was cannot be kept: {why}; the"
                    " next run merges again"
                )
            )

    def _look_at(self, source: Source, part: SourceSummary) -> None:
        if getattr(source, "notify", None):
            return  # a message that is read now would be missing when it is merged
        merged_at = self._merged[source.name]
        with closing(RetryingStorage(open_storage(source))) as storage:
            for drop in Discovery(source, storage, None, now=self._now).wanted():
                part.drops["listed"] += 1
                part.drops["waiting"] += drop.modified >= merged_at

    def _read(self) -> Mapping[str, datetime]:
        """Return when each source was merged, by its name; empty where that is not known."""
        with suppress(OSError, ValueError, AttributeError, TypeError):
            if self._file.lstat().st_uid == os.getuid():
                told = json.loads(self._file.read_text("utf-8"))
                return {name: _moment(at) for name, at in told.items()}
        return {}

    def _write(self, merged: Mapping[str, datetime]) -> None:
        text = json.dumps({name: at.isoformat() for name, at in merged.items()})
        # Written beside and put in its place: nobody reads half of it, nor follows a link.
        with SpoolFolder(self._file.parent, "merging") as folder:
            beside = Path(folder) / self._file.name
            with open(beside, "w", encoding="utf-8", opener=private) as file:
                file.write(text)
            beside.replace(self._file)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
