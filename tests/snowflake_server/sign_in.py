"""Who may sign in: passwords, signed tokens of key pairs, tokens that were given out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.snowflake_server.account import Account, User

Refusal = tuple[str, str]
_PASSWORD: Refusal = "390100", "Incorrect username or password was specified."
_KEY: Refusal = "390144", "JWT token is invalid."
_OAUTH: Refusal = "390303", "Invalid OAuth access token."
_ACCESS_TOKEN: Refusal = "394400", "Programmatic access token is invalid."
_WORKLOAD: Refusal = "395001", "Workload identity token is invalid."
_ROLE = "Role '{}' specified in the connect string does not exist or not authorized."


def claimed(account: Account, given: Mapping[str, Any]) -> str:
    """Return who somebody says to be. Whom a cloud vouches for says so by the token alone."""
    if name := str(given.get("LOGIN_NAME") or "").upper():
        return name
    token = str(given.get("TOKEN") or "")
    known = (name for name, user in account.users.items() if _same(user.workload_token, token))
    return next(known, "")


def refusal(account: Account, given: Mapping[str, Any], role: str) -> Refusal | None:
    """Return why someone may not sign in; None where they may."""
    user = account.users.get(claimed(account, given), User())
    said = _of_credentials(account, user, given)
    if said is not None:
        return said
    if role and role not in user.roles:
        return "390189", _ROLE.format(role)
    return None


def _of_credentials(account: Account, user: User, given: Mapping[str, Any]) -> Refusal | None:
    token = str(given.get("TOKEN") or "")
    match str(given.get("AUTHENTICATOR") or "SNOWFLAKE").upper():
        case "SNOWFLAKE_JWT":
            subject = f"{account.name.upper()}.{claimed(account, given)}"
            return None if _signed(user, token, subject) else _KEY
        case "OAUTH":
            return None if _same(user.oauth_token, token) else _OAUTH
        case "PROGRAMMATIC_ACCESS_TOKEN":
            return None if _same(user.access_token, token) else _ACCESS_TOKEN
        case "WORKLOAD_IDENTITY":
            return None if _same(user.workload_token, token) else _WORKLOAD
        case _:
            given_password = str(given.get("PASSWORD") or "")
            known = _same(user.password, given_password)
            # A programmatic access token may stand in for a password.
            return None if known or _same(user.access_token, given_password) else _PASSWORD


def _same(known: str, given: str) -> bool:
    return bool(known) and hmac.compare_digest(known.encode(), given.encode())


def _signed(user: User, token: str, subject: str) -> bool:
    """Tell whether a token is signed with the user's key, says so, and has not run out."""
    if not user.public_key:
        return False
    key = serialization.load_pem_public_key(user.public_key.encode())
    assert isinstance(key, RSAPublicKey)
    encoded = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(encoded).digest()).decode()
    try:
        claims = jwt.decode(
            token, key, algorithms=["RS256"], options={"require": ["exp", "iat", "iss", "sub"]}
        )
    except jwt.InvalidTokenError:
        return False
    return bool(claims["sub"] == subject and claims["iss"] == f"{subject}.{fingerprint}")
