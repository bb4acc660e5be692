"""The private key of a key pair, however it is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firehose_loader.config import SnowflakeTarget
from firehose_loader.errors import ConfigError
from firehose_loader.pem import decoded, pem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_MAKE = "make one: openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -nocrypt -out key.p8"


def private_key(target: SnowflakeTarget) -> bytes:
    """Return the key that a user signs in with, in plain DER.

    Raises:
        ConfigError: it cannot be read; nothing of it is in the message.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    where, content = _content(target)
    secret = target.key_passphrase
    key = _loaded(content, secret.get_secret_value().encode() if secret else None, where)
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise ConfigError(f"{where} is no RSA key, which Snowflake asks for; {_MAKE}")
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _content(target: SnowflakeTarget) -> tuple[str, bytes]:
    if target.key_file is None:
        text = target.key.get_secret_value() if target.key else ""
        return "[warehouse] key", text.encode()
    where = f"[warehouse] key_file {target.key_file}"
    try:
        return where, target.key_file.expanduser().read_bytes()
    except OSError as error:
        raise ConfigError(f"{where} cannot be read: {error.strerror}") from None


def _loaded(content: bytes, passphrase: bytes | None, where: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return _read(content, passphrase)
    except TypeError:  # it is encrypted, and there is no passphrase; or the other way round
        if passphrase is None:
            raise ConfigError(
                f"{where} is encrypted; give its passphrase in key_passphrase"
            ) from None
        return _loaded(content, None, where)
    except (ValueError, UnsupportedAlgorithm):
        maybe = "key_passphrase is wrong, or it" if passphrase else "it"
        raise ConfigError(
            f"{where} cannot be read: {maybe} is no private key, in PEM or DER or base64 of them;"
            f" a public key (.pub) cannot sign in; {_MAKE}"
        ) from None


def _read(content: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives import serialization

    text = content.decode("utf-8", errors="replace")
    found = pem(text)
    if found is None:
        return serialization.load_der_private_key(decoded(text) or content, passphrase)
    if b"OPENSSH" in found.partition(b"\n")[0]:
        return serialization.load_ssh_private_key(found, passphrase)
    return serialization.load_pem_private_key(found, passphrase)
