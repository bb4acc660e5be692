"""What S3 knows of an object's content, as a digest that a download can be held against."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from msgspec import Struct

from firehose_loader.model import Digest

_FIELDS = {
    "sha256": "x-amz-checksum-sha256",
    "sha1": "x-amz-checksum-sha1",
    "crc64nvme": "x-amz-checksum-crc64nvme",
    "crc32c": "x-amz-checksum-crc32c",
    "crc32": "x-amz-checksum-crc32",
}
_ENCRYPTION = "x-amz-server-side-encryption"
_MD5 = re.compile(r"([0-9a-f]{32})(?:-([1-9][0-9]{0,4}))?")

# Sizes of parts that uploaders use, in MiB or MB; the defaults of SDKs and tools come first.
_USUAL = (8, 5, 16, 10, 64, 100, 50, 15, 32, 25, 128, 20)
_OTHER = (6, 7, 12, 24, 30, 40, 48, 60, 75, 80, 96, 120, 125, 150, 160, 192, 200, 250, 256)
_LARGE = (300, 320, 400, 500, 512, 640, 750, 800, 1000, 1024, 2048, 4096, 5120)
_UNITS = (2**20, 10**6)
_SMALLEST = 5 * 2**20


class Facts(Struct, frozen=True, kw_only=True):
    """What one answer of S3 tells of one object."""

    checksum: Digest | None
    """A checksum of the whole content, where one is stored."""
    etag_is_md5: bool
    """The ETag follows from the plain content."""


def facts(headers: Mapping[str, str]) -> Facts:
    """Read the answer to a GET of a whole object, or to a HEAD, that asked for checksums."""
    encryption = headers.get(_ENCRYPTION, "")
    # With a KMS key, or with a key of the sender's own, the ETag is of the encrypted bytes.
    plain = not encryption.startswith("aws:") and f"{_ENCRYPTION}-customer-algorithm" not in headers
    return Facts(checksum=_checksum(headers), etag_is_md5=plain)


def md5_parts(etag: str) -> tuple[str, int] | None:
    """Split an ETag into an MD5 and the number of parts, 0 for one piece; None: it is no MD5."""
    match = _MD5.fullmatch(etag)
    return (match[1], int(match[2] or 0)) if match else None


def plausible_part_bytes(size_bytes: int, parts: int) -> tuple[int, ...]:
    """Return the usual sizes that divide an object into so many parts, the likeliest first."""
    if parts == 1:
        return (size_bytes,)
    usual = (number * unit for number in (*_USUAL, *_OTHER, *_LARGE) for unit in _UNITS)
    return tuple(each for each in usual if each >= _SMALLEST and -(-size_bytes // each) == parts)


def _checksum(headers: Mapping[str, str]) -> Digest | None:
    for algorithm, field in _FIELDS.items():
        value = headers.get(field, "")
        # One over the checksums of the parts says nothing without knowing the parts.
        composite = headers.get("x-amz-checksum-type") == "COMPOSITE" or "-" in value
        if value and not composite:
            return Digest(algorithm=algorithm, hex=base64.b64decode(value).hex())
    return None
