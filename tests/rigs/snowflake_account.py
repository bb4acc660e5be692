"""A schema of its own in a real account of Snowflake's, where one is named."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import snowflake.connector

from firehose_loader.config import SnowflakeTarget
from firehose_loader.warehouse.snowflake_connect import connect

NAME = "snowflake-account"
_URL = "FIREHOSE_SNOWFLAKE_URL"
_SETTING = "FIREHOSE_SNOWFLAKE_"
SUMMARY = f"Snowflake: no account was tried, for {_URL} names none (make snowflake-account)"


def is_named() -> bool:
    """Tell whether there is an account to try."""
    return bool(os.environ.get(_URL))


def bucket() -> str | None:
    """Return the URL of a source with drops, to which FIREHOSE_SNOWFLAKE_EXTERNAL_STAGE leads."""
    return os.environ.get("FIREHOSE_EXTERNAL_SOURCE")


class RealAccount:
    """A new schema, which is gone at the end."""

    def __init__(self) -> None:
        self.schema = f"FIREHOSE_TEST_{secrets.token_hex(6).upper()}"

    def url(self) -> str:
        """Return the warehouse's URL, which names the schema."""
        place, mark, query = os.environ[_URL].partition("?")
        return f"{place.rstrip('/')}/{self.schema.lower()}{mark}{query}"

    def settings(self) -> dict[str, Any]:
        """Return the other keys of the warehouse that the environment has."""
        return {
            name.removeprefix(_SETTING).lower(): value
            for name, value in os.environ.items()
            if name.startswith(_SETTING) and name != _URL
        }

    def connect(self, **settings: Any) -> snowflake.connector.SnowflakeConnection:  # noqa: ANN401
        """Sign in once more; ``schema`` becomes that of the session."""
        target = SnowflakeTarget.model_validate({"url": self.url(), **self.settings()})
        user = connect(target, tag="", spool=Path(gettempdir()), paramstyle="pyformat")
        if "schema" in settings:
            user.cursor().execute(f'USE SCHEMA "{settings["schema"]}"')
        return user

    def close(self) -> None:
        """Drop the schema."""
        with self.connect() as user:
            user.cursor().execute(f'DROP SCHEMA IF EXISTS "{self.schema}"')
