"""What the sources on a file server have in common: ``scheme://user@host:port/path``."""

from __future__ import annotations

from typing import ClassVar, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, model_validator

from firehose_loader.config.sources.base import RemoteSource, below_host

_HOME = "~"


class ServerSource(RemoteSource):
    """A folder on a file server."""

    scheme: ClassVar[str]
    default_port: ClassVar[int]

    password: SecretStr | None = Field(
        None, description="Password, as a reference such as `${env:BOX_PASSWORD}`."
    )
    settle: float = Field(
        30, ge=0, description="Seconds that a file must be unchanged before it is read."
    )
    connections: int = Field(
        4, ge=1, le=64, description="Most connections at once; many servers allow few."
    )

    @property
    def user(self) -> str:
        """Who logs in."""
        return unquote(urlsplit(self.url).username or "")

    @property
    def host(self) -> str:
        """Name or address of the server."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Port of the server."""
        return urlsplit(self.url).port or self.default_port

    @property
    def folder(self) -> str:
        """The folder on the server.

        Absolute; below ``/~/``, or without a path, relative to where the user is after login.
        """
        path = unquote(below_host(self.url), errors="surrogateescape").rstrip("/")
        if path == _HOME or path.startswith(f"{_HOME}/"):
            return path[2:] or "."
        if not path and not self.url.endswith("/"):
            return "."
        return f"/{path}"

    @property
    def root(self) -> str:
        return f"{self.folder.rstrip('/')}/"

    @property
    def place(self) -> str:
        """The server, as messages name it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{self.user}@{host}:{self.port}"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        shape = f"write {self.scheme}://user@host:port/path"
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError:
            raise ValueError(f"url: not a URL; {shape}") from None
        if parts.password is not None or "@" in (parts.username or ""):
            raise ValueError(
                "url: a password does not belong there, where it is shown and stored;"
                ' write password = "${env:NAME}"'
            )
        if parts.query or parts.fragment:
            raise ValueError("url: in a path, write ? as %3F and # as %23")
        if not parts.hostname:
            raise ValueError(f"url: names no host; {shape}")
        if not parts.username:
            raise ValueError(f"url: names no user; {shape}")
        return self
