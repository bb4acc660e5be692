"""The command line as a user calls it, and a look into the database that it leaves."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from firehose_loader.statements import literal, quoted

_NUMBERS = count()
Row = dict[str, Any]
_HOLDER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read_only")
print("held", flush=True)
sys.stdin.read()
connection.close()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        """The document on stdout."""
        assert self.out, f"nothing on stdout, exit code {self.code}: {self.err}"
        return json.loads(self.out)


def call(
    *words: object, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> Answer:
    """Run ``firehose-loader`` with these words in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "firehose_loader", *map(str, words)],
        capture_output=True,
        check=False,
        cwd=cwd,
        encoding="utf-8",
        env={**clean_environ(), **(environ or {})},
        stdin=subprocess.DEVNULL,
        timeout=300,
    )
    return Answer(code=done.returncode, out=done.stdout, err=done.stderr)


def ask(
    *words: object, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> Answer:
    """Run a command as ``call`` does, in this process: for what is no question of processes."""
    from firehose_loader.cli import main

    out, err = io.StringIO(), io.StringIO()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with (
        Path(os.devnull).open(encoding="utf-8") as nothing,
        patch.object(sys, "stdin", nothing),
        patch.dict(os.environ, {**clean_environ(), **(environ or {})}, clear=True),
        chdir(cwd or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            code = main([str(word) for word in words])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return Answer(code=int(code), out=out.getvalue(), err=err.getvalue())


@contextmanager
def held(path: Path, mode: str = "read_write") -> Iterator[Callable[[], None]]:
    """Have another process hold a database; give what makes it let go."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process.stdin.close


def clean_environ() -> dict[str, str]:
    """Return this process's environment without what would configure the loader."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FIREHOSE_")}


def load(folder: Path | str, into: Path, *options: str) -> Answer:
    """Run one pass over a folder, in this process, and return the answer with its summary."""
    return ask("run", folder, "--into", into, "--json", *options)


def select(database: Path, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
    """Run a query on a database and return its rows."""
    with _reader().cursor() as connection, _attached(connection, database):
        found = connection.execute(sql, list(parameters))
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@cache
def _reader() -> duckdb.DuckDBPyConnection:
    """Return what looks into files: to begin an engine for each takes twenty times as long."""
    connection = duckdb.connect()
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, database: Path) -> Iterator[None]:
    path, name = literal(str(database)), quoted(f"{database.stem}_{next(_NUMBERS)}")
    connection.execute(f"ATTACH {path} AS {name} (READ_ONLY)")
    try:
        connection.execute(f"USE {name}")
        yield
    finally:
        connection.execute("USE memory")
        connection.execute(f"DETACH {name}")


def table(database: Path, name: str) -> list[Row]:
    """Return all rows of one table of the loader."""
    return select(database, f'SELECT * FROM dotdigital."{name}" ORDER BY ALL')


def event_tables(database: Path) -> list[str]:
    """Return the names of the tables that hold events, without the view over them."""
    rows = select(
        database,
        "SELECT table_name FROM duckdb_tables()"
        " WHERE schema_name = 'dotdigital' AND table_name NOT LIKE '\\_firehose%' ESCAPE '\\'"
        " ORDER BY 1",
    )
    return [row["table_name"] for row in rows]


def events(database: Path) -> dict[str, list[Row]]:
    """Return all events by table, without what tells of their loading."""
    return {
        name: [
            {key: value for key, value in row.items() if not key.startswith("_") or key == "_key"}
            for row in table(database, name)
        ]
        for name in event_tables(database)
    }
