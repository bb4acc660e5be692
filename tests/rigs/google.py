"""Where Google's service accounts sign in, on this machine: tokens for whoever has the key."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.rigs.canned import Answer, Request, answering

TOKEN = "ya29.a-token-of-the-loader"  # noqa: S105 - opens nothing


@dataclass(slots=True)
class GoogleSignIn:
    """A running place to sign in."""

    key: rsa.RSAPrivateKey
    origin: str = ""
    status: int = 200
    """What it answers with."""
    scopes: list[str] = field(default_factory=list)
    """What was asked for."""

    def service_account(self, key: rsa.RSAPrivateKey | None = None) -> dict[str, str]:
        """Return the content of a key file; with another key, one that opens nothing."""
        private = (key or self.key).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": "1",
            "private_key": private.decode(),
            "client_email": "loader@project.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"{self.origin}/token",
        }


def new_key() -> rsa.RSAPrivateKey:
    """Make a key as service accounts have, but a short one, for each client reads it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505


@contextlib.contextmanager
def signing_in() -> Iterator[GoogleSignIn]:
    """Run the place."""
    place = GoogleSignIn(new_key())

    def answer(request: Request) -> Answer:
        if place.status != 200:
            return Answer(status=place.status)
        claims = _claims(parse_qs(request.body.decode())["assertion"][0], place.key)
        if claims is None:
            return _json({"error": "invalid_grant", "error_description": "Bad JWT"}, status=400)
        place.scopes.append(claims["scope"])
        return _json({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})

    with answering(answer) as place.origin:
        yield place


def _claims(assertion: str, key: rsa.RSAPrivateKey) -> Any:  # noqa: ANN401 - whatever is claimed
    head, claims, signature = assertion.split(".")
    try:
        key.public_key().verify(
            _decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
    except InvalidSignature:
        return None
    return json.loads(_decoded(claims))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _json(answer: dict[str, object], *, status: int = 200) -> Answer:
    return Answer(
        status=status,
        headers={"Content-Type": "application/json"},
        body=json.dumps(answer).encode(),
    )
