"""The texts inside a drop: gzip, zstd and zip taken off as a stream, by content, within a limit."""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from os import fstat
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipInfo

from firehose_loader.errors import DropDamaged, DropMissing, DropTooLarge
from firehose_loader.formats.zip_directory import zip_members
from firehose_loader.model import ANY_PACKING, Packing

if TYPE_CHECKING:
    from zlib import _Decompress

HEAD_BYTES = 64 * 2**10
_BLOCK_BYTES = 256 * 2**10
_ZSTD_BLOCK_BYTES = 2**10
"""zstd has no bound on its output: 1 KiB of it unpacks to 32 MiB at worst."""
_ANY_RATIO_BYTES = 16 * 2**20
"""What unpacks to no more does no harm, however small it was."""
_LOCAL_HEADER = struct.Struct("<26xHH")


class _Padded(Exception):
    """The data ended well, and zero bytes follow it."""


class _Damaged(Exception):
    """The packed data breaks off or is wrong here; what was yielded before is good."""


class Part:
    """One text of a drop: the drop itself, or one member of a zip. Iterate it once."""

    def __init__(self, name: str, compression: str, blocks: Iterator[bytes]) -> None:
        self.name = name
        """The member's name; empty for a drop that is no zip."""
        self.compression = compression
        self.damage: str | None = None
        """What is wrong with the packed data; known once the part has been read to its end."""
        self.padded = False
        """Zero bytes follow the packed data; known likewise."""
        self._blocks = blocks
        self._ahead: list[bytes] = []
        self._ahead_bytes = 0
        self._ended = False

    def peek(self, size: int) -> bytes:
        """Return the first bytes, at least ``size`` of them if there are so many."""
        while self._ahead_bytes < size and (block := self._next()):
            self._ahead.append(block)
            self._ahead_bytes += len(block)
        head = b"".join(self._ahead)
        self._ahead = [head]
        return head

    @property
    def whole(self) -> bool:
        """Whether ``peek`` has given everything there is."""
        return self._ended

    def __iter__(self) -> Iterator[bytes]:
        while self._ahead:
            yield self._ahead.pop(0)
        while block := self._next():
            yield block

    def _next(self) -> bytes:
        try:
            block = next(self._blocks, b"")
        except _Padded:
            self.padded = True
            block = b""
        except _Damaged as damage:
            self.damage = str(damage)
            block = b""
        self._ended = self._ended or not block
        return block


def compression_of(head: bytes) -> str:
    """Return the compression that the first bytes of a drop tell."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    return "none"


@contextmanager
def unpacked(
    path: Path, *, max_bytes: int, packing: Packing = ANY_PACKING
) -> Iterator[Iterator[Part]]:
    """Open a drop and give its parts, each to be read before the next is asked for.

    Raises (here or while reading):
        DropMissing, DropDamaged: the file is gone or the disk does not give it.
        DropTooLarge: it holds more than ``max_bytes``, packed or unpacked, or goes beyond
            ``packing``.
        DropUnreadable: a zip that cannot be opened, or has names that lead elsewhere.
    """
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise DropMissing("the file is gone since it was listed; the next run decides") from error
    except OSError as error:
        raise _unreadable(error) from error
    with file:
        yield _parts(file, max_bytes, packing)


def _unreadable(error: OSError) -> DropDamaged:
    return DropDamaged(f"the file cannot be read ({error.strerror}); the next run tries again")


def _parts(file: FileIO, max_bytes: int, packing: Packing) -> Iterator[Part]:
    size = fstat(file.fileno()).st_size
    if size > max_bytes:
        raise DropTooLarge(
            f"it holds {size} bytes, more than max_file_bytes ({max_bytes}) allows;"
            " raise the limit if such a drop is expected"
        )
    head = _read(file, HEAD_BYTES)
    compression = compression_of(head)
    spend = _budget(max_bytes, size if compression != "none" else sys.maxsize, packing.max_ratio)
    match compression:
        case "zip":
            for member in zip_members(file, max_bytes, packing.max_members):
                yield Part(member.filename, "zip", spend(_unzip(file, member)))
        case "gzip":
            yield Part("", "gzip", spend(_gunzip(_blocks(file, head))))
        case "zstd":
            yield Part("", "zstd", spend(_unzstd(_blocks(file, head))))
        case _:
            yield Part("", "none", spend(_blocks(file, head)))


def _read(file: FileIO, size: int) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise _unreadable(error) from error


def _blocks(file: FileIO, head: bytes) -> Iterator[bytes]:
    """Yield what was read, then the rest of the file."""
    block = head
    while block:
        yield block
        block = _read(file, _BLOCK_BYTES)


def _budget(
    max_bytes: int, packed: int, ratio: float
) -> Callable[[Iterator[bytes]], Iterator[bytes]]:
    """Return a wrapper that counts what all parts together unpack to."""
    left = max_bytes
    most = max(packed * ratio, _ANY_RATIO_BYTES)

    def spend(blocks: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal left
        for block in blocks:
            left -= len(block)
            if left < 0:
                raise DropTooLarge(
                    f"it unpacks to more than max_file_bytes ({max_bytes}) allows;"
                    " raise the limit if such a drop is expected"
                )
            if max_bytes - left > most:
                raise DropTooLarge(
                    f"it unpacks to more than max_ratio ({ratio:g}) times its {packed} bytes, as"
                    " no file of events does; raise the limit if such a drop is expected"
                )
            yield block

    return spend


def _gunzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack one or more gzip members; zero bytes behind one are padding."""
    member = None
    padded = False
    for block in blocks:
        rest = block
        while rest:
            if member is None or member.eof:
                padded = member is not None and rest.startswith(b"\0")
                if padded:
                    rest = rest.lstrip(b"\0")
                    continue
                member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield from _inflate(member, rest)
            rest = member.unused_data
    if member is not None and not member.eof:
        raise _Damaged("the gzip data ends too early: the drop was cut off")
    if padded:
        raise _Padded


def _inflate(stream: _Decompress, block: bytes) -> Iterator[bytes]:
    """Unpack one block in bounded steps, and up to the very byte that is wrong."""
    while True:
        before = stream.copy()
        try:
            unpacked = stream.decompress(block, _BLOCK_BYTES)
        except zlib.error as error:
            yield from _up_to_damage(before, block)
            reason = str(error).rpartition(": ")[2]
            raise _Damaged(f"the compressed data is damaged ({reason})") from error
        if unpacked:
            yield unpacked
        block = stream.unconsumed_tail
        if stream.eof or (not block and len(unpacked) < _BLOCK_BYTES):
            return


def _up_to_damage(stream: _Decompress, block: bytes) -> Iterator[bytes]:
    """Unpack a block byte by byte, for as long as that works."""
    with suppress(zlib.error):
        for position in range(len(block)):
            if unpacked := stream.decompress(block[position : position + 1]):
                yield unpacked


def _unzstd(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack one or more zstd frames."""
    import zstandard

    frame = None
    for block in blocks:
        for start in range(0, len(block), _ZSTD_BLOCK_BYTES):
            piece = block[start : start + _ZSTD_BLOCK_BYTES]
            while piece:
                if frame is None or frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                try:
                    unpacked = frame.decompress(piece)
                except zstandard.ZstdError as error:
                    reason = str(error).rpartition(": ")[2]
                    raise _Damaged(f"the zstd data is damaged ({reason})") from error
                if unpacked:
                    yield unpacked
                piece = frame.unused_data
    if frame is not None and not frame.eof:
        raise _Damaged("the zstd data ends too early: the drop was cut off")


def _unzip(file: FileIO, member: ZipInfo) -> Iterator[bytes]:
    """Unpack one member ourselves: the standard library gives up a block where a byte is wrong."""
    file.seek(max(0, member.header_offset))
    header = _read(file, _LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise _Damaged("the zip's directory points to no member here")
    file.seek(sum(_LOCAL_HEADER.unpack(header)), 1)
    packed = _exactly(file, member.compress_size)
    checksum = 0
    for block in _inflated(packed) if member.compress_type == ZIP_DEFLATED else packed:
        checksum = zlib.crc32(block, checksum)
        yield block
    if checksum != member.CRC:
        raise _Damaged("the zip member's checksum is wrong")


def _exactly(file: FileIO, size: int) -> Iterator[bytes]:
    while size > 0 and (block := _read(file, min(size, _BLOCK_BYTES))):
        size -= len(block)
        yield block


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for block in packed:
        yield from _inflate(stream, block)
    if not stream.eof:
        raise _Damaged("the zip member ends too early: the drop was cut off")
