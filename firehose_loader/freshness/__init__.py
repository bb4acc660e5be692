"""Whether a feed keeps its rhythm: the slots that should have come, and those that did."""

from firehose_loader.freshness.judge import (
    HISTORY,
    LONGEST_HISTORY,
    Finding,
    FreshState,
    Series,
    Watched,
    judged,
)

__all__ = ["HISTORY", "LONGEST_HISTORY", "Finding", "FreshState", "Series", "Watched", "judged"]
