"""One SFTP session, for one thread at a time: names as bytes, reads of bounded memory.

The protocol is spoken here, over a channel of paramiko, because paramiko's own client cannot: its
``listdir`` fails over a single name that is not UTF-8, and its ``prefetch`` asks for the whole of a
file at once, in a thread that nobody can stop.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Self

import paramiko
from paramiko import sftp
from paramiko.message import Message

from firehose_loader.errors import AccessDenied
from firehose_loader.listing_limit import ListingLimit
from firehose_loader.storage.sftp.errors import Refused

_VERSION = 3
_LONGEST_PACKET = 2**20
_PIECE_BYTES = 32 * 2**10
"""What every server gives at once."""
_PIECES_AHEAD = 64
"""As much as fits into the window of a channel (2 MiB). More would wait in memory."""
_PAGES_AHEAD = 4
_RECEIVED_BYTES = 64 * 2**10
_HAS_SIZE, _HAS_OWNER, _HAS_MODE, _HAS_TIMES, _HAS_MORE = 1, 2, 4, 8, 0x80000000


class Attributes(NamedTuple):
    """What the server tells of a file; None for what it leaves out."""

    size_bytes: int | None
    mode: int | None
    modified: int | None
    """Seconds since 1970."""


class Found(NamedTuple):
    """One entry of a folder."""

    name: bytes
    shown: bytes
    """A line as of ``ls -l``."""
    attributes: Attributes


class Session:
    """A session over a connection of its own, which ends with it."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel
        self._received = bytearray()
        self._answers: dict[int, tuple[int, Message]] = {}
        self._number = 0
        self._send(sftp.CMD_INIT, struct.pack(">I", _VERSION))
        kind, _ = self._packet()
        if kind != sftp.CMD_VERSION:
            raise paramiko.SSHException("the server does not speak SFTP")

    @classmethod
    def over(cls, transport: paramiko.Transport, *, timeout: float) -> Self:
        """Open the session; a server that is silent for ``timeout`` seconds ends every wait.

        Raises:
            AccessDenied: the server has no SFTP.
        """
        channel = transport.open_session(timeout=timeout)
        channel.settimeout(timeout)
        try:
            channel.invoke_subsystem("sftp")
        except paramiko.SSHException:
            if transport.is_active():
                raise AccessDenied("the server refuses SFTP to this user") from None
            raise
        return cls(channel)

    @property
    def alive(self) -> bool:
        """The connection stands, as far as is known."""
        return not self._channel.closed and self._channel.get_transport().is_active()

    def close(self) -> None:
        """End the connection."""
        self._channel.get_transport().close()

    def real_path(self, path: bytes) -> bytes:
        """Return the absolute path without links."""
        answer = self._take(self._ask(sftp.CMD_REALPATH, path))
        answer.get_int()
        return answer.get_string()

    def attributes(self, path: bytes) -> Attributes:
        """Return what the server tells of a file, or of what a link leads to."""
        return _attributes(self._take(self._ask(sftp.CMD_STAT, path)))

    def attributes_of_link(self, path: bytes) -> Attributes:
        """Return what the server tells of a file, or of a link itself."""
        return _attributes(self._take(self._ask(sftp.CMD_LSTAT, path)))

    def folder(self, path: bytes, limit: ListingLimit) -> list[Found]:
        """Return what a folder holds. Raises ListingTooLong."""
        handle = self._take(self._ask(sftp.CMD_OPENDIR, path)).get_string()
        asked: deque[int] = deque()
        found: list[Found] = []
        ended = False
        while asked or not ended:
            while not ended and len(asked) < _PAGES_AHEAD:
                asked.append(self._ask(sftp.CMD_READDIR, handle))
            try:
                page = list(_entries(self._take(asked.popleft())))
                limit.note(len(page) or 1)  # answers without anything may never end, either
                found += page
            except Refused as error:
                if error.code != sftp.SFTP_EOF:
                    raise
                ended = True
        self.close_handle(handle)
        return found

    def open_handle(self, path: bytes) -> bytes:
        """Open a file to read; ``close_handle`` gives it back."""
        how = struct.pack(">II", sftp.SFTP_FLAG_READ, 0)
        return self._take(self._ask(sftp.CMD_OPEN, path, how)).get_string()

    def attributes_of_handle(self, handle: bytes) -> Attributes:
        """Return what the server tells of an open file."""
        return _attributes(self._take(self._ask(sftp.CMD_FSTAT, handle)))

    def close_handle(self, handle: bytes) -> None:
        """Give a file or folder back."""
        self._take(self._ask(sftp.CMD_CLOSE, handle))

    def pieces(self, handle: bytes, start: int, end: int) -> Iterator[bytes]:
        """Yield bytes ``start`` to ``end`` of an open file; some pieces are asked for ahead.

        Whoever stops before the end must close the session.

        Raises:
            Refused: with SFTP_EOF where the file ends early.
        """
        asked: deque[tuple[int, int, int]] = deque()
        while start < end or asked:
            while start < end and len(asked) < _PIECES_AHEAD:
                length = min(_PIECE_BYTES, end - start)
                asked.append((self._ask_bytes(handle, start, length), start, length))
                start += length
            number, offset, length = asked.popleft()
            data = self._take(number).get_string()
            if missing := length - len(data):  # a server may give less than it was asked for
                behind = offset + len(data)
                asked.appendleft((self._ask_bytes(handle, behind, missing), behind, missing))
            yield data

    def rename(self, path: bytes, target: bytes) -> None:
        """Give a file another path, at which nothing may be."""
        self._take(self._ask(sftp.CMD_RENAME, path, struct.pack(">I", len(target)) + target))

    def remove(self, path: bytes) -> None:
        """Remove a file."""
        self._take(self._ask(sftp.CMD_REMOVE, path))

    def make_folder(self, path: bytes) -> None:
        """Make a folder."""
        self._take(self._ask(sftp.CMD_MKDIR, path, struct.pack(">I", 0)))

    def remove_folder(self, path: bytes) -> None:
        """Remove an empty folder."""
        self._take(self._ask(sftp.CMD_RMDIR, path))

    def _ask_bytes(self, handle: bytes, offset: int, length: int) -> int:
        return self._ask(sftp.CMD_READ, handle, struct.pack(">QI", offset, length))

    def _ask(self, kind: int, subject: bytes, more: bytes = b"") -> int:
        """Make a request about a path or handle; return its number."""
        self._number = (self._number + 1) % 2**32
        self._send(kind, struct.pack(">II", self._number, len(subject)) + subject + more)
        return self._number

    def _take(self, number: int) -> Message:
        """Wait for the answer to a request; the answers may come in any order.

        Raises:
            Refused: the answer is an error.
        """
        while number not in self._answers:
            kind, answer = self._packet()
            self._answers[answer.get_int()] = kind, answer
        kind, answer = self._answers.pop(number)
        if kind == sftp.CMD_STATUS and (code := answer.get_int()) != sftp.SFTP_OK:
            raise Refused(code, answer.get_string().decode("utf-8", "replace"))
        return answer

    def _send(self, kind: int, content: bytes) -> None:
        self._channel.sendall(struct.pack(">IB", len(content) + 1, kind) + content)

    def _packet(self) -> tuple[int, Message]:
        length, kind = struct.unpack(">IB", self._receive(5))
        if not 0 < length <= _LONGEST_PACKET:
            raise paramiko.SSHException("the server does not speak SFTP")
        return kind, Message(self._receive(length - 1))

    def _receive(self, size_bytes: int) -> bytes:
        while len(self._received) < size_bytes:
            data = self._channel.recv(_RECEIVED_BYTES)
            if not data:
                raise EOFError("the server ended the session")
            self._received += data
        data = bytes(self._received[:size_bytes])
        del self._received[:size_bytes]
        return data


def _entries(answer: Message) -> Iterator[Found]:
    for _ in range(answer.get_int()):
        name, shown = answer.get_string(), answer.get_string()
        attributes = _attributes(answer)
        if name not in {b".", b".."}:
            yield Found(name, shown, attributes)


def _attributes(answer: Message) -> Attributes:
    flags = answer.get_int()
    size = answer.get_int64() if flags & _HAS_SIZE else None
    if flags & _HAS_OWNER:
        answer.get_bytes(8)
    mode = answer.get_int() if flags & _HAS_MODE else None
    modified = None
    if flags & _HAS_TIMES:
        answer.get_int()  # when it was read
        modified = answer.get_int()
    if flags & _HAS_MORE:
        for _ in range(2 * answer.get_int()):
            answer.get_string()
    return Attributes(size, mode, modified)
