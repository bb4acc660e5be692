"""Whether bytes that are no UTF-8 are text in Windows-1252, as old programs write it."""

from __future__ import annotations

import codecs
import re
from typing import Self

WINDOWS_1252 = "windows-1252"
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
_ODD = bytes(set(range(32)) - set(b"\t\r\n\f")) + _UNDEFINED
_FOREIGN = re.compile("[\udc80-\udcff]")
_ALMOST = re.compile("\udced[\udca0-\udcbf][\udc80-\udcbf]|\udcc0\udc80")
"""What some programs write for half of a surrogate pair, and for NUL, and call UTF-8."""
_CERTAIN = 10
"""So many bytes that are no UTF-8 weigh as much as one character that can hardly be anything
else: in Windows-1252, two or three signs in a row would have to look like one by chance."""
_CLEAN = 4
"""So many accented letters make up for a byte that no text has."""


def is_utf8(data: bytes) -> bool:
    """Tell whether bytes are UTF-8 beyond doubt: more than ASCII, and all of it sound."""
    if data.isascii():
        return True
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return not text.isascii()


class Evidence:
    """What the bytes of a drop without a byte order mark say of its encoding."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._foreign = 0
        self._utf8 = 0
        self._odd = 0
        self._bytes = 0

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Return what some bytes say."""
        evidence = cls()
        evidence.add(data)
        return evidence

    def add(self, block: bytes) -> None:
        """Look at the next bytes."""
        text = self._decoder.decode(block)
        self._bytes += len(block)
        if text.isascii():
            return
        self._odd += len(block) - len(block.translate(None, _ODD))
        almost = len(_ALMOST.findall(text))
        foreign = len(_FOREIGN.findall(text))
        plain = len(text.encode("ascii", "ignore"))
        self._foreign += foreign
        self._utf8 += len(text) - plain - foreign + almost

    @property
    def encoding(self) -> str:
        """``windows-1252``, or ``utf-8``, of which some bytes may be damaged."""
        foreign = self._foreign + len(self._decoder.getstate()[0])
        is_text = _CLEAN * self._odd < foreign < self._bytes / 2
        return WINDOWS_1252 if is_text and foreign > _CERTAIN * self._utf8 else "utf-8"
