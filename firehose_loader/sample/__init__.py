"""Seeded, realistic drops, for trying out a feed before it is switched on."""

from firehose_loader.sample.options import (
    Cadence,
    SampleCompression,
    SampleFormat,
    SampleLayout,
    SampleOptions,
    SampleReport,
)
from firehose_loader.sample.write import write_sample

__all__ = [
    "Cadence",
    "SampleCompression",
    "SampleFormat",
    "SampleLayout",
    "SampleOptions",
    "SampleReport",
    "write_sample",
]
