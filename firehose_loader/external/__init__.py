"""Loading from buckets that the warehouse reads by itself: nothing but the listing passes here.

What the warehouse reads must be what the engine would have read. So it takes plain drops only, and
every drop in which anything stands that the two might take otherwise is fetched and loaded by the
engine, with the reason told.
"""

from firehose_loader.external.drops import MOST_FILES, Here
from firehose_loader.external.loading import ExternalLoader

__all__ = ["MOST_FILES", "ExternalLoader", "Here"]
