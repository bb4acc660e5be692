"""What a zip says it holds, looked at before anything of it is unpacked."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Sequence
from io import FileIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from firehose_loader.errors import DropTooLarge, DropUnreadable

_ENCRYPTED = 0x1
_END = struct.Struct("<4s6xHII")
_END_BYTES = 22
_END_64 = struct.Struct("<4s20x8xQQ")
_SEE_64 = 0xFFFFFFFF
_COMMENT_BYTES = 2**16
_BYTES_EACH = 1024
"""A member's entry takes that much at the very most, unless its name was made to harm."""
_LEADS_OUT = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|[\x00-\x1f\x7f]")


def zip_members(file: FileIO, max_bytes: int, max_members: int) -> list[ZipInfo]:
    """Return a zip's files in the order of their names, after looking for what cannot work.

    No name of a member is ever used as a path; one that leads out of the archive is refused, for
    what made such a zip did not mean to send events.

    Raises:
        DropTooLarge: more bytes than ``max_bytes`` are told of, or more than ``max_members``.
        DropUnreadable: it cannot be opened, or one of its members cannot.
    """
    entries = _entries(file, max_members)
    for entry in entries:
        if _LEADS_OUT.search(entry.orig_filename):
            raise DropUnreadable(
                f"the zip's member {entry.orig_filename[:200]!r} has a name that leads out of the"
                " archive, or signs that no name has; see who sent it"
            )
    members = [entry for entry in entries if _is_content(entry)]
    _check_readable(members)
    claimed = sum(member.file_size for member in members)
    if claimed > max_bytes:
        raise DropTooLarge(
            f"it unpacks to {claimed} bytes, more than max_file_bytes ({max_bytes}) allows;"
            " raise the limit if such a drop is expected"
        )
    return sorted(members, key=lambda member: (member.filename, member.header_offset))


def _entries(file: FileIO, max_members: int) -> list[ZipInfo]:
    try:
        if _directory_bytes(file) > max_members * _BYTES_EACH:
            raise _too_many(max_members)
        with ZipFile(file) as archive:
            entries = archive.infolist()
    except (BadZipFile, NotImplementedError, OSError, ValueError, struct.error) as error:
        raise DropUnreadable(
            f"it begins as a zip and cannot be opened as one ({error}); have it sent again"
        ) from error
    if len(entries) > max_members:
        raise _too_many(max_members)
    return entries


def _check_readable(members: Sequence[ZipInfo]) -> None:
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise DropUnreadable(
                f"the zip's member {member.filename!r} is encrypted; send it without a password"
            )
        if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise DropUnreadable(
                f"the zip's member {member.filename!r} is packed by method"
                f" {member.compress_type}; only stored and deflated members can be read"
            )


def _too_many(most: int) -> DropTooLarge:
    return DropTooLarge(
        f"the zip holds more than max_members = {most} members; raise that limit to have it loaded"
    )


def _is_content(member: ZipInfo) -> bool:
    names = member.filename.split("/")
    return not member.is_dir() and not any(name.startswith((".", "__MACOSX")) for name in names)


def _directory_bytes(file: FileIO) -> int:
    """Return how long the directory is that the standard library would read at once."""
    size = os.fstat(file.fileno()).st_size
    file.seek(max(0, size - _COMMENT_BYTES - _END_BYTES))
    tail = file.read()
    at = len(tail) - _END_BYTES  # as there: without a comment first, else the last that is found
    if not tail.startswith(b"PK\x05\x06", max(at, 0)):
        at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return 0
    _, _, told, _ = _END.unpack_from(tail, at)
    at_64 = tail.rfind(b"PK\x06\x06", 0, at)
    if told == _SEE_64 and at_64 >= 0:
        _, _, told = _END_64.unpack_from(tail, at_64)
    return int(told)
