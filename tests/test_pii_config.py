"""Policies and keys as the configuration gives them: what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from firehose_loader.config import Config, load_config
from firehose_loader.errors import ConfigError
from firehose_loader.privacy import PiiClass, Policy

KEY = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"


def loaded(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    file = folder / "firehose.toml"
    file.write_text(f'[warehouse]\nurl = "events.duckdb"\n{text}')
    return load_config(file, environ=environ or {})


def test_a_source_has_the_policies_of_all_and_its_own_above_them(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        f"""
        [pii]
        key_id = "k1"
        key = "{KEY}"
        [pii.policy]
        email = "hash"
        ip = "truncate"
        [[source]]
        name = "a"
        url = "a"
        [source.pii]
        email = "domain"
        [[source]]
        name = "b"
        url = "b"
        """,
    )

    assert config.policies("a").of(PiiClass.EMAIL) is Policy.DOMAIN
    assert config.policies("a").of(PiiClass.IP) is Policy.TRUNCATE
    assert config.policies("b").of(PiiClass.EMAIL) is Policy.HASH
    assert config.policies("of no source").of(PiiClass.PHONE) is Policy.KEEP


def test_what_cannot_be_masked_is_kept_only_where_nothing_is_masked(tmp_path: Path) -> None:
    policy = '[pii.policy]\nphone = "drop"\n'

    assert loaded(tmp_path, "").policies("a").quarantine_raw
    assert loaded(tmp_path, '[pii.policy]\nphone = "keep"\n').policies("a").quarantine_raw
    assert not loaded(tmp_path, policy).policies("a").quarantine_raw
    assert loaded(tmp_path, f"[pii]\nquarantine_raw = true\n{policy}").policies("a").quarantine_raw


def test_a_key_comes_from_the_environment_and_is_never_shown(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        '[pii]\nkey_id = "k1"\nkey = "${env:PII_KEY}"\n[pii.keys]\nk0 = "${env:OLD_KEY}"\n',
        {"PII_KEY": KEY, "OLD_KEY": OTHER, "FIREHOSE_PII__KEY_ID": "k2"},
    )

    keyring = config.policies("a").keyring
    assert keyring.key_ids == ("k2", "k0")
    assert KEY not in repr(config) + repr(keyring) + str(keyring.records())
    assert KEY not in pretty_repr(keyring)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[pii.policy]\nemial = "drop"\n', "'emial' is no class of personal data; did you mean"),
        ('[pii.policy]\ncolour = "drop"\n', "there are email, phone, ip"),
        ('[pii.policy]\nemail = "truncate"\n', "write keep, hash, drop or domain"),
        ('[pii.policy]\nid = "hide"\n', "write keep, hash or drop"),
        ('[[source]]\nname = "a"\nurl = "a"\npii = { emial = "drop" }\n', "did you mean 'email'"),
        ('[[source]]\nname = "a"\nurl = "a"\npii = { ip = "hash" }\n', "there is no key"),
        ('[pii]\nkey_id = "k1"\n', "key_id and key go together"),
        (f'[pii]\nkey = "{KEY}"\n', "key_id and key go together"),
        ('[pii]\nkey_id = "k1"\nkey = "short"\n', "'k1' has 5 bytes and must have 16"),
        (f'[pii]\nkey_id = "k:1"\nkey = "{KEY}"\n', "pii.key_id"),
        (f'[pii]\nkey_id = "k1"\nkey = "{KEY}"\nkeys = {{ k1 = "{OTHER}" }}\n', "two keys"),
        (f'[pii]\nkey_id = "k1"\nkey = "{KEY}"\nkeys = {{ k0 = "{KEY}" }}\n', "the same key"),
        ('[pii]\nkeyid = "k1"\n', "unknown key 'pii.keyid'; did you mean 'key_id'"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write_instead(
    text: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as told:
        loaded(tmp_path, text)

    assert words in str(told.value)
    assert KEY not in str(told.value)
    assert OTHER not in str(told.value)
