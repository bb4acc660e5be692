"""Configuration files for the commands, from the sources that rigs give."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from firehose_loader.config import Source


def source_table(source: Source, **settings: object) -> str:
    """Return a source as TOML, its secrets included, with some settings changed."""
    given = {name: getattr(source, name) for name in sorted(source.model_fields_set)}
    lines = [f"{name} = {_toml(value)}" for name, value in {**given, **settings}.items()]
    return "\n".join(["[[source]]", *lines, ""])


def _toml(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)
