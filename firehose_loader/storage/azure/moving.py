"""Give a blob another name: Azure knows no such thing, so it is copied, and the old one removed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from msgspec import Struct

from firehose_loader.storage.azure.connect import ask

if TYPE_CHECKING:  # the packages are imported where they connect
    from azure.core.rest import HttpResponse
    from azure.storage.blob import ContainerClient

_MARK = "firehose_moved_version"
"""Metadata of a copy: which version it is of. By it a move that was cut off is known again."""
_METADATA = "x-ms-meta-"
_NOT_FOUND = 404
_UNMET = frozenset({404, 412})
_NO_ETAG = '"0x0"'


class Target(Struct, frozen=True, kw_only=True):
    """What stands where a blob is to go."""

    moved_version: str | None
    """The version that it is a copy of, if a move has made it."""
    complete: bool
    """Azure copies large blobs in its own time."""


def look(client: ContainerClient, name: str) -> Target | None:
    """Return what stands at a name; None if nothing does."""
    from azure.core.exceptions import HttpResponseError

    try:
        with closing(ask(client, "HEAD", name)) as answer:
            status = answer.headers.get("x-ms-copy-status")
            return Target(
                moved_version=metadata_of(answer).get(_MARK),
                complete=status in {None, "success"},
            )
    except HttpResponseError as error:
        if error.status_code == _NOT_FOUND:
            return None
        raise


def metadata_of(answer: HttpResponse) -> dict[str, str]:
    """Return the metadata that an answer tells of a blob."""
    return {
        name.lower().removeprefix(_METADATA): value
        for name, value in answer.headers.items()
        if name.lower().startswith(_METADATA)
    }


def copy(
    client: ContainerClient, url: str, version: str, metadata: Mapping[str, str], to: str
) -> Target:
    """Have the server copy that version of a blob to a name that nobody has yet."""
    from azure.core import MatchConditions

    answer = client.get_blob_client(to).start_copy_from_url(
        url,
        metadata={**metadata, _MARK: version},
        source_etag=f'"{version}"',
        source_match_condition=MatchConditions.IfNotModified,
        match_condition=MatchConditions.IfMissing,
    )
    return Target(moved_version=version, complete=answer["copy_status"] == "success")


def rehearse_writing(client: ContainerClient, name: str) -> None:
    """Ask to replace a blob that is not there: refused to all, but for different reasons."""
    from azure.core import MatchConditions
    from azure.core.exceptions import HttpResponseError

    try:
        client.upload_blob(
            name,
            b"",
            overwrite=True,
            etag=_NO_ETAG,
            match_condition=MatchConditions.IfNotModified,
        )
    except HttpResponseError as error:
        if error.status_code not in _UNMET:
            raise
    else:
        client.delete_blob(name)  # from a store that knows no conditions


def rehearse_removing(client: ContainerClient, name: str) -> None:
    """Ask to remove a blob that is not there."""
    from azure.core.exceptions import HttpResponseError

    try:
        client.delete_blob(name)
    except HttpResponseError as error:
        if error.status_code not in _UNMET:
            raise
