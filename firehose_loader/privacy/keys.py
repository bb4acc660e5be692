"""The secret keys of pseudonyms. They leave this machine's memory by no way but their use."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct, field

from firehose_loader.errors import ConfigError

MIN_KEY_BYTES = 16
_BLOCK_BYTES = 64
"""What SHA-256 works through at once; the key of an HMAC is brought to that length."""
_FINGERPRINT = b"firehose-loader: fingerprint of a key"
_ROW_NAMES = b"firehose-loader: names of rows without an id"
_PEOPLE = b"firehose-loader: people who were forgotten"


class Pads(NamedTuple):
    """A key made ready for HMAC: what is hashed before the value, and before its hash."""

    inner: bytes
    outer: bytes


class KeyRecord(Struct, frozen=True, kw_only=True):
    """A key that a warehouse has values of."""

    key_id: str
    fingerprint: str
    """What tells a key from others and does not lead back to it."""
    first_used_at: datetime | None = None
    """Naive UTC; known once it is recorded."""


class Keyring(Struct, frozen=True):
    """The active key and the older ones, by key id. Never shown, not even by ``repr``."""

    active: str | None = None
    """Id of the key that new pseudonyms are made with; None where there is none."""
    _keys: Mapping[str, bytes] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(active={self.active!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("active", self.active)]  # a Struct shows all that it has, unless it is told

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of all keys, the active one first."""
        others = sorted(key_id for key_id in self._keys if key_id != self.active)
        return (self.active, *others) if self.active is not None else tuple(others)

    def pads(self, key_id: str) -> Pads:
        """Return a key as the engine needs it. Bind it to a statement; never write it into one."""
        return _pads(self._keys[key_id])

    def row_pads(self, key_id: str) -> Pads:
        """Return the key with which rows are named that have no id, likewise.

        It follows from the key of that id and is another one, so that such a name is no pseudonym
        of anything.
        """
        return _pads(hmac.digest(self._keys[key_id], _ROW_NAMES, "sha256"))

    def people_pads(self, key_id: str) -> Pads:
        """Return the key with which people are remembered who were forgotten, likewise."""
        return _pads(hmac.digest(self._keys[key_id], _PEOPLE, "sha256"))

    def pseudonym(self, text: str) -> str | None:
        """Return what stands for a text; None where there is no key."""
        return None if self.active is None else self._pseudonym(self.active, text)

    def pseudonyms(self, text: str) -> list[str]:
        """Return what stands for a text, by every key that is at hand."""
        return [self._pseudonym(key_id, text) for key_id in self.key_ids]

    def _pseudonym(self, key_id: str, text: str) -> str:
        digest = hmac.digest(self._keys[key_id], text.encode("utf-8", "replace"), "sha256")
        return f"{key_id}:{digest.hex()}"

    def check(self, known: Iterable[KeyRecord]) -> None:
        """Make sure that every key is still the one it was.

        Raises:
            ConfigError: values were hashed with another key of the same id.
        """
        mine = {record.key_id: record.fingerprint for record in self.records()}
        for record in known:
            if mine.get(record.key_id, record.fingerprint) != record.fingerprint:
                raise ConfigError(
                    f"pii: the key {record.key_id!r} is not the one that this warehouse has values"
                    " of: give the old key back to that key_id, or the new key a key_id of its own."
                    " Nothing was changed"
                )

    def records(self) -> list[KeyRecord]:
        """Return what a warehouse is to remember of every key, the active one first."""
        return [
            KeyRecord(
                key_id=key_id,
                fingerprint=hmac.digest(self._keys[key_id], _FINGERPRINT, "sha256").hex()[:32],
            )
            for key_id in self.key_ids
        ]


def salted_pads(salt: str) -> Pads:
    """Return a salt, given in hexadecimal, as a key is used: where there is no key."""
    return _pads(bytes.fromhex(salt))


def _pads(key: bytes) -> Pads:
    block = hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key
    block = block.ljust(_BLOCK_BYTES, b"\0")
    return Pads(bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block))
