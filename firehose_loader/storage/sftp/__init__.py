"""Drops on a server that speaks SFTP."""

from __future__ import annotations

from firehose_loader.config import SftpSource
from firehose_loader.errors import ExtraMissing
from firehose_loader.protocols import Storage


def open_sftp(source: SftpSource) -> Storage:
    """Return the storage of a source; it connects when first used.

    Raises:
        ConfigError: a key or a file of host keys cannot be read.
        ExtraMissing: paramiko is not installed.
    """
    try:
        import paramiko  # noqa: F401 - the modules below take it for granted
    except ImportError:
        raise ExtraMissing(f"{source.place}: reading over SFTP", "sftp") from None
    from firehose_loader.storage.sftp.storage import SftpStorage

    return SftpStorage(source)
