"""The kinds of storage: the only list of them."""

from __future__ import annotations

from typing import cast

from firehose_loader.config import (
    AzureSource,
    FtpsSource,
    GcsSource,
    LocalSource,
    S3Source,
    SftpSource,
    Source,
)
from firehose_loader.errors import ConfigError
from firehose_loader.protocols import Notices, Shelf, Storage
from firehose_loader.storage.local import LocalStorage


def open_storage(source: Source) -> Storage:
    """Return the storage that a source's configuration names; it connects when first used.

    Raises:
        ConfigError: a setting that cannot work, such as a profile that does not exist.
        ExtraMissing: the storage needs a package that is not installed.
    """
    # Imported late, so that a folder is read without waiting for the vendors' libraries.
    match source:
        case LocalSource():
            return LocalStorage(source)
        case S3Source():
            from firehose_loader.storage.s3 import S3Storage

            return S3Storage(source)
        case AzureSource():
            from firehose_loader.storage.azure import AzureStorage

            return AzureStorage(source)
        case GcsSource():
            from firehose_loader.storage.gcs import GcsStorage

            return GcsStorage(source)
        case SftpSource():
            from firehose_loader.storage.sftp import open_sftp

            return open_sftp(source)
        case FtpsSource():
            from firehose_loader.storage.ftps import FtpsStorage

            return FtpsStorage(source)


def open_shelf(place: Source) -> Shelf:
    """Return the storage of a place that files are put to; it connects when first used.

    Raises:
        ConfigError: nothing can be put there; or as ``open_storage``.
        ExtraMissing: as ``open_storage``.
    """
    storage = open_storage(place)
    if not hasattr(storage, "put"):
        raise ConfigError(
            f"{place.url}: files can be put into a folder, s3://, azure:// and gs:// only"
        )
    return cast("Shelf", storage)


def open_notices(source: Source) -> Notices | None:
    """Return the queue that tells of a source's new drops; None where it has none.

    Raises as ``open_storage`` does.
    """
    if not isinstance(source, S3Source) or source.notify is None:
        return None
    from firehose_loader.storage.s3.queue import S3Queue

    return S3Queue(source)
