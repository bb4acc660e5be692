"""What the JSON API tells of objects."""

from __future__ import annotations

import base64
from datetime import datetime

import msgspec

from firehose_loader.model import Digest

MARK = "firehose_moved_version"
"""Metadata of a copy: which version it is of. By it a move that was cut off is known again."""


class Item(msgspec.Struct, frozen=True):
    """An object of a listing."""

    name: str
    generation: str
    size: int
    updated: datetime


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """A page of a listing."""

    items: list[Item] = []
    next_page_token: str = ""


class Attributes(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What a copy has of the object that it is of; what is not given would be lost."""

    metadata: dict[str, str] = {}
    content_type: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    content_disposition: str | None = None
    cache_control: str | None = None


class Facts(Attributes, frozen=True, rename="camel", kw_only=True):
    """What is known of one object."""

    generation: str
    crc32c: str = ""


class Rewrite(msgspec.Struct, frozen=True, rename="camel"):
    """How far the copying of an object has come."""

    done: bool
    rewrite_token: str = ""


def digest_of_crc(encoded: str) -> Digest | None:
    """Return the checksum that Google keeps of every object, as it is told in JSON."""
    return Digest(algorithm="crc32c", hex=base64.b64decode(encoded).hex()) if encoded else None


def digest_of_header(hashes: str) -> Digest | None:
    """Return it as the header ``x-goog-hash`` tells it: ``crc32c=...,md5=...``."""
    for each in hashes.split(","):
        algorithm, _, encoded = each.strip().partition("=")
        if algorithm == "crc32c":
            return digest_of_crc(encoded)
    return None
