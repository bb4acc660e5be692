"""``gs://bucket/prefix``."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from firehose_loader.config.sources.base import RemoteSource, as_folder, below_host


class GcsSource(RemoteSource):
    """A bucket of Google Cloud Storage."""

    service_account_file: Path | None = Field(
        None,
        description="Key file of a service account; without it, Google's application default"
        " credentials.",
    )
    service_account_json: SecretStr | None = Field(
        None, description="Content of such a key file, as a reference such as `${env:GCS_KEY}`."
    )
    anonymous: bool = Field(default=False, description="Send no credentials: a public bucket.")
    user_project: str | None = Field(
        None, description="Project that is charged for reading a bucket whose reader pays."
    )
    endpoint: str | None = Field(
        None, description="URL of a service that speaks the JSON API; without it, Google's."
    )

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return urlsplit(self.url).netloc

    @property
    def prefix(self) -> str:
        """What every key starts with; empty or ending in ``/``."""
        return as_folder(below_host(self.url))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.bucket:
            raise ValueError(f"{self.url!r} names no bucket; write gs://bucket/prefix")
        names = ("service_account_file", "service_account_json", "anonymous")
        chosen = [name for name in names if getattr(self, name)]
        if len(chosen) > 1:
            raise ValueError(f"choose one of {' and '.join(chosen)}")
        if self.endpoint is not None and not self.endpoint.startswith(("http://", "https://")):
            raise ValueError(f"endpoint: {self.endpoint!r} is no URL")
        return self
