"""Where what was removed for good still is."""

from __future__ import annotations

from firehose_loader.config import Config, SnowflakeTarget

_IN_THE_FILE = (
    "pages of the database file that are free and not overwritten yet: firehose-loader compact"
    " writes it anew without them"
)
_IN_SNOWFLAKE = (
    "Time Travel and Fail-safe, until their time is over: DATA_RETENTION_TIME_IN_DAYS of the"
    " tables, and seven days"
)
_AT_THE_SOURCES = "the files of drops, where these are kept: the loader does not change them"


def still_there(config: Config) -> list[str]:
    """Say where it is, and what to do about it."""
    snowflake = isinstance(config.warehouse, SnowflakeTarget)
    return [_IN_SNOWFLAKE if snowflake else _IN_THE_FILE, _AT_THE_SOURCES]
