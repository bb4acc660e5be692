"""SQL as files: ``sql/<dialect>/<statement>.sql`` to a statement that is ready to run.

A template has two kinds of hole and no logic: ``{{ fragment }}`` for text made of quoted
identifiers and expressions, ``:name`` for values, which are always bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from firehose_loader.errors import FirehoseError
from firehose_loader.resources import bundled

_FRAGMENT = re.compile(r"\{\{ (\w+) \}\}")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")
_COMMENT = re.compile(r"^\s*--[^\n]*\n", re.MULTILINE)


class _Style(Struct, frozen=True):
    """How a parameter is written, as a replacement of ``_PARAMETER``."""

    sent: str
    shown: str


_STYLES = {
    "duckdb": _Style(sent=r"$\1", shown=r"$\1"),
    "snowflake": _Style(sent="?", shown=r":\1"),
    "views": _Style(sent=r":\1", shown=r":\1"),
}


class Statement(Struct, frozen=True):
    """One SQL statement in the driver's own style of parameters."""

    name: str
    sql: str
    parameters: tuple[str, ...]
    """Their names; where the driver tells them by position, one for each, in order."""
    shown: str
    """The same for people to read: with names for the parameters in any case."""


def quoted(name: str) -> str:
    """Return an identifier, quoted; the only way a name enters a statement."""
    if not name or "\0" in name:
        raise FirehoseError(f"{name!r} cannot be the name of a table or column")
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a string constant, quoted; for constants inside an expression that is a fragment."""
    if "\0" in text:
        raise FirehoseError(f"{text!r} cannot be a constant in a statement")
    return "'" + text.replace("'", "''") + "'"


def statement(dialect: str, name: str, **fragments: str) -> Statement:
    """Render a template; too few or too many fragments are an error."""
    template = _template(dialect, name)
    wanted = set(_FRAGMENT.findall(template))
    if wanted != fragments.keys():
        raise FirehoseError(
            f"sql/{dialect}/{name}.sql has the fragments {sorted(wanted)}, got {sorted(fragments)}"
        )
    # Parameters are rewritten before fragments come in: these may hold colons in constants.
    style = _STYLES[dialect]
    return Statement(
        name=name,
        sql=_filled(_PARAMETER.sub(style.sent, template), fragments),
        parameters=tuple(_PARAMETER.findall(template)),
        shown=_filled(_PARAMETER.sub(style.shown, template), fragments),
    )


def spelled(dialect: str, name: str, constants: Mapping[str, str], **fragments: str) -> str:
    """Render a template for a script: with SQL of constants and variables for its parameters."""
    statement(dialect, name, **fragments)  # the same refusals
    return _filled(
        _PARAMETER.sub(lambda match: constants[match[1]], _template(dialect, name)), fragments
    )


def shared(name: str, **fragments: str) -> str:
    """Render a query of ``sql/views``, which reads the same in all dialects."""
    return statement("views", name, **fragments).sql


def statement_names(dialect: str) -> tuple[str, ...]:
    """Return the names of all statements of a dialect."""
    folder = bundled("sql") / dialect
    return tuple(
        sorted(
            entry.name.removesuffix(".sql")
            for entry in folder.iterdir()
            if entry.name.endswith(".sql")
        )
    )


def _filled(template: str, fragments: Mapping[str, str]) -> str:
    return _FRAGMENT.sub(lambda match: fragments[match[1]], template)


@lru_cache(maxsize=512)
def _template(dialect: str, name: str) -> str:
    text = (bundled("sql") / dialect / f"{name}.sql").read_text("utf-8")
    return _COMMENT.sub("", text).strip().removesuffix(";")
