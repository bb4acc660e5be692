"""From a source's configuration to a session: whose server it is, and who we are."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko

from firehose_loader.config import SftpSource
from firehose_loader.errors import AccessDenied, ConfigError, StorageUnavailable
from firehose_loader.storage.sftp.errors import translating
from firehose_loader.storage.sftp.keys import private_key
from firehose_loader.storage.sftp.session import Session

_KEEPALIVE_SECONDS = 20
_USUAL_FILES = (Path("~/.ssh/known_hosts"), Path("/etc/ssh/ssh_known_hosts"))
_FASTEST = "aes128-gcm@openssh.com"
"""Twice as fast as what paramiko would choose."""

# What goes wrong is told by our own errors. Without a handler, Python would print paramiko's own
# reports, tracebacks included, on stderr.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class Connector:
    """Opens sessions for a source."""

    def __init__(self, source: SftpSource) -> None:
        """Read what it needs.

        Raises:
            ConfigError: a key or a file of host keys cannot be read.
        """
        self._source = source
        self._key = private_key(source)
        self._known = None if source.host_key else _known_hosts(source)

    def __call__(self) -> Session:
        """Connect, check the server's key, log in.

        Raises:
            AccessDenied: the server is not the one that is known, or refuses us.
            StorageUnavailable: it does not answer.
        """
        source = self._source
        with translating(source.place):
            transport = paramiko.Transport(
                socket.create_connection((source.host, source.port), timeout=source.answer_seconds)
            )
            try:
                transport.banner_timeout = source.answer_seconds
                transport.handshake_timeout = source.answer_seconds
                transport.auth_timeout = source.answer_seconds
                self._prefer(transport)
                transport.start_client(timeout=source.answer_seconds)
                self._check(transport.get_remote_server_key())
                self._log_in(transport)
                transport.set_keepalive(_KEEPALIVE_SECONDS)
                return Session.over(transport, timeout=source.answer_seconds)
            except AccessDenied as error:
                transport.close()
                raise AccessDenied(f"{source.place}: {error}") from error
            except BaseException:
                transport.close()
                raise

    def _prefer(self, transport: paramiko.Transport) -> None:
        """Ask for the kind of host key that is known, and for a fast cipher."""
        options = transport.get_security_options()
        options.ciphers = sorted(options.ciphers, key=lambda name: name != _FASTEST)
        known = self._known_keys()
        options.key_types = sorted(
            options.key_types,
            # A key of the type "ssh-rsa" signs as rsa-sha2-256 and -512.
            key=lambda name: (name if not name.startswith("rsa-") else "ssh-rsa") not in known,
        )

    def _known_keys(self) -> dict[str, paramiko.PKey]:
        """Return the known keys of the server, by type."""
        if self._known is None:
            return {}
        host, port = self._source.host, self._source.port
        name = host if port == SftpSource.default_port else f"[{host}]:{port}"
        return dict(self._known.lookup(name) or {})

    def _check(self, seen: paramiko.PKey) -> None:
        """Refuse a server whose key is not the known one."""
        source, kind = self._source, seen.get_name()
        if source.host_key is not None:
            if seen.fingerprint != source.host_key:
                raise AccessDenied(
                    f"the server's host key is {kind} {seen.fingerprint}, not the"
                    f" {source.host_key} of host_key. Someone may have put himself in between."
                    " Ask the server's owner; if the key is new, write"
                    f' host_key = "{seen.fingerprint}"'
                )
            return
        known = self._known_keys()
        if known.get(kind) == seen:
            return
        if known:
            expected = ", ".join(f"{name} {key.fingerprint}" for name, key in known.items())
            raise AccessDenied(
                f"the server's host key has changed: it is {kind} {seen.fingerprint}, and"
                f" {self._files()} says {expected}. Someone may have put himself in between. Ask"
                " the server's owner; if the key is new, replace the line there, or write"
                f' host_key = "{seen.fingerprint}"'
            )
        raise AccessDenied(
            f"the server's host key, {kind} {seen.fingerprint}, is not in {self._files()}. Ask the"
            f" server's owner whether it is the right one; if so, write host_key = \""
            f'{seen.fingerprint}"'
        )

    def _files(self) -> str:
        return " or ".join(map(str, [self._source.known_hosts or _USUAL_FILES[0]]))

    def _log_in(self, transport: paramiko.Transport) -> None:
        source = self._source
        more: list[str] = []
        if self._key is not None:
            with self._refusal(transport, "key"):
                more = list(transport.auth_publickey(source.user, self._key))
        elif source.agent or source.password is None:
            more = self._log_in_by_agent(transport)
        if source.password is not None and not transport.is_authenticated():
            with self._refusal(transport, "password"):
                more = list(
                    transport.auth_password(source.user, source.password.get_secret_value())
                )
        if not transport.is_authenticated():
            raise AccessDenied(
                f"the server wants a further proof of user {source.user!r}: {', '.join(more)};"
                " a key and a password may be given together"
            )

    def _log_in_by_agent(self, transport: paramiko.Transport) -> list[str]:
        user = self._source.user
        agent = paramiko.Agent()
        try:
            keys = agent.get_keys()
            for number, key in enumerate(keys, 1):
                with self._refusal(transport, f"{number} keys of the SSH agent", last=False):
                    return list(transport.auth_publickey(user, key))
        finally:
            agent.close()
        if not keys:
            raise AccessDenied(
                f"no way to log in as {user!r}: give password, key or key_file; the SSH agent has"
                " no key, or there is none"
            )
        raise AccessDenied(
            f"user {user!r} was refused with each of the SSH agent's {len(keys)} keys"
        )

    @contextmanager
    def _refusal(
        self, transport: paramiko.Transport, what: str, *, last: bool = True
    ) -> Iterator[None]:
        """Tell a refusal from a connection that broke while it was waited for.

        With ``last`` False, a refusal ends the block and nothing else.
        """
        began = time.monotonic()
        user = self._source.user
        try:
            yield
        except paramiko.BadAuthenticationType as error:
            raise AccessDenied(
                f"the server does not let user {user!r} in with a {what};"
                f" it takes: {', '.join(error.allowed_types)}"
            ) from error
        except paramiko.AuthenticationException as error:
            if time.monotonic() - began >= self._source.answer_seconds or not transport.is_active():
                raise StorageUnavailable(
                    f"{self._source.place} ended the connection, or fell silent, while user"
                    f" {user!r} logged in with {what}"
                ) from error
            if last:
                raise AccessDenied(
                    f"user {user!r} was refused with this {what}; correct user or {what}"
                ) from error


def _known_hosts(source: SftpSource) -> paramiko.HostKeys:
    found = paramiko.HostKeys()
    chosen = source.known_hosts
    for path in [chosen] if chosen else [path for path in _USUAL_FILES if _is_file(path)]:
        try:
            found.load(str(path.expanduser()))
        except (OSError, UnicodeDecodeError, paramiko.SSHException) as error:
            raise ConfigError(
                f"source {source.name!r}: known_hosts {path} cannot be read: {error}"
            ) from None
    return found


def _is_file(path: Path) -> bool:
    return path.expanduser().is_file()
