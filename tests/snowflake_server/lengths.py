"""The lengths that columns of text were declared with."""

from __future__ import annotations

from typing import Any

from tests.snowflake_server.loading import quoted, written
from tests.snowflake_server.locks import Table
from tests.snowflake_server.refusals import TOO_LONG, Refused

_UNBOUNDED = 16_777_216


def check_lengths(connection: Any, table: Table) -> None:  # noqa: ANN401 - of the server's own
    """Refuse texts that are longer than their column.

    Raises:
        Refused
    """
    declared = connection.execute(
        "SELECT ext_column_name, ext_character_maximum_length"
        " FROM _fs_global._fs_information_schema._fs_columns_ext"
        " WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?"
        f" AND ext_character_maximum_length < {_UNBOUNDED}",
        list(table),
    ).fetchall()
    name = written(connection, table) if declared else ""
    for column, most in declared:
        found = connection.execute(
            f"SELECT {quoted(column)} FROM {name} WHERE length({quoted(column)}) > ? LIMIT 1",
            [most],
        ).fetchone()
        if found is not None:
            raise Refused(TOO_LONG, f"String '{found[0][:40]}' is too long and would be truncated")
