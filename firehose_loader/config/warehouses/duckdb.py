"""``duckdb:///path``, or a path."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from pydantic import Field

from firehose_loader.config.warehouses.base import BaseTarget


class DuckDBTarget(BaseTarget):
    """A DuckDB file."""

    storage_version: str | None = Field(
        None,
        pattern=r"^v\d+\.\d+\.\d+$",
        description="DuckDB version that must be able to read a file made new, such as `v1.2.0`.",
    )

    parquet: Path | None = Field(
        None,
        description="Folder of Parquet files that follow the event tables, one for each day.",
    )

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
