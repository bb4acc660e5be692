"""Write what the loader of this checkout makes of the drops here, as statements."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from firehose_loader.config import Config
from firehose_loader.service import run
from tests.rigs.snowflake import NAME, SnowflakeAccount, SnowflakeRig, started
from tests.rigs.warehouses import DuckDBRig, WarehouseRig
from tests.upgrades import DROPS, HERE

_COLUMNS = {
    "duckdb": "SELECT table_name, column_name, data_type AS kind, is_nullable AS nullable"
    " FROM duckdb_columns() WHERE NOT internal AND table_name IN"
    " (SELECT table_name FROM duckdb_tables() WHERE NOT temporary)"
    " ORDER BY table_name, column_index",
    "snowflake": "SELECT table_name, column_name, data_type AS kind, is_nullable = 'YES' AS"
    " nullable FROM information_schema.columns WHERE table_schema = 'DOTDIGITAL' AND table_name IN"
    " (SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')"
    " ORDER BY table_name, ordinal_position",
}
_STAGE = 'CREATE STAGE {schema}."_FIREHOSE_STAGE"'
_AS_JSON = {"VARIANT", "ARRAY"}
_OF_THE_MACHINE = "holder"
"""A column that names the machine."""


def main(name: str) -> None:
    """Write one file for each dialect."""
    with TemporaryDirectory() as folder:
        spool = Path(folder)
        duckdb = DuckDBRig(spool)
        _keep("duckdb", duckdb, {"url": str(duckdb.path)}, spool, name)
        with started(spool) as server:
            account = SnowflakeAccount(server)
            target = {"url": account.url(), **account.settings()}
            _keep("snowflake", SnowflakeRig(NAME, account, spool), target, spool, name)


def _keep(
    dialect: str, rig: WarehouseRig, target: dict[str, object], spool: Path, name: str
) -> None:
    rig.warehouse.close()
    source = {"name": "kept", "url": str(DROPS)}
    config = {"warehouse": target, "source": [source], "spool": spool}
    run(Config.model_validate(config), lambda _: None)
    rig.reopen(read_only=True)
    path = HERE / dialect / f"{name}.sql"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in _statements(dialect, rig)), encoding="utf-8")
    rig.close()


def _statements(dialect: str, rig: WarehouseRig) -> Iterator[str]:
    tables: dict[str, list[tuple[str, str, bool]]] = {}
    for row in rig.execute(_COLUMNS[dialect]):
        column = str(row["column_name"]), str(row["kind"]), bool(row["nullable"])
        tables.setdefault(str(row["table_name"]), []).append(column)
    yield "CREATE SCHEMA IF NOT EXISTS {schema}"
    if dialect == "snowflake":
        yield _STAGE
    for table, columns in tables.items():
        definitions = ", ".join(
            f'"{column}" {kind}{"" if nullable else " NOT NULL"}'
            for column, kind, nullable in columns
        )
        yield f'CREATE TABLE {{schema}}."{table}" ({definitions})'
        texts = ", ".join(
            f'TO_JSON("{column}") AS "{column}"'
            if kind in _AS_JSON
            else f'"{column}"::VARCHAR AS "{column}"'
            for column, kind, _ in columns
        )
        rows = rig.execute(f'SELECT {texts} FROM {{schema}}."{table}"')
        for row in sorted(rows, key=lambda row: str(list(row.values()))):
            values = ", ".join(
                _value(None if column.lower() == _OF_THE_MACHINE else value, kind, dialect)
                for value, (column, kind, _) in zip(row.values(), columns, strict=True)
            )
            yield f'INSERT INTO {{schema}}."{table}" SELECT {values}'


def _value(value: object, kind: str, dialect: str) -> str:
    if value is None:
        return "NULL"
    text = "'" + str(value).replace("'", "''") + "'"
    if dialect == "snowflake":
        text = text.replace("\\", "\\\\")
    assert "\n" not in text, "a statement a line"
    return f"PARSE_JSON({text})" if kind in _AS_JSON else f"{text}::{kind}"


if __name__ == "__main__":
    main(sys.argv[1])
