"""The configuration: one TOML file, environment overrides, strict models."""

from firehose_loader.config.load import load_config
from firehose_loader.config.models import (
    Config,
    LocalSource,
    S3Source,
    Source,
    Warehouse,
    redacted,
)

__all__ = ["Config", "LocalSource", "S3Source", "Source", "Warehouse", "load_config", "redacted"]
