"""Raw text to typed rows: set-based SQL in the engine, a shape of rows at a time."""

from firehose_loader.normalise.masking import Masking
from firehose_loader.normalise.match import engine_type
from firehose_loader.normalise.stage import DropTypes, Normaliser
from firehose_loader.normalise.text import TextFile

__all__ = ["DropTypes", "Masking", "Normaliser", "TextFile", "engine_type"]
