"""Private keys, however they are written down."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from firehose_loader.errors import ConfigError
from firehose_loader.pem import pem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from firehose_loader.config import SftpSource


def private_key(source: SftpSource) -> paramiko.PKey | None:
    """Return the key that a source logs in with; None if it has none.

    Raises:
        ConfigError: the key cannot be read; nothing of it is in the message.
    """
    if source.key_file is not None:
        where, text = str(source.key_file), _content(source.key_file.expanduser(), source.name)
    elif source.key is not None:
        where, text = "key", source.key.get_secret_value()
    else:
        return None
    where = f"source {source.name!r}: {where}"
    secret = source.key_passphrase
    return _key(normalised(text, where), secret.get_secret_value() if secret else None, where)


def normalised(text: str, where: str) -> bytes:
    """Return a key as PEM with line ends, however it was pasted."""
    if text.lstrip().startswith("PuTTY-User-Key-File"):
        raise ConfigError(
            f"{where} is a key of PuTTY; turn it into one of OpenSSH:"
            " puttygen KEY.ppk -O private-openssh -o KEY"
        )
    found = pem(text)
    if found is None:
        raise ConfigError(
            f"{where} is no private key: it must begin with -----BEGIN and end with -----, or be"
            " base64 of that; a public key (.pub) cannot log in"
        )
    return found


def _content(path: Path, name: str) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"source {name!r}: {path} is no private key: not text") from None
    except OSError as error:
        raise ConfigError(
            f"source {name!r}: key_file {path} cannot be read: {error.strerror}"
        ) from None


def _key(pem: bytes, passphrase: str | None, where: str) -> paramiko.PKey:
    try:
        key = _loaded(pem, passphrase.encode() if passphrase else None)
    except TypeError:  # it is encrypted, and there is no passphrase; or the other way round
        if not passphrase:
            raise ConfigError(
                f"{where} is encrypted; give its passphrase in key_passphrase"
            ) from None
        return _key(pem, None, where)
    except (ValueError, UnsupportedAlgorithm):
        maybe = "key_passphrase is wrong, or the key" if passphrase else "it"
        raise ConfigError(f"{where} cannot be read: {maybe} is damaged") from None
    # paramiko's own readers know fewer formats, and take a wrong passphrase for a wrong kind.
    plain = io.StringIO(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        ).decode()
    )
    match key:
        case RSAPrivateKey():
            return paramiko.RSAKey.from_private_key(plain)
        case Ed25519PrivateKey():
            return paramiko.Ed25519Key.from_private_key(plain)
        case EllipticCurvePrivateKey():
            return paramiko.ECDSAKey.from_private_key(plain)
        case _:
            raise ConfigError(f"{where} is neither RSA, ECDSA nor Ed25519; use one of these")


def _loaded(pem: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    if b"OPENSSH" in pem.partition(b"\n")[0]:
        return serialization.load_ssh_private_key(pem, passphrase)
    return serialization.load_pem_private_key(pem, passphrase)
