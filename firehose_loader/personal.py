"""What becomes of personal data in one warehouse: policies by source, keys, what is text now."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from msgspec.structs import replace

from firehose_loader.config import Config
from firehose_loader.errors import ConfigError
from firehose_loader.privacy import PiiClass, Policies, Retention, Screen, ScreenVersion
from firehose_loader.privacy.forgotten import forgotten_people
from firehose_loader.privacy.retention import days_since_1970, today
from firehose_loader.protocols import Warehouse
from firehose_loader.schema.additions import Addition, in_force
from firehose_loader.schema.catalog import Catalog
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.personal import as_stored


class PersonalData:
    """The policies of a configuration, held against what a warehouse knows of keys."""

    def __init__(self, warehouse: Warehouse, config: Config) -> None:
        """Take both.

        Raises:
            ConfigError: a key is another one than when it was used first.
        """
        self._warehouse = warehouse
        self._config = config
        known = warehouse.keys()
        config.pii.policies({}).keyring.check(known)
        self._known = [record.key_id for record in known]

    def policies(self, source: str) -> Policies:
        """Return what becomes of personal data from a source."""
        return self._config.policies(source)

    @property
    def row_key(self) -> str | None:
        """Id of the key that names rows without an id: the first that the warehouse had."""
        return self._known[0] if self._known else self._config.pii.key_id

    def screen(self, rules: Retention, *, fields: int) -> Screen:
        """Return of whom and from when nothing may be loaded, as the warehouse knows it now.

        Args:
            rules: the retention that is configured.
            fields: how many that the feed added to event schemas are taken into account.

        Raises:
            ConfigError: a key is missing by which people are known who were forgotten.
        """
        records, removed = self._warehouse.forgotten(), self._warehouse.kept_from()
        return Screen(
            people=forgotten_people(records, self._config.pii.policies({}).keyring),
            retention=replace(rules, removed=removed, today=today()),
            version=ScreenVersion(
                people=len(records),
                removed=len(removed),
                days=days_since_1970(removed.values()),
                keys=len(self._known),
                fields=fields,
            ),
        )

    def in_force(self, catalog: Catalog, additions: Sequence[Addition]) -> dict[str, EventSchema]:
        """Return the schemas that rows may have, by event type, as their tables have to have them.

        Older models are among them, by event type and model.
        """
        schemas = in_force(catalog, additions)
        return {name: self.as_stored(one) for name, one in schemas.items()}

    def as_stored(self, schema: EventSchema) -> EventSchema:
        """Return a schema as its table has to have it: what is hashed is text."""
        if not self._known and not self._hashed:
            return schema
        return as_stored(schema, self._hashed, self._warehouse.columns(schema.table))

    def use_key(self, source: str) -> None:
        """Have the warehouse remember the key, before it gets values that are hashed with it.

        Raises:
            ConfigError: another key came into use after it.
        """
        policies = self.policies(source)
        active = policies.keyring.active
        if policies.keep_all or active is None:
            return
        if active not in self._known:
            self._warehouse.record_keys(policies.keyring.records()[:1])
            self._known.append(active)
        elif active != self._known[-1]:
            raise ConfigError(
                f"pii: the key {self._known[-1]!r} came into use in this warehouse after"
                f" {active!r}, which this configuration hashes with: make the newest one key_id and"
                " key, and keep the older ones under [pii.keys]; if it is lost, begin one under a"
                f" new key_id. Nothing more is hashed with {active!r}"
            )

    @cached_property
    def _hashed(self) -> frozenset[PiiClass]:
        """The classes that are hashed for any source: their tables are the same for all."""
        sources = ("", *(source.name for source in self._config.source))
        return frozenset(pii for source in sources for pii in self.policies(source).hashed)
