"""An envelope's payload, whose members are fields of the event: SQL that takes it apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from firehose_loader.schema.names import is_payload
from firehose_loader.statements import literal


def payload_columns(header: Sequence[str]) -> list[int]:
    """Return which columns of a CSV header may hold payloads; of two of one name, the first."""
    return [n for n, name in enumerate(header) if is_payload(name) and header.index(name) == n]


def no_object(text: str) -> str:
    """SQL of a payload's text; NULL where it is an object, whose members are fields."""
    return f"CASE WHEN NOT (ascii({text}) = 123 AND json_valid({text})) THEN {text} END"


def member_texts(members: Sequence[tuple[str, str]]) -> Iterator[str]:
    """SQL of the texts of members, given with the column of their payload.

    Each payload is taken apart once for all of them.
    """
    for column, same in groupby(members, key=itemgetter(0)):
        names = [member for _, member in same]
        payload = f"CASE WHEN ascii({column}) = 123 THEN {column} END"
        together = dict.fromkeys(unlike(names), "VARCHAR")
        taken = f"json_transform({payload}, {literal(json.dumps(together))})"
        for name in names:
            text = f"struct_extract({taken}, {literal(name)})"
            yield f"nullif({text if name in together else alone(payload, name)}, '')"


def alone(document: str, *path: str) -> str:
    """SQL of the text of one member, spelled as where many are taken out together."""
    held: object = "VARCHAR"
    for name in reversed(path):
        held = {name: held}
    taken = f"json_transform({document}, {literal(json.dumps(held))})"
    for name in path:
        taken = f"struct_extract({taken}, {literal(name)})"
    return taken


def unlike(names: Sequence[str]) -> list[str]:
    """Return names that differ by more than case, without which none can be told in the engine."""
    return list({name.casefold(): name for name in names}.values())


def pointer(name: str) -> str:
    """Return a member's name as JSON Pointer."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
