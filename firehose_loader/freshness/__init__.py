"""Whether a feed keeps its rhythm: the slots that should have come, and those that did."""

from firehose_loader.freshness.judge import HISTORY, LONGEST_HISTORY, judged
from firehose_loader.freshness.series import Finding, FreshState, Series, Watched
from firehose_loader.freshness.slots import Slots

__all__ = [
    "HISTORY",
    "LONGEST_HISTORY",
    "Finding",
    "FreshState",
    "Series",
    "Slots",
    "Watched",
    "judged",
]
