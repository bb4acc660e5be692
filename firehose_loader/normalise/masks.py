"""What is stored of personal data, as SQL: by its class, or by its looks."""

from __future__ import annotations

from collections.abc import Iterator

from firehose_loader.privacy import PiiClass, Policies, Policy
from firehose_loader.statements import literal

_PLAIN = {
    PiiClass.EMAIL: "firehose_plain_email({})",
    PiiClass.PHONE: "firehose_plain_phone({})",
    PiiClass.IP: "firehose_plain_ip({})",
    PiiClass.ID: "firehose_plain_id({})",
}
"""The spelling in which a value is hashed, so that equal ones have equal hashes."""
_LESS = {
    (PiiClass.EMAIL, Policy.DOMAIN): "firehose_domain({})",
    (PiiClass.IP, Policy.TRUNCATE): "firehose_network({})",
    (PiiClass.USER_AGENT, Policy.TRUNCATE): "firehose_family({})",
    (PiiClass.URL_QUERY, Policy.DOMAIN): "firehose_host({})",
}
_BY_LOOKS = {
    PiiClass.EMAIL: ("firehose_is_email({})", "firehose_without_emails({})"),
    PiiClass.IP: ("firehose_is_ip({})", "firehose_without_ips({})"),
    PiiClass.PHONE: ("firehose_is_phone({})", "firehose_without_phones({})"),
}
"""What tells a class from a text alone, and what replaces it within a longer text."""

_SIGNS = {
    PiiClass.EMAIL: "contains({0}, '@') OR contains({0}, '%40')",
    PiiClass.PHONE: r"regexp_matches({0}, '^\s*[(]?[0-9]|[+]|%2[Bb]|00')",
    PiiClass.IP: "firehose_may_be_personal({0})",
}
"""What every text shows in which a class is found by its looks: far cheaper than to look."""


class Masks:
    """SQL that masks a text, with the key's row as ``k``; NULL where nothing of it is stored."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def of(self, pii: PiiClass, text: str) -> str:
        """SQL of what is stored of a value of a class."""
        policy = self._policies.of(pii)
        if policy is Policy.KEEP:
            return text
        if pii is PiiClass.URL_QUERY and policy is not Policy.DOMAIN:
            return self._url(policy, text)
        if policy is Policy.HASH:
            return hashed(_PLAIN.get(pii, "trim({})").format(text))
        return _LESS[pii, policy].format(text) if (pii, policy) in _LESS else "NULL::VARCHAR"

    def by_looks(self, text: str) -> str:
        """SQL of what is stored of a text of which nobody says what it is."""
        whole = "".join(
            f" WHEN {looks.format(text)} THEN {self.of(pii, text)}"
            for pii, (looks, _) in self._looks()
        )
        if not whole:
            return text
        signs = " OR ".join(_SIGNS[pii].format(text) for pii, _ in self._looks())
        none = f"WHEN NOT ({signs}) THEN {text}"
        return f"CASE {none}{whole} ELSE {self.without_looks(text)} END"

    def without_looks(self, text: str) -> str:
        """SQL of a text without what in it looks like personal data."""
        for _, (_, without) in self._looks():
            text = without.format(text)
        return text

    def without_emails(self, text: str) -> str:
        """SQL of a text that a schema knows and takes for no personal data, just in case."""
        if self._policies.of(PiiClass.EMAIL) is Policy.KEEP:
            return text
        signs = _SIGNS[PiiClass.EMAIL].format(text)
        return f"CASE WHEN {signs} THEN firehose_without_emails({text}) ELSE {text} END"

    def by_class(self, pii: str, text: str) -> str:
        """SQL of what is stored of a text, of which another column tells the class."""
        whens = " ".join(
            f"WHEN {literal(one)} THEN {self.of(one, text)}"
            for one in PiiClass
            if self._policies.of(one) is not Policy.KEEP
        )
        looks = self.by_looks(text)
        return f"CASE {pii} {whens} ELSE {looks} END" if whens else looks

    def _url(self, policy: Policy, text: str) -> str:
        place = self.without_looks(f"firehose_location({text})")
        if policy is Policy.DROP:
            return place
        query = f"regexp_extract({text}, '[?#](.*)$', 1, 's')"
        return f"{place} || coalesce('?' || {hashed(query)}, '')"

    def _looks(self) -> Iterator[tuple[PiiClass, tuple[str, str]]]:
        for pii, looks in _BY_LOOKS.items():
            if self._policies.of(pii) is not Policy.KEEP:
                yield pii, looks


def hashed(plain: str) -> str:
    """SQL of the pseudonym of a text."""
    return f"firehose_hash({plain}, k.key_id, k.inner_pad, k.outer_pad)"
