"""``duckdb:///path``, or a path."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import unquote

from pydantic import BeforeValidator, Field, model_validator

from firehose_loader.config.sources import Source
from firehose_loader.config.warehouses.base import BaseTarget

_Place = str | dict[str, object] | None


def _as_place(value: object) -> object:
    """Read a URL as a place without settings."""
    if isinstance(value, str):
        return {"name": "parquet", "url": value}
    return {"name": "parquet", **value} if isinstance(value, dict) else value


class DuckDBTarget(BaseTarget):
    """A DuckDB file."""

    storage_version: str | None = Field(
        None,
        pattern=r"^v\d+\.\d+\.\d+$",
        description="DuckDB version that must be able to read a file made new, such as `v1.2.0`.",
    )

    parquet: Annotated[Source | None, BeforeValidator(_as_place, json_schema_input_type=_Place)] = (
        Field(
            None,
            description="Where Parquet files are kept that follow the event tables, one for each"
            " event type and day: a folder, `s3://`, `azure://` or `gs://`; or a table with `url`"
            " and the keys of a source there.",
        )
    )

    publish: Path | None = Field(
        None,
        description="File for those who read: a copy of the database, swapped in whole when events"
        " or ledger have changed.",
    )

    @model_validator(mode="after")
    def _files_of_events(self) -> Self:
        if self.land_only and self.parquet is not None:
            raise ValueError(
                "parquet follows the tables of event types, which land_only leaves empty"
            )
        return self

    @model_validator(mode="after")
    def _copy_elsewhere(self) -> Self:
        if self.publish is None:
            return self
        if str(self.path) == ":memory:":
            raise ValueError("publish needs a database in a file, and this one is in memory")
        if self.publish.resolve() == self.path.resolve():
            raise ValueError("publish names the database itself; name another file for the copy")
        if not self.publish.resolve().parent.is_dir():
            raise ValueError(f"publish: the folder {self.publish.parent} is not there; make it")
        if self.publish.is_dir():
            raise ValueError(f"publish: {self.publish} is a folder; name a file in it")
        return self

    @property
    def is_published(self) -> bool:
        """Whether Parquet files or a copy of the database follow."""
        return self.parquet is not None or self.publish is not None

    @property
    def path(self) -> Path:
        """The DuckDB file."""
        _, separator, rest = self.url.partition("://")
        return Path(unquote(rest)) if separator else Path(self.url).expanduser()

    @property
    def database(self) -> str:
        """What DuckDB calls the file, in a session that has it open: its name up to a dot."""
        return self.path.name.lstrip(".").partition(".")[0]

    @property
    def place(self) -> str:
        """The file, as messages name it."""
        return str(self.path)
