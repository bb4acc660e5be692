"""What takes rights to write: copying an object, and trying whether one may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firehose_loader.storage.gcs.connect import Connection

if TYPE_CHECKING:
    from google.cloud.storage import Blob

_MARK = "firehose_moved_version"
"""Metadata of a copy: which version it is of. By it a move that was cut off is known again."""
_KEPT = (
    "cache_control",
    "content_disposition",
    "content_encoding",
    "content_language",
    "content_type",
)
"""What a copy has of the object that it is of; what is not given would be lost."""


def is_copy(blob: Blob, version: str) -> bool:
    """Tell whether an object was made by ``copy`` of this version."""
    return (blob.metadata or {}).get(_MARK) == version


def copy(connection: Connection, source: Blob, version: str, target: str) -> None:
    """Have the server copy the listed version of an object to a name that nobody has yet."""
    made = connection.bucket.blob(target)
    made.metadata = {**(source.metadata or {}), _MARK: version}
    for name in _KEPT:
        if (value := getattr(source, name)) is not None:
            setattr(made, name, value)
    token = None
    while True:
        token, _written, _size = made.rewrite(
            connection.bucket.blob(source.name),
            token=token,
            if_generation_match=0,
            if_source_generation_match=int(version),
            **connection.once,
        )
        if token is None:
            return


def rehearse_writing(connection: Connection, name: str) -> None:
    """Ask to replace an object that is not there: refused to all, for different reasons."""
    from google.api_core.exceptions import NotFound, PreconditionFailed

    blob = connection.bucket.blob(name)
    try:
        blob.upload_from_string(b"", if_generation_match=1, **connection.once)
    except (NotFound, PreconditionFailed):
        return
    connection.bucket.blob(name).delete(**connection.once)  # it knows no conditions


def rehearse_removing(connection: Connection, name: str) -> None:
    """Ask to remove an object that is not there."""
    from google.api_core.exceptions import NotFound

    try:
        connection.bucket.blob(name).delete(**connection.once)
    except NotFound:
        return
