"""What an FTP server says, as what the run does next: by type and code, never by message."""

from __future__ import annotations

import ftplib
from collections.abc import Iterator
from contextlib import contextmanager

from firehose_loader.errors import AccessDenied, DropMissing, FirehoseError, StorageUnavailable
from firehose_loader.model import Drop

_NO_FILE = {"450", "550", "553"}
"""Not there, or not for us: FTP has one code for both."""


@contextmanager
def translating(place: str, drop: Drop | None = None) -> Iterator[None]:
    """Raise this program's errors instead of ftplib's, or of the connection below it.

    Args:
        place: the server, folder or file, for the message.
        drop: the drop that is asked for; None for a listing.
    """
    try:
        yield
    except ftplib.Error as error:
        raise _answered(error, place, drop) from error
    except TimeoutError as error:
        raise StorageUnavailable(f"{place} is unavailable: it fell silent") from error
    except (EOFError, OSError) as error:
        said = str(error) or "the server ended the connection"
        raise StorageUnavailable(f"{place} is unavailable: {said}") from error


def code(error: ftplib.Error) -> str:
    """Return the three digits of an answer."""
    return str(error)[:3]


def is_no_file(error: ftplib.Error) -> bool:
    """Tell whether a file or folder is not there, or not for us."""
    return isinstance(error, ftplib.error_perm) and code(error) in _NO_FILE


def _answered(error: ftplib.Error, place: str, drop: Drop | None) -> FirehoseError:
    if not isinstance(error, ftplib.error_perm):
        return StorageUnavailable(f"{place} is unavailable: the server says {error}")
    if not is_no_file(error):
        return AccessDenied(f"{place}: the server says {error}")
    if drop is not None:
        return DropMissing(f"{place} is gone since it was listed, or no more for this user")
    return AccessDenied(
        f"{place}: no such folder, or no permission to read it; correct the source's url (a path is"
        " absolute there, unless it begins with /~/), or grant it to this user"
    )
