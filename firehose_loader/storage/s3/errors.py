"""What S3 and its SDK say, as what the run does next: by type and code, never by message."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
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
    from botocore.exceptions import ClientError

_ADVICE = {
    "AccessDenied": "grant s3:ListBucket on the bucket and s3:GetObject on what lies in it"
    " (and kms:Decrypt where a KMS key encrypts it); to archive or delete what was loaded,"
    " s3:DeleteObject and s3:PutObject as well",
    "AWS.SimpleQueueService.NonExistentQueue": "there is no such queue; correct notify",
    "QueueDoesNotExist": "there is no such queue; correct notify",
    "AuthorizationHeaderMalformed": "the bucket lies in another region; set region",
    "ExpiredToken": "the session has expired; renew the credentials",
    "InvalidAccessKeyId": "the access key id is unknown there; correct it, or the endpoint",
    "InvalidBucketName": "no bucket can have this name; correct the source's url",
    "InvalidToken": "the session token is not valid there; renew the credentials",
    "NoSuchBucket": "there is no such bucket; correct the source's url, or its endpoint",
    "PermanentRedirect": "the bucket lies in another region; set region",
    "RequestTimeTooSkewed": "set the clock of this machine",
    "SignatureDoesNotMatch": "the secret access key does not fit the access key id; correct it",
}
_ANY_ADVICE = "check the credentials, the bucket's policy and the settings of the source"

# 4xx by their status, yet worth another try.
_TRANSIENT_CODES = frozenset(
    {"OperationAborted", "RequestThrottled", "RequestTimeout", "Throttling", "ThrottlingException"}
)
_TRANSIENT_STATUS = frozenset({307, 408, 409, 425, 429})
_FORBIDDEN = 403
_SERVER_ERROR = 500
_NAMES = {301: "PermanentRedirect", 403: "AccessDenied", 404: "NoSuchBucket"}


@contextmanager
def translating(place: str, drop: Drop | None = None) -> Iterator[None]:
    """Raise this program's errors instead of botocore's, or of the connection below it.

    Args:
        place: the bucket or the object, for the message.
        drop: the drop that is asked for; None for a listing.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        raise _answered(error, place, drop) from error
    except RecursionError as error:  # the SDK follows a redirect by asking, which is redirected
        raise AccessDenied(
            f"{place} is redirected again and again; correct the endpoint, such as http to https"
        ) from error
    # ValueError: a header that the SDK cannot read, such as a length given twice.
    except (BotoCoreError, ResponseParserError, HTTPException, OSError, ValueError) as error:
        raise _unanswered(error, place) from error
    except LookupError as error:
        if type(error) is not LookupError:
            raise
        # The SDK lost the context variable in which it notes what it is about: it was seen twice,
        # beside other libraries that use such variables. The next request has it again.
        raise _unanswered(error, place) from error


def status(error: ClientError) -> int:
    """Return the HTTP status of an answer that is an error."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def _answered(error: ClientError, place: str, drop: Drop | None) -> FirehoseError:
    # The answer to a HEAD has no body: its code is the status, "403" instead of "AccessDenied".
    code = error.response["Error"].get("Code", "")
    number = status(error)
    if number >= _SERVER_ERROR or number in _TRANSIENT_STATUS or code in _TRANSIENT_CODES:
        headers = error.response["ResponseMetadata"].get("HTTPHeaders", {})
        return StorageUnavailable(
            f"{place} is unavailable: {code} (status {number})",
            pause_seconds=asked_pause(headers.get("retry-after")),
        )
    if drop is not None and code in {"NoSuchKey", "NoSuchVersion", "404"}:
        return DropMissing(f"{place} is gone since it was listed")
    if drop is not None and code == "InvalidObjectState":
        return DropMissing(f"{place} is in an archive class of storage; restore it to have it read")
    if drop is not None and number in {412, 416}:
        return DropChanged(
            f"{place} was rewritten since it was listed; the next run sees its new version"
        )
    advice = _ADVICE.get(code) or _ADVICE.get(_NAMES.get(number, ""), _ANY_ADVICE)
    if error.operation_name in {"ReceiveMessage", "DeleteMessageBatch"} and number == _FORBIDDEN:
        advice = "grant sqs:ReceiveMessage and sqs:DeleteMessage on the queue"
    message = error.response["Error"].get("Message") or f"status {number}"
    return AccessDenied(f"{place} refuses {error.operation_name}: {code}, {message}; {advice}")


def _unanswered(error: Exception, place: str) -> FirehoseError:
    from botocore import exceptions

    said = redacted(str(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return AccessDenied(
            f"{place}: the endpoint's certificate cannot be trusted: {said};"
            " correct the endpoint, or name the authority's file in AWS_CA_BUNDLE"
        )
    of_the_connection = (
        exceptions.HTTPClientError
        | exceptions.ConnectionError
        | exceptions.IncompleteReadError
        | exceptions.FlexibleChecksumError
        | exceptions.PaginationError
    )
    if isinstance(error, exceptions.BotoCoreError) and not isinstance(error, of_the_connection):
        # It is about this side: no credentials, an expired sign-in, a name that cannot be.
        return AccessDenied(f"{place} cannot be read: {said}; {_ANY_ADVICE}")
    return StorageUnavailable(f"{place} is unavailable: {said}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
