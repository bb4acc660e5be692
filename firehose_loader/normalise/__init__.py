"""Raw text to typed rows: set-based SQL in the engine, all text first, cast after."""

from firehose_loader.normalise.stage import DropTypes, Normaliser
from firehose_loader.normalise.text import TextFile

__all__ = ["DropTypes", "Normaliser", "TextFile"]
