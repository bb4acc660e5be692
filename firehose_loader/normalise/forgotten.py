"""Rows and texts that name people who are looked for: those who were forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from msgspec.structs import replace

from firehose_loader.engine import DIALECT, Engine, columns_of
from firehose_loader.model import Content
from firehose_loader.normalise.match import Seen
from firehose_loader.normalise.shapes import Shape
from firehose_loader.privacy import People, PiiClass
from firehose_loader.privacy.forgotten import GONE
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.schema.personal import classes_by_spelling, identified_by
from firehose_loader.statements import literal, statement

_GIVEN = "SELECT place, pii, text FROM forgotten_texts"


class Text(NamedTuple):
    """A text that is looked through."""

    place: int
    """What it belongs to; several texts may have one place."""
    name: str
    """Of its field; empty where it has none."""
    text: str


class Forgotten:
    """Finds people in what one engine has. It costs nothing where nobody is looked for."""

    def __init__(self, engine: Engine, people: People, schemas: Iterable[EventSchema]) -> None:
        """Take what it works with; the schemas tell which fields identify people."""
        self._engine = engine
        self._declared = classes_by_spelling(schemas) if people.sought else {}
        self.is_active = bool(people.sought)
        """Somebody is looked for."""
        if self.is_active:
            engine.run("forgotten_keys", columns_of(people.pads, ("inner_pad", "outer_pad")))
            engine.run("forgotten", columns_of(people.sought, ("number", "key_no", "identifier")))

    def set_aside(self, shape: Shape) -> int:
        """Note the rows of a shape as unfit that name one of them; return how many."""
        if not self.is_active:
            return 0
        texts = [text for one in shape.fields.values() if (text := self._texts(shape, one))]
        if not texts:
            return 0
        return self._engine.changed(
            "stage_forgotten",
            {"message": GONE},
            rows=shape.rows,
            found=statement(DIALECT, "forgotten_found", texts=" UNION ALL ".join(texts)).sql,
        )

    def found(self, texts: Sequence[Text]) -> Mapping[int, set[int]]:
        """Return, by place, the numbers of those whom texts name."""
        found: dict[int, set[int]] = {}
        if self.is_active and texts:
            rows = ((one.place, self._class_of(one.name), one.text) for one in texts)
            self._engine.run("forgotten_texts", columns_of(rows, ("place", "pii", "text")))
            named = self._engine.run("forgotten_found", texts=_GIVEN)
            for place, number in cast("list[tuple[int, int]]", named):
                found.setdefault(place, set()).add(number)
        return found

    def contents(self, given: Sequence[Content | None]) -> list[Content | None]:
        """Return what drops are, without a header that names one of them: it may be a row."""
        headers = [" ".join(one.header) if one else "" for one in given]
        named = self.found([Text(place, "", header) for place, header in enumerate(headers)])
        return [
            replace(one, header=()) if one and place in named else one
            for place, one in enumerate(given)
        ]

    def _texts(self, shape: Shape, one: Seen) -> str | None:
        """SQL of the texts of a field; None where these name nobody, whatever they are."""
        pii = self._class_of(one.name)
        if pii is None and one.kind is not FieldType.TEXT:
            return None
        return statement(
            DIALECT,
            "forgotten_column",
            rows=shape.rows,
            pii=literal(pii) if pii else "NULL",
            text=one.sql,
            may_name="true" if pii else "firehose_may_be_personal(n.text)",
        ).sql

    def _class_of(self, name: str) -> PiiClass | None:
        return identified_by(name, self._declared) if name else None


def plain_identifiers(
    engine: Engine, people: People, given: Sequence[tuple[PiiClass | None, str]]
) -> list[tuple[str, str]]:
    """Return identifiers as they are hashed, and their hashes with the first key of ``people``.

    Those without a class are pseudonyms.
    """
    engine.run("forgotten_keys", columns_of(people.pads, ("inner_pad", "outer_pad")))
    rows = (
        (place, str(pii) if pii else "pseudonym", text) for place, (pii, text) in enumerate(given)
    )
    found = engine.run("forgotten_names", columns_of(rows, ("place", "pii", "text")))
    return cast("list[tuple[str, str]]", found)
