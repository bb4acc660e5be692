"""What Snowflake and its driver say, as what the run does next: by type and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from firehose_loader.config import SnowflakeTarget
from firehose_loader.errors import (
    AccessDenied,
    ConfigError,
    EngineError,
    FirehoseError,
    SchemaError,
    WarehouseBusy,
    WarehouseUnavailable,
    WarehouseUnusable,
)
from firehose_loader.warehouse.snowflake_rights import lacking

if TYPE_CHECKING:
    from snowflake.connector.errors import Error

_NOT_CONNECTED = 250001
_WRONG_SETTING = frozenset({7, 251001, 251005, 251006, 251007, 251017})
"""The driver's own: a parameter is missing or no good."""
_SESSION_GONE = frozenset({390104, 390110, 390111, 390112, 390113, 390114, 390115, 390195})
_SIGN_IN = range(390000, 400000)
_ADVICE = {
    390100: "correct the user in url, or the password",
    390101: "the user is locked or disabled; have an administrator look at it",
    390102: "the user is locked or disabled; have an administrator look at it",
    390144: "register the public key with the user (ALTER USER ... SET RSA_PUBLIC_KEY = '...'),"
    " and write the account in url as ORGANIZATION-ACCOUNT",
    390189: "correct the role in url, or grant it to the user (GRANT ROLE ... TO USER ...)",
    390303: "renew oauth_token",
    390318: "renew oauth_token: it has run out",
    390420: "let this machine's address into the account's or the user's network policy",
    390422: "let this machine's address into the account's or the user's network policy",
    394400: "renew access_token: it is not valid there, has run out, or its user has no network"
    " policy",
    394401: "renew access_token: it has run out",
}
_ANY_ADVICE = "check the user, the credentials and the rights in the account"
_NO_RIGHT = 3001
_NOT_FOUND = frozenset({2003, 2043})
_NO_COMPUTE = {
    606: "name a warehouse in url (?warehouse=NAME) that is there and that the role may use (GRANT"
    " USAGE ON WAREHOUSE ... TO ROLE ...), with AUTO_RESUME on: then it resumes by itself",
    90064: "the warehouse is suspended, and the role may not resume it: ALTER WAREHOUSE ... SET"
    " AUTO_RESUME = TRUE, so that it resumes by itself",
    90073: "the warehouse's resource monitor has used up its quota; raise it, or wait",
}
_ALL_RIGHTS = "; firehose-loader doctor tells all that is missing"
_LOCKED = 625
_TOO_LONG = 100078
_TIMED_OUT = frozenset({604, 630})
_STATUS = re.compile(r"error status: (\d{3})\b")
_NO_SUCH_ACCOUNT = frozenset({"403", "404"})


@contextmanager
def translating(target: SnowflakeTarget, statement: str = "") -> Iterator[None]:
    """Raise this program's errors instead of the driver's, for a statement of a name."""
    from snowflake.connector.errors import Error

    try:
        yield
    except Error as error:
        raise translated(error, target, statement) from error


def translated(error: Error, target: SnowflakeTarget, statement: str = "") -> FirehoseError:
    """Return what an error of the driver means for the run."""
    from snowflake.connector.errors import InternalError, OperationalError

    number = error.errno
    said = _said(error)
    if number in _WRONG_SETTING:
        return ConfigError(f"{target.place}: {said}")
    if number in _SESSION_GONE:
        return WarehouseUnavailable(
            f"{target.place}: the session has ended, and with it what was not committed: {said}"
        )
    if number in _SIGN_IN:
        return AccessDenied(
            f"{target.place} lets nobody in: {said}; {_ADVICE.get(number, _ANY_ADVICE)}"
        )
    if number == _NOT_CONNECTED:
        return _unanswered(error, target)
    if isinstance(error, OperationalError | InternalError):
        return WarehouseUnavailable(f"{target.place} is unavailable: {said}")
    return _refused(number, said, target, statement)


def may_mend(error: FirehoseError) -> bool:
    """Tell whether what was given up may succeed at once in another session.

    A statement that took too long would take as long again.
    """
    return getattr(error.__cause__, "errno", None) not in _TIMED_OUT


def _refused(number: int, said: str, target: SnowflakeTarget, statement: str) -> FirehoseError:
    """Return what an error of a statement means."""
    role = f"role {target.role!r}" if target.role else "the user's default role"
    if number in _NO_COMPUTE:
        return WarehouseUnusable(
            f"{target.place} has nothing to run on: {said}; {_NO_COMPUTE[number]}"
        )
    grant = lacking(statement, target)
    if number == _NO_RIGHT:
        what = f"{role} lacks a right: {grant}" if grant else f"grant {role} what it lacks there"
        return AccessDenied(f"{target.place}: {said}; {what}{_ALL_RIGHTS}")
    if number in _NOT_FOUND:
        right = grant or f"grant {role} the right to use it"
        return AccessDenied(
            f"{target.place}: {said}; make it, or {right} (Snowflake does not tell the one from"
            f" the other){_ALL_RIGHTS}"
        )
    if number == _LOCKED:
        return WarehouseBusy(f"{target.place}: another transaction holds a table: {said}")
    if number in _TIMED_OUT:
        return WarehouseUnavailable(
            f"{target.place}: a statement was given up: {said}; raise [warehouse]"
            " statement_timeout, lower batch_bytes, or take a larger warehouse"
        )
    if number == _TOO_LONG:
        return SchemaError(
            f"{said}; a column is shorter than what the feed has for it: widen it (ALTER TABLE ..."
            " ALTER COLUMN ... SET DATA TYPE VARCHAR); nothing of the batch was kept"
        )
    return EngineError(f"{target.place} refuses a statement: {said}")


def _unanswered(error: Error, target: SnowflakeTarget) -> FirehoseError:
    # The driver has one number for all of this, and tells the status in its text alone.
    status = _STATUS.search(str(error.raw_msg))
    if status is not None and status[1] in _NO_SUCH_ACCOUNT:
        return AccessDenied(
            f"{target.place}: there is no such account (status {status[1]}); write it in url as"
            " ORGANIZATION-ACCOUNT, as Snowflake shows it under Account Details, or correct host"
        )
    identity = ", and who vouches for this machine" if target.workload_identity else ""
    return WarehouseUnavailable(
        f"{target.place} cannot be reached: {_said(error)}; check the account in url, the network,"
        f" the proxy{identity}"
    )


def _said(error: Error) -> str:
    text = " ".join(str(error.raw_msg).split())
    number = f"error {error.errno:06d}: " if error.errno > 0 else ""
    query = f" (query {error.sfqid})" if error.sfqid else ""
    return f"{number}{text}{query}"
