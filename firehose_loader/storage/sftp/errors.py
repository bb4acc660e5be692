"""What an SSH server says, as what the run does next: by type and code, never by message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import paramiko
from paramiko.sftp import SFTP_NO_SUCH_FILE, SFTP_PERMISSION_DENIED
from paramiko.ssh_exception import IncompatiblePeer

from firehose_loader.errors import AccessDenied, DropMissing, FirehoseError, StorageUnavailable
from firehose_loader.model import Drop


class Refused(Exception):
    """The server answered a request with a status that is an error; the connection is fine."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text or 'failure'} (status {code})")
        self.code = code

    @property
    def is_missing(self) -> bool:
        """There is no such file or folder."""
        return self.code == SFTP_NO_SUCH_FILE


@contextmanager
def translating(place: str, drop: Drop | None = None) -> Iterator[None]:
    """Raise this program's errors instead of paramiko's, or of the connection below it.

    Args:
        place: the server, folder or file, for the message.
        drop: the drop that is asked for; None for a listing.
    """
    try:
        yield
    except Refused as error:
        raise _refused(error, place, drop) from error
    except IncompatiblePeer as error:
        raise AccessDenied(
            f"{place}: no common way to encrypt: {error}; the server must be brought up to date"
        ) from error
    except TimeoutError as error:
        raise StorageUnavailable(f"{place} is unavailable: it fell silent") from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        said = str(error) or type(error).__name__
        raise StorageUnavailable(f"{place} is unavailable: {said}") from error


def _refused(error: Refused, place: str, drop: Drop | None) -> FirehoseError:
    if error.code == SFTP_PERMISSION_DENIED:
        return AccessDenied(f"{place}: no permission to read it; grant it to this user there")
    if not error.is_missing:
        return StorageUnavailable(f"{place}: the server says: {error}")
    if drop is not None:
        return DropMissing(f"{place} is gone since it was listed")
    return AccessDenied(
        f"{place}: no such folder; correct the source's url (a path is absolute there, unless it"
        " begins with /~/)"
    )
