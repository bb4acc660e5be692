"""What a key tells, in Snowflake's SQL: whether its drop is wanted, which it is, of which type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from firehose_loader.config import Source
from firehose_loader.errors import ConfigError
from firehose_loader.external.drops import form_of
from firehose_loader.model import BASE32, Format
from firehose_loader.normalise.types import EventTypes
from firehose_loader.schema.names import fold
from firehose_loader.statements import literal
from firehose_loader.warehouse.snowflake_places import location
from firehose_loader.watch import archive_below

_PLAIN_GLOB = re.compile(r"[A-Za-z0-9._=/*-]+")
_HEX = "'0123456789abcdef'"
_FORMS = (".ndjson", ".jsonl", ".json")
"""In CSV, the header says what the cells are: that is for a run to read."""
_ONE = 1000
"""Stands before the number of an event type, so that two that are added up are known for two."""


def key_fragments(
    source: Source, rules: Mapping[str, str], types: EventTypes, *, max_bytes: int
) -> dict[str, str]:
    """Return the fragments of ``task_drops`` that follow from a source's configuration.

    Raises:
        ConfigError: a glob has signs that mean more than SQL can say.
    """
    place = location(source.url)
    wanted = [_matches_one(source, source.include)]
    if source.exclude:
        wanted.append(f"NOT {_matches_one(source, source.exclude)}")
    if (archive := archive_below(source)) is not None:
        wanted.append(f"NOT startswith(l.key, {literal(archive)})")
    whens = [
        f"WHEN {_matches_one(source, [pattern])} THEN {types.number(name)}"
        for pattern, name in rules.items()
    ]
    forms = {suffix: form_of(f"drop{suffix}") for suffix in _FORMS}
    return {
        "identity": f"{literal(source.name)} || CHR(0) || l.key || CHR(0) || l.version",
        **{f"number_{group}": _number(5 * (group - 1)) for group in (1, 2, 3)},
        "drop_id": " || ".join(
            f"SUBSTR('{BASE32}', (BITAND(BITSHIFTRIGHT(n.n{group}, {5 * power}), 31)) + 1, 1)"
            for group in (1, 2, 3)
            for power in (3, 2, 1, 0)
        ),
        "wanted": " AND ".join(wanted),
        "inside": literal(urlsplit(place).path.removeprefix("/")),
        "form": _case(
            (_ends_in(suffix), literal(str(form.format)))
            for suffix, form in forms.items()
            if form is not None and form.format is not Format.CSV
        ),
        "compression": "CASE WHEN LOWER(l.key) LIKE '%.gz' THEN 'gzip' ELSE 'none' END",
        "limit": str(max_bytes),
        "forced_no": f"CASE {' '.join(whens)} END" if whens else "NULL::NUMBER(38, 0)",
        "by_folder": _sum(
            (f"CONTAINS({_FOLDED}, {literal(f'/{fold(name)}/')})", number)
            for name, number in _numbers(types).items()
        ),
        "by_name": _sum(
            (f"REGEXP_LIKE(h.file_name, {literal(_standing_alone(fold(name)))})", number)
            for name, number in _numbers(types).items()
            if number  # a file's name does not say that its type is unknown
        ),
    }


_FOLDED = "'/' || REGEXP_REPLACE(h.folders, '[_.-]+', '')"
"""SQL of the folders of a key as names are compared, with a slash around each."""


def glob_pattern(glob: str) -> str | None:
    """Return a regular expression for the keys that match a glob; None: it has other signs."""
    if not _PLAIN_GLOB.fullmatch(glob):
        return None
    *folders, last = glob.split("/")
    found = "".join("(.+/)?" if one == "**" else f"{_segment(one)}/" for one in folders)
    return f"^{found}{'.*' if last == '**' else _segment(last)}$"


def _segment(glob: str) -> str:
    text = re.sub(r"[*]+", "*", glob)
    return "[^/]+" if text == "*" else text.replace(".", "[.]").replace("*", "[^/]*")


def _matches_one(source: Source, globs: Iterable[str]) -> str:
    patterns = []
    for glob in globs:
        pattern = glob_pattern(glob)
        if pattern is None:
            raise ConfigError(
                f"source {source.name!r}: a task in Snowflake cannot tell which keys {glob!r}"
                " matches: it knows letters, digits, * and ** only; leave this source to runs"
            )
        patterns.append(f"REGEXP_LIKE(l.key, {literal(pattern)})")
    return f"({' OR '.join(patterns)})" if patterns else "FALSE"


def _ends_in(suffix: str) -> str:
    return f"LOWER(l.key) LIKE '%{suffix}' OR LOWER(l.key) LIKE '%{suffix}.gz'"


def _case(whens: Iterable[tuple[str, str]]) -> str:
    return f"CASE {' '.join(f'WHEN {when} THEN {then}' for when, then in whens)} END"


def _sum(tests: Iterable[tuple[str, int]]) -> str:
    terms = [f"CASE WHEN {test} THEN {_ONE + number} ELSE 0 END" for test, number in tests]
    return "\n        + ".join(terms)


def _numbers(types: EventTypes) -> Mapping[str, int]:
    """Return the number of each event type's newest model."""
    found = {schema.event_type: 0 for schema in types.schemas}
    return {name: types.newest(types.number(name) or 0) for name in found}


def _standing_alone(folded: str) -> str:
    """Return a regular expression for names in which words together spell a folded name."""
    return f"^(.*[^a-z])?{'[._=-]*'.join(folded)}([^a-z].*)?$"


def _number(first: int) -> str:
    """SQL of five hexadecimal digits of ``h.sha`` as a number."""
    digits: Sequence[str] = [
        f"(POSITION(SUBSTR(h.sha, {first + n + 1}, 1), {_HEX}) - 1) * {16 ** (4 - n)}"
        for n in range(5)
    ]
    return " + ".join(digits)
