"""How many bad rows a drop may have before it is set aside as a whole."""

from __future__ import annotations

from msgspec import Struct

from firehose_loader.errors import DropTooBad

_FIRST_JUDGED = 1000
"""From so many rows on, a share says something before the drop is read to its end."""


class Budget(Struct, frozen=True, kw_only=True):
    """The bad rows that a drop may have."""

    rows: int | None = None
    """So many; None: any number."""
    ratio: float | None = None
    """This share of all its rows; None: any share."""

    def check(self, bad: int, *, of: int, at_end: bool = False) -> None:
        """Raise DropTooBad where ``bad`` of the rows read so far are too many.

        The share is judged at the end of a drop, and on the way to it from the 1,000th row on: a
        drop must not be read to its end just to learn that it is hopeless.
        """
        how = "" if at_end else " of those read so far"
        if self.rows is not None and bad > self.rows:
            raise DropTooBad(
                f"{bad} of its {of} rows{how} cannot be loaded, more than max_bad_rows"
                f" ({self.rows}) allows; {_WAY_OUT}"
            )
        judged = of > 0 and (at_end or of >= _FIRST_JUDGED)
        if self.ratio is not None and judged and bad / of > self.ratio:
            raise DropTooBad(
                f"{bad} of its {of} rows{how} cannot be loaded, a larger share than max_bad_ratio"
                f" ({self.ratio:g}) allows; {_WAY_OUT}"
            )


_WAY_OUT = (
    "see whether it is a file of events at all; to load it all the same, raise that limit and"
    " use firehose-loader replay"
)
UNBOUNDED = Budget()
