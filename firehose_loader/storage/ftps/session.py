"""One FTP session over TLS, for one thread at a time: names as bytes, listings complete or none."""

from __future__ import annotations

import contextlib
import ftplib
import hashlib
import socket
import ssl
from collections.abc import Iterator
from typing import cast

from firehose_loader.errors import AccessDenied, DropUnreadable
from firehose_loader.listing_limit import ListingLimit
from firehose_loader.storage.ftps.listing import (
    Facts,
    Found,
    file_facts,
    human_entry,
    is_file,
    machine_entry,
)

_RECEIVED_BYTES = 2**16
_PROBE_SECONDS = 20
_BYTES_AS_TEXT = "latin-1"
"""ftplib writes text; so encoded, any byte of a name goes through it unchanged."""


class Session(ftplib.FTP_TLS):
    """A session. ftplib's own cannot talk to servers that demand one TLS session for all."""

    def __init__(self, context: ssl.SSLContext, *, timeout: float, pin: str | None) -> None:
        # Some Pythons (3.11.2, as Debian 12 has it) let a connection that was cut look ended.
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        super().__init__(context=context, timeout=timeout, encoding=_BYTES_AS_TEXT)
        self._pin = pin
        self._features: set[str] = set()
        self._home = b"/"

    def begin(self, host: str, port: int, *, implicit: bool) -> None:
        """Connect and encrypt; nothing secret was sent yet."""
        if not implicit:
            self.connect(host, port)
            self.auth()
        else:
            self.host, self.port = host, port
            plain = socket.create_connection((host, port), timeout=self.timeout)
            self.af = plain.family
            self.sock = plain
            self.sock = self.context.wrap_socket(plain, server_hostname=host)
            self.file = self.sock.makefile("r", encoding=self.encoding)
            self.welcome = self.getresp()
        _keep_alive(self._control)
        self._check_pin(self._control)

    def log_in(self, user: str, password: str) -> None:
        """Log in, and make ready for transfers of bytes over encrypted connections."""
        self.login(user.encode().decode(_BYTES_AS_TEXT), password.encode().decode(_BYTES_AS_TEXT))
        self.prot_p()
        self.voidcmd("TYPE I")
        with contextlib.suppress(ftplib.error_perm):  # a server without FEAT has no features
            lines = self.sendcmd("FEAT").upper().splitlines()
            self._features = {words[0] for words in map(str.split, lines) if words}
        if "UTF8" in self._features:
            with contextlib.suppress(ftplib.error_perm):  # for servers in which it is off at first
                self.sendcmd("OPTS UTF8 ON")
        self._home = self.pwd().encode(_BYTES_AS_TEXT)

    @property
    def alive(self) -> bool:
        """The connection stands, as far as is known."""
        return self.sock is not None

    def fingerprint(self) -> str:
        """Return the SHA-256 fingerprint of the server's certificate."""
        return _fingerprint(self._control)

    def absolute(self, path: bytes) -> bytes:
        """Return a path from the root; one without a ``/`` begins where the user is after login."""
        return path if path.startswith(b"/") else self._home.rstrip(b"/") + b"/" + path

    def folder(self, path: bytes, place: str, limit: ListingLimit) -> list[Found]:
        """Return what a folder holds. Raises ListingTooLong."""
        # Going there first: many servers take blanks, stars and options out of a path of LIST.
        self._send("CWD", path, place)
        if "MLST" in self._features or "MLSD" in self._features:
            read, lines = machine_entry, self._lines("MLSD", limit)
        else:
            read, lines = human_entry, self._listed(limit)
        entries = (read(line, place) for line in lines)
        return [entry for entry in entries if entry is not None]

    def facts(self, path: bytes, place: str) -> Facts:
        """Return what the server tells of a file.

        Raises:
            ftplib.error_perm: with code 550, where there is no such file.
        """
        if "MLST" in self._features:
            lines = self._send("MLST", path, place).encode(_BYTES_AS_TEXT).split(b"\n")
            written = next((line.lstrip() for line in lines if line.startswith(b" ")), b"")
            if not is_file(written.partition(b" ")[0]):
                raise ftplib.error_perm("550 not a file")
            return file_facts(written.partition(b" ")[0], place)
        size = self._send("SIZE", path, place).split()[1:]
        changed = self._send("MDTM", path, place).split()[1:]
        return file_facts(f"size={''.join(size)};modify={''.join(changed)}".encode(), place)

    def exists(self, path: bytes, place: str) -> bool:
        """Tell whether something has this path, a file or a folder."""
        for command in ["MLST"] if "MLST" in self._features else ["SIZE", "CWD"]:
            with contextlib.suppress(ftplib.error_perm):
                self._send(command, path, place)
                return True
        return False

    def give_path(self, path: bytes, target: bytes, place: str) -> None:
        """Give a file another path; what is there is replaced."""
        self._send("RNFR", path, place)
        self._send("RNTO", target, place)

    def remove(self, path: bytes, place: str) -> None:
        """Remove a file."""
        self._send("DELE", path, place)

    def make_folder(self, path: bytes, place: str) -> None:
        """Make a folder."""
        self._send("MKD", path, place)

    def remove_folder(self, path: bytes, place: str) -> None:
        """Remove an empty folder."""
        self._send("RMD", path, place)

    def reading(self, path: bytes, start: int, place: str) -> ssl.SSLSocket:
        """Return the connection over which a file comes; ``end`` or ``break_off`` must follow."""
        command = f"RETR {_text(path, place)}"
        connection, _ = self.ntransfercmd(command, rest=start or None)
        return cast("ssl.SSLSocket", connection)

    def end(self, connection: ssl.SSLSocket) -> None:
        """End a transfer that was read to its end, and hear that the server thinks so too."""
        with connection:
            connection.unwrap()
        self.voidresp()

    def break_off(self, connection: ssl.SSLSocket) -> None:
        """End a transfer early."""
        connection.close()
        with contextlib.suppress(ftplib.error_temp, ftplib.error_perm):  # 426: it was cut
            self.voidresp()

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """Open a data connection that goes on with the TLS session of this one.

        Servers demand that, so that nobody else can step in; ftplib does not do it.
        """
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        try:
            connection = self.context.wrap_socket(
                plain,
                server_hostname=self.host,
                session=self._control.session,
                # A connection that is cut must not look like the end of a listing.
                suppress_ragged_eofs=False,
            )
            if not connection.session_reused:
                self._check_pin(connection)
        except BaseException:
            plain.close()
            raise
        return connection, size

    @property
    def _control(self) -> ssl.SSLSocket:
        return cast("ssl.SSLSocket", self.sock)

    def _listed(self, limit: ListingLimit) -> Iterator[bytes]:
        """Return the lines of LIST, those of names that begin with a dot among them."""
        try:
            lines = list(self._lines("LIST -a", limit))
        except ftplib.error_perm:
            lines = []
        return iter(lines or list(self._lines("LIST", limit)))  # a server that knows no options

    def _lines(self, command: str, limit: ListingLimit) -> Iterator[bytes]:
        connection, _ = self.ntransfercmd(command)
        received = bytearray()
        with connection:
            while data := connection.recv(_RECEIVED_BYTES):
                limit.note(data.count(b"\n"))
                received += data
            cast("ssl.SSLSocket", connection).unwrap()
        self.voidresp()
        return iter(bytes(received).removesuffix(b"\r\n").split(b"\r\n") if received else ())

    def _send(self, command: str, path: bytes, place: str) -> str:
        return self.sendcmd(f"{command} {_text(path, place)}")

    def _check_pin(self, connection: ssl.SSLSocket) -> None:
        if self._pin is not None and (seen := _fingerprint(connection)) != self._pin:
            raise AccessDenied(
                f"the server's certificate has the fingerprint {seen}, not the {self._pin} of"
                " certificate. Someone may have put himself in between. Ask the server's owner; if"
                f' the certificate is new, write certificate = "{seen}"'
            )


def _text(path: bytes, place: str) -> str:
    if b"\r" in path or b"\n" in path:
        raise DropUnreadable(
            f"{place}: FTP cannot ask for a name with a line break; rename it on the server, or"
            " leave it out with exclude"
        )
    return path.decode(_BYTES_AS_TEXT)


def _fingerprint(connection: ssl.SSLSocket) -> str:
    certificate = connection.getpeercert(binary_form=True) or b""
    digits = hashlib.sha256(certificate).hexdigest().upper()
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def _keep_alive(connection: socket.socket) -> None:
    """Have the system ask from time to time whether the other side is there.

    While a large file comes over another connection, firewalls would forget this one.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _PROBE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBE_SECONDS)
