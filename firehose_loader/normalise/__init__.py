"""Raw text to typed rows: set-based SQL in the engine, a shape of rows at a time."""

from firehose_loader.normalise.forgotten import Forgotten, Text, plain_identifiers
from firehose_loader.normalise.masking import Masking
from firehose_loader.normalise.stage import Normaliser
from firehose_loader.normalise.text_file import TextFile
from firehose_loader.normalise.types import DropTypes

__all__ = [
    "DropTypes",
    "Forgotten",
    "Masking",
    "Normaliser",
    "Text",
    "TextFile",
    "plain_identifiers",
]
