"""The report: one page that tells how the feed and the loader fared in a while."""

from firehose_loader.report.gather import Gathered, gather
from firehose_loader.report.page import page_of, write_page
from firehose_loader.report.summary import Summary, summary_of

__all__ = ["Gathered", "Summary", "gather", "page_of", "summary_of", "write_page"]
