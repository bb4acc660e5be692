"""What looks like personal data in a text of ours: a message, the name of a field."""

from __future__ import annotations

import re

_LOOKS = (
    (
        re.compile(r"[^\s<>\"'(),:;@\[\]\\/?&]+(?:@|%40)[^\s<>\"'(),:;@\[\]\\/?&=#]+\.\w+"),
        "[email]",
    ),
    (re.compile(r"(?:\+|%2[Bb]|\b00)[ (]*[1-9](?:[ ()./-]{0,2}[0-9]){6,15}"), "[phone]"),
    (re.compile(r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b"), "[ip]"),
    (re.compile(r"(?i)\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b"), "[ip]"),
    (re.compile(r"(?i)\b[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}::(?:[0-9a-f:]*[0-9a-f])?"), "[ip]"),
)


def scrubbed(text: str) -> str:
    """Return a text with every address and phone number in it replaced.

    >>> scrubbed("no such user: jo@example.com (192.0.2.7)")
    'no such user: [email] ([ip])'
    """
    for pattern, mark in _LOOKS:
        text = pattern.sub(mark, text)
    return text
