"""The kinds of warehouse: one model for each, chosen by the URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Tag

from firehose_loader.config.values import redacted
from firehose_loader.config.warehouses.base import BaseTarget
from firehose_loader.config.warehouses.duckdb import DuckDBTarget
from firehose_loader.config.warehouses.snowflake import SnowflakeTarget
from firehose_loader.errors import ConfigError

__all__ = ["WAREHOUSES", "DuckDBTarget", "SnowflakeTarget", "Warehouse", "redirected"]

WAREHOUSES: Mapping[str, type[BaseTarget]] = {"duckdb": DuckDBTarget, "snowflake": SnowflakeTarget}
"""The model of each kind."""


def kind_of(values: object) -> str:
    """Tell which kind of warehouse a URL names."""
    found = values.get("url", "") if isinstance(values, Mapping) else getattr(values, "url", "")
    url = str(found)
    scheme, separator, rest = url.partition("://")
    if separator and scheme.lower() in WAREHOUSES and (rest or scheme.lower() == "snowflake"):
        return scheme.lower()
    if url and (separator or not url.endswith((".duckdb", ".db"))):
        raise ConfigError(
            f"unknown kind of warehouse in {redacted(url)!r}: write duckdb:///path/to/file, a path"
            " that ends in .duckdb, or snowflake://user@account/database"
        )
    return "duckdb"


Warehouse = Annotated[
    Annotated[DuckDBTarget, Tag("duckdb")] | Annotated[SnowflakeTarget, Tag("snowflake")],
    Discriminator(kind_of),
]


def redirected(table: Mapping[str, object], url: str) -> dict[str, object]:
    """Return a warehouse's table of the configuration with another URL.

    Of one of another kind, only those keys are left that every kind has. One that named no URL had
    none before.
    """
    common = {field.alias or name for name, field in BaseTarget.model_fields.items()}
    alike = "url" not in table or kind_of(table) == kind_of({"url": url})
    return {**{key: table[key] for key in table if alike or key in common}, "url": url}
