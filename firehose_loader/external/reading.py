"""Have a warehouse read the drops of a batch, and sort their rows by the fields that they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.external.drops import (
    MOST_CELLS,
    WITHIN,
    ExternalDrop,
    Here,
    form_of,
    has_plain_fields,
    is_plain_name,
)
from firehose_loader.model import Limits
from firehose_loader.normalise.match import Seen
from firehose_loader.normalise.types import EventTypes
from firehose_loader.protocols import External
from firehose_loader.route import drop_types
from firehose_loader.schema.catalog import Catalog
from firehose_loader.schema.names import fold, is_payload
from firehose_loader.statements import literal

_FILE = ("file", "drop_no", "drop_id", "modified", "forced_no", "default_no", "fields")
_MOST_BYTES = 4
"""Of one character."""
_CELLS = [f"c{number}" for number in range(1, MOST_CELLS + 1)]


class Fields(Struct):
    """Rows that have the same fields, in one table of the warehouse."""

    number: int
    seen: list[Seen]
    documents: bool
    """They come from JSON; beside each slot stands the kind of its value."""
    type_no: str = "0"
    """SQL of the number of a row's event type."""
    told: dict[str, dict[str, int]] = field(default_factory=dict)
    """By slot of a field that may tell event types: the texts that do, and the types' numbers."""

    @property
    def table(self) -> str:
        """The table that holds the rows."""
        return f"external_rows_{self.number}"


class Reader(Struct, frozen=True, kw_only=True):
    """Reads the drops of one source."""

    external: External
    place: str
    """The stage that leads to the source."""
    catalog: Catalog
    rules: Mapping[str, str]
    """Globs on keys, and the event types that they stand for."""
    spellings: Sequence[str]
    """Folded names of fields that may tell an event type."""
    limits: Limits

    def read(self, drops: Sequence[ExternalDrop], types: EventTypes) -> list[Fields]:
        """Have the warehouse read drops; those that it cannot read plainly are marked."""
        by_file = self._copied(drops)
        self._name_fields(by_file)
        return self._sorted(drops, types)

    def _copied(self, drops: Sequence[ExternalDrop]) -> dict[str, ExternalDrop]:
        """Bring texts into the warehouse; return the drops by what their rows say of them."""
        by_file: dict[str, ExternalDrop] = {}
        files: dict[bool, list[str]] = {True: [], False: []}
        for one in drops:
            name, content = self.external.file(one.drop.key), form_of(one.drop.key)
            if one.drop.size_bytes > self.limits.max_file_bytes:
                one.here = Here.SIZE
            elif name is None:
                one.here = Here.NAME
            elif content is None:
                one.here = Here.FORM
            else:
                one.content = content
                by_file[self.external.path(one.drop.key)] = one
                files[one.is_json].append(literal(name))
        run = self.external.run
        run("external_cells", definitions=_lines([f"{name} VARCHAR" for name in _CELLS]))
        run("external_documents")
        run("external_files")
        if files[False]:
            run(
                "external_copy_cells",
                place=self.place,
                named=", ".join(files[False]),
                cells=_lines([f"${number}" for number in range(1, MOST_CELLS + 1)]),
            )
        if files[True]:
            run("external_copy_documents", place=self.place, named=", ".join(files[True]))
        return by_file

    def _name_fields(self, by_file: Mapping[str, ExternalDrop]) -> None:
        """Find the names of the fields of each drop: of a header, or of all its objects."""
        is_json = {one.is_json for one in by_file.values()}
        if False in is_json:
            for file, *texts in self.external.run("external_headers", cells=_lines(_CELLS)):
                by_file[str(file)].names = tuple(str(text) for text in texts if text is not None)
        if True not in is_json:
            return
        found: dict[str, set[str]] = {}
        outer = self.external.run("external_names", body="r.body")
        for file, name in outer:
            found.setdefault(str(file), set()).add(str(name))
        payloads = sorted({str(name) for _, name in outer if is_payload(str(name))})
        for payload in filter(is_plain_name, payloads):
            for file, member in self.external.run(
                "external_names", body=f"r.body[{literal(payload)}]"
            ):
                found[str(file)].add(f"{payload}{WITHIN}{member}")
        for file, names in found.items():
            by_file[file].names = tuple(sorted(names))
        self._name_first(by_file)

    def _name_first(self, by_file: Mapping[str, ExternalDrop]) -> None:
        """Find what the first object of each JSON drop has: it stands for a header."""
        first: dict[str, list[str]] = {}
        for file, name in self.external.run("external_first_names"):
            first.setdefault(str(file), []).append(str(name))
        for file, members in first.items():
            by_file[file].first = tuple(sorted(members))

    def _sorted(self, drops: Sequence[ExternalDrop], types: EventTypes) -> list[Fields]:
        for one in drops:
            if one.here is None and not one.names:
                one.here = Here.UNREADABLE
            elif one.here is None and not has_plain_fields(one):
                one.here = Here.FIELDS
        of_json = tuple(sorted(self._names_of_documents(drops)))
        ours = [(number, one) for number, one in enumerate(drops) if one.here is None]
        by_names: dict[tuple[bool, tuple[str, ...]], Fields] = {}
        rows: dict[str, list[object]] = {name: [] for name in _FILE}
        for number, one in ours:
            assert one.content is not None  # noqa: S101 - its name was understood
            one.content = replace(one.content, header=one.header)
            names = of_json if one.is_json else one.names
            fields = by_names.setdefault(
                (one.is_json, names),
                Fields(len(by_names), seen_of(names), one.is_json),
            )
            known = drop_types(one.drop.key, one.content, self.rules, self.catalog)
            values: tuple[object, ...] = (
                self.external.path(one.drop.key),
                number,
                one.drop.drop_id,
                one.drop.modified.replace(microsecond=0),
                types.number(known.forced),
                types.number(known.default),
                fields.number,
            )
            for name, value in zip(_FILE, values, strict=True):
                rows[name].append(value)
        if ours:
            self.external.run("external_files_add", cast("Mapping[str, object]", rows))
        for (_, names), fields in by_names.items():
            self._make(fields, names)
            self._tell_types(fields, types)
        return list(by_names.values())

    def _names_of_documents(self, drops: Sequence[ExternalDrop]) -> set[str]:
        """Return the names in all JSON drops; those that would make them too many are marked."""
        found: set[str] = set()
        for one in drops:
            if one.here is None and one.is_json:
                if len(found.union(one.names)) > self.limits.max_fields:
                    one.here = Here.FIELDS
                else:
                    found.update(one.names)
        return found

    def _make(self, fields: Fields, names: Sequence[str]) -> None:
        """Make the table of rows that have the same fields."""
        most = str(self.limits.max_row_bytes // _MOST_BYTES)
        if fields.documents:
            self.external.run(
                "external_rows_documents", None, **documents(fields, names, self.limits)
            )
            return
        cells = [f"r.c{number}" for number in range(1, len(names) + 1)]
        odd = [
            f"{cells[-1]} IS NULL",
            f"r.c{len(names) + 1} IS NOT NULL",
            f"r.c1 = {literal(names[0])}",
            " + ".join(f"LENGTH({cell})" for cell in cells) + f" > {most}",
            *(f"CONTAINS({cell}, CHR(13)) OR ({_may_be_no_quote(cell)})" for cell in cells),
        ]
        self.external.run(
            "external_rows_cells",
            table=fields.table,
            fields=str(fields.number),
            odd="\n        OR ".join(odd),
            slots=",\n    ".join(
                f"NULLIF(NULLIF({cell}, ''), CHR(92) || 'N') AS {one.slot}"
                for one, cell in zip(fields.seen, cells, strict=True)
            ),
        )

    def _tell_types(self, fields: Fields, types: EventTypes) -> None:
        """Find how rows tell their event type: as ``EventTypes.make_rows`` does."""
        newest = [n for n in range(1, len(types.names)) if types.newest(n) == n]
        number_of = {fold(types.names[number]): number for number in newest}
        choices = ["r.forced_no"]
        for place, spelling in enumerate(self.spellings):
            for one in fields.seen:
                if fold(one.name) != spelling:
                    continue
                found = self.external.run(
                    "external_spellings", table=fields.table, slot=f"r.{one.slot}"
                )
                texts = {
                    str(text): number_of[fold(str(text))]
                    for (text,) in found
                    if text and is_plain_name(str(text)) and fold(str(text)) in number_of
                }
                if texts:
                    fields.told[one.slot] = texts
                choices += told_by(one.slot, texts, is_final=place == 0)
        fields.type_no = type_no_of(choices)


def documents(fields: Fields, names: Sequence[str], limits: Limits) -> dict[str, str]:
    """Return the fragments of what makes the table of rows that come from JSON.

    ``names``: of the fields, those of a payload's members with ``WITHIN`` in them.
    """
    slots = []
    for one, name in zip(fields.seen, names, strict=True):
        value = "r.body" + "".join(f"[{literal(part)}]" for part in name.split(WITHIN))
        text = f"NULLIF({value}::VARCHAR, '')"
        if is_payload(name):
            text = f"CASE WHEN TYPEOF({value}) <> 'OBJECT' THEN {text} END"
        slots += [f"{text} AS {one.slot}", f"TYPEOF({value}) AS {one.slot}_kind"]
    return {
        "table": fields.table,
        "fields": str(fields.number),
        "most": str(limits.max_row_bytes // _MOST_BYTES),
        "depth": str(limits.max_depth),
        "slots": ",\n    ".join(slots),
    }


def told_by(slot: str, texts: Mapping[str, int], *, is_final: bool) -> Iterator[str]:
    """Yield SQL of the event type that a field tells; where its word is final, 0 for other words.

    ``texts``: those that tell one, with its number.
    """
    if texts:
        whens = " ".join(
            f"WHEN {literal(text)} THEN {number}" for text, number in sorted(texts.items())
        )
        yield f"CASE r.{slot} {whens} END"
    if is_final:
        missing = "('', 'null', CHR(92) || 'n')"
        yield f"CASE WHEN LOWER(TRIM(r.{slot})) NOT IN {missing} THEN 0 END"


def type_no_of(told: Sequence[str]) -> str:
    """SQL of the number of a row's event type; ``told``: what goes before what the drop tells."""
    return f"COALESCE({', '.join((*told, 'r.default_no', '0'))})"


def seen_of(names: Sequence[str]) -> list[Seen]:
    """Return the fields of those names, each with a slot."""
    return [Seen(name=name.replace(WITHIN, "."), slot=f"f{n}") for n, name in enumerate(names)]


def _lines(cells: Sequence[str]) -> str:
    """Put what is of many cells on lines of ten."""
    return ",\n    ".join(", ".join(cells[n : n + 10]) for n in range(0, len(cells), 10))


def _may_be_no_quote(cell: str) -> str:
    """SQL that is true of a cell with a quote that may have been none of CSV's."""
    is_json = f"LEFT({cell}, 1) IN ('{{', '[') AND TRY_PARSE_JSON({cell}) IS NOT NULL"
    return f"CONTAINS({cell}, '\"') AND NOT COALESCE({is_json}, FALSE)"
