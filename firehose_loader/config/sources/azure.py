"""``azure://account/container/prefix``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from firehose_loader.config.sources.base import RemoteSource, as_folder, below_host

AzureAuth = Literal[
    "account_key",
    "sas_token",
    "connection_string",
    "client_secret",
    "managed_identity",
    "workload_identity",
    "anonymous",
]
_NEEDED = {
    "account_key": {"account_key"},
    "sas_token": {"sas_token"},
    "connection_string": {"connection_string"},
    "client_secret": {"tenant_id", "client_id", "client_secret"},
}
_ALLOWED = {
    "client_secret": {"authority"},
    "managed_identity": {"client_id"},
    "workload_identity": {"tenant_id", "client_id", "token_file", "authority"},
}


class AzureSource(RemoteSource):
    """A container of Azure Blob Storage."""

    auth: AzureAuth = Field(
        description="How to sign in: `account_key`, `sas_token`, `connection_string`,"
        " `client_secret`, `managed_identity`, `workload_identity` or `anonymous`."
    )
    account_key: SecretStr | None = Field(None, description="Key of the storage account.")
    sas_token: SecretStr | None = Field(
        None, description="Shared access signature with the permissions read and list."
    )
    connection_string: SecretStr | None = Field(
        None, description="Connection string of the storage account; it brings its own endpoint."
    )
    tenant_id: str | None = Field(None, description="Entra tenant of the application.")
    client_id: str | None = Field(
        None, description="Application, or user-assigned managed identity, to sign in as."
    )
    client_secret: SecretStr | None = Field(None, description="Secret of the application.")
    token_file: Path | None = Field(
        None, description="File with the federated token of a workload identity."
    )
    authority: str | None = Field(
        None, description="Host that Entra sign-ins go to, in clouds other than the public one."
    )
    endpoint: str | None = Field(
        None,
        description="URL of the account's blob service, in clouds other than the public one and"
        " on emulators.",
    )
    hierarchical: bool = Field(
        False,  # noqa: FBT003 - a default
        description="The account has a hierarchical namespace: list folder by folder.",
    )
    api_version: str | None = Field(
        None,
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="Version of the REST API to ask for, where a service does not know the newest.",
    )

    @property
    def account(self) -> str:
        """The storage account's name."""
        return urlsplit(self.url).netloc

    @property
    def container(self) -> str:
        """The container's name."""
        return below_host(self.url).partition("/")[0]

    @property
    def prefix(self) -> str:
        """What every key starts with; empty or ending in ``/``."""
        return as_folder(below_host(self.url).partition("/")[2])

    @property
    def root(self) -> str:
        return f"/{self.prefix}"

    @model_validator(mode="before")
    @classmethod
    def _sign_in_is_told_apart(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic's raw input
        if isinstance(values, dict) and "sig=" in str(values.get("url", "")):
            raise ValueError(
                "a SAS token must not stand in url; write auth = 'sas_token' and"
                " sas_token = '${env:NAME}'"
            )
        if isinstance(values, dict) and "auth" not in values:
            raise ValueError(
                "auth is missing: write the source into firehose.toml, with auth = one of "
                + ", ".join(get_args(AzureAuth))
            )
        return values

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.account or not self.container:
            raise ValueError(
                f"{self.url!r} names no container; write azure://account/container/prefix"
            )
        needed = _NEEDED.get(self.auth, set())
        allowed = needed | _ALLOWED.get(self.auth, set())
        given = {
            name
            for name in set().union(*_NEEDED.values(), *_ALLOWED.values())
            if getattr(self, name) is not None
        }
        if needed - given:
            raise ValueError(f"auth = {self.auth!r} needs {' and '.join(sorted(needed - given))}")
        if given - allowed:
            raise ValueError(
                f"{' and '.join(sorted(given - allowed))} does not go with auth = {self.auth!r}"
            )
        if self.auth == "connection_string" and self.endpoint:
            raise ValueError("endpoint does not go with a connection string, which has its own")
        return self
