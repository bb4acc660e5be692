"""From a source's configuration to a connection to its bucket.

Google's own client for storage is not used: with each request it asks for the bucket's metadata
too, in a thread of its own and for up to two minutes, which takes rights that a reader need not
have. What remains are six calls of the JSON API, sent by Google's library for signing in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from firehose_loader.config import GcsSource, plain, redacted
from firehose_loader.errors import AccessDenied, ConfigError, ExtraMissing

if TYPE_CHECKING:  # the packages are imported where they connect
    from google.auth.credentials import Credentials
    from requests import Response, Session

_ENDPOINT = "https://storage.googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/devstorage.read_write",)
_CONNECT_SECONDS = 10
_CONNECTIONS = 64
"""As many as the most threads that a configuration may ask for."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Sends signed requests for one bucket."""

    _session: Session
    _endpoint: str
    _bucket: str
    _user_project: str | None
    _timeout: tuple[float, float]

    def send(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        area: Literal["", "download", "upload"] = "",
    ) -> Response:
        """Send a request and return its answer; that of a download with its body unread.

        Args:
            method: the HTTP method.
            path: what follows the bucket, its segments made by ``segment``.
            query: further parameters.
            headers: further headers.
            body: what to send; JSON but for an upload.
            area: for the content of an object, the part of the API that gives or takes it.

        Raises:
            RequestException, GoogleAuthError: the answer is an error, or there was none.
        """
        payer = {"userProject": self._user_project} if self._user_project else {}
        media = area == "download"
        answer = self._session.request(
            method,
            f"{self._endpoint}/{area}{'/' * bool(area)}storage/v1/b/{segment(self._bucket)}{path}",
            params={**query, **({"alt": "media"} if media else {}), **payer},
            headers={**({"Content-Type": "application/json"} if body else {}), **(headers or {})},
            data=body,
            stream=media,
            timeout=self._timeout,
        )
        try:
            answer.raise_for_status()
        except BaseException:
            answer.close()
            raise
        return answer

    def close(self) -> None:
        """Give back connections. May be called twice."""
        self._session.close()


def connect(source: GcsSource) -> Connection:
    """Return a connection; the first request speaks to the network.

    Only where no credentials are configured, this may ask the metadata server of Google's machines.

    Raises:
        AccessDenied: this machine has no application default credentials.
        ConfigError: a key file that is none.
        ExtraMissing: the packages are not installed.
    """
    try:
        from google.auth.transport.requests import AuthorizedSession, Request
        from requests import Session as PlainSession
        from requests.adapters import HTTPAdapter
    except ImportError:
        raise ExtraMissing(f"{redacted(source.url)}: reading from Google", "gcs") from None

    # The session for signing in that would be made otherwise tries everything four times.
    session = AuthorizedSession(_credentials(source), auth_request=Request(PlainSession()))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS))
    return Connection(
        session,
        (source.endpoint or _ENDPOINT).rstrip("/"),
        source.bucket,
        source.user_project,
        (min(source.timeout, _CONNECT_SECONDS), source.timeout),
    )


def segment(name: str) -> str:
    """Return a name as one segment of a path."""
    return quote(name, safe="")


def _credentials(source: GcsSource) -> Credentials:
    import google.auth
    from google.auth.credentials import AnonymousCredentials
    from google.auth.exceptions import DefaultCredentialsError
    from google.oauth2.service_account import Credentials as ServiceAccount

    credentials: Credentials
    if source.anonymous:
        return AnonymousCredentials()
    try:
        if source.service_account_file is not None:
            credentials = ServiceAccount.from_service_account_file(
                str(source.service_account_file.expanduser()), scopes=_SCOPES
            )
            return credentials
        if source.service_account_json is not None:
            credentials = ServiceAccount.from_service_account_info(
                json.loads(plain(source.service_account_json)), scopes=_SCOPES
            )
            return credentials
    except OSError as error:
        raise ConfigError(
            f"source {source.name!r}: {source.service_account_file}: {error.strerror}"
        ) from error
    except (ValueError, AttributeError, KeyError, TypeError):
        # Their messages may quote the key.
        raise ConfigError(
            f"source {source.name!r}: what it gives as the key of a service account is none; give"
            ' the JSON file that Google made, which has "type": "service_account"'
        ) from None
    try:
        credentials, _project = google.auth.default(scopes=_SCOPES)
    except DefaultCredentialsError as error:
        raise AccessDenied(
            f"{redacted(source.url)} cannot be read: there are no application default credentials;"
            " give service_account_file, or run gcloud auth application-default login"
        ) from error
    return credentials
