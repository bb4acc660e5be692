"""Move and remove files of a server, if they are the listed version."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from paramiko.sftp import SFTP_PERMISSION_DENIED

from firehose_loader.errors import AccessDenied, DropBlocked
from firehose_loader.model import Drop
from firehose_loader.storage.sftp.errors import Refused
from firehose_loader.storage.sftp.reader import check, version
from firehose_loader.storage.sftp.session import Session

_PROBE = b".firehose-probe-"


def move(session: Session, drop: Drop, path: bytes, target: bytes, place: str) -> None:
    """Move a drop; what stands at ``target`` is never replaced."""
    try:
        check(session.attributes(path), drop, place)
    except Refused as error:
        if error.is_missing and _looks_like(session, target, drop):
            return  # an earlier call has moved it
        raise
    if _exists(session, target):
        raise DropBlocked(f"{place} stays where it is: {_shown(target)} is there already")
    _make_folders(session, target, place)
    # A server's rename replaces nothing; only its extension posix-rename would.
    _written(lambda: session.rename(path, target), place, target)
    if not _looks_like(session, target, drop):
        session.rename(target, path)  # its sender came in between
        check(session.attributes(path), drop, place)


def remove(session: Session, drop: Drop, path: bytes, place: str) -> None:
    """Remove a drop; one that is gone is removed."""
    try:
        check(session.attributes(path), drop, place)
        _written(lambda: session.remove(path), place, path)
    except Refused as error:
        if not error.is_missing:
            raise


def rehearse(session: Session, folder: bytes, place: str) -> None:
    """Make a folder in one, or in the nearest above it that is there, and remove it again.

    The modes that a server tells do not say what this user may do.
    """
    while folder and not _exists(session, folder):
        folder = folder.rpartition(b"/")[0]
    probe = folder + b"/" + _PROBE + secrets.token_hex(8).encode()
    _written(lambda: session.make_folder(probe), place, probe)
    _written(lambda: session.remove_folder(probe), place, probe)


def _make_folders(session: Session, target: bytes, place: str) -> None:
    folder = target.rpartition(b"/")[0]
    above: list[bytes] = []
    while folder and not _exists(session, folder):
        above.append(folder)
        folder = folder.rpartition(b"/")[0]
    for missing in reversed(above):
        try:
            _written(lambda: session.make_folder(missing), place, missing)  # noqa: B023 - called now
        except Refused:
            if not _exists(session, missing):  # another thread may have made it
                raise


def _written(step: Callable[[], None], place: str, target: bytes) -> None:
    try:
        step()
    except Refused as error:
        if error.code != SFTP_PERMISSION_DENIED:
            raise
        raise AccessDenied(
            f"{place} cannot be taken away to {_shown(target)}: no permission; let this user write"
            ' in both folders, or leave drops where they are with after = "keep"'
        ) from error


def _looks_like(session: Session, path: bytes, drop: Drop) -> bool:
    """Tell whether a file is the listed version of a drop: moving keeps size and time."""
    try:
        return version(session.attributes(path)) == drop.version
    except Refused as error:
        if error.is_missing:
            return False
        raise


def _exists(session: Session, path: bytes) -> bool:
    try:
        session.attributes_of_link(path)
    except Refused as error:
        if error.is_missing:
            return False
        raise
    return True


def _shown(path: bytes) -> str:
    return repr(path.decode("utf-8", "surrogateescape"))
