"""People who were forgotten: known by keyed or salted hashes of what identified them, no more."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from firehose_loader.errors import ConfigError
from firehose_loader.privacy.keys import Keyring, Pads, salted_pads
from firehose_loader.privacy.policy import PiiClass

IDENTIFYING = (PiiClass.EMAIL, PiiClass.PHONE, PiiClass.ID)
"""The classes by which a person may be looked for; of ids, those of contacts."""
GONE = "it named a person who was forgotten"
"""What is said of a row instead of what it said."""


class Person(NamedTuple):
    """One of what identified somebody, as it is remembered."""

    pii: PiiClass
    """What was given of them."""
    identifier: str
    """An HMAC of it in hexadecimal, with the key or with the salt."""
    key_id: str | None
    """Whose key it was made with; None: with the salt."""
    salt: str | None
    """In hexadecimal."""


class ForgottenRecord(Struct, frozen=True, kw_only=True):
    """The proof that somebody was forgotten, and what keeps them from coming back."""

    person: Person
    rows: Mapping[str, int]
    """How many rows went, by table."""
    run_id: str
    forgotten_at: datetime
    """Naive UTC."""


class Sought(NamedTuple):
    """One hash that is looked for."""

    number: int
    """Of the person, or of what was given of one."""
    key_no: int
    """The place of the key in ``People.pads``."""
    identifier: str


class People(Struct, frozen=True, kw_only=True):
    """Who is looked for in texts."""

    pads: Sequence[Pads]
    """The keys of the hashes. Never shown."""
    sought: Sequence[Sought]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(sought={self.sought!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("sought", self.sought)]


def forgotten_people(records: Sequence[ForgottenRecord], keyring: Keyring) -> People:
    """Return those of whom nothing may be loaded any more.

    Raises:
        ConfigError: a key is missing by which they are known.
    """
    people = [one.person for one in records]
    names = list(dict.fromkeys((one.key_id, one.salt) for one in people))
    return People(
        pads=[people_pads(keyring, key_id, salt) for key_id, salt in names],
        sought=[
            Sought(number, names.index((one.key_id, one.salt)), one.identifier)
            for number, one in enumerate(people)
        ],
    )


def people_pads(keyring: Keyring, key_id: str | None, salt: str | None) -> Pads:
    """Return the key with which identifiers of people are hashed.

    Raises:
        ConfigError: there is no such key any more.
    """
    if key_id is None:
        return salted_pads(salt or "")
    if key_id not in keyring.key_ids:
        raise ConfigError(
            f"pii: people who were forgotten are known by hashes with the key {key_id!r}: without"
            " it they would come back. Keep it under [pii.keys]; nothing was changed"
        )
    return keyring.people_pads(key_id)


def salt_of(records: Sequence[ForgottenRecord]) -> str:
    """Return the salt that a warehouse has, or a new one."""
    known = (one.person.salt for one in records if one.person.salt is not None)
    return next(known, "") or secrets.token_hex(32)
