"""``snowflake://user@account/database/schema?warehouse=..&role=..``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr, model_validator

from firehose_loader.config.warehouses.base import BaseTarget

Authenticator = Literal[
    "key_pair", "access_token", "oauth", "workload_identity", "connection", "password"
]
_PROOFS: dict[str, tuple[str, ...]] = {
    "key_pair": ("key", "key_file"),
    "access_token": ("access_token", "access_token_file"),
    "oauth": ("oauth_token", "oauth_token_file"),
    "workload_identity": ("workload_identity",),
    "connection": ("connection",),
    "password": ("password",),
}
"""The keys that each way to sign in needs one of."""
_PARAMETERS = {"warehouse", "role"}
_SHAPE = "write snowflake://user@account/database/schema?warehouse=NAME&role=NAME"


class SnowflakeTarget(BaseTarget):
    """A schema in a Snowflake account."""

    authenticator: Authenticator | None = Field(
        None,
        description="How to sign in: `key_pair`, `access_token`, `oauth`, `workload_identity`,"
        " `connection` or `password`; without it, as the keys below tell.",
    )
    key: SecretStr | None = Field(
        None,
        description="Private key, as a reference such as `${env:SNOWFLAKE_KEY}`: PEM with line"
        r" ends, `\n` or spaces between its lines, or base64 of PEM or DER.",
    )
    key_file: Path | None = Field(None, description="File that holds the private key.")
    key_passphrase: SecretStr | None = Field(
        None, description="Passphrase of the key, as a reference."
    )
    access_token: SecretStr | None = Field(
        None, description="Programmatic access token, as a reference."
    )
    access_token_file: Path | None = Field(
        None, description="File that holds the programmatic access token."
    )
    oauth_token: SecretStr | None = Field(None, description="OAuth access token, as a reference.")
    oauth_token_file: Path | None = Field(
        None, description="File that holds the OAuth access token; read at each sign-in."
    )
    workload_identity: Literal["aws", "azure", "gcp", "oidc"] | None = Field(
        None, description="Who vouches for this machine or container."
    )
    workload_token_file: Path | None = Field(
        None, description="File with the token of an `oidc` workload identity."
    )
    workload_resource: str | None = Field(
        None, description="Entra resource of an `azure` workload identity, in place of Snowflake's."
    )
    connection: str | None = Field(
        None, description="Name of a connection in Snowflake's `connections.toml`."
    )
    connections_file: Path | None = Field(
        None, description="That file, where it is not in its usual place."
    )
    password: SecretStr | None = Field(
        None, description="Password, as a reference. It works, and a warning says that it goes out."
    )

    login_timeout: int = Field(
        60, ge=1, description="Seconds that signing in may take, with all that is tried again."
    )
    network_timeout: int = Field(
        120, ge=1, description="Seconds that one request may go unanswered, beside statements."
    )
    statement_timeout: int = Field(
        3600, ge=1, description="Seconds after which Snowflake gives up a statement."
    )
    keep_alive: bool = Field(
        default=True, description="Keep the session alive while the loader is busy elsewhere."
    )
    proxy: SecretStr | None = Field(
        None,
        description="Proxy, `http://user:password@host:port`, as a reference where it has a"
        " password; without it, `HTTPS_PROXY` and `NO_PROXY` of the environment count.",
    )
    no_proxy: str | None = Field(
        None, description="Hosts that are reached without the proxy, separated by commas."
    )
    revocation: Literal["disabled", "advisory", "enabled"] = Field(
        "disabled", description="Whether revoked certificates are looked for."
    )
    cache: Path | None = Field(
        None, description="Folder for lists of revoked certificates; the spool without it."
    )
    host: str | None = Field(
        None, description="Host in place of `ACCOUNT.snowflakecomputing.com`, as for private links."
    )
    port: int | None = Field(None, ge=1, le=65535, description="Port in place of 443.")
    protocol: Literal["https", "http"] = Field(
        "https", description="`http` is for test servers on this machine only."
    )

    load: Literal["stage", "external"] = Field(
        "stage",
        description="How events get there: `stage`, normalised here and brought through an"
        " internal stage, or `external`, read from the bucket by Snowflake itself.",
    )
    external_stage: str | None = Field(
        None,
        description="External stage over the sources' bucket, as `db.schema.stage`, for"
        ' `load = "external"`; without it, each source has the one that `init --grants` prints.',
    )
    cluster: bool = Field(
        default=False, description="Cluster new event tables by the day of their events."
    )

    @property
    def user(self) -> str:
        """Who signs in; empty where a named connection tells."""
        return unquote(urlsplit(self.url).username or "")

    @property
    def account(self) -> str:
        """The account's identifier; empty likewise."""
        return _account(self.url)

    @property
    def database(self) -> str:
        """The database; empty likewise."""
        return _path(self.url)[0]

    @property
    def warehouse(self) -> str:
        """The compute that statements run on; empty: the user's default."""
        return _parameter(self.url, "warehouse")

    @property
    def role(self) -> str:
        """The role that is taken on; empty: the user's default."""
        return _parameter(self.url, "role")

    @property
    def sign_in(self) -> str:
        """The way to sign in."""
        return self.authenticator or next(
            way for way, keys in _PROOFS.items() if any(getattr(self, key) for key in keys)
        )

    @property
    def place(self) -> str:
        """The database, as messages name it."""
        if self.connection is not None and not self.account:
            return f"snowflake connection {self.connection!r}"
        return f"snowflake://{self.user}@{self.account}/{self.database}"

    @property
    def advice(self) -> str | None:
        if self.sign_in != "password":
            return None
        return (
            f"{self.place}: a password alone signs in; Snowflake is taking that away from service"
            " users. Set key_file, with the public key registered with the user, or access_token"
        )

    @model_validator(mode="before")
    @classmethod
    def _schema_of_url(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic's raw input
        """Take the schema from the URL."""
        if not isinstance(values, dict):
            return values
        named = _path(str(values.get("url", "")))[1]
        given = values.get("schema", values.get("schema_name"))
        if named and given is not None and given != named:
            raise ValueError(f"url names the schema {named!r}, and schema is {given!r}; write one")
        return {**values, "schema": named} if named else values

    @model_validator(mode="after")
    def _lands_what_is_read_here(self) -> Self:
        if self.land_only and self.load == "external":
            raise ValueError('land_only needs load = "stage": rows are read on this machine')
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        parts = urlsplit(self.url)
        if parts.password is not None:
            raise ValueError(
                "url: a password does not belong there, where it is shown and stored;"
                ' write password = "${env:NAME}", or better, key_file'
            )
        unknown = sorted(set(parse_qs(parts.query, keep_blank_values=True)) - _PARAMETERS)
        if unknown or parts.fragment:
            raise ValueError(f"url: {', '.join(unknown) or '#'} is not known there; {_SHAPE}")
        if len([part for part in parts.path.split("/") if part]) > len(("database", "schema")):
            raise ValueError(f"url: too many names in its path; {_SHAPE}")
        missing = [name for name in ("user", "account", "database") if not getattr(self, name)]
        if missing and self.connection is None:
            raise ValueError(f"url names no {' and no '.join(missing)}; {_SHAPE}")
        return self

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        given = {
            way: [key for key in keys if getattr(self, key) is not None]
            for way, keys in _PROOFS.items()
        }
        ways = [way for way, keys in given.items() if keys]
        if self.authenticator is not None and self.authenticator not in ways:
            needed = " or ".join(_PROOFS[self.authenticator])
            raise ValueError(f"authenticator = {self.authenticator!r} needs {needed}")
        if not ways:
            raise ValueError(
                "no way to sign in: write key_file, access_token, oauth_token, workload_identity,"
                " connection or password into [warehouse]"
            )
        several = [key for keys in given.values() for key in keys]
        if len(several) > 1:
            raise ValueError(f"choose one of {' and '.join(several)}")
        if self.key_passphrase is not None and ways != ["key_pair"]:
            raise ValueError("key_passphrase needs key or key_file")
        if (self.workload_token_file is not None) != (self.workload_identity == "oidc"):
            raise ValueError("workload_identity = 'oidc' and workload_token_file need each other")
        return self


def _account(url: str) -> str:
    """Return the host of a URL as it is written: case counts in nothing, but is shown."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _path(url: str) -> tuple[str, str]:
    names = [unquote(part) for part in urlsplit(url).path.split("/") if part]
    return (names[0] if names else "", names[1] if len(names) > 1 else "")


def _parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query).get(name, [""])[0]
