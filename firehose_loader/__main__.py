"""``python -m firehose_loader``, which is what the script ``firehose-loader`` runs as well."""

from __future__ import annotations

import gc


def start() -> None:
    """Run the command line, which imports what it needs only from here on."""
    # A command makes many objects while it starts, and keeps them: to look for garbage after every
    # 700 new ones takes a tenth of its start, after 50,000 a fiftieth.
    gc.set_threshold(200_000)
    from firehose_loader.cli import console_script

    console_script()


if __name__ == "__main__":
    start()
