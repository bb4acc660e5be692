"""The configuration: one TOML file, environment overrides, strict models."""

from firehose_loader.config.load import load_config
from firehose_loader.config.models import Config, Portions, Warehouse
from firehose_loader.config.sources import LocalSource, S3Source, Source
from firehose_loader.config.values import redacted

__all__ = [
    "Config",
    "LocalSource",
    "Portions",
    "S3Source",
    "Source",
    "Warehouse",
    "load_config",
    "redacted",
]
