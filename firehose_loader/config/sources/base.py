"""What every source has, whatever its kind."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from firehose_loader.config.pii import PolicyTable
from firehose_loader.config.sources.following import FollowedSource
from firehose_loader.config.values import GLOB, Bytes, RetentionTable
from firehose_loader.model import Drift


def _by_type(value: object) -> object:
    """Read ``"rescue"`` as ``{"*" = "rescue"}``."""
    return {"*": value} if isinstance(value, str) else value


class BaseSource(FollowedSource):
    """A place that drops are delivered to."""

    name: str = Field(
        min_length=1,
        max_length=500,
        description="Name of the source: part of each drop's identity, so keep it for good.",
    )
    url: str = Field(
        min_length=1,
        description="Where the drops are: `s3://bucket/prefix`, `azure://account/container/prefix`,"
        " `gs://bucket/prefix`, `sftp://user@host:port/path`, `ftps://user@host:port/path`,"
        " `file:///path` or a plain path. Globs at its end work like `include`.",
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
    max_bad_rows: int | None = Field(
        None, ge=0, description="As `max_bad_rows` of all sources, for this one."
    )
    max_bad_ratio: float | None = Field(
        None, ge=0, le=1, description="As `max_bad_ratio` of all sources, for this one."
    )

    drift: Annotated[
        dict[str, Drift], BeforeValidator(_by_type, json_schema_input_type=Drift | dict[str, Drift])
    ] = Field(
        default_factory=dict,
        description="What becomes of fields that no schema version knows: `evolve`, `rescue` or"
        " `freeze`; for all event types, or a table: event type = policy, `*` for all others.",
    )

    pii: PolicyTable = Field(
        default_factory=dict,
        description="Class of personal data = policy, in place of those in `[pii.policy]`.",
    )

    retention: RetentionTable = Field(
        default_factory=dict,
        description="How long events of this source are kept, as `retention` of all sources says"
        " it: what is said here goes before what is said there.",
    )

    batch_files: int | None = Field(
        None, gt=0, description="In place of the `batch_files` for all sources."
    )
    batch_bytes: Bytes | None = Field(
        None, description="In place of the `batch_bytes` for all sources."
    )
    fetch_threads: int | None = Field(
        None, ge=1, le=64, description="In place of the `fetch_threads` for all sources."
    )
    max_file_bytes: Bytes | None = Field(
        None, description="In place of the `max_file_bytes` for all sources."
    )

    max_listed: int = Field(
        10_000_000,
        gt=0,
        description="Most drops and folders that one listing goes through; a place with more is"
        " not loaded from, and said to be perhaps without an end.",
    )

    @property
    def root(self) -> str:
        """Where the URL leads, from the root of the bucket or the server; ends in ``/``."""
        return "/" + as_folder(below_host(self.url)).lstrip("/")

    @model_validator(mode="before")
    @classmethod
    def _split_glob(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic hands over raw input
        """Turn globs in the URL into ``include``, so that listing starts at the literal part."""
        url = values.get("url") if isinstance(values, dict) else None
        if not isinstance(url, str):
            return values
        # Behind the host, which may be written as [::1].
        start = url.find("/", url.find("://") + 3) if "://" in url else 0
        first = GLOB.search(url, start) if start >= 0 else None
        if first is None:
            return values
        if "include" in values:
            raise ValueError("give globs in url or in include, not in both")
        literal = url[: first.start()]
        root = literal[: literal.rfind("/") + 1]
        return {**values, "url": root or ".", "include": [url[len(root) :]]}


class RemoteSource(BaseSource):
    """A place on another machine, which may not answer."""

    timeout: float = Field(
        60,
        gt=0,
        description="Seconds without an answer, second tries included, after which the place"
        " counts as unavailable.",
    )

    @property
    def answer_seconds(self) -> float:
        """How long one try waits for an answer: two of them fit into ``timeout``."""
        return self.timeout * 0.45


def below_host(url: str) -> str:
    """Return what follows the host in a URL, as it is written: ``a/b`` of ``s3://bucket/a/b``."""
    return url.partition("://")[2].partition("/")[2]


def as_folder(path: str) -> str:
    """Return what every key below a path starts with; empty or ending in ``/``."""
    return path if not path or path.endswith("/") else path + "/"
