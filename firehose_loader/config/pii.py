"""What becomes of personal data: keys, policies for all sources, and those of one source."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from firehose_loader.config.values import Model
from firehose_loader.privacy import CLASSES, Keyring, PiiClass, Policies, Policy, allowed
from firehose_loader.privacy.keys import MIN_KEY_BYTES

_KEY_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"
KeyId = Annotated[str, Field(pattern=_KEY_ID)]


def _checked(given: Mapping[str, str]) -> dict[PiiClass, Policy]:
    """Read policies by class; say of a wrong one which there are."""
    return {_class(name): _policy(name, policy) for name, policy in given.items()}


def _class(name: str) -> PiiClass:
    if name in CLASSES:
        return PiiClass(name)
    near = difflib.get_close_matches(name, CLASSES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(CLASSES)}"
    raise ValueError(f"{name!r} is no class of personal data; {hint}")


def _policy(name: str, policy: str) -> Policy:
    there = allowed(PiiClass(name))
    if policy not in there:
        raise ValueError(f"{name} = {policy!r} is no policy of that class; write {_listed(there)}")
    return Policy(policy)


def _listed(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


PolicyTable = Annotated[dict[str, str], AfterValidator(_checked)]
"""Class of personal data = policy."""


class Pii(Model):
    """Personal data from all sources."""

    key_id: KeyId | None = Field(
        None,
        description="Name of the key in use, such as `k1`: it stands before every pseudonym.",
    )
    key: SecretStr | None = Field(
        None,
        description="The key in use, of 16 bytes or more, as a reference such as `${env:PII_KEY}`.",
    )
    keys: dict[KeyId, SecretStr] = Field(
        default_factory=dict,
        description="Keys that were in use before: key id = key, as a reference.",
    )
    policy: PolicyTable = Field(
        default_factory=dict,
        description="Class of personal data = `keep`, `hash`, `drop`, `truncate` or `domain`; for"
        " sources that say nothing else.",
    )
    quarantine_raw: bool | None = Field(
        None,
        description="Keep the text of rows that cannot be taken apart, and so cannot be masked."
        " Without it, that is done only where every policy is `keep`.",
    )

    def policies(self, of_source: Mapping[str, str]) -> Policies:
        """Return what holds for a source that has these policies of its own."""
        merged = {**self.policy, **of_source}
        by_class = {PiiClass(name): Policy(policy) for name, policy in merged.items()}
        found = Policies(by_class=by_class, keyring=self._keyring())
        keep_raw = found.keep_all if self.quarantine_raw is None else self.quarantine_raw
        return Policies(by_class=by_class, keyring=found.keyring, quarantine_raw=keep_raw)

    def _keyring(self) -> Keyring:
        keys = {key_id: _bytes(secret) for key_id, secret in self.keys.items()}
        if self.key_id is not None and self.key is not None:
            keys[self.key_id] = _bytes(self.key)
        return Keyring(self.key_id, keys)

    @model_validator(mode="after")
    def _sound_keys(self) -> Self:
        if (self.key_id is None) != (self.key is None):
            raise ValueError("key_id and key go together: the key, and the name it is known by")
        if self.key_id in self.keys:
            raise ValueError(
                f"the key id {self.key_id!r} is given to two keys: to change the key, give the new"
                " one a new key_id, and keep the old one in [pii.keys]"
            )
        ids: dict[bytes, str] = {}
        given = {**self.keys, **({self.key_id: self.key} if self.key_id and self.key else {})}
        for key_id, secret in given.items():
            key = _bytes(secret)
            if len(key) < MIN_KEY_BYTES:
                raise ValueError(
                    f"the key {key_id!r} has {len(key)} bytes and must have {MIN_KEY_BYTES} or"
                    " more; openssl rand -hex 32 makes a good one"
                )
            if key in ids:
                raise ValueError(
                    f"{ids[key]!r} and {key_id!r} are the same key: a new key_id needs a new key"
                )
            ids[key] = key_id
        return self


def _bytes(secret: SecretStr) -> bytes:
    return secret.get_secret_value().encode()
