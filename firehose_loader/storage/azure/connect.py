"""From a source's configuration to a client of its container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from firehose_loader.config import AzureSource, plain, redacted
from firehose_loader.errors import ConfigError, ExtraMissing

if TYPE_CHECKING:  # the package is imported where it connects
    from azure.core.credentials import TokenCredential
    from azure.core.rest import HttpResponse
    from azure.storage.blob import ContainerClient

_CONNECT_SECONDS = 10
_CONNECTIONS = 64
"""As many as the most threads that a configuration may ask for."""
BLOCK_BYTES = 16 * 2**10
"""A body arrives in pieces of this size: as much as a cut connection can lose."""
_SIGN_IN_ATTEMPTS = 3


def connect(source: AzureSource) -> ContainerClient:
    """Return a client; the first request speaks to the network, not this.

    Raises:
        ConfigError: a credential or an endpoint that cannot be one.
        ExtraMissing: the packages are not installed.
    """
    try:
        import requests
        from azure.core.pipeline.transport import RequestsTransport
        from azure.storage.blob import ContainerClient
    except ImportError:
        raise _missing(source) from None

    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    options: dict[str, Any] = {
        "transport": RequestsTransport(
            session=session,
            connection_timeout=min(source.answer_seconds, _CONNECT_SECONDS),
            read_timeout=source.answer_seconds,
            connection_data_block_size=BLOCK_BYTES,
        ),
        "retry_total": 0,  # all patience is the loader's: attempts of both kinds multiply
    }
    if source.api_version is not None:
        options["api_version"] = source.api_version
    try:
        if source.auth == "connection_string":
            client = ContainerClient.from_connection_string(
                plain(source.connection_string), source.container, **options
            )
        else:
            client = ContainerClient(
                source.endpoint or f"https://{source.account}.blob.core.windows.net",
                source.container,
                credential=_credential(source),
                **options,
            )
    except ValueError as error:
        # The message of a connection string that cannot be read may quote it.
        why = "its connection string cannot be read" if source.connection_string else str(error)
        raise ConfigError(f"source {source.name!r}: {redacted(why)}") from None
    if client.account_name != source.account and source.auth == "connection_string":
        raise ConfigError(
            f"source {source.name!r}: its connection string is for the account"
            f" {client.account_name!r}, its url for {source.account!r}"
        )
    return client


def ask(
    client: ContainerClient, method: str, name: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Send a request for a blob; as ``send``.

    The SDK's own downloads hold a whole range in memory before they give any of it.
    """
    return send(client, method, client.get_blob_client(name).url, headers)


def send(
    client: ContainerClient, method: str, url: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Send a request as the SDK would; return the answer, its body unread.

    Raises:
        AzureError: the answer is an error, or there was none.
    """
    from azure.core import PipelineClient
    from azure.core.rest import HttpRequest

    request = HttpRequest(
        method, url, headers={"x-ms-version": client.api_version, **(headers or {})}
    )
    # The SDK's pipeline signs and sends; there is no public way to have it do just that.
    pipeline = client._pipeline  # noqa: SLF001
    sender: PipelineClient[HttpRequest, HttpResponse] = PipelineClient("", pipeline=pipeline)
    answer = sender.send_request(request, stream=True)
    try:
        answer.raise_for_status()
    except BaseException:
        answer.close()
        raise
    return answer


def _credential(source: AzureSource) -> Any:  # noqa: ANN401 - the SDK takes five kinds
    match source.auth:
        case "account_key":
            return {"account_name": source.account, "account_key": plain(source.account_key)}
        case "sas_token":
            from azure.core.credentials import AzureSasCredential

            return AzureSasCredential(plain(source.sas_token).lstrip("?"))
        case "client_secret" | "managed_identity" | "workload_identity":
            return _identity(source)
        case _:
            return None


def _identity(source: AzureSource) -> TokenCredential:
    """Return the one way to sign in that is configured; a chain of them would try each in turn."""
    try:
        from azure import identity
    except ImportError:
        raise _missing(source) from None

    patience: dict[str, Any] = {
        "retry_total": _SIGN_IN_ATTEMPTS - 1,
        "retry_backoff_max": 2,
        "connection_timeout": min(source.timeout / _SIGN_IN_ATTEMPTS, _CONNECT_SECONDS),
        "read_timeout": source.timeout / _SIGN_IN_ATTEMPTS,
    }
    if source.authority is not None:
        # It is trusted as it stands, and not only when the public cloud knows it.
        patience.update(authority=source.authority, disable_instance_discovery=True)
    match source.auth:
        case "client_secret":
            return identity.ClientSecretCredential(
                source.tenant_id or "",
                source.client_id or "",
                plain(source.client_secret),
                **patience,
            )
        case "workload_identity":
            return identity.WorkloadIdentityCredential(
                tenant_id=source.tenant_id,
                client_id=source.client_id,
                token_file_path=None if source.token_file is None else str(source.token_file),
                **patience,
            )
        case _:
            return identity.ManagedIdentityCredential(client_id=source.client_id, **patience)


def _missing(source: AzureSource) -> ExtraMissing:
    return ExtraMissing(f"{redacted(source.url)}: reading from Azure", "azure")
