"""What servers write of their files: facts of MLSD and MLST, lines of LIST."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from firehose_loader.errors import AccessDenied


class Facts(NamedTuple):
    """What a server tells of a file."""

    size_bytes: int
    changed: str
    """As the server writes it: YYYYMMDDHHMMSS in UTC, maybe with a fraction."""
    unique: str = ""
    """What names this very file there, if the server tells."""

    @property
    def modified(self) -> datetime:
        """When it was changed last."""
        digits, _, fraction = self.changed.partition(".")
        moment = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return moment.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else moment

    @property
    def version(self) -> str:
        """What changes when the file is rewritten, as far as the server tells."""
        return ":".join(filter(None, [str(self.size_bytes), self.changed, self.unique]))


UNASKED = Facts(0, "19700101000000")
"""Of a file that the server cannot be asked about."""


class Found(NamedTuple):
    """One entry of a folder."""

    name: bytes
    is_folder: bool
    facts: Facts | None
    """None for a file where the server must be asked for them."""


_UNIX = re.compile(
    rb"([-a-zA-Z])[-rwxsStTlL]{9}[+.@]?\s+\d+\s+.*?\s"
    rb"\w{3}\s+\d{1,2}\s+(?:\d{1,2}:\d{2}|\d{4}) (.*)",
    re.DOTALL,
)
_WINDOWS = re.compile(rb"\d\d-\d\d-\d{2,4}\s+\d\d:\d\d[AP]M\s+(<DIR>|\d+)\s+(.*)", re.DOTALL)


def machine_entry(line: bytes, place: str) -> Found | None:
    """Read a line of MLSD; None for what is neither file nor folder.

    Raises:
        AccessDenied: the line tells too little.
    """
    written, _, name = line.partition(b" ")
    facts = _facts(written)
    match facts.get("type", "").lower():
        case "file":
            return Found(name, is_folder=False, facts=file_facts(written, place))
        case "dir":
            return Found(name, is_folder=True, facts=None)
        case _:  # the folder itself, the one above, a link, a device
            return None


def file_facts(written: bytes, place: str) -> Facts:
    """Read the facts of a file.

    Raises:
        AccessDenied: size or time is not among them.
    """
    facts = _facts(written)
    if not re.fullmatch(r"\d+", facts.get("size", "")) or not re.fullmatch(
        r"\d{14}(\.\d+)?", facts.get("modify", "")
    ):
        raise AccessDenied(
            f"{place}: the server tells no size or no time of change; without both nobody can know"
            " whether a file is new"
        )
    return Facts(int(facts["size"]), facts["modify"], facts.get("unique", ""))


def is_file(written: bytes) -> bool:
    """Tell whether facts are those of a file."""
    return _facts(written).get("type", "").lower() == "file"


def human_entry(line: bytes, place: str) -> Found | None:
    """Read a line of LIST; None for what is neither file nor folder.

    Raises:
        AccessDenied: it is written in no way that is known.
    """
    if match := _UNIX.fullmatch(line):
        kind, name = match.groups()
        if name in {b".", b".."} or kind not in {b"-", b"d"}:
            return None
        return Found(name, is_folder=kind == b"d", facts=None)
    if match := _WINDOWS.fullmatch(line):
        return Found(match[2], is_folder=match[1] == b"<DIR>", facts=None)
    if not line or re.fullmatch(rb"total \d+", line):
        return None
    raise AccessDenied(
        f"{place}: cannot make out {line!r} in the server's listing; a file name with a line break"
        " in it does that, and a server that lists in a way of its own"
    )


def _facts(written: bytes) -> dict[str, str]:
    pairs = (fact.partition("=") for fact in written.decode("latin-1").split(";"))
    return {name.lower(): value for name, separator, value in pairs if separator}
