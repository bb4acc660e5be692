"""``python -m firehose_loader``."""

from firehose_loader.cli import console_script

console_script()
