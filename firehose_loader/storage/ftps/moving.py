"""Move and remove files of a server, if they are the listed version."""

from __future__ import annotations

import contextlib
import ftplib
import secrets

from firehose_loader.errors import AccessDenied, DropBlocked
from firehose_loader.model import Drop
from firehose_loader.storage.ftps.errors import is_no_file
from firehose_loader.storage.ftps.reader import check
from firehose_loader.storage.ftps.session import Session

_PROBE = b".firehose-probe-"


def move(session: Session, drop: Drop, path: bytes, target: bytes, place: str) -> None:
    """Move a drop; what stands at ``target`` is not replaced."""
    source, target = session.absolute(path), session.absolute(target)
    shown = repr(target.decode("utf-8", "surrogateescape"))
    try:
        check(session, path, drop, place)
    except ftplib.error_perm as error:
        if is_no_file(error) and _looks_like(session, target, drop, place):
            return  # an earlier call has moved it
        raise
    # FTP's rename replaces: between this question and it, a file may still come to stand there.
    if session.exists(target, place):
        raise DropBlocked(f"{place} stays where it is: {shown} is there already")
    try:
        _make_folders(session, target, place)
        session.give_path(source, target, place)
    except ftplib.error_perm as error:
        raise _unwritten(place, shown, error) from error
    if not _looks_like(session, target, drop, place):
        session.give_path(target, source, place)  # its sender came in between
        check(session, path, drop, place)


def remove(session: Session, drop: Drop, path: bytes, place: str) -> None:
    """Remove a drop; one that is gone is removed."""
    try:
        check(session, path, drop, place)
    except ftplib.error_perm as error:
        if is_no_file(error):
            return
        raise
    try:
        session.remove(session.absolute(path), place)
    except ftplib.error_perm as error:
        if session.exists(session.absolute(path), place):
            raise _unwritten(place, "be removed", error) from error


def rehearse(session: Session, folder: bytes, place: str) -> None:
    """Make a folder in one, or in the nearest above it that is there, and remove it again.

    What a server tells of a folder does not say what this user may do.
    """
    folder = session.absolute(folder)
    while folder and not session.exists(folder, place):
        folder = folder.rpartition(b"/")[0]
    probe = folder + b"/" + _PROBE + secrets.token_hex(8).encode()
    try:
        session.make_folder(probe, place)
        session.remove_folder(probe, place)
    except ftplib.error_perm as error:
        shown = repr(probe.decode("utf-8", "surrogateescape"))
        raise _unwritten(place, shown, error) from error


def _make_folders(session: Session, target: bytes, place: str) -> None:
    folder = target.rpartition(b"/")[0]
    above: list[bytes] = []
    while folder and not session.exists(folder, place):
        above.append(folder)
        folder = folder.rpartition(b"/")[0]
    for missing in reversed(above):
        try:
            session.make_folder(missing, place)
        except ftplib.error_perm:
            if not session.exists(missing, place):  # another thread may have made it
                raise


def _looks_like(session: Session, path: bytes, drop: Drop, place: str) -> bool:
    """Tell whether a file is the listed version of a drop: moving keeps size and time."""
    with contextlib.suppress(ftplib.error_perm):
        return session.facts(path, place).version == drop.version
    return False


def _unwritten(place: str, target: str, error: ftplib.Error) -> AccessDenied:
    return AccessDenied(
        f"{place} cannot be taken away to {target}: the server says {error}; let this user write in"
        ' both folders, or leave drops where they are with after = "keep"'
    )
