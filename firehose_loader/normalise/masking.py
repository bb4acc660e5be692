"""Personal data is masked here: behind the keys and faults of rows, before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from firehose_loader.engine import Engine, columns_of
from firehose_loader.errors import ConfigError
from firehose_loader.model import Content
from firehose_loader.normalise.masks import Masks
from firehose_loader.privacy import PiiClass, Policies, Policy
from firehose_loader.privacy.looks import scrubbed
from firehose_loader.privacy.members import Leaf, leaves, masked, parsed, written
from firehose_loader.protocols import StagedTable
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.schema.names import fold, is_payload, within_payload
from firehose_loader.schema.personal import class_by_name, class_of_field, classes_by_spelling
from firehose_loader.statements import quoted

_BY_TEXT = "md5(content)"
_BY_KEY = (
    "sha256((SELECT row_outer_pad FROM pii_key)"
    " || unhex(sha256((SELECT row_inner_pad FROM pii_key) || encode(content))))"
)


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
        self._masks = Masks(policies)
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
        return scrubbed(name) if self.is_active else name

    def content(self, content: Content) -> Content:
        """Return what a drop is, without what in its header looks like personal data."""
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
        where = f"{table.part}_{table.type_no}"
        target, masks = quoted(f"staged_masked_{where}"), quoted(f"staged_masks_{where}")
        fields = [table.schema.by_column[column] for column in table.columns]
        places = self._nested(table.rows, fields, masks)
        self._engine.run(
            "pii_rows",
            table=target,
            rows=table.rows,
            more_columns="".join(
                f", {self._column(field, place if place in places else None)}"
                f" AS {quoted(field.column)}"
                for place, field in enumerate(fields)
            ),
            rescued=_replaced("r._rescued", -1 if -1 in places else None),
            row_joins="\n".join(
                f"LEFT JOIN {masks} AS {_alias(place)}"
                f" ON {_alias(place)}.place = {place} AND {_alias(place)}.raw = {text}::VARCHAR"
                for place, text in places.items()
            ),
        )
        duplicates = f"FROM {target} AS r SEMI JOIN staged_duplicates AS d ON r._seq = d.seq"
        return replace(table, rows=f"FROM {target}", duplicates=duplicates)

    def aids(self, table: StagedTable) -> list[str]:
        """Return the tables that masked rows need, themselves first; to be given up in the end."""
        where = f"{table.part}_{table.type_no}"
        return [quoted(f"staged_masked_{where}"), quoted(f"staged_masks_{where}")]

    def texts(self, given: Sequence[tuple[str, str]]) -> list[str | None]:
        """Return what may be stored of texts, each given with the name of its field."""
        documents = [parsed(text) if text.lstrip()[:1] in {"{", "["} else None for _, text in given]
        wanted: dict[Leaf, None] = {}
        for (name, text), document in zip(given, documents, strict=True):
            if document is None:
                wanted[self._class_of(name), text] = None
            else:
                wanted |= dict.fromkeys(leaves(document, self._class_of, self._class_of(name)))
        masks = self._masked(list(wanted))
        return [
            masks[self._class_of(name), text]
            if document is None
            else written(masked(document, self._class_of, masks, self._class_of(name)))
            for (name, text), document in zip(given, documents, strict=True)
        ]

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
        if is_payload(name):
            return None  # an envelope: its members tell
        inner = within_payload(name) or name
        found = self._classes.get(fold(inner)) or class_by_name(inner)
        return None if found and self._policies.of(found) is Policy.KEEP else found

    def _column(self, field: Field, place: int | None) -> str:
        """SQL of what is stored of a column's value."""
        value = f"r.{quoted(field.column)}"
        pii = self._masked_class(field)
        match field.type:
            case FieldType.JSON if pii is PiiClass.FREE_TEXT:
                return f"to_json({self._masks.of(pii, f'{value}::VARCHAR')})"
            case FieldType.JSON:
                return _replaced(value, place)
            case FieldType.TEXT if pii is not None:
                return self._masks.of(pii, value)
            case FieldType.TEXT if field.evidence == "observed":
                looks = self._masks.by_looks(value)
                return looks if place is None else f"coalesce({_alias(place)}.masked, {looks})"
            case FieldType.TEXT if field.pii is None:
                return self._masks.without_emails(value)
            case FieldType.TEXT:
                return value
            case _ if pii is not None:
                return f"CASE WHEN false THEN {value} END"  # the one policy but hash, that is text
            case _:
                return value

    def _masked_class(self, field: Field) -> PiiClass | None:
        """Return the class of a field of which something else is stored than its values."""
        pii = class_of_field(field)
        return None if pii is None or self._policies.of(pii) is Policy.KEEP else pii

    def _nested(self, rows: str, fields: Sequence[Field], target: str) -> dict[int, str]:
        """Mask the JSON texts in columns, member by member; return the columns that have any.

        They are found by their place among the columns, -1 standing for ``_rescued``.
        """
        found: list[tuple[int, str, str]] = []
        candidates: dict[int, tuple[str, PiiClass | None]] = {-1: ("r._rescued::VARCHAR", None)}
        for place, field in enumerate(fields):
            value = f"r.{quoted(field.column)}"
            if field.type is FieldType.JSON:
                candidates[place] = f"{value}::VARCHAR", self._masked_class(field)
            elif field.type is FieldType.TEXT and field.evidence == "observed":
                text = f"CASE WHEN ascii({value}) IN (91, 123) THEN {value} END"
                candidates[place] = text, None
        for place, (text, pii) in candidates.items():
            if pii is PiiClass.FREE_TEXT:
                continue  # masked as a whole
            given = self._engine.run("pii_nested", rows=rows, text=text)
            found += self._members(place, [str(one) for (one,) in given], pii)
        if not found:
            return {}
        self._engine.run("pii_masks", columns_of(found, ("place", "raw", "masked")), table=target)
        return {
            place: "r._rescued" if place < 0 else f"r.{quoted(fields[place].column)}"
            for place, _, _ in found
        }

    def _members(
        self, place: int, given: Sequence[str], pii: PiiClass | None
    ) -> list[tuple[int, str, str]]:
        """Return JSON texts of one column whose members must be masked, with what becomes of each.

        Of one that is nested too deeply to be taken apart nothing is left.
        """
        documents = {text: parsed(text) for text in given}
        found = {
            text: list(leaves(document, self._class_of, pii))
            for text, document in documents.items()
        }
        masks = self._masked(list(dict.fromkeys(leaf for of in found.values() for leaf in of)))
        return [
            (place, text, written(masked(document, self._class_of, masks, pii)))
            for text, document in documents.items()
            if document is None or any(masks[leaf] != leaf[1] for leaf in found[text])
        ]

    def _masked(self, given: Sequence[Leaf]) -> Mapping[Leaf, str | None]:
        """Return what is stored of texts, by class and text."""
        if not given:
            return {}
        found = self._engine.run(
            "pii_texts",
            {
                "place": list(range(len(given))),
                "pii": [pii and str(pii) for pii, _ in given],
                "text": [text for _, text in given],
            },
            masked=self._masks.by_class("r.pii", "r.text"),
        )
        return {leaf: cast("str | None", mask) for leaf, (mask,) in zip(given, found, strict=True)}


def _replaced(value: str, place: int | None) -> str:
    """SQL of a JSON value with its members masked, where that changes any."""
    return value if place is None else f"coalesce({_alias(place)}.masked::JSON, {value})"


def _alias(place: int | None) -> str:
    return "m_rescued" if place == -1 else f"m{place}"
