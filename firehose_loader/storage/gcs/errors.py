"""What Google says, as what the run does next: by type and status, never by message."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING

from firehose_loader.config import redacted
from firehose_loader.errors import (
    AccessDenied,
    DropChanged,
    DropMissing,
    FirehoseError,
    StorageUnavailable,
)
from firehose_loader.model import Drop
from firehose_loader.retry import asked_pause

if TYPE_CHECKING:
    from google.api_core.exceptions import GoogleAPICallError

_ADVICE = {
    400: "check the source's url, and user_project where the bucket's reader pays",
    401: "a bucket that is not public takes credentials: the source has none (anonymous), or they"
    " are not valid there, or have expired; give them or renew them",
    403: "grant the role Storage Object Viewer (roles/storage.objectViewer) on the bucket; to"
    " archive or delete what was loaded, Storage Object User (roles/storage.objectUser)",
    404: "there is no such bucket; correct the source's url, or its endpoint",
}
_ANY_ADVICE = "check the credentials, the rights on the bucket and the settings of the source"
_TRANSIENT_STATUS = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_NOT_FOUND = 404


@contextmanager
def translating(place: str, drop: Drop | None = None) -> Iterator[None]:
    """Raise this program's errors instead of the libraries', or of the connection below them.

    Args:
        place: the bucket or the object, for the message.
        drop: the drop that is asked for; None for a listing.
    """
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from requests import RequestException
    from urllib3.exceptions import HTTPError as ConnectionBroken

    try:
        yield
    except GoogleAPICallError as error:
        raise _answered(error, place, drop) from error
    except GoogleAuthError as error:
        raise _not_signed_in(error, place) from error
    except (RequestException, ConnectionBroken, HTTPException, OSError) as error:
        raise _unanswered(error, place) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # What the library makes of an answer that is none of Google's storage.
        raise StorageUnavailable(
            f"{place} is unavailable: it answered with something else than was asked for"
        ) from error


def _answered(error: GoogleAPICallError, place: str, drop: Drop | None) -> FirehoseError:
    number = int(error.code or 0)
    if number >= _SERVER_ERROR or number in _TRANSIENT_STATUS:
        headers: Mapping[str, str] = getattr(error.response, "headers", {})
        return StorageUnavailable(
            f"{place} is unavailable: status {number}",
            pause_seconds=asked_pause(headers.get("Retry-After")),
        )
    if drop is not None and number == _NOT_FOUND:
        return DropMissing(f"{place} is gone since it was listed")
    if drop is not None and number in {304, 412, 416}:
        return changed(place)
    return AccessDenied(
        f"{place} refuses to be read: status {number}; {_ADVICE.get(number, _ANY_ADVICE)}"
    )


def changed(place: str) -> DropChanged:
    """Return what to raise where an object is another version now."""
    return DropChanged(
        f"{place} was rewritten since it was listed; the next run sees its new version"
    )


def _not_signed_in(error: Exception, place: str) -> FirehoseError:
    from google.auth.exceptions import TransportError

    said = redacted(str(error))
    if isinstance(error, TransportError):
        return _unanswered(error, place)
    if getattr(error, "retryable", False):
        return StorageUnavailable(f"{place} is unavailable: signing in failed: {said}")
    return AccessDenied(f"{place} cannot be read: signing in failed: {said}; {_ANY_ADVICE}")


def _unanswered(error: Exception, place: str) -> FirehoseError:
    said = redacted(str(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return AccessDenied(
            f"{place}: the endpoint's certificate cannot be trusted: {said};"
            " correct the endpoint, or name the authority's file in REQUESTS_CA_BUNDLE"
        )
    return StorageUnavailable(f"{place} is unavailable: {said}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those below it, where libraries wrap one in the other's arguments too."""
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            todo += [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
            todo += cause.args
