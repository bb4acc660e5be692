"""What is kept of the text of rows that are set aside: masked field by field, or withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from firehose_loader.formats import cells_of, line_of
from firehose_loader.model import Position, Reason, Rejection
from firehose_loader.normalise import Normaliser, Text
from firehose_loader.privacy import Policies
from firehose_loader.privacy.forgotten import GONE
from firehose_loader.privacy.looks import scrubbed
from firehose_loader.privacy.members import parsed

_FOUND = "expected a JSON object"
"""How messages begin that go on with what stands in the drop instead."""


class HeldText:
    """Keeps of set-aside rows what the policies of their source let it keep."""

    def __init__(self, policies: Policies, normaliser: Normaliser) -> None:
        self._policies = policies
        self._masking = normaliser.masking
        self._forgotten = normaliser.forgotten

    def of_rows(self, found: Mapping[int, Position]) -> Mapping[int, Position]:
        """Return rows that parse with their fields masked. They are read again from their drop."""
        if not self._masking.is_active:
            return found
        apart = {row: _taken_apart(one) for row, one in found.items()}
        masks = iter(self._masking.texts([pair for pairs in apart.values() for pair in pairs]))
        masked = {row: [next(masks) or "" for _ in pairs] for row, pairs in apart.items()}
        return {
            row: self._withheld_row(one)
            if not apart[row]
            else replace(one, raw=line_of(masked[row], one.context or ""), context=None)
            for row, one in found.items()
        }

    def of_rejections(self, given: Sequence[Rejection]) -> tuple[Rejection, ...]:
        """Return what does not parse with its text, or with what tells it from others.

        Of what names a person who was forgotten nothing is kept.
        """
        texts = [Text(place, "", f"{one.raw} {one.message}") for place, one in enumerate(given)]
        gone = self._forgotten.found(texts) if self._forgotten.is_active else {}
        return tuple(
            _emptied(one) if place in gone else self._of_rejection(one)
            for place, one in enumerate(given)
        )

    def _of_rejection(self, one: Rejection) -> Rejection:
        if not self._masking.is_active or self._policies.quarantine_raw:
            return one
        message = _FOUND if one.message.startswith(_FOUND) else scrubbed(one.message)
        return replace(one, raw=self._withheld(one.raw), message=message)

    def _withheld_row(self, one: Position) -> Position:
        raw = one.raw if self._policies.quarantine_raw else self._withheld(one.raw)
        return replace(one, raw=raw, context=None)

    def _withheld(self, raw: str) -> str:
        pseudonym = self._policies.keyring.pseudonym(raw)
        return f"(withheld: {len(raw)} characters{f', {pseudonym}' if pseudonym else ''})"


def _emptied(one: Rejection) -> Rejection:
    """Return a row of a person who was forgotten; of a drop as a whole, why it is set aside."""
    if one.row is None:
        return replace(one, raw="", field=None, message=f"{one.reason}; {GONE}")
    return replace(one, raw="", field=None, message=GONE, reason=Reason.FORGOTTEN)


def _taken_apart(one: Position) -> list[tuple[str, str]]:
    """Return the fields of a row: name and text; a JSON object is one text, its own members tell.

    Nothing where it cannot be taken apart.
    """
    if one.context is None:
        return []
    if cells := cells_of(one.raw, one.context):
        return cells
    return [("", one.raw)] if isinstance(parsed(one.raw), dict) else []
