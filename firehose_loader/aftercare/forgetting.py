"""Forget people: remove all that a warehouse has of them, and keep them from coming back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from msgspec import Struct

from firehose_loader.aftercare import new_run_id
from firehose_loader.aftercare.traces import still_there
from firehose_loader.config import Config
from firehose_loader.errors import NotFound
from firehose_loader.formats import cells_of
from firehose_loader.normalise import Forgotten, Text, plain_identifiers
from firehose_loader.personal import PersonalData
from firehose_loader.privacy import People, Person, PiiClass, Policy
from firehose_loader.privacy.forgotten import Sought, forgotten_people, people_pads, salt_of
from firehose_loader.privacy.search import Candidate, ForgetReceipt, Search, folded
from firehose_loader.protocols import Warehouse
from firehose_loader.schema.additions import in_force
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.spool import sweep

_NAMES = {PiiClass.EMAIL: "email", PiiClass.PHONE: "phone", PiiClass.ID: "contactId"}
"""Names of fields of each class."""
_NOTHING_LEFT = {Policy.DROP, Policy.DOMAIN}


class Identifier(NamedTuple):
    """What identifies somebody, in any of its spellings."""

    pii: PiiClass
    text: str


class ForgetReport(Struct, frozen=True, kw_only=True):
    """What was done to forget people, or would be."""

    run_id: str
    people: Sequence[Person]
    """One for each identifier, in their order; equal ones count once."""
    known: Collection[int]
    """Which of them were forgotten before, by place."""
    receipt: ForgetReceipt
    unsearched: Sequence[str]
    """Where they may be and cannot be found."""
    remaining: Sequence[str]
    """Where they still are, and what to do about it."""

    @property
    def unknown(self) -> list[int]:
        """Those of whom there is nothing, and never was, by place."""
        rows = enumerate(self.receipt.rows)
        return [place for place, found in rows if not found and place not in self.known]


class Forgetting:
    """Some people who are to be forgotten."""

    def __init__(self, warehouse: Warehouse, config: Config, given: Sequence[Identifier]) -> None:
        """Take the warehouse, opened to be changed, and what identifies them.

        Raises:
            ConfigError: a key is missing or another one.
        """
        self._warehouse = warehouse
        self._config = config
        self._engine = warehouse.engine()
        self._keyring = config.pii.policies({}).keyring
        self._schemas = in_force(load_catalog(config.schemas), warehouse.additions()).values()
        self._key_id = PersonalData(warehouse, config).row_key
        self._records = warehouse.forgotten()
        self._salt = salt_of(self._records) if self._key_id is None else None
        self._pads = [people_pads(self._keyring, self._key_id, self._salt)]
        named = zip(given, self._identified(given), strict=True)
        self._given = {(one.pii, plain): identifier for one, (plain, identifier) in named}

    def apply(self, *, preview: bool, always: bool) -> ForgetReport:
        """Remove their rows and remember them; or tell what that would do.

        Args:
            preview: tell and change nothing.
            always: remember those, too, of whom there is nothing.

        Raises:
            NotFound: there is nothing of any of them; nothing was changed.
        """
        run_id = new_run_id()
        known = self._known()
        search = self._search(always=always)
        if self._key_id is not None and not preview:
            mine = [one for one in self._keyring.records() if one.key_id == self._key_id]
            self._warehouse.record_keys(mine)
        receipt = self._warehouse.forget(search, run_id=run_id, preview=preview)
        report = ForgetReport(
            run_id=run_id,
            people=search.people,
            known=known,
            receipt=receipt,
            unsearched=self._unsearched(),
            remaining=still_there(self._config),
        )
        if len(report.unknown) == len(search.people) and not always:
            raise NotFound(_nothing(report))
        if not preview:
            sweep(self._config.spool)
        return report

    def _search(self, *, always: bool) -> Search:
        pseudonyms = [
            (number, one)
            for number, (_, plain) in enumerate(self._given)
            for one in self._keyring.pseudonyms(plain)
        ]
        hashes = self._identified([(None, one) for _, one in pseudonyms])
        sought = [Sought(number, 0, one) for number, one in enumerate(self._given.values())]
        sought += [
            Sought(number, 0, identifier)
            for (number, _), (_, identifier) in zip(pseudonyms, hashes, strict=True)
        ]
        people = People(pads=self._pads, sought=sought)
        needles = {needle for pii, plain in self._given for needle in _needles(pii, plain)}
        needles |= {folded(one) for _, one in pseudonyms}
        return Search(
            needles=sorted(needles - {""}),
            ids=[plain for pii, plain in self._given if pii is PiiClass.ID],
            judge=partial(_named, Forgotten(self._engine, people, self._schemas)),
            people=[
                Person(pii, identifier, self._key_id, self._salt)
                for (pii, _), identifier in self._given.items()
            ],
            event_types={one.table: one.event_type for one in self._schemas},
            always=always,
        )

    def _identified(self, given: Sequence[tuple[PiiClass | None, str]]) -> list[tuple[str, str]]:
        """Return identifiers as they are hashed, and their hashes."""
        return plain_identifiers(self._engine, People(pads=self._pads, sought=()), given)

    def _known(self) -> Collection[int]:
        """Return who was forgotten before, by place."""
        before = Forgotten(
            self._engine, forgotten_people(self._records, self._keyring), self._schemas
        )
        texts = [Text(place, _NAMES[pii], plain) for place, (pii, plain) in enumerate(self._given)]
        return before.found(texts).keys()

    def _unsearched(self) -> list[str]:
        """Say where they may be and cannot be found."""
        there = set(self._keyring.key_ids)
        recorded = self._warehouse.keys()
        lost = [one.key_id for one in recorded if one.key_id not in there]
        told = [
            f"what was hashed with the key {key_id!r}, which is not at hand: give it under"
            " [pii.keys] and forget them again"
            for key_id in lost
        ]
        sources = {one.name: self._config.policies(one.name) for one in self._config.source}
        for pii in sorted({pii for pii, _ in self._given}):
            told += [
                f"rows of the source {name!r} that name them by {_NAMES[pii]} alone: of that only"
                f" what the policy {policies.of(pii)!r} leaves is stored. firehose-loader audit"
                " --deep tells such rows by their files, and replay removes them"
                for name, policies in sources.items()
                if policies.of(pii) in _NOTHING_LEFT
            ]
        return told


def _named(people: Forgotten, rows: Sequence[Candidate]) -> list[Collection[int]]:
    """Tell of rows whom they name."""
    texts = [
        Text(place, name, text)
        for place, row in enumerate(rows)
        for name, text in (*row.texts, *_cells(row))
    ]
    found: Mapping[int, Collection[int]] = people.found(texts)
    return [found.get(place, ()) for place in range(len(rows))]


def _cells(row: Candidate) -> list[tuple[str, str]]:
    """Take the text of a row apart that is set aside."""
    return [] if row.context is None else cells_of(row.texts[0][1], row.context)


def _needles(pii: PiiClass, plain: str) -> set[str]:
    """Return what stands in every text that names somebody, of its letters and digits."""
    if pii is PiiClass.ID:
        return {f"contactid{folded(plain)}"}
    return {folded(plain), folded(quote(plain, safe=""))}


def _nothing(report: ForgetReport) -> str:
    """Say that there is nothing of anybody."""
    searched = "".join(f" Not searched: {one}." for one in report.unsearched)
    return (
        "nothing in this warehouse names any of them, and nothing was changed."
        f"{searched} To keep them from being loaded all the same: --suppress-anyway"
    )
