"""Published versions never change: a list beside the schemas keeps their digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable

from firehose_loader.schema.documents import SchemaFile, read_documents
from firehose_loader.schema.gather import Finding
from firehose_loader.schema.lint_fields import Problem

LIST = "published.json"
"""Name of the list in a folder of schemas: digests by ``<event type>/<version>.json``."""


def digest(content: Mapping[str, object]) -> str:
    """Return the SHA-256 of a document, whatever its layout and the order of its keywords.

    The order of ``properties`` counts with it: it is that of the table's columns.
    """
    fields = content.get("properties")
    order = list(fields) if isinstance(fields, dict) else []
    canonical = json.dumps([content, order], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_published(root: Traversable) -> Iterator[Finding]:
    """Yield every published version of a folder that was changed or is gone."""
    path = root / LIST
    if not path.is_file():
        return
    published = _read(path)
    if published is None:
        yield Finding(
            path=str(path),
            problem=Problem(pointer="", message="is not a list of digests; restore it"),
        )
        return
    files = {_place(file): file for file in read_documents(root, "")}
    for place, known in sorted(published.items()):
        if place not in files:
            message = "was published and is gone: rows and other versions refer to it; restore it"
            yield Finding(path=str(root / place), problem=Problem(pointer="", message=message))
        elif digest(files[place].content) != known:
            message = "was published and has changed since; restore it, and make a new version"
            yield Finding(path=files[place].path, problem=Problem(pointer="", message=message))


def frozen(root: Traversable) -> tuple[str, tuple[str, ...]]:
    """Return the text of a folder's list with all its documents in it, and the new ones' places."""
    path = root / LIST
    known = dict(_read(path) or {}) if path.is_file() else {}
    digests = {_place(file): digest(file.content) for file in read_documents(root, "")}
    text = json.dumps(digests | known, indent=2, sort_keys=True) + "\n"
    return text, tuple(sorted(digests.keys() - known.keys()))


def _read(path: Traversable) -> Mapping[str, str] | None:
    """Return the digests of a list; None where it is none."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    return content if all(isinstance(value, str) for value in content.values()) else None


def _place(file: SchemaFile) -> str:
    return f"{file.folder}/{file.stem}.json"
