"""What may stand in the configuration: strict models."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    model_validator,
)

from firehose_loader.errors import ConfigError

STORAGE_KINDS = {"": "local", "file": "local", "s3": "s3"}
GLOB = re.compile(r"[*?\[]")
_SIZE = re.compile(r"(?i)\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?\s*")
_LONGEST_NAME = 255
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def _bytes(value: object) -> object:
    """Read ``256MB`` and the like; numbers are bytes."""
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        return int(float(match[1]) * _UNITS[(match[2] or "b").lower()])
    return value


Bytes = Annotated[int, BeforeValidator(_bytes), Field(gt=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Source(_Model):
    """What every source has."""

    name: str = Field(
        min_length=1,
        max_length=500,
        description="Name of the source: part of each drop's identity, so keep it for good.",
    )
    url: str = Field(
        min_length=1,
        description="Where the drops are: `s3://bucket/prefix`, `file:///path` or a plain path."
        " Globs at its end work like `include`.",
    )
    include: tuple[str, ...] = Field(
        ("**",), description="Globs below the URL; a drop must match one of them."
    )
    exclude: tuple[str, ...] = Field((), description="Globs below the URL that leave drops out.")
    events: dict[str, str] = Field(
        default_factory=dict,
        description="Explicit event types: glob below the URL = event type; the first that"
        " matches wins over everything found in the drop.",
    )

    @model_validator(mode="before")
    @classmethod
    def _split_glob(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic hands over raw input
        """Turn globs in the URL into ``include``, so that listing starts at the literal part."""
        url = values.get("url") if isinstance(values, dict) else None
        if not isinstance(url, str) or not GLOB.search(url):
            return values
        if "include" in values:
            raise ValueError("give globs in url or in include, not in both")
        literal = url[: GLOB.search(url).start()]  # type: ignore[union-attr]
        root = literal[: literal.rfind("/") + 1]
        return {**values, "url": root or ".", "include": [url[len(root) :]]}


class LocalSource(_Source):
    """A folder on this machine."""

    settle: float = Field(
        0,
        ge=0,
        description="Seconds that a file must be unchanged before it is read;"
        " for folders that senders write into directly.",
    )

    @property
    def path(self) -> Path:
        """The folder."""
        parts = urlsplit(self.url)
        if parts.scheme != "file":
            return Path(self.url).expanduser()
        if parts.netloc not in {"", "localhost"}:
            raise ConfigError(
                f"source {self.name!r}: {self.url!r} names a host;"
                " write file:///path for a folder on this machine"
            )
        return Path(unquote(parts.path))


class S3Source(_Source):
    """A bucket in Amazon S3, or in a store that speaks its protocol."""

    endpoint: str | None = Field(
        None, description="URL of a store that speaks S3; without it, Amazon's."
    )
    region: str | None = Field(None, description="Region; without it, what the AWS chain says.")
    profile: str | None = Field(None, description="Profile of the AWS configuration files.")
    access_key_id: SecretStr | None = Field(
        None, description="Access key id, as a reference; without it, the AWS credential chain."
    )
    secret_access_key: SecretStr | None = Field(
        None, description="Secret access key, as a reference such as `${env:S3_SECRET}`."
    )
    anonymous: bool = Field(default=False, description="Send no credentials: a public bucket.")
    requester_pays: bool = Field(
        default=False, description="Accept that reading is charged to this account."
    )
    timeout: float = Field(
        60, gt=0, description="Seconds after which a silent endpoint counts as unavailable."
    )

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return urlsplit(self.url).netloc

    @property
    def prefix(self) -> str:
        """What every key starts with; empty or ending in ``/``."""
        path = self.url.partition("://")[2].partition("/")[2]
        return path if not path or path.endswith("/") else path + "/"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.bucket:
            raise ValueError(f"{self.url!r} names no bucket; write s3://bucket/prefix")
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("access_key_id and secret_access_key go together")
        chosen = [
            name
            for name, given in (
                ("profile", self.profile),
                ("access_key_id", self.access_key_id),
                ("anonymous", self.anonymous),
            )
            if given
        ]
        if len(chosen) > 1:
            raise ValueError(f"choose one of {' and '.join(chosen)}")
        return self


def _kind(values: object) -> str:
    """Tell which storage a source's URL names."""
    url = values.get("url", "") if isinstance(values, Mapping) else getattr(values, "url", "")
    scheme = str(url).partition("://")[0].lower() if "://" in str(url) else ""
    if scheme not in STORAGE_KINDS:
        known = ", ".join(f"{name}://" for name in STORAGE_KINDS if name)
        raise ConfigError(
            f"unknown kind of source in {redacted(str(url))!r}: {scheme}:// is not one of {known}"
            " or a plain path"
        )
    return STORAGE_KINDS[scheme]


Source = Annotated[
    Annotated[LocalSource, Tag("local")] | Annotated[S3Source, Tag("s3")], Discriminator(_kind)
]


def _schema_name(value: str) -> str:
    if not value.strip() or len(value) > _LONGEST_NAME or "\0" in value:
        raise ValueError(f"must be a name of 1 to {_LONGEST_NAME} characters")
    return value


class Warehouse(_Model):
    """Where the events go."""

    url: str = Field(
        min_length=1,
        description="`duckdb:///path`, a plain path that ends in `.duckdb`, or `duckdb://:memory:`.",
    )
    schema_name: Annotated[str, AfterValidator(_schema_name)] = Field(
        "dotdigital", alias="schema", description="Schema that holds every table of the loader."
    )
    lock_timeout: float = Field(
        10, ge=0, description="Seconds to wait for a database that another process holds."
    )
    storage_version: str | None = Field(
        None,
        pattern=r"^v\d+\.\d+\.\d+$",
        description="DuckDB version that must be able to read a file made new, such as `v1.2.0`.",
    )

    @property
    def path(self) -> Path:
        """The DuckDB file."""
        scheme, separator, rest = self.url.partition("://")
        if separator and scheme == "duckdb" and rest:
            return Path(unquote(rest))
        if separator or not self.url.endswith((".duckdb", ".db")):
            raise ConfigError(
                f"unknown kind of warehouse in {redacted(self.url)!r}:"
                " write duckdb:///path/to/file or a path that ends in .duckdb"
            )
        return Path(self.url).expanduser()


class Config(_Model):
    """Everything a run needs to know."""

    warehouse: Warehouse
    source: tuple[Source, ...] = Field((), description="The places to load from.")
    schemas: Path | None = Field(
        None, description="Folder of your own event schemas; adds to and overrides the shipped."
    )
    spool: Path = Field(
        default_factory=lambda: Path(tempfile.gettempdir()),
        description="Folder for what is downloaded and unpacked; emptied after each batch.",
    )
    batch_files: int = Field(2000, gt=0, description="Most drops in one transaction.")
    batch_bytes: Bytes = Field(
        256 * 2**20, description="Most bytes of drops in one transaction, such as `256MiB`."
    )
    fetch_threads: int = Field(8, ge=1, le=64, description="Downloads side by side.")
    threads: int | None = Field(None, ge=1, description="Threads of the engine; all cores without.")
    memory_limit: Bytes | None = Field(
        None, description="Memory of the engine, such as `1GB`; beyond it, it spills to disk."
    )
    max_file_bytes: Bytes = Field(
        4 * 2**30,
        description="Largest drop, before and after unpacking; a larger one is set aside.",
    )
    max_row_bytes: Bytes = Field(
        32 * 2**20, description="Largest row; a larger one is quarantined."
    )

    @model_validator(mode="after")
    def _distinct_names(self) -> Self:
        names = [source.name for source in self.source]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are named {name!r}")
        return self


def redacted(url: str) -> str:
    """Return a URL without the password that someone may have put into it."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", url)
