"""Files that a command writes and writes anew, unless somebody changed them since."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from firehose_loader.errors import ConfigError

_SIGNED = re.compile(r"(?:--|#) Written by firehose-loader .*; sha256 of the rest: ([0-9a-f]{64})")
_COMMENT = {".sql": "--", ".yml": "#"}


class Written(Struct, frozen=True, kw_only=True):
    """What became of files."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    left: tuple[str, ...]
    """Files of ours in the folder that are written no more; they were not touched."""


def write_files(
    folder: Path, files: Mapping[str, str], *, command: str, overwrite: bool
) -> Written:
    """Write files, by their names below a folder; each tells by its first line that it is ours.

    Raises:
        ConfigError: some are there and were changed by hand, or are none of ours, and
            ``overwrite`` is not given; nothing was written. Or a file cannot be written.
    """
    signed = {name: _signed(name, text, command) for name, text in files.items()}
    try:
        there = {name: _read(folder / name) for name in signed}
        changed = [name for name, text in there.items() if text is not None and not _is_ours(text)]
        if changed and not overwrite:
            raise ConfigError(
                f"{folder / changed[0]}: was changed by hand, or is not from here"
                f"{_and_others(len(changed) - 1)}; move it away, or give --force to have it"
                " written over. Nothing was written"
            )
        written = [name for name, text in signed.items() if there[name] != text]
        for name in written:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(signed[name], encoding="utf-8", newline="\n")
        return Written(
            written=tuple(written),
            unchanged=tuple(name for name in signed if name not in written),
            left=tuple(
                name
                for one in sorted(folder.rglob("*"))
                if one.suffix in _COMMENT
                and (name := one.relative_to(folder).as_posix()) not in signed
                and _is_ours(_read(one) or "")
            ),
        )
    except OSError as error:
        raise ConfigError(f"{error.filename or folder}: {error.strerror or error}") from None


def _signed(name: str, text: str, command: str) -> str:
    sign = _COMMENT[Path(name).suffix]
    line = f"{sign} Written by firehose-loader {command}; sha256 of the rest: {_digest(text)}"
    return f"{line}\n{text}"


def _is_ours(text: str) -> bool:
    """Tell whether a file is as it was written."""
    first, _, rest = text.partition("\n")
    signature = _SIGNED.fullmatch(first)
    return signature is not None and signature[1] == _digest(rest)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _read(path: Path) -> str | None:
    """Return a file's text, its line ends as ours; None where there is none."""
    try:
        return path.read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def _and_others(count: int) -> str:
    return f" ({count} others too)" if count else ""
