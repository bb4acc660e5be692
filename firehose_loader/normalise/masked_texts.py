"""Single texts and JSON documents with their personal data masked, each text once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.normalise.masks import Masks
from firehose_loader.privacy import PiiClass
from firehose_loader.privacy.members import Leaf, leaves, masked, parsed, written


class MaskedTexts:
    """Takes documents apart here, and has their texts masked by the engine that masks columns."""

    def __init__(
        self, engine: Engine, masks: Masks, class_of: Callable[[str], PiiClass | None]
    ) -> None:
        """Take what it works with; ``class_of`` tells the class of a member by its name."""
        self._engine = engine
        self._masks = masks
        self._class_of = class_of

    def texts(self, given: Sequence[tuple[str, str]]) -> list[str | None]:
        """Return what may be stored of texts, each given with the name of its field."""
        documents = [parsed(text) if _is_nested(text) else None for _, text in given]
        wanted: dict[Leaf, None] = {}
        for (name, text), document in zip(given, documents, strict=True):
            if document is None:
                wanted[self._class_of(name), text] = None
            else:
                wanted |= dict.fromkeys(leaves(document, self._class_of, self._class_of(name)))
        masks = self._masked(list(wanted))
        return [
            masks[self._class_of(name), text]
            if document is None
            else written(masked(document, self._class_of, masks, self._class_of(name)))
            for (name, text), document in zip(given, documents, strict=True)
        ]

    def documents(self, given: Sequence[str], within: PiiClass | None) -> list[tuple[str, str]]:
        """Return the JSON texts that hold personal data, with what may be stored of each.

        What is no JSON, or is nested too deeply to be taken apart, is not among them.
        """
        documents = {text: document for text in given if (document := parsed(text)) is not None}
        found = {
            text: list(leaves(document, self._class_of, within))
            for text, document in documents.items()
        }
        masks = self._masked(list(dict.fromkeys(leaf for of in found.values() for leaf in of)))
        return [
            (text, written(masked(document, self._class_of, masks, within)))
            for text, document in documents.items()
            if any(masks[leaf] != leaf[1] for leaf in found[text])
        ]

    def _masked(self, given: Sequence[Leaf]) -> Mapping[Leaf, str | None]:
        """Return what is stored of texts, by class and text."""
        if not given:
            return {}
        found = self._engine.run(
            "pii_texts",
            {
                "place": list(range(len(given))),
                "pii": [pii and str(pii) for pii, _ in given],
                "text": [text for _, text in given],
            },
            masked=self._masks.by_class("r.pii", "r.text"),
        )
        return {leaf: cast("str | None", mask) for leaf, (mask,) in zip(given, found, strict=True)}


def _is_nested(text: str) -> bool:
    return text.lstrip()[:1] in {"{", "["}
