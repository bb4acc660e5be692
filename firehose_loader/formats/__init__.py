"""What a drop's bytes are, and the strict parser that saves what the engine's readers cannot."""

from firehose_loader.formats.locate import locate
from firehose_loader.formats.quotes import quotes_pair
from firehose_loader.formats.recognise import recognise, settled
from firehose_loader.formats.salvage import salvage

__all__ = ["locate", "quotes_pair", "recognise", "salvage", "settled"]
