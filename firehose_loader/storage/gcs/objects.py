"""What Google tells of an object."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from firehose_loader.model import Digest, Drop
from firehose_loader.storage.gcs.connect import Connection
from firehose_loader.storage.gcs.errors import changed, translating

if TYPE_CHECKING:
    from google.cloud.storage import Blob


def digest_of(blob: Blob) -> Digest | None:
    """Return the checksum that Google keeps of every object."""
    encoded = blob.crc32c
    return Digest(algorithm="crc32c", hex=base64.b64decode(encoded).hex()) if encoded else None


def listed(connection: Connection, name: str, drop: Drop, place: str) -> Blob:
    """Return what is known of the listed version.

    Raises:
        DropChanged, DropMissing: it is not there any more.
        AccessDenied, StorageUnavailable.
    """
    blob = connection.bucket.blob(name)
    with translating(place, drop):
        blob.reload(if_generation_match=int(drop.version), **connection.once)
        generation = blob.generation
    if generation != int(drop.version):  # not every server knows the condition
        raise changed(place)
    return blob
