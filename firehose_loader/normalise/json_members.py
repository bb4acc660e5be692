"""Which members the objects of JSON drops have, and the SQL that takes these out of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import cast

from msgspec import Struct

from firehose_loader.engine import Engine
from firehose_loader.normalise.payloads import alone, member_texts, no_object, pointer, unlike
from firehose_loader.normalise.text_file import TextFile
from firehose_loader.schema.names import is_payload
from firehose_loader.statements import literal

_SAMPLE_ROWS = 1000
"""So many rows of one file mostly have every member that there is."""


class Members(Struct, frozen=True, kw_only=True, dict=True):
    """The members that are read, of the objects themselves and of the payloads within."""

    names: Sequence[str]
    within: Mapping[str, Sequence[str]]
    """By the name of each payload, the members of the objects that it holds."""
    usual: Sequence[Sequence[str] | None] | None = None
    """What most rows have, in their order: those of the object, then those of each payload."""
    complete: bool
    """No row has others, and a payload may be a text that spells an object."""

    @property
    def fields(self) -> list[str]:
        """Return the names of the fields that they are."""
        inner = (f"{name}.{one}" for name, members in self.within.items() for one in members)
        return [*self.names, *inner]

    @property
    def texts(self) -> list[str]:
        """SQL of the text of each field."""
        inner = [(name, one) for name, members in self.within.items() for one in members]
        if self.complete:
            of = {name: self._text(name) for name in self.names}
            found = [no_object(text) if is_payload(name) else text for name, text in of.items()]
            return [*found, *member_texts([(of[name], one) for name, one in inner])]
        outer = [
            self._no_object(name) if name in self.within else self._text(name)
            for name in self.names
        ]
        return [*outer, *(self._text(name, one) for name, one in inner)]

    @property
    def odd(self) -> str:
        """SQL that tells a row that has other members, or a payload that is a text."""
        if self.complete:
            return "NULL"
        others = [_has_others("keys[1]", self.names)]
        for n, (name, members) in enumerate(self.within.items(), 2):
            text = self._text(name)
            others.append(_has_others(f"keys[{n}]", members))
            others.append(f"len(keys[{n}]) = 0 AND ascii({text}) = 123 AND {text} <> '{{}}'")
        return " OR ".join(f"coalesce({other}, false)" for other in others)

    @property
    def parameters(self) -> Mapping[str, object]:
        """Return what the SQL refers to."""
        return {
            "within": ["", *map(pointer, self.within)],
            "usual": self.usual,
            "structure": json.dumps(self._structure),
        }

    @cached_property
    def _structure(self) -> Mapping[str, object]:
        """What is taken out of each object at once; a payload's members instead of its text."""
        within = {} if self.complete else self.within
        return {
            name: dict.fromkeys(unlike(within.get(name, [])), "VARCHAR") or "VARCHAR"
            for name in unlike(self.names)
        }

    def _text(self, *path: str) -> str:
        """SQL of the text of a member, which may be one of a payload; NULL where it is empty."""
        held: object = self._structure
        taken = "members"
        for name in path:
            held = held.get(name) if isinstance(held, Mapping) else None
            taken = f"struct_extract({taken}, {literal(name)})"
        if not isinstance(held, str):
            taken = alone("json", *path)
        return f"nullif({taken}, '')"

    def _no_object(self, name: str) -> str:
        """SQL of a payload's text; NULL where it is an object, which alone has keys."""
        text = self._text(name)
        keys = f"keys[{2 + list(self.within).index(name)}]"
        return f"CASE WHEN len({keys}) = 0 AND ascii({text}) <> 123 THEN {text} END"


def sampled(engine: Engine, reader: Mapping[str, object], files: Sequence[TextFile]) -> Members:
    """Return the members that the first rows have; others are rare.

    Args:
        engine: what reads the drops.
        reader: how: parameters of its reader.
        files: the drops.
    """
    names = {name for file in files for name in file.content.header}
    of_one = {**reader, "files": [str(files[0].path)], "rows": _SAMPLE_ROWS}
    names.update(name for (top, *_) in _keys(engine, of_one, []) for name in top or ())
    payloads = sorted(filter(is_payload, names))
    rows = _keys(engine, of_one, payloads)
    inner: dict[str, set[str]] = {name: set() for name in payloads}
    for _, *within in rows:
        for name, members in zip(payloads, within, strict=True):
            inner[name].update(members or ())
    return Members(
        names=sorted(names),
        within={name: sorted(members) for name, members in inner.items()},
        # Where a payload has no members, it may be a text that spells an object: to be looked at.
        usual=next((keys for keys in rows if [] not in keys), None),
        complete=False,
    )


def complete(engine: Engine, reader: Mapping[str, object]) -> Members:
    """Return all members that the drops have, those of payloads that are texts included."""
    names = sorted(str(name) for (name,) in engine.run("stage_json_names", reader))
    return Members(
        names=names,
        within={
            name: sorted(
                str(member)
                for (member,) in engine.run("stage_json_members", {**reader, "path": pointer(name)})
            )
            for name in filter(is_payload, names)
        },
        complete=True,
    )


def _keys(
    engine: Engine, reader: Mapping[str, object], payloads: Sequence[str]
) -> list[list[list[str] | None]]:
    """Return which members rows have, and those of the objects that are their payloads."""
    asked = {**reader, "within": ["", *map(pointer, payloads)]}
    found = engine.run("stage_json_sample", asked)
    return [keys for (keys,) in cast("list[tuple[list[list[str] | None]]]", found)]


def _has_others(keys: str, names: Sequence[str]) -> str:
    """SQL that tells that keys are not all among these names."""
    return f"NOT list_has_all([{', '.join(map(literal, names))}]::VARCHAR[], {keys})"
