"""From a source's configuration to a session: whose server it is, and who we are."""

from __future__ import annotations

import contextlib
import ftplib
import ssl

from firehose_loader.config import FtpsSource, plain
from firehose_loader.errors import AccessDenied, ConfigError, FirehoseError, StorageUnavailable
from firehose_loader.storage.ftps.errors import code, translating
from firehose_loader.storage.ftps.session import Session

_EXPIRED, _SELF_SIGNED, _SELF_SIGNED_ABOVE, _NO_ISSUER = 10, 18, 19, 20
_OTHER_NAME, _OTHER_ADDRESS = 62, 64
_WRONG = {
    _EXPIRED: "has expired; the server's owner must renew it",
    _SELF_SIGNED: "is signed by itself",
    _SELF_SIGNED_ABOVE: "is signed by an authority that is not trusted",
    _NO_ISSUER: "is signed by an authority that is not trusted",
    _OTHER_NAME: "is that of another host",
    _OTHER_ADDRESS: "is that of another host",
}
"""By OpenSSL's numbers."""


class Connector:
    """Opens sessions for a source."""

    def __init__(self, source: FtpsSource) -> None:
        """Read what it needs.

        Raises:
            ConfigError: the file of certificates cannot be read.
        """
        self._source = source
        self._context = _context(source)

    def __call__(self) -> Session:
        """Connect, check the server's certificate, log in.

        Raises:
            AccessDenied: the server cannot be trusted, or refuses us.
            StorageUnavailable: it does not answer.
        """
        source = self._source
        session = Session(self._context, timeout=source.answer_seconds, pin=source.certificate)
        try:
            with translating(source.place):
                self._begin(session)
                self._log_in(session)
        except AccessDenied as error:
            session.close()
            raise AccessDenied(_prefixed(source.place, error)) from error
        except BaseException:
            session.close()
            raise
        return session

    def _begin(self, session: Session) -> None:
        source = self._source
        try:
            session.begin(source.host, source.port, implicit=source.implicit)
        except ssl.SSLCertVerificationError as error:
            raise self._untrusted(error) from error
        except ssl.SSLError as error:
            if error.reason != "WRONG_VERSION_NUMBER":
                raise
            raise AccessDenied(
                "the server speaks before TLS begins, or no TLS at all; write"
                ' tls = "explicit", or correct the port'
            ) from error
        except TimeoutError as error:
            if source.implicit:
                raise
            raise StorageUnavailable(
                f"{source.place} is unavailable: it fell silent; a server with which TLS begins at"
                ' once waits like that: then write tls = "implicit"'
            ) from error
        except ftplib.error_perm as error:
            raise AccessDenied(
                f"the server does not offer TLS ({code(error)}); nothing is sent without it"
            ) from error

    def _log_in(self, session: Session) -> None:
        user = self._source.user
        try:
            session.log_in(user, plain(self._source.password))
        except ftplib.error_perm as error:
            raise AccessDenied(
                f"user {user!r} was refused with this password (code {code(error)}); correct user"
                " or password"
            ) from None  # what the server says of a password is nobody's business

    def _untrusted(self, error: ssl.SSLCertVerificationError) -> FirehoseError:
        seen = self._seen()
        pin = (
            f'. If its owner confirms the fingerprint, write certificate = "{seen}"' if seen else ""
        )
        wrong = _WRONG.get(error.verify_code, f"cannot be trusted: {error.verify_message}")
        return AccessDenied(
            f"the server's certificate {wrong} ({error.verify_message}). Correct the host in url,"
            f" or name the authority's certificates in ca_file{pin}"
        )

    def _seen(self) -> str:
        """Return the fingerprint of a certificate that was refused, over a connection of its own.

        Nothing is sent over it.
        """
        source = self._source
        probe = Session(_trusting(), timeout=source.answer_seconds, pin=None)
        with contextlib.suppress(ftplib.Error, OSError, EOFError), contextlib.closing(probe):
            probe.begin(source.host, source.port, implicit=source.implicit)
            return probe.fingerprint()
        return ""


def _context(source: FtpsSource) -> ssl.SSLContext:
    if source.certificate is not None:
        return _trusting()  # the session compares the fingerprint before anything is sent
    try:
        return ssl.create_default_context(cafile=source.ca_file)
    except OSError as error:
        raise ConfigError(
            f"source {source.name!r}: ca_file {source.ca_file} cannot be read: {error}"
        ) from None


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _prefixed(place: str, error: AccessDenied) -> str:
    return str(error) if str(error).startswith(place) else f"{place}: {error}"
