"""Messages to people: a signed webhook, and whatever Apprise reaches."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import datetime
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlsplit

from msgspec import Struct

from firehose_loader import __version__
from firehose_loader.config import Alerts, plain
from firehose_loader.errors import AlertUnsent, ExtraMissing
from firehose_loader.retry import RetryPolicy, asked_pause, call

SCHEMA = "firehose-loader-alert/1"
SIGNATURE = "X-Firehose-Signature"
_TRIES = RetryPolicy(attempts=3, first_pause_seconds=1, longest_pause_seconds=5, total_seconds=20)


class Message(Struct, frozen=True, kw_only=True):
    """What people are told at once."""

    warehouse: str
    """Its URL, without secrets."""
    run_id: str | None
    sent_at: datetime
    alerts: Sequence[Mapping[str, object]]
    text: str
    """The same for people, a line each."""

    def document(self) -> dict[str, object]:
        """Return it as JSON: ``docs/alert.schema.json`` describes it."""
        return {
            "schema": SCHEMA,
            "sent_at": self.sent_at.isoformat(),
            "loader_version": __version__,
            "warehouse": self.warehouse,
            "run_id": self.run_id,
            "text": self.text,
            "alerts": list(self.alerts),
        }


def send_all(config: Alerts, message: Message) -> None:
    """Send a message wherever the configuration wants it.

    Raises:
        AlertUnsent: a place did not take it; others may have.
        ExtraMissing: Apprise is wanted and not installed.
    """
    if config.webhook is not None:
        call(_TRIES, lambda: _post(config, message))
    if config.apprise:
        _apprise(config, message)


def signature(secret: str, body: bytes, moment: datetime) -> str:
    """Return the header that shows who sent a body, and when: ``t=SECONDS,v1=HEX``."""
    seconds = int(moment.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is meant for one address goes to no other."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - the library's
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        del req, fp, code, msg, headers, newurl


def _post(config: Alerts, message: Message) -> None:
    url = plain(config.webhook)
    host = urlsplit(url).hostname or "?"
    document = {"text": message.text} if config.style == "slack" else message.document()
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"firehose-loader/{__version__}",
    }
    if config.secret is not None:
        headers[SIGNATURE] = signature(plain(config.secret), body, message.sent_at)
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=config.timeout):
            return
    except HTTPError as error:
        with error:
            raise AlertUnsent(
                f"the webhook at {host} answered {error.code} {error.reason}; look at"
                " alerts.webhook",
                pause_seconds=min(asked_pause(error.headers.get("Retry-After")), 5),
            ) from None
    except (OSError, HTTPException, ValueError) as error:
        # The text of an error may hold the URL, and that a secret.
        raise AlertUnsent(
            f"the webhook at {host} cannot be reached ({type(error).__name__});"
            " look at alerts.webhook"
        ) from None


def _apprise(config: Alerts, message: Message) -> None:
    try:
        from apprise import Apprise
    except ImportError:
        raise ExtraMissing("alerts.apprise", "alerts") from None
    for secret in config.apprise:
        place = Apprise()
        url = plain(secret)
        kind = url.partition("://")[0]
        if not place.add(url):
            raise AlertUnsent(f"alerts.apprise: the {kind}:// URL is none that Apprise knows")
        if not place.notify(title="firehose-loader", body=message.text):
            raise AlertUnsent(f"alerts.apprise: {kind}:// did not take the message")
