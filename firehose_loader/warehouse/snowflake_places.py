"""Where the drops of a source lie as Snowflake writes it, and what leads there."""

from __future__ import annotations

import json
from urllib.parse import urlsplit


def stage_name(source: str) -> str:
    """Return the name of the external stage of a source."""
    return f"firehose_{source}"


def location(url: str) -> str:
    """Return where a source's drops lie, as Snowflake writes it."""
    parts = urlsplit(url)
    path = parts.path.lstrip("/")
    if path and not path.endswith("/"):
        path += "/"
    match parts.scheme.lower():
        case "azure":
            return f"azure://{parts.netloc}.blob.core.windows.net/{path}"
        case "gs":
            return f"gcs://{parts.netloc}/{path}"
        case scheme:
            return f"{scheme}://{parts.netloc}/{path}"


def covers(described: str, place: str) -> bool:
    """Tell whether a stage leads to a place, by what DESCRIBE STAGE says its URL is."""
    urls = json.loads(described) if described.startswith("[") else [described]
    return any(place.startswith(f"{str(url).rstrip('/')}/") for url in urls if url)
