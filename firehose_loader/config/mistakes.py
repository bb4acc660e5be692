"""Say what is wrong with a configuration: where that came from, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel, ValidationError

from firehose_loader.config.models import Config
from firehose_loader.config.operating import Alerts, Check, Metrics, Telemetry, Watch
from firehose_loader.config.pii import Pii
from firehose_loader.config.sources import SOURCES
from firehose_loader.config.warehouses import WAREHOUSES

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Keys: TypeAlias = tuple[int | str, ...]
"""Keys, from the outermost; a source is told by its name, or by its number if it has none."""

TABLES: Mapping[str, type[BaseModel]] = {
    "check": Check,
    "watch": Watch,
    "metrics": Metrics,
    "alerts": Alerts,
    "telemetry": Telemetry,
    "pii": Pii,
}
"""The tables of the configuration that are there once; the URL of a warehouse chooses its model."""
_NUMBER, _WHOLE, _SWITCH, _TABLE = "a number", "a whole number", "true or false", "a table"
_WANTED = {
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_parsing": _SWITCH,
    "bool_type": _SWITCH,
    "string_type": "a text in quotes",
    "string_too_short": "a text in quotes, not an empty one",
    "tuple_type": 'a list, such as ["..."]',
    "list_type": 'a list, such as ["..."]',
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
}
"""What to write, by the validator's name of a mistake."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def mistakes(
    error: ValidationError,
    values: Mapping[str, Any] | None,
    *,
    file: str,
    origins: Mapping[Keys, str] | None = None,
) -> str:
    """Say each mistake in one line, an unknown key with the nearest known one.

    Args:
        error: what the models say.
        values: what they said it of; None: one source, which needs no name.
        file: where it came from.
        origins: where some of it came from instead: a variable, the command line.
    """
    told: dict[str, list[str]] = {}
    for item in error.errors(include_url=False, include_input=False):
        model, path = _place(item["loc"])
        path, holder = _named(path, values or {})
        line = f"{holder}{_line(item, model, path[2:] if path[:1] == ('source',) else path)}"
        told.setdefault(_origin(path, origins or {}) or file, []).append(line)
    return "; ".join(f"{origin}: {'; '.join(lines)}" for origin, lines in told.items())


def _line(item: ErrorDetails, model: type[BaseModel], path: Keys) -> str:
    where = ".".join(map(str, path))
    match item["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(str(path[-1]), _known_keys(model), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            return f"unknown key {where!r}{hint}"
        case "missing":
            return f"{where} is missing"
        case str(kind) if kind in _WANTED:
            return f"{where}: write {_WANTED[kind]}{_meaning(kind, model, path)}".lstrip(": ")
        case _:
            return f"{where}: {item['msg'].removeprefix('Value error, ')}".lstrip(": ")


def _meaning(kind: str, model: type[BaseModel], path: Keys) -> str:
    """Say what a number counts; for others, the name of the key is enough."""
    found = [
        field.description
        for name, field in model.model_fields.items()
        if path and path[-1] in {name, field.alias} and field.description
    ]
    if _WANTED[kind] not in {_NUMBER, _WHOLE} or not found:
        return ""
    text = found[0].partition(";")[0].partition(". ")[0].rstrip(".")
    return f": {text[0].lower()}{text[1:]}"


def _place(location: Keys) -> tuple[type[BaseModel], Keys]:
    """Return the model that a mistake lies in, and the path to it as the file spells it."""
    match location:
        case ("source", number, str(kind), *rest) if kind in SOURCES:
            return SOURCES[kind], ("source", number, *rest)
        case ("warehouse", str(kind), *rest) if kind in WAREHOUSES:
            return WAREHOUSES[kind], ("warehouse", *rest)
        case (str(table), _, *_) if table in TABLES:
            return TABLES[table], location
        case _:
            return Config, location


def _named(path: Keys, values: Mapping[str, Any]) -> tuple[Keys, str]:
    """Put a source's name in the place of its number; return what a line about it begins with."""
    match path:
        case ("source", int(number), *rest) if "source" in values:
            source = values["source"][number]
            name = source.get("name") if isinstance(source, Mapping) else None
            if isinstance(name, str) and name:
                return ("source", name, *rest), f"source {name!r}: "
            nth = _ORDINALS[number] if number < len(_ORDINALS) else f"{number + 1}th"
            return path, f"the {nth} [[source]]: "
        case _:
            return path, ""


def _origin(path: Keys, origins: Mapping[Keys, str]) -> str | None:
    """Return where a value came from, or the source that it is of."""
    parents: Sequence[Keys] = [path[:length] for length in range(len(path), 0, -1)]
    return next((origins[one] for one in parents if one in origins), None)


def _known_keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
