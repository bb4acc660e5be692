"""The configuration: one TOML file, environment overrides, strict models."""

from firehose_loader.config.load import json_schema, load_config, source_of
from firehose_loader.config.models import Config, Portions
from firehose_loader.config.operating import Alerts, Check, Metrics, Telemetry, Watch
from firehose_loader.config.pii import Pii
from firehose_loader.config.sources import (
    AzureSource,
    FtpsSource,
    GcsSource,
    LocalSource,
    RemoteSource,
    S3Source,
    ServerSource,
    SftpSource,
    Source,
)
from firehose_loader.config.values import plain, redacted
from firehose_loader.config.warehouses import DuckDBTarget, SnowflakeTarget, Warehouse

__all__ = [
    "Alerts",
    "AzureSource",
    "Check",
    "Config",
    "DuckDBTarget",
    "FtpsSource",
    "GcsSource",
    "LocalSource",
    "Metrics",
    "Pii",
    "Portions",
    "RemoteSource",
    "S3Source",
    "ServerSource",
    "SftpSource",
    "SnowflakeTarget",
    "Source",
    "Telemetry",
    "Warehouse",
    "Watch",
    "json_schema",
    "load_config",
    "plain",
    "redacted",
    "source_of",
]
