"""Classes of personal data, and what a source wants to become of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from firehose_loader.privacy.keys import Keyring


class PiiClass(StrEnum):
    """A kind of personal data, as ``x-pii`` of an event schema names it."""

    EMAIL = "email"
    PHONE = "phone"
    IP = "ip"
    USER_AGENT = "user_agent"
    FREE_TEXT = "free_text"
    """What a person wrote, or anything that may hold any of the others."""
    URL_QUERY = "url_query"
    """A URL, of which the query may name a person."""
    ID = "id"
    """A number or name that stands for one person."""


class Policy(StrEnum):
    """What is stored of a value."""

    KEEP = "keep"
    HASH = "hash"
    """A keyed pseudonym, ``k1:<64 hex digits>``: equal values have equal ones."""
    DROP = "drop"
    """Nothing; of a URL all but its query."""
    TRUNCATE = "truncate"
    """Of an IP address its network, of a user agent its family."""
    DOMAIN = "domain"
    """Of an email address its domain, of a URL its host."""


CLASSES = tuple(str(one) for one in PiiClass)
_EVERYWHERE = (Policy.KEEP, Policy.HASH, Policy.DROP)
_MORE: Mapping[PiiClass, Policy] = {
    PiiClass.EMAIL: Policy.DOMAIN,
    PiiClass.IP: Policy.TRUNCATE,
    PiiClass.USER_AGENT: Policy.TRUNCATE,
    PiiClass.URL_QUERY: Policy.DOMAIN,
}


def allowed(of: PiiClass) -> tuple[Policy, ...]:
    """Return the policies that a class of personal data may have."""
    return (*_EVERYWHERE, _MORE[of]) if of in _MORE else _EVERYWHERE


class Policies(Struct, frozen=True, kw_only=True):
    """What becomes of personal data from one source."""

    by_class: Mapping[PiiClass, Policy] = field(default_factory=dict)
    """Classes that it does not name are kept."""
    keyring: Keyring = field(default_factory=Keyring)
    quarantine_raw: bool = True
    """Keep the text of rows that cannot be taken apart, and so cannot be masked."""

    def of(self, wanted: PiiClass) -> Policy:
        """Return the policy of a class."""
        return self.by_class.get(wanted, Policy.KEEP)

    @property
    def keep_all(self) -> bool:
        """Nothing is masked: values are stored as they are."""
        return all(policy is Policy.KEEP for policy in self.by_class.values())

    @property
    def hashed(self) -> frozenset[PiiClass]:
        """The classes of which pseudonyms are stored."""
        return frozenset(of for of, policy in self.by_class.items() if policy is Policy.HASH)


KEEP_ALL = Policies()
"""No policy: values are stored as they are."""
