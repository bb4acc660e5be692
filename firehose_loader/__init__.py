"""Land marketing event drops in a warehouse, exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firehose_loader.api import Feed as Feed
    from firehose_loader.api import load as load
    from firehose_loader.api import open_feed as open  # noqa: A004 - firehose_loader.open(...)

__version__ = "0.1.0"
__all__ = ["Feed", "load", "open"]

_PLACES = {"Feed": "Feed", "load": "load", "open": "open_feed"}


def __getattr__(name: str) -> object:
    """Import the Python interface when it is asked for: importing the package stays quick."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from firehose_loader import api

    return getattr(api, _PLACES[name])
