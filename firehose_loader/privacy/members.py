"""Personal data within JSON: which members hold it, and the document with masks in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import TypeAlias

import msgspec

from firehose_loader.privacy.policy import PiiClass

Leaf: TypeAlias = tuple[PiiClass | None, str]
"""A text, and its class as its name tells it; None: only its looks can tell."""
ClassOf: TypeAlias = Callable[[str], PiiClass | None]
_DECODER = msgspec.json.Decoder(float_hook=Decimal)  # as written: 1.10 is not 1.1
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_Masks: TypeAlias = Mapping[Leaf, str | None]


def parsed(text: str) -> object:
    """Return a JSON document; None where the text is none, or is nested too deeply."""
    with suppress(msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return _DECODER.decode(text)
    return None


def written(document: object) -> str:
    """Return a document as JSON, its numbers spelled as they were."""
    return _ENCODER.encode(document).decode()


def leaves(document: object, class_of: ClassOf, within: PiiClass | None = None) -> Iterator[Leaf]:
    """Yield every text of a document that may be personal data, names of members included.

    What lies within a member of a class has that class. A text may itself spell JSON.
    """
    match document:
        case dict():
            for name, value in document.items():
                yield None, name
                yield from leaves(value, class_of, class_of(name) or within)
        case list():
            for value in document:
                yield from leaves(value, class_of, within)
        case str():
            inner = _inner(document) if within is None else None
            if inner is None:
                yield within, document
            else:
                yield from leaves(inner, class_of)
        case int() | Decimal() if within is not None and not isinstance(document, bool):
            yield within, str(document)


def masked(
    document: object, class_of: ClassOf, masks: _Masks, within: PiiClass | None = None
) -> object:
    """Return a document with the masks of its leaves in their place."""
    match document:
        case dict():
            return {
                masks[None, name] or "": masked(value, class_of, masks, class_of(name) or within)
                for name, value in document.items()
            }
        case list():
            return [masked(value, class_of, masks, within) for value in document]
        case str():
            inner = _inner(document) if within is None else None
            if inner is None:
                return masks[within, document]
            return written(masked(inner, class_of, masks))
        case int() | Decimal() if within is not None and not isinstance(document, bool):
            return masks[within, str(document)]
        case _:
            return document


def _inner(text: str) -> object:
    """Return the object or array that a text spells, if it does."""
    found = parsed(text) if text[:1] in {"{", "["} else None
    return found if isinstance(found, dict | list) else None
