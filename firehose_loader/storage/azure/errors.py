"""What Azure and its SDK say, as what the run does next: by type and code, never by message."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING

from firehose_loader.config import redacted
from firehose_loader.errors import (
    AccessDenied,
    DropBlocked,
    DropChanged,
    DropMissing,
    FirehoseError,
    StorageUnavailable,
)
from firehose_loader.model import Drop
from firehose_loader.retry import asked_pause

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError

_ADVICE = {
    "AccountIsDisabled": "enable the storage account",
    "AuthenticationFailed": "the key, or the signature of the SAS token, does not fit the account,"
    " or the token has expired; renew it",
    "AuthorizationFailure": "if a SAS token has expired, renew it; else grant the role Storage Blob"
    " Data Reader on the container, or a SAS token that may read and list (to archive or delete"
    " what was loaded, Storage Blob Data Contributor, or one that may also create, write and"
    " delete), and let this network through the account's firewall",
    "AuthorizationPermissionMismatch": "grant the role Storage Blob Data Reader on the container,"
    " or a SAS token that may read and list; to archive or delete what was loaded, Storage Blob"
    " Data Contributor, or a token that may also create, write and delete",
    "AuthorizationSourceIPMismatch": "the SAS token is for other addresses than this machine's",
    "ContainerBeingDeleted": "the container is being deleted",
    "ContainerNotFound": "there is no such container; correct the source's url, or its endpoint",
    "InvalidAuthenticationInfo": "the token or key is not valid there, or has expired; renew it",
    "InvalidHeaderValue": "the service may not know the newest API; set api_version",
    "InvalidResourceName": "no container can have this name; correct the source's url",
    "KeyBasedAuthenticationNotPermitted": "the account lets nobody in with a key; use an identity",
    "NoAuthenticationInformation": "the container is not public; choose another auth",
    "PublicAccessNotPermitted": "the account has no public containers; choose another auth",
    "ResourceNotFound": "there is no such container, or it is not public; correct the source's url"
    " or its auth",
}
_ANY_ADVICE = "check the credentials, the rights on the container and the settings of the source"
_NOT_ONLINE = frozenset({"BlobArchived", "BlobBeingRehydrated"})
_TAKEN = frozenset({"BlobAlreadyExists", "TargetConditionNotMet"})
_TRANSIENT_STATUS = frozenset({408, 425, 429})
_REDIRECT = 300
_SERVER_ERROR = 500
_NOT_FOUND = 404


@contextmanager
def translating(place: str, drop: Drop | None = None) -> Iterator[None]:
    """Raise this program's errors instead of Azure's, or of the connection below it.

    The cause is left out: the errors of the libraries spell the URL, a SAS token included.

    Args:
        place: the container or the blob, for the message.
        drop: the drop that is asked for; None for a listing.
    """
    from azure.core.exceptions import AzureError, HttpResponseError
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except HttpResponseError as error:
        if error.response is None:
            raise _unanswered(error, place) from None
        raise _answered(error, place, drop) from None
    except (AzureError, RequestException, HTTPError, HTTPException, OSError) as error:
        raise _unanswered(error, place) from None


def _answered(error: HttpResponseError, place: str, drop: Drop | None) -> FirehoseError:
    number = error.status_code or 0
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    code = headers.get("x-ms-error-code") or str(getattr(error, "error_code", None) or "")
    said = f"{code} (status {number})".lstrip()
    # An error with a good status is about a body that says something else.
    if number < _REDIRECT or number >= _SERVER_ERROR or number in _TRANSIENT_STATUS:
        return StorageUnavailable(
            f"{place} is unavailable: {said}",
            pause_seconds=asked_pause(headers.get("Retry-After")),
        )
    if drop is not None and code in _NOT_ONLINE:
        return DropMissing(f"{place} is in the archive tier; rehydrate it to have it read")
    if drop is not None and number == _NOT_FOUND and code not in _ADVICE:
        return DropMissing(f"{place} is gone since it was listed")
    if code in _TAKEN:
        return DropBlocked(f"{place} stays where it is: something came to its new place meanwhile")
    if drop is not None and number in {412, 416}:
        return DropChanged(
            f"{place} was rewritten since it was listed; the next run sees its new version"
        )
    return AccessDenied(f"{place} refuses to be read: {said}; {_ADVICE.get(code, _ANY_ADVICE)}")


def _unanswered(error: Exception, place: str) -> FirehoseError:
    from azure.core.exceptions import ClientAuthenticationError

    said = redacted(str(error).strip().partition("\n")[0])
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return AccessDenied(
            f"{place}: the endpoint's certificate cannot be trusted: {said};"
            " correct the endpoint, or name the authority's file in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, ClientAuthenticationError) and not _of_the_way(causes):
        return AccessDenied(f"{place} cannot be read: signing in failed: {said}; {_ANY_ADVICE}")
    return StorageUnavailable(f"{place} is unavailable: {said}")


def _of_the_way(causes: list[BaseException]) -> bool:
    """Tell whether signing in failed because the place for it did not answer, or not well."""
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError
    from msal.exceptions import MsalServiceError  # type: ignore[import-untyped]

    # A refusal is no MsalServiceError but an answer: it is the SDK's word for a status from 500 on.
    trouble = ServiceRequestError | ServiceResponseError | MsalServiceError
    return any(isinstance(cause, trouble) for cause in causes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those below it, where libraries wrap one in the other's arguments too."""
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            todo += [cause.__cause__, cause.__context__, *cause.args]
            todo += [getattr(cause, name, None) for name in ("inner_exception", "reason")]
