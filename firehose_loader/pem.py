"""Keys as text, however they were pasted."""

from __future__ import annotations

import base64
import re

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_LINE = 64


def pem(text: str) -> bytes | None:
    r"""Return a key as PEM with line ends; None if it is none.

    Environment variables and their editors leave it with ``\n`` as two characters, with spaces in
    place of the line ends, or as base64 of the whole.
    """
    if "-----BEGIN" not in text:
        text = decoded(text).decode("utf-8", errors="replace")
    found = _PEM.search(text.replace("\\r", "\n").replace("\\n", "\n"))
    if found is None:
        return None
    kind, words = found[1], found[2].split()
    headers = []  # of keys in the old format that are encrypted: "Proc-Type: 4,ENCRYPTED"
    while words and words[0].endswith(":"):
        headers.append(f"{words[0]} {' '.join(words[1:2])}")
        words = words[2:]
    body = "".join(words)
    lines = [body[start : start + _LINE] for start in range(0, len(body), _LINE)]
    parts = [*headers, *([""] if headers else []), *lines]
    return "\n".join([f"-----BEGIN {kind}-----", *parts, f"-----END {kind}-----", ""]).encode()


def decoded(text: str) -> bytes:
    """Return what base64 stands for; nothing if it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return b""
