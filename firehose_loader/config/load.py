"""Read the configuration: a TOML file, overrides from the environment, references to secrets.

Only this module reads the environment.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from firehose_loader.config.mistakes import TABLES, Keys, mistakes
from firehose_loader.config.models import Config
from firehose_loader.config.sources import Source
from firehose_loader.config.values import GLOB, redacted
from firehose_loader.config.warehouses import redirected
from firehose_loader.errors import ConfigError

DEFAULT_FILE = "firehose.toml"
ENV_PREFIX = "FIREHOSE_"
_REFERENCE = re.compile(r"\$\{(\w+):([^}]*)\}")
_UNKNOWN = "a-secret-that-is-not-known-here"
_WEB_KEYS = {"webhook", "otlp", "openlineage"}
"""Keys of URLs of the web; none else would do."""
_COMMAND_LINE = "the command line"


def load_config(  # noqa: PLR0913 - what each command may give
    file: Path | None,
    *,
    environ: Mapping[str, str] | None = None,
    sources: tuple[str, ...] = (),
    into: str | None = None,
    tables: Mapping[str, Mapping[str, object]] | None = None,
    settings: Mapping[str, object] | None = None,
    secrets: bool = True,
) -> Config:
    """Read the configuration of a command.

    Args:
        file: the TOML file; without it, ``firehose.toml`` of the working directory if it exists.
        environ: the environment, by default the process's own.
        sources: URLs given on the command line; they replace the file's sources, unless one is
            the name of a source in the file, which then selects it.
        into: a warehouse URL given on the command line.
        tables: keys of tables such as ``[check]`` given on the command line.
        settings: further top-level keys given on the command line.
        secrets: they are needed; without, what a reference does not find is made up.

    Raises:
        ConfigError: with the file, the key, and what to write instead.
    """
    environ = os.environ if environ is None else environ
    where, values = _read(file, given=sources or into)
    _check_sources(values, where)
    if not secrets:
        values = _made_up(values, environ)
    values, origins = _overridden(values, environ)
    values = _expanded(values, environ, "")
    values.update(settings or {})
    origins.update({(key,): _COMMAND_LINE for key in settings or {}})
    if into is not None:
        values["warehouse"] = redirected(_table(values, "warehouse"), into)
        origins["warehouse", "url"] = _COMMAND_LINE
    for name, given in (tables or {}).items():
        values[name] = {**_table(values, name), **given}
        origins.update({(name, key): _COMMAND_LINE for key in given})
    if sources:
        values["source"] = list(_chosen(sources, values.get("source", [])))
    if "warehouse" not in values:
        raise ConfigError(
            "no warehouse: say where the events go with --into FILE.duckdb (Python: into=),"
            f" or with [warehouse] url in {where if file else DEFAULT_FILE}"
        )
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(mistakes(error, values, file=where, origins=origins)) from None


def source_of(url: str) -> Source:
    """Return a source of its own for a URL or a folder, with the default settings.

    Raises:
        ConfigError: it is none, or its kind needs settings that only a configuration can give.
    """
    values = {"warehouse": {"url": "duckdb://:memory:"}, "source": [{"name": url, "url": url}]}
    try:
        return Config.model_validate(values).source[0]
    except ValidationError as error:
        raise ConfigError(
            f"{mistakes(error, None, file=repr(redacted(url)))} (a [[source]] in the configuration"
            " gives a place its settings)"
        ) from None


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of the configuration file.

    Where the kind of a source or warehouse follows from its URL, any kind that fits will do.
    """
    schema = Config.model_json_schema(by_alias=True)
    for place in (schema["properties"]["source"]["items"], schema["properties"]["warehouse"]):
        place["anyOf"] = place.pop("oneOf")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _read(file: Path | None, *, given: object) -> tuple[str, dict[str, Any]]:
    path = file or Path(DEFAULT_FILE)
    try:
        return str(path), tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if file is None:
            return (_COMMAND_LINE if given else DEFAULT_FILE), {}
        raise ConfigError(
            f"{path}: no such file; give another with -c FILE (Python: config=)"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML: {error}") from None


def _check_sources(values: Mapping[str, Any], where: str) -> None:
    found = values.get("source", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ConfigError(f"{where}: source: write [[source]], in double brackets, above each one")


def _table(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    table = values.get(key, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{key} must be a table: write [{key}]")
    return dict(table)


def _overridden(
    values: dict[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Keys, str]]:
    """Apply ``FIREHOSE_KEY``, ``FIREHOSE_TABLE__KEY`` and ``FIREHOSE_SOURCE__NAME__KEY``.

    Returns the values, and of those that a variable gave the variable.
    """
    values = dict(values)
    origins: dict[Keys, str] = {}
    for variable in sorted(environ):
        path = variable.removeprefix(ENV_PREFIX).lower().split("__")
        if not variable.startswith(ENV_PREFIX) or variable == f"{ENV_PREFIX}MUST_RUN":
            continue
        value = environ[variable]
        match path:
            case [table, key] if table in {*TABLES, "warehouse"}:
                values[table] = {**_table(values, table), key: value}
                origins[table, key] = variable
            case ["source", name, key]:
                values["source"] = list(_with_source(values, name, key, value, variable))
                origins.update(
                    {
                        ("source", source.get("name", ""), key): variable
                        for source in values["source"]
                        if _spelled(source) == name
                    }
                )
            case [key] if key not in {*TABLES, "warehouse", "source"}:
                values[key] = value
                origins[(key,)] = variable
            case _:
                raise ConfigError(
                    f"{variable}: not the name of a setting; write {ENV_PREFIX}KEY,"
                    f" {ENV_PREFIX}WAREHOUSE__KEY or {ENV_PREFIX}SOURCE__NAME__KEY"
                )
    return values, origins


def _spelled(source: Mapping[str, Any]) -> str:
    """Return the name of a source as variables have it."""
    return re.sub(r"\W", "_", str(source.get("name", ""))).lower()


def _with_source(
    values: Mapping[str, Any], name: str, key: str, value: str, variable: str
) -> Iterator[dict[str, Any]]:
    found = False
    for source in values.get("source", []):
        if _spelled(source) == name:
            found = True
            yield {**source, key: value.split(",") if key in {"include", "exclude"} else value}
        else:
            yield source
    if not found:
        raise ConfigError(f"{variable}: the configuration has no source named {name!r}")


def _expanded(value: Any, environ: Mapping[str, str], where: str) -> Any:  # noqa: ANN401
    """Put in what ``${env:NAME}`` and ``${file:/path}`` refer to."""
    if isinstance(value, dict):
        return {
            key: _expanded(item, environ, f"{where}.{key}".lstrip("."))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_expanded(item, environ, f"{where}[{n}]") for n, item in enumerate(value)]
    if isinstance(value, str):
        return _REFERENCE.sub(_reference(environ, where), value)
    return value


def _made_up(value: Any, environ: Mapping[str, str], begin: str = "") -> Any:  # noqa: ANN401
    """Put something in for what ``${env:NAME}`` and ``${file:/path}`` would not find."""
    if isinstance(value, dict):
        return {
            key: _made_up(item, environ, "https://" if key in _WEB_KEYS else "")
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_made_up(item, environ) for item in value]
    if isinstance(value, str):
        return _REFERENCE.sub(
            lambda match: (
                match[0]
                if _is_found(match[1], match[2], environ)
                else (_UNKNOWN if match.start() else f"{begin}{_UNKNOWN}")
            ),
            value,
        )
    return value


def _is_found(kind: str, name: str, environ: Mapping[str, str]) -> bool:
    return name in environ if kind == "env" else kind != "file" or os.access(name, os.R_OK)


def _reference(environ: Mapping[str, str], where: str) -> Callable[[re.Match[str]], str]:
    def referred(match: re.Match[str]) -> str:
        kind, name = match[1], match[2]
        if kind == "env":
            if name not in environ:
                raise ConfigError(f"{where}: the environment variable {name} is not set")
            return environ[name]
        if kind == "file":
            try:
                return Path(name).read_text("utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(f"{where}: {name} cannot be read: {error}") from None
        raise ConfigError(
            f"{where}: ${{{kind}:...}} is unknown; use ${{env:NAME}} or ${{file:/path}}"
        )

    return referred


def _chosen(given: tuple[str, ...], configured: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the configured sources that are named, and new ones for URLs and paths."""
    by_name = {source.get("name"): source for source in configured}
    for url in given:
        if url in by_name:
            yield by_name[url]
        elif "://" in url:
            yield {"name": redacted(url), "url": url}
        else:
            # The name must not depend on the folder in which the command was given.
            root = GLOB.split(url, maxsplit=1)[0]
            folder = root if root == url else root[: root.rfind("/") + 1] or "."
            yield {"name": str(Path(folder).expanduser().resolve()), "url": url}
