"""What may stand in the configuration: the warehouse and what holds for all sources."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Self

from msgspec import Struct
from pydantic import Field, model_validator

from firehose_loader.budget import Budget
from firehose_loader.config.operating import Alerts, Check, Metrics, Telemetry, Watch
from firehose_loader.config.pii import Pii
from firehose_loader.config.sources import AzureSource, GcsSource, LocalSource, S3Source, Source
from firehose_loader.config.sources.base import BaseSource
from firehose_loader.config.values import Bytes, Duration, Model, RetentionTable
from firehose_loader.config.warehouses import SnowflakeTarget, Warehouse
from firehose_loader.model import Limits, Packing
from firehose_loader.privacy import Policies


class Portions(Struct, frozen=True, kw_only=True):
    """How much of one source is taken at once."""

    spool: Path
    batch_files: int
    batch_bytes: int
    fetch_threads: int
    max_file_bytes: int
    budget: Budget


def _temporary_folder() -> Path:
    """Return the system's folder; where none can be written to, what writes there will say so."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return Path("/tmp")  # noqa: S108 - only named here


class Config(Model):
    """Everything a run needs to know."""

    warehouse: Warehouse
    source: tuple[Source, ...] = Field((), description="The places to load from.")
    check: Check = Field(default_factory=lambda: Check.model_validate({}))
    pii: Pii = Field(default_factory=Pii, description="What becomes of personal data.")
    watch: Watch = Field(default_factory=lambda: Watch.model_validate({}))
    metrics: Metrics = Field(default_factory=lambda: Metrics.model_validate({}))
    alerts: Alerts = Field(default_factory=lambda: Alerts.model_validate({}))
    telemetry: Telemetry = Field(default_factory=lambda: Telemetry.model_validate({}))
    retention: RetentionTable = Field(
        default_factory=dict,
        description="How long events are kept, in days: for all event types, or a table: event type"
        " = days or `forever`, `*` for all others. Older ones are not loaded, and removed by"
        " `firehose-loader expire`. Without it all are kept.",
    )
    schemas: Path | None = Field(
        None, description="Folder of your own event schemas; adds to and overrides the shipped."
    )
    spool: Path = Field(
        default_factory=_temporary_folder,
        description="Folder for what is downloaded and unpacked; emptied after each batch.",
    )
    batch_files: int = Field(2000, gt=0, description="Most drops in one transaction.")
    batch_bytes: Bytes = Field(
        320 * 2**20, description="Most bytes of drops in one transaction, such as `256MiB`."
    )
    fetch_threads: int = Field(8, ge=1, le=64, description="Downloads of one source side by side.")
    source_threads: int = Field(
        8, ge=1, le=64, description="Sources listed and fetched side by side."
    )
    threads: int | None = Field(None, ge=1, description="Threads of the engine; all cores without.")
    memory_limit: Bytes | None = Field(
        None,
        description="Memory that a load may take, such as `1GB`. The engine gets all but 256 MiB of"
        " it, at least half, and spills to disk beyond; without it, half of what the machine or the"
        " container has.",
    )
    max_file_bytes: Bytes = Field(
        4 * 2**30,
        description="Largest drop, before and after unpacking; a larger one is set aside.",
    )
    max_row_bytes: Bytes = Field(
        32 * 2**20, description="Largest row; a larger one is quarantined."
    )
    max_fields: int = Field(
        1000, gt=0, description="Most field names in one drop; a drop with more is set aside."
    )
    max_rows: int = Field(
        100_000_000, gt=0, description="Most rows of one drop; a drop with more is set aside."
    )
    max_depth: int = Field(
        100,
        gt=0,
        le=500,
        description="How deep the objects and arrays of a JSON row may lie in each other; a deeper"
        " row is quarantined.",
    )
    max_ratio: float = Field(
        200,
        ge=1,
        description="How many times its size a packed drop may unpack to, from 16 MiB on; one that"
        " goes beyond is set aside.",
    )
    max_members: int = Field(
        10_000, gt=0, description="Most members of a zip; one with more is set aside."
    )
    max_spool_bytes: Bytes = Field(
        64 * 2**30,
        description="Most bytes that lie in `spool`: half of it for downloads, a quarter for what"
        " is unpacked of a batch, a quarter for what the engine spills.",
    )
    max_drop_time: Duration = Field(
        timedelta(hours=1),
        description="Longest that reading and merging a drop may take; one that takes longer is"
        " set aside.",
    )
    max_run_time: Duration | None = Field(
        None,
        description="How long a run begins with further drops, such as `2h`; the next run goes on.",
    )
    max_bad_rows: int = Field(
        100_000,
        ge=0,
        description="Most rows of one drop that may go to quarantine; one with more is set aside"
        " as a whole.",
    )
    max_bad_ratio: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Largest share of a drop's rows that may go to quarantine, likewise; judged"
        " from its 1,000th row on, and at its end.",
    )

    def portions(self, source: BaseSource) -> Portions:
        """Return what holds for a source: its own settings, else those for all."""
        return Portions(
            spool=self.spool,
            batch_files=source.batch_files or self.batch_files,
            # Two batches are on disk at once.
            batch_bytes=min(source.batch_bytes or self.batch_bytes, self.download_bytes // 2),
            fetch_threads=source.fetch_threads or self.fetch_threads,
            max_file_bytes=source.max_file_bytes or self.max_file_bytes,
            budget=Budget(
                rows=self.max_bad_rows if source.max_bad_rows is None else source.max_bad_rows,
                ratio=self.max_bad_ratio if source.max_bad_ratio is None else source.max_bad_ratio,
            ),
        )

    @property
    def download_bytes(self) -> int:
        """What downloads may take of the spool together."""
        return self.max_spool_bytes // 2

    @property
    def limits(self) -> Limits:
        """What is read at most of a drop."""
        return Limits(
            max_file_bytes=self.max_file_bytes,
            max_row_bytes=self.max_row_bytes,
            max_fields=self.max_fields,
            max_rows=self.max_rows,
            max_depth=self.max_depth,
            packing=Packing(max_ratio=self.max_ratio, max_members=self.max_members),
        )

    def policies(self, source: str) -> Policies:
        """Return what becomes of personal data from the source of that name."""
        of = next((one.pii for one in self.source if one.name == source), {})
        return self.pii.policies(of)

    @model_validator(mode="after")
    def _has_key(self) -> Self:
        names = [source.name for source in self.source]
        for name in names:
            if (hashed := self.policies(name).hashed) and self.pii.key is None:
                raise ValueError(
                    f'pii: the source {name!r} has {min(hashed)} = "hash", and there is no key:'
                    ' write key_id = "k1" and key = "${env:PII_KEY}" under [pii]'
                )
        return self

    @model_validator(mode="after")
    def _own_folder(self) -> Self:
        files = getattr(self.warehouse, "parquet", None)
        places = {
            "parquet": files.path
            if isinstance(files, LocalSource)
            else getattr(files, "url", None),
            "publish": getattr(self.warehouse, "publish", None),
        }
        for source in self.source:
            for key, place in places.items():
                if place is not None and _lies_in(place, source):
                    raise ValueError(
                        f"warehouse.{key}: {place} lies in the source {source.name!r}, which would"
                        " take it for drops; name a place beside it"
                    )
        return self

    @model_validator(mode="after")
    def _external_fits(self) -> Self:
        if not isinstance(self.warehouse, SnowflakeTarget) or self.warehouse.load != "external":
            return self
        for source in self.source:
            if not isinstance(source, S3Source | AzureSource | GcsSource):
                raise ValueError(  # noqa: TRY004 - its URL is at fault, not its type
                    f'load = "external": Snowflake cannot read the source {source.name!r}, which'
                    ' is in no bucket of S3, Azure or Google; write load = "stage"'
                )
            if not self.policies(source.name).keep_all:
                raise ValueError(
                    f'load = "external": the source {source.name!r} has policies for personal data'
                    " other than keep, which are carried out on this machine, before anything"
                    ' leaves it; write load = "stage"'
                )
        return self

    @model_validator(mode="after")
    def _distinct_names(self) -> Self:
        names = [source.name for source in self.source]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are named {name!r}")
        return self


def _lies_in(place: Path | str, source: Source) -> bool:
    """Tell whether a path on this machine, or the URL of another place, lies in a source."""
    if isinstance(place, str):
        return f"{place}/".startswith(source.url.rstrip("/") + "/")
    folder = source.path if isinstance(source, LocalSource) else None
    return folder is not None and place.resolve().is_relative_to(folder.resolve())
