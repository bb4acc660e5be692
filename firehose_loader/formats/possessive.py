"""A repeated group that never backtracks, and means the same in every Python that we run on."""

from __future__ import annotations


def repeated(*alternatives: str) -> str:
    """Return the pattern of any number of these, one after another; possessive, so in linear time.

    Python before 3.11.5, which Debian 12 has, goes on matching where the last attempt gave up and
    not where it began (https://github.com/python/cpython/issues/106052). A further alternative,
    which never matches, makes it go back.
    """
    return f"(?:{'|'.join(alternatives)}|(?!))*+"


STRING = '"' + repeated(r'[^"\\]++', r"\\.") + '"'
"""A JSON string, as it is written; with re.DOTALL."""
