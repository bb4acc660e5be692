"""YAML as people write it, from plain lists and mappings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
"""They would be something else than text."""


def yaml_text(document: Mapping[str, object]) -> str:
    """Return a document as block style; empty lists and mappings are written as such."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(value: object) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, member in value.items():
            yield from _member(f"{_scalar(name)}:", member)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        for item in value:
            first, *others = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in others)
    else:
        yield _scalar(value)


def _member(name: str, value: object) -> Iterator[str]:
    if isinstance(value, str | int | None) or not value:
        yield f"{name} {_scalar(value)}"
        return
    yield name
    yield from (f"  {line}" for line in _lines(value))


def _scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    # YAML reads JSON, if all of it is printable.
    written = json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in written)
