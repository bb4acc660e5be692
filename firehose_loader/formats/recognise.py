"""What a drop's bytes are: compression, encoding, shape, dialect. The name does not matter."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from firehose_loader.errors import DropUnreadable
from firehose_loader.formats.dialect import FOREIGN, csv_content
from firehose_loader.formats.encoding import WINDOWS_1252, Evidence, is_utf8
from firehose_loader.formats.json_records import records
from firehose_loader.formats.json_texts import Members, parse_object
from firehose_loader.formats.reading import Reading
from firehose_loader.formats.text import Sample
from firehose_loader.formats.unpack import HEAD_BYTES, Part, unpacked
from firehose_loader.formats.wrapper import is_wrapper
from firehose_loader.model import ANY_PACKING, Content, Format, Packing

_FINAL_BYTES = 8 * 2**20
"""More of a text is not looked at to tell what it is."""
_SPACE = b" \t\r\n\v\f"
_ROWS = 20
"""So many rows or lines are tried, where the first ones are damaged."""
_ZERO_SHARE = 0.7
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def recognise(
    path: Path,
    *,
    max_bytes: int,
    packing: Packing = ANY_PACKING,
    encoding: str | None = None,
    reading: Reading | None = None,
) -> Content:
    """Tell what a drop is from its content; of compressed drops all is read, to see it is sound.

    Without ``encoding``, ``utf-8`` or ``windows-1252`` is told by the beginning of the drop alone.
    ``reading`` takes down what can be learned of drops for the engine's reader where all is read;
    for its sake, that is done with CSV too.

    A compressed drop with a damaged end is not ``fast``: the engine would take its good beginning
    for the whole. Messages do not name the drop, which the caller knows by a better name.

    Raises:
        DropUnreadable: no text, no header line, or a container that cannot be opened at all.
        DropTooLarge: more than ``max_bytes``, packed or unpacked, or packed beyond ``packing``.
        DropMissing, DropDamaged: the file is gone, or the disk does not give it.
        ConfigError: there is no room for what ``reading`` keeps.
    """
    with unpacked(path, max_bytes=max_bytes, packing=packing) as parts:
        contents = [_checked(part, encoding, reading) for part in parts]
    with_rows = [content for content in contents if content.format is not Format.EMPTY]
    empty = Content(format=Format.EMPTY, compression="zip", fast=False)
    return next(iter(with_rows or contents), empty)


def settled(
    path: Path, content: Content, *, max_bytes: int, packing: Packing = ANY_PACKING
) -> Content:
    """Return a drop's content with the encoding that all of it shows, not its beginning alone.

    Raises as ``recognise`` does.
    """
    if content.bom or content.encoding not in {"utf-8", WINDOWS_1252}:
        return content
    evidence = Evidence()
    with unpacked(path, max_bytes=max_bytes, packing=packing) as parts:
        for part in parts:
            for block in part:
                evidence.add(block)
    if evidence.encoding == content.encoding:
        return content
    return recognise(path, max_bytes=max_bytes, packing=packing, encoding=evidence.encoding)


def member_content(part: Part, content: Content) -> Content:
    """Tell what a member of a zip is, which as a whole is known."""
    of_all = content.encoding in {"utf-8", WINDOWS_1252} and not content.bom
    return part_content(part, content.encoding if of_all else None)


def part_content(part: Part, encoding: str | None) -> Content:
    """Tell what one part of a drop is, reading ahead in it no more than needed."""
    try:
        return _unless_lost(_looked_at(part, encoding), part)
    except DropUnreadable as error:
        if not part.name:
            raise
        raise DropUnreadable(f"the zip's member {part.name!r} cannot be read: {error}") from error


def _unless_lost(content: Content, part: Part) -> Content:
    """Never take a damaged part for an empty one: what it held may be what is lost."""
    if content.format is not Format.EMPTY or not part.damage:
        return content
    if content.header:
        return replace(content, format=Format.CSV, fast=False)
    raise DropUnreadable(f"nothing of it can be unpacked: {part.damage}; have it sent again")


def _checked(part: Part, encoding: str | None, reading: Reading | None) -> Content:
    """Return a part's content; read on to its end where the engine would not see that it is cut.

    It overlooks much that is wrong with compressed data, and an array that ends behind a comma.
    """
    content = part_content(part, encoding)
    packed = part.compression != "none"
    is_array = content.format is Format.JSON_ARRAY
    is_measured = reading is not None and content.format is Format.CSV
    if not (content.fast and (packed or is_array or is_measured)):
        return content
    ends = _Ends(part) if is_array else part
    if reading is not None:
        reading.take(ends, packed=packed)
    else:
        deque(ends, maxlen=0)
    sound = not (part.damage or part.padded)
    if isinstance(ends, _Ends):
        sound = sound and ends.last == b"]"
    if reading is not None and not sound:
        reading.forget()
    return replace(content, fast=sound)


class _Ends:
    """The blocks of a part, which remembers the last byte that is not white space."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.last = b""

    def __iter__(self) -> Iterator[bytes]:
        for block in self._part:
            self.last = block.rstrip(_SPACE)[-1:] or self.last
            yield block


def _looked_at(part: Part, given: str | None) -> Content:
    for size in (HEAD_BYTES, _FINAL_BYTES):
        head = part.peek(size)
        encoding, bom = _encoding(head, given)
        sample = Sample.of(head, encoding, bom=bom, whole=part.whole, final=size == _FINAL_BYTES)
        if content := _judged(sample):
            return replace(
                content,
                compression=part.compression,
                encoding=encoding,
                bom=bom,
                fast=content.fast and encoding == "utf-8" and part.compression != "zip",
            )
    if all(not block.strip(_SPACE) for block in part):
        return Content(format=Format.EMPTY, compression=part.compression)
    raise DropUnreadable(f"its first {_FINAL_BYTES} bytes are white space; correct the file")


def _encoding(head: bytes, given: str | None) -> tuple[str, bool]:
    """Return the encoding, and whether a byte order mark tells it."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding, True
    pairs = head[:512]
    if len(pairs) > 3 and b"\0" in pairs:  # noqa: PLR2004 - two characters at least
        even, odd = pairs[::2].count(0) / len(pairs[::2]), pairs[1::2].count(0) / len(pairs[1::2])
        if max(even, odd) > _ZERO_SHARE and min(even, odd) < 1 - _ZERO_SHARE:
            return ("utf-16-le" if odd > even else "utf-16-be"), False
    if given or is_utf8(head) or head.startswith(tuple(FOREIGN)):
        return given or "utf-8", False
    return Evidence.of(head).encoding, False


def _judged(sample: Sample) -> Content | None:
    """Return a text's shape; None if more of it must be seen."""
    body = sample.data.lstrip(_SPACE)
    match body[:1]:
        case b"":
            return Content(format=Format.EMPTY) if sample.whole else None
        case b"[":
            return _with_rows(sample, Format.JSON_ARRAY)
        case b"{":
            return _objects(sample, body)
        case _:
            return csv_content(sample)


def _with_rows(sample: Sample, shape: Format) -> Content | None:
    """Return the content of an array or of objects, with the names of the first sound row."""
    first = None
    for extent, members in islice(records(sample.text(), shape, max_row_bytes=_FINAL_BYTES), _ROWS):
        first = first or extent
        if not extent.problem:
            sound = first is extent and shape is Format.JSON_ARRAY
            return Content(format=shape, header=tuple(members), fast=sound and _fit(members))
    if first is None and sample.whole:
        return Content(format=Format.EMPTY)
    return Content(format=shape, fast=False) if sample.whole or sample.final else None


def _objects(sample: Sample, body: bytes) -> Content | None:
    """Tell objects on lines from all other ways to write objects."""
    line, end, rest = body.partition(b"\n")
    if not (end or sample.whole):
        return _with_rows(sample, Format.JSON_OBJECT)
    rest = rest.lstrip(_SPACE)
    members = _object(line)
    if members is not None:
        if not (rest or sample.whole or sample.final):
            return None
        if is_wrapper(members) and not rest.startswith(b"{"):
            return _with_rows(sample, Format.JSON_OBJECT)
        return Content(format=Format.NDJSON, header=tuple(members), fast=_fit(members))
    following = list(map(_object, _whole_lines(rest, sample)))
    sound = [members for members in following if members is not None]
    if sound and 2 * len(sound) >= len(following):
        return Content(format=Format.NDJSON, header=tuple(sound[0]), fast=False)
    return _with_rows(sample, Format.JSON_OBJECT)


def _whole_lines(rest: bytes, sample: Sample) -> Iterable[bytes]:
    lines = rest.split(b"\n")
    if not sample.whole:
        lines.pop()
    return islice(filter(None, (line.strip(_SPACE) for line in lines)), _ROWS)


def _object(line: bytes) -> Members | None:
    with suppress(ValueError):
        return parse_object(line.strip(_SPACE))
    return None


def _fit(members: Members) -> bool:
    """Tell whether the engine can bind the names, for which upper and lower case are one."""
    return len({name.casefold() for name in members}) == len(members)
