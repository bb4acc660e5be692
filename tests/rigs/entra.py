"""Where Entra identities sign in, on this machine: tokens for whoever knows the secret."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from tests.rigs.canned import Answer, Request, answering
from tests.rigs.certificates import Certificates

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
SECRET = "a~secret.of-the_loader"  # noqa: S105 - opens nothing but the door below
FEDERATED_TOKEN = "a.federated.token"  # noqa: S105 - likewise
AUDIENCE = "https://storage.azure.com"


@dataclass(slots=True)
class Entra:
    """A running place to sign in."""

    origin: str
    lifetime_seconds: int = 3600
    """Of the tokens that it gives; negative: they have expired already."""
    audience: str = AUDIENCE
    status: int = 200
    """What it answers with."""
    tokens: int = 0
    """How many it gave."""


@contextlib.contextmanager
def signing_in(certificates: Certificates) -> Iterator[Entra]:
    """Run the place: for applications and workloads (OpenID), and for managed identities."""
    entra = Entra("")

    def answer(request: Request) -> Answer:
        if entra.status != 200:
            return Answer(status=entra.status)
        if request.path.endswith("/.well-known/openid-configuration"):
            return _json(
                {
                    "token_endpoint": f"{entra.origin}/{TENANT}/oauth2/v2.0/token",
                    "authorization_endpoint": f"{entra.origin}/{TENANT}/oauth2/v2.0/authorize",
                    "issuer": f"{entra.origin}/{TENANT}/v2.0",
                }
            )
        if request.method == "POST":
            form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
            return _signed_in(entra) if _known(form) else _refused()
        if request.path == "/managed":
            known = request.headers.get("x-identity-header") == SECRET
            return _signed_in(entra) if known else Answer(status=403)
        return Answer(status=404)

    with answering(answer, tls=certificates.server_side()) as origin:
        entra.origin = origin.replace("127.0.0.1", "localhost")
        yield entra


def _known(form: dict[str, str]) -> bool:
    secret = form.get("client_secret") == SECRET
    workload = form.get("client_assertion") == FEDERATED_TOKEN
    return form.get("client_id") == CLIENT and (secret or workload)


def _refused() -> Answer:
    return _json({"error": "invalid_client", "error_description": "AADSTS7000215"}, status=401)


def _signed_in(entra: Entra) -> Answer:
    entra.tokens += 1
    now = int(time.time())
    claims = {
        "aud": entra.audience,
        "iss": f"https://sts.windows.net/{TENANT}/",
        "iat": now - 7200,
        "nbf": now - 7200,
        "exp": now + entra.lifetime_seconds,
        "oid": "loader",
        "tid": TENANT,
    }
    head = {"alg": "HS256", "typ": "JWT"}
    token = f"{_encoded(head)}.{_encoded(claims)}.signature"
    # The lifetime told outside of the token keeps the client from asking for another one at once.
    told = max(entra.lifetime_seconds, 3600)
    return _json(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": told,
            "expires_on": now + told,
            "resource": AUDIENCE,
        }
    )


def _encoded(part: dict[str, object] | dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _json(answer: dict[str, object] | dict[str, str], *, status: int = 200) -> Answer:
    return Answer(
        status=status,
        headers={"Content-Type": "application/json"},
        body=json.dumps(answer).encode(),
    )
