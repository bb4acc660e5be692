"""Under which schema versions the rows of drops were loaded, and which drops to read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from msgspec import Struct, field

from firehose_loader.engine import Engine
from firehose_loader.schema.additions import Addition, grown
from firehose_loader.schema.catalog import UNKNOWN_TYPE, Catalog
from firehose_loader.schema.model import EventSchema, Version
from firehose_loader.schema.names import LANDED


class Model(NamedTuple):
    """A model of an event type, which has a table of its own."""

    event_type: str
    number: int


Chosen = Mapping[Model, EventSchema]
"""One version of each model that a drop has rows of."""


class Group(Struct):
    """Drops that are read again together, under the versions that their rows were loaded under."""

    schemas: dict[Model, EventSchema] = field(default_factory=dict)
    drop_ids: dict[str, None] = field(default_factory=dict)

    def takes(self, chosen: Chosen) -> bool:
        """Tell whether a drop reads the same among these as by itself.

        The versions must be the same, and the models of an event type, for these decide on rows.
        Rows of no known type may have one now, so drops that have any go with their like alone.
        """
        if any(self.schemas.get(model, schema) != schema for model, schema in chosen.items()):
            return False
        if any(model.event_type == UNKNOWN_TYPE for model in (*self.schemas, *chosen)):
            return self.schemas.keys() == chosen.keys()
        types = {model.event_type for model in self.schemas}
        types &= {model.event_type for model in chosen}
        shared = [
            {model for model in of if model.event_type in types} for of in (self.schemas, chosen)
        ]
        return shared[0] == shared[1]

    def in_force(self, catalog: Catalog) -> dict[str, EventSchema]:
        """Return the schemas as a normaliser takes them: by event type, older models by number."""
        found = {UNKNOWN_TYPE: catalog.latest(UNKNOWN_TYPE)}
        newest: dict[str, int] = {}
        for model in sorted(self.schemas):
            newest[model.event_type] = model.number
        for model, schema in self.schemas.items():
            is_newest = newest[model.event_type] == model.number
            name = model.event_type if is_newest else f"{model.event_type} {model.number}"
            found[name] = schema
        return found


class Versions:
    """Finds the schemas that rows were loaded under, by the names that the tables keep of them."""

    def __init__(self, catalog: Catalog, additions: Sequence[Addition]) -> None:
        self._catalog = catalog
        self._additions = additions
        self._types = {schema.table: schema.event_type for schema in catalog}

    def schema(self, event_type: str, version: str) -> EventSchema | None:
        """Return a version of an event type as it was; None where nobody knows it any more."""
        try:
            wanted = Version.parse(version)
        except ValueError:
            return None
        if self._catalog.resolve_type(event_type) != event_type:
            return None
        on_file = [
            one
            for one in self._catalog.versions(event_type)
            if one.model == wanted.model and one <= wanted
        ]
        if not on_file:
            return None
        base = self._catalog.get(event_type, max(on_file))
        found = grown(base, [one for one in self._additions if one.version <= wanted])
        return found if found.version == wanted else None

    def chosen(
        self, engine: Engine
    ) -> tuple[dict[str, list[dict[Model, EventSchema]]], dict[str, str]]:
        """Return by drop the versions that its rows have; and what is not known any more.

        A drop whose rows have several versions of one model (some were retried later) has several
        choices; every version of it is in one of them.
        """
        rows = cast("list[tuple[str, str | None, str | None, str]]", engine.run("audit_versions"))
        found: dict[str, dict[Model, list[EventSchema]]] = {}
        unknown: dict[str, str] = {}
        for drop_id, table, told, version in rows:
            event_type = told or self._types.get(table or "")
            schema = self.schema(event_type, version) if event_type else None
            if table == LANDED:
                unknown[drop_id] = (
                    "it has rows that are only landed: firehose-loader replay loads it"
                )
                continue
            if schema is None or (table is not None and schema.table != table):
                unknown[drop_id] = (
                    f"it has rows under version {version} of {told or table}, and there is no such"
                    " event schema any more: give the schemas folder that it was loaded with"
                )
                continue
            of = found.setdefault(drop_id, {})
            versions = of.setdefault(Model(schema.event_type, schema.version.model), [])
            if schema not in versions:
                versions.append(schema)
        return (
            {
                drop_id: [
                    {model: of[min(turn, len(of) - 1)] for model, of in models.items()}
                    for turn in range(max(map(len, models.values())))
                ]
                for drop_id, models in found.items()
            },
            unknown,
        )


def grouped(choices: Mapping[str, Sequence[Chosen]]) -> list[Group]:
    """Group drops that can be read together; one with several choices is in several groups."""
    groups: list[Group] = []
    for drop_id, of in choices.items():
        for chosen in of:
            fitting = [one for one in groups if one.takes(chosen) and drop_id not in one.drop_ids]
            if not fitting:
                fitting.append(Group())
                groups += fitting
            fitting[0].schemas |= chosen
            fitting[0].drop_ids[drop_id] = None
    return groups
