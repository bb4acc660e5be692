"""From a source's configuration to a connection to its bucket."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firehose_loader.config import GcsSource, plain, redacted
from firehose_loader.errors import AccessDenied, ConfigError, ExtraMissing
from firehose_loader.storage.gcs.errors import translating

if TYPE_CHECKING:  # the packages are imported where they connect
    from google.auth.credentials import Credentials
    from google.auth.transport.requests import AuthorizedSession
    from google.cloud.storage import Bucket

_ENDPOINT = "https://storage.googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/devstorage.read_write",)
_CONNECT_SECONDS = 10
_CONNECTIONS = 64
"""As many as the most threads that a configuration may ask for."""
_NO_METADATA = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
"""Google's word for not asking for the bucket's metadata beside each request, in a thread of its
own: what comes of it goes into traces only, and it takes a right that a reader need not have."""


class Connection(Struct, frozen=True):
    """A bucket, and how long to wait for it."""

    bucket: Bucket
    once: dict[str, Any]
    """For every call: how long it may take, and that it is made once. Patience is not its task."""

    def close(self) -> None:
        """Give back connections. May be called twice."""
        self.bucket.client.close()


def connect(source: GcsSource) -> Connection:
    """Return a connection; the first request speaks to the network.

    Only where no credentials are configured, this may ask the metadata server of Google's machines.

    Raises:
        AccessDenied: this machine has no application default credentials.
        ConfigError: a key file that is none, a bucket's name that no bucket can have.
        ExtraMissing: the packages are not installed.
        StorageUnavailable: the metadata server did not answer.
    """
    try:
        from google.cloud.storage import Client
    except ImportError:
        raise ExtraMissing(f"{redacted(source.url)}: reading from Google", "gcs") from None

    os.environ.setdefault(_NO_METADATA, "true")
    credentials = _credentials(source)
    with translating(redacted(source.url)):
        client = Client(
            project=None,
            credentials=credentials,
            client_options={"api_endpoint": (source.endpoint or _ENDPOINT).rstrip("/")},
            _http=_session(credentials, anonymous=source.anonymous),
        )
    try:
        bucket = client.bucket(source.bucket, user_project=source.user_project)
    except ValueError as error:
        raise ConfigError(f"source {source.name!r}: {source.bucket!r}: {error}") from error
    timeout = (min(source.answer_seconds, _CONNECT_SECONDS), source.answer_seconds)
    return Connection(bucket, {"timeout": timeout, "retry": None})


def _session(credentials: Credentials, *, anonymous: bool) -> AuthorizedSession:
    """Return what sends requests, as many side by side as there may be threads."""
    from google.auth.transport.requests import AuthorizedSession, Request
    from requests import Session as PlainSession
    from requests.adapters import HTTPAdapter

    session = AuthorizedSession(
        credentials,
        # What would be made otherwise for signing in tries everything four times.
        auth_request=Request(PlainSession()),
        # Nobody's credentials cannot be renewed; that they were tried would be all one hears.
        **({"refresh_status_codes": ()} if anonymous else {}),
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS))
    return session


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
