"""From a source's configuration to a client of its bucket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import urlsplit

from firehose_loader.config import S3Source, redacted
from firehose_loader.errors import ConfigError, ExtraMissing

if TYPE_CHECKING:  # packages that hold nothing but types, and what is imported late
    from boto3.session import Session
    from botocore.config import Config
    from botocore.loaders import JSONFileLoader
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

_CONNECT_SECONDS = 10
_CONNECTIONS = 64
"""As many as the most threads that a configuration may ask for."""
_ATTEMPTS = 1
"""All patience is the loader's: attempts of both kinds multiply."""


def connect(source: S3Source) -> S3Client:
    """Return a client of the bucket; the first request speaks to the network, not this.

    Raises:
        ConfigError: a profile that does not exist, an endpoint that is no URL.
        ExtraMissing: boto3 is not installed.
    """
    with _connecting(source) as (session, credentials, config):
        client = session.client("s3", endpoint_url=source.endpoint, config=config, **credentials)
    if source.requester_pays:
        client.meta.events.register("before-call.s3", _accept_charges)
    return client


def connect_queue(source: S3Source) -> SQSClient:
    """Return a client of the queue that ``notify`` names; as ``connect``."""
    parts = urlsplit(source.queue_url or "")
    region = re.fullmatch(r"sqs\.([\w-]+)\..*", parts.netloc)
    with _connecting(source) as (session, credentials, config):
        return session.client(
            "sqs",
            endpoint_url=f"{parts.scheme}://{parts.netloc}",
            region_name=region[1] if region else None,
            config=config,
            **credentials,
        )


class _Credentials(TypedDict):
    aws_access_key_id: str | None
    aws_secret_access_key: str | None


@contextmanager
def _connecting(source: S3Source) -> Iterator[tuple[Session, _Credentials, Config]]:
    """Give what a client is made of; what is wrong with it is told in the source's name."""
    try:
        import boto3
        import botocore.session
    except ImportError:
        raise ExtraMissing(f"{redacted(source.url)}: reading from S3", "s3") from None
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(
        connect_timeout=min(source.answer_seconds, _CONNECT_SECONDS),
        read_timeout=source.answer_seconds,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=_CONNECTIONS,
        signature_version=UNSIGNED if source.anonymous else None,
        # Other stores rarely have a host name for each bucket.
        s3={"addressing_style": "path" if source.endpoint else "auto"},
        # The loader verifies whole drops itself; the SDK cannot where it reads them in ranges.
        response_checksum_validation="when_required",
    )
    key, secret = source.access_key_id, source.secret_access_key
    credentials: _Credentials = {
        "aws_access_key_id": key.get_secret_value() if key else None,
        "aws_secret_access_key": secret.get_secret_value() if secret else None,
    }
    try:
        core = botocore.session.get_session()
        core.get_component("data_loader").file_loader = _models()
        core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=moment)
        session = boto3.session.Session(
            botocore_session=core, profile_name=source.profile, region_name=source.region
        )
        yield session, credentials, config
    except (BotoCoreError, ValueError) as error:
        raise ConfigError(f"source {source.name!r}: {redacted(str(error))}") from error


@cache
def _models() -> JSONFileLoader:
    """Return a reader of the SDK's models of its services that reads each file once.

    A session reads two megabytes of them, and each source has one of its own in each run, for the
    sake of credentials that may have changed.
    """
    from botocore.loaders import JSONFileLoader

    class Once(JSONFileLoader):
        load_file = cache(JSONFileLoader.load_file)

    return Once()


def moment(value: str | float) -> datetime:
    """Return the time that an answer tells, as the SDK does, which tries all forms for each.

    A listing tells one for each object, and the SDK's own way takes half of the listing's time.

    Raises:
        ValueError: it is no time.
    """
    if isinstance(value, str) and value[10:11] == "T":
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    if isinstance(value, str) and value.endswith(" GMT"):
        with suppress(ValueError):
            return parsedate_to_datetime(value)
    from botocore.utils import parse_timestamp

    return parse_timestamp(cast("str", value))  # a number as well, whatever its types say


def _accept_charges(params: dict[str, Any], **_: object) -> None:
    params["headers"]["x-amz-request-payer"] = "requester"
