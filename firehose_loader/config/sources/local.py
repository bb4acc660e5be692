"""``file:///path`` and plain paths."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field

from firehose_loader.config.sources.base import BaseSource
from firehose_loader.errors import ConfigError


class LocalSource(BaseSource):
    """A folder on this machine."""

    settle: float = Field(
        0,
        ge=0,
        description="Seconds that a file must be unchanged before it is read;"
        " for folders that senders write into directly.",
    )

    @property
    def root(self) -> str:
        return f"{self.path.absolute()}/"

    @property
    def path(self) -> Path:
        """The folder."""
        parts = urlsplit(self.url)
        if parts.scheme != "file":
            return Path(self.url).expanduser()
        if parts.netloc not in {"", "localhost"}:
            raise ConfigError(
                f"source {self.name!r}: {self.url!r} names a host;"
                " write file:///path for a folder on this machine"
            )
        return Path(unquote(parts.path))
