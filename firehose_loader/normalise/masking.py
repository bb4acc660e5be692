"""Personal data is masked here: behind the keys and faults of rows, before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec.structs import replace

from firehose_loader.engine import DIALECT, Engine
from firehose_loader.errors import ConfigError
from firehose_loader.model import Content
from firehose_loader.normalise.masked_columns import MaskedColumns
from firehose_loader.normalise.masked_texts import MaskedTexts
from firehose_loader.normalise.masks import Masks
from firehose_loader.privacy import PiiClass, Policies, Policy
from firehose_loader.privacy.looks import scrubbed
from firehose_loader.protocols import StagedTable
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.personal import class_of_name, classes_by_spelling
from firehose_loader.statements import quoted, statement

_BY_TEXT = "md5(content)"
_BY_KEY = (
    "sha256((SELECT row_outer_pad FROM pii_key)"
    " || unhex(sha256((SELECT row_inner_pad FROM pii_key) || encode(content))))"
)

_scrubbed_name = lru_cache(maxsize=4096)(scrubbed)
"""Mostly the drops of a batch have the same field names."""


class Masking:
    """Masks what one batch holds of personal data, as the policies of its source want it."""

    def __init__(
        self,
        engine: Engine,
        policies: Policies,
        schemas: Iterable[EventSchema],
        *,
        row_key: str | None,
    ) -> None:
        """Take what it works with.

        Args:
            engine: where the rows are.
            policies: what becomes of each class.
            schemas: those in force: they tell the classes of fields.
            row_key: id of the key that names rows without an id; None where there is no key.
        """
        self._engine = engine
        self._policies = policies
        masks = Masks(policies)
        self._texts = MaskedTexts(engine, masks, self._class_of)
        self._columns = MaskedColumns(engine, policies, masks, self._texts)
        self._classes = classes_by_spelling(schemas)
        self._row_key = row_key
        if self.is_active:
            self._engine.run("pii_key", self._pads())

    @property
    def is_active(self) -> bool:
        """Anything is to be masked."""
        return not self._policies.keep_all

    @property
    def hashed(self) -> frozenset[PiiClass]:
        """The classes of which pseudonyms are stored."""
        return self._policies.hashed

    def name(self, name: str) -> str:
        """Return the name of a field, without what in it looks like personal data."""
        return _scrubbed_name(name) if self.is_active else name

    def content(self, content: Content) -> Content:
        """Return what a drop is, without what in its header looks like personal data."""
        if not self.is_active:
            return content
        return replace(content, header=tuple(map(self.name, content.header)))

    def digest(self) -> str:
        """SQL of what names a row by its ``content``.

        Whoever knows the rest of a row could try one address after the other against a plain hash
        of all of it, so it takes a key; that one stays when others are rotated.

        Raises:
            ConfigError: the key that the warehouse began with is not there any more.
        """
        if not self.is_active or self._row_key is None:
            return _BY_TEXT
        if self._row_key not in self._policies.keyring.key_ids:
            raise ConfigError(
                f"pii: rows without an id are named with the key {self._row_key!r}, the first that"
                " this warehouse had: without it, such rows that are delivered again would count"
                " twice. Keep it under [pii.keys]; nothing was changed"
            )
        return _BY_KEY

    @property
    def names_by_masked(self) -> bool:
        """Rows without an id are named by what is stored of them, for there is no key."""
        return self.is_active and self._row_key is None

    def table(self, table: StagedTable) -> StagedTable:
        """Return rows of one event type and shape with their personal data masked."""
        if not self.is_active:
            return table
        *columns, rescued = self._columns.of(table)
        more_columns = "".join(f", {one.sql} AS {quoted(one.name)}" for one in columns)
        row_joins = "\n".join(one.join for one in (*columns, rescued) if one.join)

        def masked_rows(rows: str) -> str:
            return statement(
                DIALECT,
                "pii_rows",
                rows=rows,
                more_columns=more_columns,
                rescued=rescued.sql,
                row_joins=row_joins,
            ).sql

        return replace(
            table, rows=masked_rows(table.rows), duplicates=masked_rows(table.duplicates)
        )

    def texts(self, given: Sequence[tuple[str, str]]) -> list[str | None]:
        """Return what may be stored of texts, each given with the name of its field."""
        return self._texts.texts(given)

    def close(self) -> None:
        """Give the memory of what was masked back."""
        self._columns.close()

    def _pads(self) -> dict[str, object]:
        keyring = self._policies.keyring
        active = keyring.pads(keyring.active) if keyring.active is not None else (None, None)
        has_row_key = self._row_key is not None and self._row_key in keyring.key_ids
        row = keyring.row_pads(self._row_key) if has_row_key and self._row_key else (None, None)
        return {
            "key_id": keyring.active,
            "inner_pad": active[0],
            "outer_pad": active[1],
            "row_inner_pad": row[0],
            "row_outer_pad": row[1],
        }

    def _class_of(self, name: str) -> PiiClass | None:
        """Return the class that a name tells of, if anything becomes of that class."""
        found = class_of_name(name, self._classes)
        return None if found and self._policies.of(found) is Policy.KEEP else found
