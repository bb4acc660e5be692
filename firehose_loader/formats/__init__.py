"""What a drop's bytes are, and the strict parser that saves what the engine's readers cannot."""

from firehose_loader.formats.glance import begins_well
from firehose_loader.formats.locate import count_rows, locate
from firehose_loader.formats.quotes import quotes_pair
from firehose_loader.formats.reading import Reading
from firehose_loader.formats.recognise import recognise, settled
from firehose_loader.formats.reread import RowText, cells_of, header_of, line_of, reread
from firehose_loader.formats.salvage import salvage, too_many_rows

__all__ = [
    "Reading",
    "RowText",
    "begins_well",
    "cells_of",
    "count_rows",
    "header_of",
    "line_of",
    "locate",
    "quotes_pair",
    "recognise",
    "reread",
    "salvage",
    "settled",
    "too_many_rows",
]
