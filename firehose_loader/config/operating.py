"""What may stand in the configuration about operating: checks, ``watch``, metrics, alerts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from firehose_loader.config.values import Duration, Model, plain


class Check(Model):
    """What ``check`` calls trouble."""

    window: Duration = Field(
        timedelta(days=1), description="How far back gaps and late drops are told, such as `12h`."
    )
    max_quarantined: int = Field(
        0, ge=0, description="Most rows of a source that may wait in quarantine."
    )
    max_failed: int = Field(
        0, ge=0, description="Most drops of a source that may have failed when last tried."
    )
    stale_after: Duration | None = Field(
        None,
        description="How long a source may go without a run that lists it; without it, three times"
        " its cadence.",
    )


class Watch(Model):
    """How ``watch`` goes about it."""

    every: Duration = Field(
        timedelta(minutes=15),
        description="How often a source without a cadence is looked at, such as `5m`.",
    )
    delay: Duration = Field(
        timedelta(minutes=1),
        description="How long behind the usual delivery of a source's drops it is looked at.",
    )
    jitter: Duration = Field(
        timedelta(seconds=30), description="Most time that is put on top of that by chance."
    )
    host: str = Field("127.0.0.1", description="Address that health and metrics are served at.")
    port: int | None = Field(
        9464, ge=0, le=65535, description="Port for these; 0 takes any that is free."
    )


class Metrics(Model):
    """Where the metrics of a run go."""

    textfile: Path | None = Field(
        None,
        description="File for the textfile collector of Prometheus' node exporter; its name must"
        " end in `.prom`.",
    )
    push: str | None = Field(None, description="URL of a Prometheus Pushgateway.")
    job: str = Field("firehose_loader", min_length=1, description="Job name at the Pushgateway.")


class Alerts(Model):
    """Who is told when something is not as it should be, and when it is over."""

    webhook: SecretStr | None = Field(
        None, description="URL that alerts are sent to; as a reference where it holds a secret."
    )
    style: Literal["json", "slack"] = Field(
        "json", description="What is sent there: the JSON document, or a text as Slack takes it."
    )
    secret: SecretStr | None = Field(
        None, description="Signs what is sent to the webhook, with HMAC-SHA256."
    )
    timeout: float = Field(
        10, gt=0, le=60, description="Seconds after which a silent webhook counts as unavailable."
    )
    apprise: tuple[SecretStr, ...] = Field(
        (),
        description="Further places, as URLs of Apprise (`mailto://...`, `msteams://...`); they"
        " need the extra `alerts`.",
    )

    @property
    def is_wanted(self) -> bool:
        """Whether anybody is told."""
        return self.webhook is not None or bool(self.apprise)

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        if self.webhook is not None and not plain(self.webhook).startswith(("https://", "http://")):
            raise ValueError("webhook must be a URL that begins with https:// or http://")
        if self.secret is not None and self.webhook is None:
            raise ValueError("secret signs what goes to a webhook, and there is none")
        return self


class Telemetry(Model):
    """Where runs are traced, besides."""

    otlp: str | None = Field(
        None,
        pattern=r"^https?://",
        description="URL of an OpenTelemetry collector that takes OTLP over HTTP, such as"
        " `http://localhost:4318`; needs the extra `telemetry`.",
    )
    otlp_headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="Headers that it wants, their values as references."
    )
    openlineage: str | None = Field(
        None,
        pattern=r"^https?://",
        description="URL of a service that takes OpenLineage events; needs the extra `telemetry`.",
    )
    openlineage_key: SecretStr | None = Field(None, description="Its API key, as a reference.")
    namespace: str = Field(
        "firehose_loader", min_length=1, description="Namespace of the job in OpenLineage events."
    )
