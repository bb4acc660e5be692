"""``s3://bucket/prefix``."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from firehose_loader.config.sources.base import RemoteSource, as_folder, below_host


class S3Source(RemoteSource):
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
    notify: str | None = Field(
        None,
        pattern=r"^(sqs|https?)://[^/]+/.+$",
        description="URL of an SQS queue that is told of new objects; read in place of a listing.",
    )
    kms_key: str | None = Field(
        None,
        pattern=r"^arn:[\w-]+:kms:.+$",
        description="ARN of the KMS key that encrypts the bucket; `doctor --policy` asks for it.",
    )

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return urlsplit(self.url).netloc

    @property
    def prefix(self) -> str:
        """What every key starts with; empty or ending in ``/``."""
        return as_folder(below_host(self.url))

    @property
    def queue_url(self) -> str | None:
        """The queue's URL as SQS takes it."""
        return self.notify.replace("sqs://", "https://", 1) if self.notify else None

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
