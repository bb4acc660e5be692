"""The reference of the configuration file, from its models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from firehose_loader.config.load import json_schema

_ABOUT = """\
# Configuration keys

Every key of `firehose.toml`, as `firehose-loader config reference` prints it; how they work
together is in [configuration.md](configuration.md). A size is a number of bytes or such as
`256MiB`, a duration such as `20m`, `36h` or `3d`. A text may be `${env:NAME}` or
`${file:/path}`, and a secret should be one."""
_PATTERNS = {"[kKmMgG]": "size", "[smhdw]": "duration"}
"""What a text is, by what its pattern holds."""
_UNITS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_SIZES = {"GiB": 2**30, "MiB": 2**20, "KiB": 2**10}

_Schema = Mapping[str, Any]


def reference() -> str:
    """Return all tables and keys of the configuration file as a page of Markdown."""
    return "\n\n".join([_ABOUT, *_sections(json_schema())]) + "\n"


def _sections(schema: _Schema) -> Iterator[str]:
    models: Mapping[str, _Schema] = schema["$defs"]
    own = {
        key: models[_model(value)]
        for key, value in schema["properties"].items()
        if "$ref" in value and "properties" in models[_model(value)]
    }
    simple = {
        key: value
        for key, value in schema["properties"].items()
        if key not in own and key not in {"warehouse", "source"}
    }
    yield _section(
        "Top level", "What stands before the first table.", {**schema, "properties": simple}, models
    )
    for one in schema["properties"]["warehouse"]["anyOf"]:
        model = models[_model(one)]
        yield _section(f"[warehouse] of {_kind(model)}", model["description"], model, models)
    sources = [models[_model(one)] for one in schema["properties"]["source"]["items"]["anyOf"]]
    common = {
        key: value
        for key, value in sources[0]["properties"].items()
        if all(key in one["properties"] for one in sources)
    }
    yield _section(
        "[[source]]", "What every source may have.", {**sources[0], "properties": common}, models
    )
    for model in sources:
        rest = {key: of for key, of in model["properties"].items() if key not in common}
        yield _section(
            f"[[source]] of {_kind(model)}",
            model["description"],
            {**model, "properties": rest},
            models,
        )
    for key, model in own.items():
        yield _section(f"[{key}]", model.get("description", ""), model, models)


def _section(title: str, about: str, model: _Schema, models: Mapping[str, _Schema]) -> str:
    lines = [f"## {title}", "", about.replace("``", "`"), ""]
    if not model["properties"]:
        return "\n".join([*lines, "No keys of its own."])
    lines += ["| Key | Value | Default | Meaning |", "|---|---|---|---|"]
    for key, value in model["properties"].items():
        default = "required" if key in model.get("required", ()) else _default(value)
        cells = (f"`{key}`", _value(value, models), default, _meaning(value, models))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _model(value: _Schema) -> str:
    return str(value["$ref"]).rpartition("/")[2]


def _kind(model: _Schema) -> str:
    return str(model["title"]).removesuffix("Target").removesuffix("Source")


def _meaning(value: _Schema, models: Mapping[str, _Schema]) -> str:
    if not (said := value.get("description", "")) and "$ref" in value:
        said = models[_model(value)].get("description", "")
    return " ".join(str(said).replace("``", "`").split())


def _value(value: _Schema, models: Mapping[str, _Schema]) -> str:
    """Say in a few words what may stand there."""
    if "$ref" in value:
        return _value(models[_model(value)], models)
    if "anyOf" in value:
        words = [_value(one, models) for one in value["anyOf"] if one.get("type") != "null"]
        return "size" if "size" in words else " or ".join(dict.fromkeys(words))
    if "enum" in value or "const" in value:
        return ", ".join(f"`{one}`" for one in value.get("enum", [value.get("const")]))
    if value.get("type") == "array":
        return f"list of {_value(value['items'], models)}"
    if isinstance(inner := value.get("additionalProperties"), dict):
        return f"table of {_value(inner, models)}"
    return _simple(value)


def _simple(value: _Schema) -> str:
    kind = str(value.get("type", "any"))
    if kind in {"integer", "number"}:
        return kind + _bounds(value)
    if kind != "string":
        return "table" if kind == "object" else kind
    if value.get("format") == "password":
        return "secret"
    pattern = value.get("pattern", "")
    found = [word for part, word in _PATTERNS.items() if part in pattern]
    return found[0] if found else str(value.get("format", "text"))


def _bounds(value: _Schema) -> str:
    low, above, high = (value.get(k) for k in ("minimum", "exclusiveMinimum", "maximum"))
    if above is not None and high is not None and value["type"] == "integer":
        low = above + 1
    if low is not None and high is not None:
        return f", {low:g} to {high:g}"
    bounds = ((">=", low), (">", above), ("<=", high))
    return " and".join(f" {sign} {bound:g}" for sign, bound in bounds if bound is not None)


def _default(value: _Schema) -> str:
    default = value.get("default")
    if default is None or default in ([], {}):
        return "none"
    if isinstance(default, str) and "duration" in _value(value, {}):
        return f"`{_duration(TypeAdapter(timedelta).validate_python(default))}`"
    if isinstance(default, int) and _value(value, {}) == "size":
        return f"`{_size(default)}`"
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _duration(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    unit, many = next((u, n) for u, n in _UNITS.items() if u != "w" and seconds % n == 0)
    return f"{seconds // many}{unit}"


def _size(many: int) -> str:
    return next((f"{many // n}{unit}" for unit, n in _SIZES.items() if many % n == 0), str(many))
