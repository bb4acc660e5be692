"""Which members the objects of JSON drops have, and the SQL that takes these out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.normalise.payloads import member_texts, no_object, pointer
from firehose_loader.normalise.text_file import TextFile
from firehose_loader.schema.names import is_payload

_SAMPLE_ROWS = 1000
"""So many rows of one file mostly have every member that there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
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
        """SQL of the text of each field; ``texts`` are those of ``parameters["members"]``."""
        of = {name: f"nullif(texts[{place}], '')" for place, name in enumerate(self.names, 1)}
        inner = [(name, one) for name, members in self.within.items() for one in members]
        if self.complete:
            found = {
                name: no_object(text) if is_payload(name) else text for name, text in of.items()
            }
            return [*found.values(), *member_texts([(of[name], one) for name, one in inner])]
        objects = (
            f"CASE WHEN ascii({text}) <> 123 THEN {text} END" if name in self.within else text
            for name, text in of.items()
        )
        first = len(self.names) + 1
        return [*objects, *(f"nullif(texts[{first + n}], '')" for n in range(len(inner)))]

    @property
    def odd(self) -> str:
        """SQL that tells a row that has other members, or a payload that is a text."""
        if self.complete:
            return "NULL"
        others = ["NOT list_has_all(names[1], keys[1])"]
        for n, name in enumerate(self.within, 2):
            text = f"texts[{1 + self.names.index(name)}]"
            others.append(f"NOT list_has_all(names[{n}], keys[{n}])")
            others.append(f"len(keys[{n}]) = 0 AND ascii({text}) = 123 AND {text} <> '{{}}'")
        return " OR ".join(f"coalesce({other}, false)" for other in others)

    @property
    def parameters(self) -> Mapping[str, object]:
        """Return what the SQL refers to."""
        inner = [pointer(name) + pointer(one) for name, of in self.within.items() for one in of]
        return {
            "members": [*map(pointer, self.names), *([] if self.complete else inner)],
            "within": ["", *map(pointer, self.within)],
            "usual": self.usual,
            "names": [list(self.names), *map(list, self.within.values())],
        }


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
