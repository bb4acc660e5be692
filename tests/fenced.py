"""The code blocks of a page."""

from __future__ import annotations

import re
from pathlib import Path


def blocks(page: Path, language: str) -> list[tuple[str, str]]:
    """Return each block in a language, under the nearest heading above it."""
    found, heading, inside, lines = [], "", "", list[str]()
    for line in page.read_text("utf-8").splitlines():
        if line.startswith("```"):
            if inside == language:
                found.append((heading, "\n".join(lines) + "\n"))
            inside, lines = ("", []) if inside else (line.removeprefix("```") or "text", [])
        elif inside:
            lines.append(line)
        elif title := re.match(r"#+ +(.*)", line):
            heading = title[1]
    return found
