"""A JSON object's members, and their values as texts: those that the engine's reader gives."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from firehose_loader.formats.possessive import STRING

TOO_DEEP = "its values are nested too deeply"
"""What ``parse_object`` says where this Python cannot follow; how deep that is depends on it."""
Members = Mapping[str, bytes]
"""The members of an object: each value as it is written."""


class _Name:
    """A member's name that equals no other, so that a mapping keeps both of two that are alike."""

    def __init__(self, text: str) -> None:
        self.text = text


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PAIRS = msgspec.json.Decoder(
    dict[_Name, msgspec.Raw], dec_hook=lambda _type, text: _Name(str(text))
)
_STRING = msgspec.json.Decoder(str)
_LOOSE = re.compile(
    rf"(?P<string>{STRING})|(?P<comma>,)(?=\s*[}}\]])|(?P<number>-?(?:nan|inf(?:inity)?)\b)".encode(),
    re.DOTALL | re.IGNORECASE,
)
_SHALLOW = 10
_BRACKETS = re.compile(rf"{STRING}|(?P<opened>[\[{{]++)|(?P<closed>[\]}}]++)".encode(), re.DOTALL)
_UNQUOTED = "\ufdd0"
"""Stands before what had no quotes: a code point that Unicode keeps free for such marks."""
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_TOKEN = re.compile(rf"(?P<string>{STRING})|(?P<number>-?\d[\d.eE+-]*+)|(?P<space>\s++)")
_ESCAPES = {code: f"\\u{code:04X}" for code in range(32)} | {
    ord(char): escape
    for char, escape in zip(
        '"\\\b\t\n\f\r', ('\\"', "\\\\", "\\b", "\\t", "\\n", "\\f", "\\r"), strict=True
    )
}


def parse_object(raw: bytes) -> Members:
    """Read one object, as strictly as the engine: UTF-8, no comments.

    As there, a comma before a closing bracket is let through, and so are NaN and Infinity, to stay
    in ``text_of`` what they are: no strings, and nothing that strict JSON would hold. Half of
    a surrogate pair, which no text can hold, becomes U+FFFD. Of members with one name the first one
    counts.

    Raises:
        ValueError: it is no object, or no JSON; the message says what is wrong.
    """
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} is not UTF-8 ({error.reason})") from None
    try:
        found = _decoded(raw)
    except msgspec.DecodeError as error:
        problem = f"no valid JSON: {str(error).removeprefix('JSON is malformed: ')}"
        loose = _LOOSE.sub(_strict, raw)
        if loose == raw:
            raise ValueError(problem) from None
        try:
            found = _decoded(loose)
        except msgspec.DecodeError:
            raise ValueError(problem) from None
    return found


def depth(raw: bytes) -> int:
    """Return how deep objects and arrays lie in each other at most; of few, how many there are."""
    most = raw.count(b"{") + raw.count(b"[")
    if most <= _SHALLOW:
        return most
    here = deepest = 0
    for match in _BRACKETS.finditer(raw):
        opened = match["opened"]
        here += len(opened) if opened else -len(match["closed"] or b"")
        deepest = max(deepest, here)
    return deepest


def text_of(value: bytes) -> str:
    """Return the text of a value from ``parse_object``: a string's own, "" for null.

    Numbers and nested values come as the engine writes them (``1.50`` as ``1.5``, no white space
    between tokens), so that a row reads the same whichever way it took. A number by itself is
    cast there, one within a value is not: ``1e-05``, and ``[0.00001]``.
    """
    text = value.decode("utf-8")
    match text[0]:
        case '"':
            string = _STRING.decode(value) if "\\" in text else text[1:-1]
            return string.removeprefix(_UNQUOTED)
        case "n":
            return ""
        case "t" | "f":
            return text
        case "{" | "[":
            return _TOKEN.sub(_written, text)
        case _:
            return _cast(text)


def glimpse(raw: bytes) -> str:
    """Return the beginning of what stands where an object should."""
    text = "".join(
        char if char.isprintable() else "." for char in raw[:40].decode("utf-8", "replace")
    )
    return text if len(raw) <= 40 else f"{text[:30]}..."  # noqa: PLR2004


def _decoded(raw: bytes) -> Members:
    try:
        found = {name: bytes(value) for name, value in _OBJECT.decode(raw).items()}
        quotes = 2 * len(found) + b"".join(found.values()).count(b'"')
        # This decoder keeps the last of two that are alike. (Or it is quotes within a name.)
        return found if raw.count(b'"') == quotes else _first_of_each_name(raw)
    except msgspec.ValidationError:
        raise ValueError(f"expected a JSON object, found {glimpse(raw)}") from None
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


def _first_of_each_name(raw: bytes) -> Members:
    found: dict[str, bytes] = {}
    for name, value in _PAIRS.decode(raw).items():
        found.setdefault(name.text, bytes(value))
    return found


def _strict(match: re.Match[bytes]) -> bytes:
    if match["string"]:
        return _ESCAPE.sub(_whole_pair, match["string"])
    return b"" if match["comma"] else b'"%b%b"' % (_UNQUOTED.encode(), match["number"])


def _whole_pair(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if match["half"] else match[0]


def _written(match: re.Match[str]) -> str:
    """Return a token within a nested value as the engine writes it."""
    if string := match["string"]:
        if "\\" not in string:
            return string[2:-1] if string.startswith(f'"{_UNQUOTED}') else string
        return f'"{_STRING.decode(string.encode()).translate(_ESCAPES)}"'
    return _number(match["number"]) if match["number"] else ""


def _cast(text: str) -> str:
    """Return a number as the engine casts one to text, which is Python's own way."""
    is_whole = text.lstrip("-").isdigit()
    return _number(text) if is_whole or not math.isfinite(float(text)) else repr(float(text))


def _number(text: str) -> str:
    """Return a number as JavaScript writes it, and a float always with a point or an exponent."""
    if text.lstrip("-").isdigit():
        return "0" if text == "-0" else text
    number = float(text)
    if not math.isfinite(number):
        return text
    plain = repr(number)
    digits, mark, exponent = plain.partition("e")
    if not mark:
        return plain
    if -7 < int(exponent) < 21:  # noqa: PLR2004 - where JavaScript goes over to exponents
        fixed = f"{Decimal(plain):f}"
        return fixed if "." in fixed else f"{fixed}.0"
    return f"{digits}e{int(exponent)}"
