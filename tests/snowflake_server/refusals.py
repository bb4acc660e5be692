"""Errors as Snowflake numbers them."""

from __future__ import annotations

import re

import duckdb
import snowflake.connector.errors
from sqlglot.errors import SqlglotError

SYNTAX = 1003, "42000"
NOT_THERE = 2003, "42S02"
UNKNOWN_NAME = 904, "42000"
UNKNOWN_FUNCTION = 2140, "42601"
NOT_IN_VALUES = 2014, "22000"
NO_DATABASE = 90105, "22000"
NO_RIGHT = 3001, "42501"
SUSPENDED = 90064, "22000"
NO_WAREHOUSE = 606, "57P03"
LOCKED = 625, "57014"
TIMED_OUT = 630, "57014"
CANCELLED = 604, "57014"
DUPLICATE_ROWS = 100090, "42P18"
TOO_LONG = 100078, "22000"
NULL_REFUSED = 100072, "22000"
NOT_A_NUMBER = 100038, "22018"
NOT_A_TIME = 100035, "22007"
OUT_OF_RANGE = 100039, "22003"
DIVISION_BY_ZERO = 100051, "22012"
FILE_UNREADABLE = 100068, "22000"
FILE_NOT_FOUND = 91016, "22000"
BEYOND_THE_DOUBLE = 999001, "0A000"
"""None of Snowflake's: the stand-in cannot do it."""
TIMES_AS_NUMBERS = 999003, "22007"
"""None of Snowflake's, which would load a wrong time."""
DDL_IN_TRANSACTION = 999002, "25001"
"""None of Snowflake's: it would commit the transaction, which a loader must not have happen."""


class Refused(Exception):
    """A statement that is not carried out."""

    def __init__(self, code: tuple[int, str], message: str) -> None:
        super().__init__(message)
        self.number, self.state = code


def as_refusal(error: Exception) -> Refused:
    """Return what Snowflake would say in place of an error of the libraries below."""
    match error:
        case Refused():
            return error
        case snowflake.connector.errors.Error():
            return Refused((error.errno, error.sqlstate or "42000"), str(error.raw_msg or error))
        case SqlglotError():
            return Refused(SYNTAX, f"SQL compilation error: {_plain(str(error))}")
        case duckdb.Error():
            return _from_engine(error)
        case _:
            return Refused(BEYOND_THE_DOUBLE, f"the stand-in cannot do this: {error!r}")


def _from_engine(error: duckdb.Error) -> Refused:
    said = str(error).partition("\n")[0]
    match error:
        case duckdb.ConstraintException():
            return Refused(NULL_REFUSED, f"NULL result in a non-nullable column: {said}")
        case duckdb.CatalogException():
            return Refused(
                NOT_THERE,
                f"SQL compilation error: Object does not exist or not authorized. ({said})",
            )
        case duckdb.ParserException():
            return Refused(SYNTAX, f"SQL compilation error: {said}")
        case duckdb.BinderException():
            return Refused(UNKNOWN_NAME, f"SQL compilation error: error line 1: {said}")
        case duckdb.OutOfRangeException():
            return Refused(OUT_OF_RANGE, f"Numeric value is out of range: {said}")
        case duckdb.ConversionException() | duckdb.InvalidInputException():
            code = NOT_A_TIME if re.search(r"(?i)time|date", said) else NOT_A_NUMBER
            return Refused(code, f"Value is not recognized: {said}")
        case _:
            return Refused(BEYOND_THE_DOUBLE, f"{type(error).__name__}: {said}")


def _plain(text: str) -> str:
    """Return a text without the signs that underline in terminals."""
    return re.sub(r"\x1b\[\d+m", "", text)
