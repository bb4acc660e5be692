"""Event schema documents for the tests: those shipped, and small ones of a user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firehose_loader.resources import bundled

Document = dict[str, Any]
SCHEMAS = Path(str(bundled("schemas")))
METASCHEMA: Document = json.loads((SCHEMAS / "metaschema.json").read_text("utf-8"))
DOCUMENTS: Mapping[Path, Document] = {
    path: json.loads(path.read_text("utf-8")) for path in sorted(SCHEMAS.glob("*/*.json"))
}
VERSIONS = Path(__file__).parent / "versions"
"""Event types of a user that went through several versions."""
EVENT_TYPES = {
    "campaign.send",
    "email.click",
    "email.doubleOptIn",
    "email.failed",
    "email.ispComplained",
    "email.open",
    "email.reply",
    "email.send",
    "email.unsubscribed",
    "email.view",
    "interaction.pushClick",
    "interaction.socialShare",
    "landingPage.view",
    "page.view",
    "pushNotification.error",
    "pushNotification.send",
    "sms.click",
    "sms.delivered",
    "sms.failed",
    "sms.remove",
    "sms.reply",
    "sms.send",
    "sms.unsubscribed",
    "transactional.click",
    "transactional.emailCampaignSend",
    "transactional.emailFailed",
    "transactional.open",
}


def a_document(**changes: object) -> Document:
    """Return a small user's document; a change to None takes a keyword out."""
    document = {
        "type": "object",
        "x-event-type": "shop.order",
        "x-version": "1-0-0",
        "properties": {
            "eventId": {"$ref": "../common/1-0-0.json#/$defs/eventId"},
            "eventDate": {"$ref": "../common/1-0-0.json#/$defs/eventDate"},
            "total": {"type": ["number", "null"], "x-column": "total", "x-aliases": ["amount"]},
        },
    } | changes
    return {name: value for name, value in document.items() if value is not None}


def a_version_of(event_type: str, version: str, **fields: object) -> Document:
    """Return a user's document with all fields of the first shipped version, and more."""
    shipped = DOCUMENTS[SCHEMAS / event_type / "1-0-0.json"]
    properties = {**shipped["properties"], **fields}
    return {**shipped, "x-version": version, "properties": properties}


def with_field(name: str, field: object) -> Document:
    document = a_document()
    document["properties"][name] = field
    return document


def write(folder: Path, document: object, place: str = "shop.order/1-0-0.json") -> Path:
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), "utf-8")
    return path


def write_version(folder: Path, document: Document) -> Path:
    """Write a document where its event type and version say."""
    return write(folder, document, f"{document['x-event-type']}/{document['x-version']}.json")
