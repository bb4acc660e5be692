"""Drops on a server that speaks FTP over TLS."""

from __future__ import annotations

from firehose_loader.storage.ftps.storage import FtpsStorage

__all__ = ["FtpsStorage"]
