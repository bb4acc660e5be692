"""What a statement is, and how DuckDB says it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any

import fakesnow.transforms
import sqlglot
from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp

from tests.snowflake_server import walking
from tests.snowflake_server.refusals import SYNTAX, Refused
from tests.snowflake_server.results import Result, selected
from tests.snowflake_server.rules import check_form

_COMMENTS = re.compile(r"\s*(--[^\n]*(\n|$)|/\*.*?\*/)\s*", re.DOTALL)

_NO_CODE_OR_VALUE = re.compile(r"""(?s)'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\?""")


class Kind(Enum):
    """What is done with a statement."""

    QUERY = auto()
    INSERT = auto()
    UPDATE = auto()
    DELETE = auto()
    MERGE = auto()
    COPY = auto()
    PUT = auto()
    LIST = auto()
    REMOVE = auto()
    BEGIN = auto()
    COMMIT = auto()
    ROLLBACK = auto()
    SET_SESSION = auto()
    DDL = auto()
    """Also TRUNCATE and rights: whatever ends a transaction, or might."""
    OTHER = auto()
    """SHOW, DESCRIBE, USE."""


CHANGES = {Kind.INSERT, Kind.UPDATE, Kind.DELETE, Kind.MERGE, Kind.COPY}
LOCKS = {Kind.UPDATE, Kind.DELETE, Kind.MERGE}
_BY_WORD = {
    "copy": Kind.COPY,
    "put": Kind.PUT,
    "list": Kind.LIST,
    "ls": Kind.LIST,
    "remove": Kind.REMOVE,
    "rm": Kind.REMOVE,
    "begin": Kind.BEGIN,
    "commit": Kind.COMMIT,
    "rollback": Kind.ROLLBACK,
    **dict.fromkeys(("create", "drop", "undrop", "truncate", "grant", "revoke"), Kind.DDL),
    **dict.fromkeys(("comment", "alter"), Kind.DDL),
    **dict.fromkeys(("show", "describe", "desc", "use", "call", "explain"), Kind.OTHER),
}
_BY_TYPE = {
    exp.Insert: Kind.INSERT,
    exp.Update: Kind.UPDATE,
    exp.Delete: Kind.DELETE,
    exp.Merge: Kind.MERGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement as it was sent."""

    text: str
    kind: Kind
    tree: exp.Expression | None
    """None for what sqlglot is not asked about."""

    @property
    def target(self) -> exp.Table:
        """The table that is changed."""
        assert self.tree is not None
        found = self.tree.this
        if isinstance(found, exp.Schema):
            found = found.this
        assert isinstance(found, exp.Table)
        return found

    @property
    def needs_warehouse(self) -> bool:
        """Whether rows are read or changed."""
        if self.kind is Kind.QUERY:
            return self.tree is not None and self.tree.find(exp.From) is not None
        return self.kind in CHANGES


@lru_cache(maxsize=2000)
def parsed(text: str) -> Statement:
    """Tell what a statement is.

    Raises:
        Refused: Snowflake would not understand it.
    """
    text = _stripped(text)
    word = (re.match(r"\w+", text) or [""])[0].lower()
    if re.match(r"(?i)alter\s+session\b", text):
        return Statement(text=text, kind=Kind.SET_SESSION, tree=None)
    if re.match(r"(?i)start\s+transaction\s*$", text):
        return Statement(text=text, kind=Kind.BEGIN, tree=None)
    kind = _BY_WORD.get(word)
    if kind not in {None, Kind.DDL, Kind.OTHER}:
        return Statement(text=text, kind=kind, tree=None)
    trees = sqlglot.parse(_numbered(text), read="snowflake")
    if len(trees) != 1 or trees[0] is None:
        raise Refused(SYNTAX, "Actual statement count did not match the desired statement count 1.")
    tree = trees[0]
    check_form(text, tree)
    return Statement(text=text, kind=kind or _BY_TYPE.get(type(tree), Kind.QUERY), tree=tree)


def _numbered(text: str) -> str:
    """Return a statement whose values have numbers, by which a part of it still finds its own."""
    numbers = itertools.count(1)
    return _NO_CODE_OR_VALUE.sub(
        lambda match: f":{next(numbers)} " if match[0] == "?" else match[0], text
    )


def bound(tree: exp.Expression, values: Sequence[object]) -> dict[str, object]:
    """Return the values that a statement, or a part of one, takes, by their numbers."""
    if (used := tree.meta.get(_VALUES)) is None:
        found = tree.find_all(exp.Placeholder, exp.Parameter)
        used = tree.meta[_VALUES] = {int(value.name) for value in found}
    return {str(number): values[number - 1] for number in used}


_VALUES = "numbers of its values"


def _stripped(text: str) -> str:
    while match := _COMMENTS.match(text):
        text = text[match.end() :]
    return text.strip().rstrip(";").rstrip()


_translations: dict[tuple[str, str | None, str | None], exp.Expression] = {}


class Translator(FakeSnowflakeCursor):  # type: ignore[misc]  # of the server's environment
    """fakesnow's way from Snowflake's statements to DuckDB's, with what it gets wrong put right."""

    def translated(
        self, tree: exp.Expression, told: Callable[[str], str | None], *, text: str = ""
    ) -> exp.Expression:
        """Return a statement for DuckDB, with what the session's functions tell put in.

        Nobody may change it: one that has a ``text`` is not translated anew for each session.
        """
        key = (text, self._conn.database, self._conn.schema)
        if text and key in _translations:
            return _translations[key]
        self.check_db_and_schema(tree)
        asked = []

        def put_in(part: exp.Expression) -> exp.Expression:
            if (spelled := _spelled(part)) is not None:
                return spelled
            if (
                isinstance(part, exp.Func)
                and not part.expressions
                and not part.args.get("this", "")
            ):
                name = part.sql_names()[0]
            elif isinstance(part, exp.Anonymous) and not part.expressions:
                name = part.name
            else:
                return part
            said = told(name.upper())
            if said is None:
                return part
            asked.append(name)
            return exp.Literal.string(said) if said else exp.Null()

        found: exp.Expression = self._transform(tree.copy().transform(put_in, copy=False), None)
        _give_whole_numbers(found)
        if text and not asked:
            _translations[key] = found
        return found

    def carried_out(self, tree: exp.Expression | None, values: Sequence[object] = ()) -> Result:
        """Have fakesnow carry out what is neither a query nor a change of rows."""
        assert tree is not None
        given = bound(tree, values) if values else None
        self.execute(tree.sql(dialect="snowflake"), server=True, binding_params=given)
        self._duck_conn.execute(self._last_sql)
        return selected(self._duck_conn)


def _give_whole_numbers(tree: exp.Expression) -> None:
    """Have whole numbers where DuckDB takes no decimals: bits taken together, places in a text."""
    for part in list(tree.find_all(exp.BitwiseXorAgg)):
        part.set("this", exp.cast(part.this, exp.DataType.Type.INT128))
    for part in list(tree.find_all(exp.Substring)):
        start = part.args.get("start")
        if not isinstance(start, exp.Literal):
            part.set("start", exp.cast(start, exp.DataType.Type.BIGINT))


def sql(tree: exp.Expression) -> str:
    """Return a translated statement as text, which is put together once for each."""
    if (text := tree.meta.get(_TEXT)) is None:
        text = tree.meta[_TEXT] = str(tree.sql(dialect="duckdb", identify=True))
    return str(text)


_TEXT = "text for DuckDB"


def _whole_numbers(tree: exp.Expression) -> exp.Expression:
    """Give whole numbers the 38 digits that they have in Snowflake."""
    if isinstance(tree, exp.DataType) and tree.this in _WHOLE:
        return exp.DataType.build("DECIMAL(38, 0)", dialect="duckdb")
    return tree


_WHOLE = {
    exp.DataType.Type.INT,
    exp.DataType.Type.BIGINT,
    exp.DataType.Type.SMALLINT,
    exp.DataType.Type.TINYINT,
}


def _spelled(part: exp.Expression) -> exp.Expression | None:
    """Return what sqlglot does not spell for DuckDB as it should; None if it does."""
    if isinstance(part, exp.Cast) and part.to.this is exp.DataType.Type.VARIANT:
        return exp.func("to_json", part.this)
    if isinstance(part, exp.ToVariant):
        return exp.func("to_json", part.this)
    if isinstance(part, exp.Typeof):
        return exp.func("variant_type", part.this)
    if isinstance(part, exp.ArrayOverlaps):
        texts = exp.Literal.string('["VARCHAR"]')
        both = [exp.func("to_json", one) for one in (part.this, part.expression)]
        return exp.func("list_has_any", *(exp.func("from_json", one, texts) for one in both))
    if isinstance(part, exp.JSONKeys):
        return exp.func("to_json", exp.Anonymous(this="json_keys", expressions=[part.this]))
    if (
        isinstance(part, exp.Anonymous)
        and part.name.upper() in _TIMES
        and len(part.expressions) == 1
    ):
        how = exp.TryCast if part.name.upper().startswith("TRY") else exp.Cast
        return how(this=part.expressions[0], to=exp.DataType.build("TIMESTAMP"))
    return None


_TIMES = {"TRY_TO_TIMESTAMP", "TRY_TO_TIMESTAMP_NTZ", "TO_TIMESTAMP_NTZ"}


def put_right() -> None:
    """Replace the parts of fakesnow that are wrong, or slow."""
    walking.put_right()
    replaced: Any = fakesnow.transforms
    replaced.integer_precision = _whole_numbers
    casts = replaced.to_timestamp
    replaced.to_timestamp = lambda tree: tree if isinstance(tree, exp.TryCast) else casts(tree)
