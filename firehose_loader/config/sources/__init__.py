"""The kinds of source: one model for each, chosen by the URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Tag

from firehose_loader.config.sources.azure import AzureSource
from firehose_loader.config.sources.base import BaseSource, RemoteSource
from firehose_loader.config.sources.ftps import FtpsSource
from firehose_loader.config.sources.gcs import GcsSource
from firehose_loader.config.sources.local import LocalSource
from firehose_loader.config.sources.s3 import S3Source
from firehose_loader.config.sources.server import ServerSource
from firehose_loader.config.sources.sftp import SftpSource
from firehose_loader.config.values import redacted
from firehose_loader.errors import ConfigError

__all__ = [
    "SOURCES",
    "AzureSource",
    "FtpsSource",
    "GcsSource",
    "LocalSource",
    "RemoteSource",
    "S3Source",
    "ServerSource",
    "SftpSource",
    "Source",
]

SOURCES: Mapping[str, type[BaseSource]] = {
    "local": LocalSource,
    "s3": S3Source,
    "azure": AzureSource,
    "gcs": GcsSource,
    "sftp": SftpSource,
    "ftps": FtpsSource,
}
"""The model of each kind."""
_SCHEMES = {
    "": "local",
    "file": "local",
    "s3": "s3",
    "azure": "azure",
    "gs": "gcs",
    "sftp": "sftp",
    "ftps": "ftps",
}


def _kind(values: object) -> str:
    """Tell which kind of source a URL names."""
    url = values.get("url", "") if isinstance(values, Mapping) else getattr(values, "url", "")
    scheme = str(url).partition("://")[0].lower() if "://" in str(url) else ""
    if scheme not in _SCHEMES:
        known = ", ".join(f"{name}://" for name in _SCHEMES if name)
        raise ConfigError(
            f"unknown kind of source in {redacted(str(url))!r}: {scheme}:// is not one of {known}"
            " or a plain path"
        )
    return _SCHEMES[scheme]


Source = Annotated[
    Annotated[LocalSource, Tag("local")]
    | Annotated[S3Source, Tag("s3")]
    | Annotated[AzureSource, Tag("azure")]
    | Annotated[GcsSource, Tag("gcs")]
    | Annotated[SftpSource, Tag("sftp")]
    | Annotated[FtpsSource, Tag("ftps")],
    Discriminator(_kind),
]
