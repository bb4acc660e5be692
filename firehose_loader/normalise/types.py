"""Which event type each row has: from a rule, from a column, or as the drop as a whole says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from msgspec import Struct

from firehose_loader.engine import Engine
from firehose_loader.normalise.models import model_of
from firehose_loader.normalise.shapes import Shape
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.names import fold
from firehose_loader.statements import quoted

UNKNOWN = "unknown"
TypeSpellings: TypeAlias = Mapping[str, Mapping[str, int]]


class DropTypes(Struct, frozen=True, kw_only=True):
    """What is known of a drop's event type without looking at its rows."""

    forced: str | None = None
    """A rule of the configuration: stands above everything."""
    default: str | None = None
    """From its folder, name or header: for rows that do not tell."""
    why: str = ""
    """What told it, for people: such as ``its folder email.open``."""


class EventTypes:
    """Event types by number, as the engine keeps them."""

    def __init__(self, schemas: Mapping[str, EventSchema], spellings: Sequence[str]) -> None:
        """Take the schemas in force, and the folded names of columns that tell an event type."""
        self.names = (UNKNOWN, *(name for name in schemas if name != UNKNOWN))
        self.schemas = [schemas[name] for name in self.names]
        self._number = {name: number for number, name in enumerate(self.names)}
        self._models: dict[int, list[int]] = {}
        for number in sorted(range(len(self.names)), key=self._by_age):
            self._models.setdefault(self.newest(number), []).append(number)
        self._spellings = tuple(spellings)

    def number(self, name: str | None) -> int | None:
        """Return the number of an event type."""
        return None if name is None else self._number[name]

    def _by_age(self, number: int) -> int:
        return -self.schemas[number].version.model

    def newest(self, number: int) -> int:
        """Return the number of the newest model of an event type."""
        return self._number[self.schemas[number].event_type]

    def told(self, spellings: Mapping[str, int]) -> list[tuple[int, str]]:
        """Return the texts that stand for event types, with the number of each model they mean."""
        return [
            (number, text)
            for text, newest in sorted(spellings.items())
            for number in self._models[newest]
        ]

    def decides(self, name: str) -> bool:
        """Tell whether a field's word on the event type is final."""
        return fold(name) == self._spellings[0]

    def make_rows(self, engine: Engine, shape: Shape) -> TypeSpellings:
        """Make the view of a shape's rows, which knows the event type of every row.

        Returns, by the slot of each column that may tell types, which texts in it stand for which.

        Of the columns that may tell it, the first one's word is final: a value that spells no
        known type makes the row ``unknown``, unless it only marks a missing value. The others
        (``type``, ``name``, ...) often mean something else, so they count only where they spell a
        known type.
        """
        choices = ["d.forced_no"]
        joins = []
        spellings: dict[str, Mapping[str, int]] = {}
        for number, spelling in enumerate(self._spellings):
            for one in shape.fields.values():
                if fold(one.name) != spelling:
                    continue
                types = quoted(f"staged_types_{shape.number}_{one.slot}")
                slot = quoted(one.slot)
                shape.aids.append(types)
                engine.run("stage_types", self._known(), types=types, table=shape.table, slot=slot)
                told = cast("list[tuple[str, int]]", engine.run("stage_spellings", types=types))
                if not told and number > 0:
                    continue
                spellings[one.slot] = dict(told)
                joins.append(f"LEFT JOIN {types} ON {types}.spelling = s.{slot}")
                choices.append(f"{types}.type_no")
                if number == 0:
                    choices.append(f"CASE WHEN firehose_said(s.{slot}) IS NOT NULL THEN 0 END")
        choices += ["d.type_no", "0"]
        engine.run(
            "stage_rows",
            view=shape.rows,
            table=shape.table,
            first_seq=str(shape.first_seq),
            row_no="s._row" if shape.numbered else "s.rowid - d.first_row + 1",
            type_no=model_of(
                f"coalesce({', '.join(choices)})",
                {newest: of for newest, of in self._models.items() if len(of) > 1},
                self.schemas,
                shape.fields.values(),
            ),
            type_joins="\n".join(joins),
            more_slots="".join(f", s.{name}" for name, _ in shape.columns),
        )
        return spellings

    def _known(self) -> Mapping[str, object]:
        """Spellings of all event types; ``unknown`` is no answer."""
        newest = sorted(self._models.keys() - {0})
        return {
            "folded": [fold(self.names[number]) for number in newest],
            "numbers": newest,
        }


def by_type(expressions: Mapping[int, str]) -> str:
    """SQL that takes each row's expression by its event type; one alone where all agree."""
    numbers: dict[str, list[int]] = {}
    for number, expression in expressions.items():
        numbers.setdefault(expression, []).append(number)
    if len(numbers) == 1:
        return next(iter(numbers))
    whens = " ".join(
        f"WHEN r.type_no IN ({', '.join(map(str, of))}) THEN {expression}"
        for expression, of in numbers.items()
    )
    return f"CASE {whens} END"
