"""``firehose_loader.load`` and ``open``: as the page on them tells, cell by cell."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

import firehose_loader
from firehose_loader.errors import ConfigError, WarehouseUnusable
from tests.checkout import ROOT
from tests.command import ask, load
from tests.fenced import blocks

ORCHESTRATORS = {"Airflow", "Dagster", "Prefect"}
BLOCKS = blocks(ROOT / "docs" / "python.md", "python")
CELLS = [cell for heading, cell in BLOCKS if heading not in ORCHESTRATORS]
EXAMPLES = {heading: cell for heading, cell in BLOCKS if heading in ORCHESTRATORS}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    drops = tmp_path / "drops"
    drops.mkdir()
    (drops / "opens.csv").write_text(
        "eventId,eventType,eventDate,email\n"
        "1,email.open,2026-01-05T10:00:00Z,a@example.com\n"
        f"2,email.open,{HOSTILE},b@example.com\n"
        "3,email.open\n"
    )
    with chdir(tmp_path):
        yield tmp_path


def _run_cell(cell: str, names: dict[str, object]) -> object:
    """Run a cell as a notebook does: its last expression is what it shows."""
    *first, last = ast.parse(cell).body
    if not isinstance(last, ast.Expr):
        exec(compile(cell, "cell", "exec"), names)  # noqa: S102 - our own page
        return None
    exec(compile(ast.Module(first, []), "cell", "exec"), names)  # noqa: S102
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307


def test_the_cells_of_the_page_run_in_order_in_a_notebook(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, object] = {}

    shown = [_run_cell(cell, names) for cell in CELLS]

    tables = [one._repr_html_() for one in shown if hasattr(one, "_repr_html_")]
    assert len(tables) == 2
    assert all("<td>email.open</td>" in table for table in tables)
    assert isinstance(names["opens"], list)
    assert names["opens"]
    told = capsys.readouterr()
    assert "opens.csv" in told.out
    assert "ConfigError" in told.out
    assert not told.err
    assert (folder / "events.duckdb").is_file()


def test_the_result_is_what_the_command_prints(folder: Path) -> None:
    result = firehose_loader.load(folder / "drops", into=folder / "by_python.duckdb")
    told = load(folder / "drops", folder / "by_command.duckdb").json

    document = json.loads(json.dumps(result.as_json()))
    for one in (document, told):
        del one["run_id"], one["seconds"]
    assert document == told
    assert result.rows.parsed == 3


@pytest.mark.usefixtures("folder")
def test_the_pieces_are_what_the_commands_print() -> None:
    firehose_loader.load("drops", into="events.duckdb")
    feed = firehose_loader.open("events.duckdb")

    held = ask("quarantine", "list", "--into", "events.duckdb", "--json").json["held"]
    findings = ask("check", "--into", "events.duckdb", "--json").json["findings"]
    events = ask("status", "--into", "events.duckdb", "--json").json["events"]

    assert held
    assert [one.id for one in feed.quarantine()] == [one["id"] for one in held]
    assert [one.message for one in feed.check()] == [one["message"] for one in findings]
    assert [one.rows for one in feed.status().events] == [one["rows"] for one in events]


def test_a_configuration_will_do_and_nothing_comes_twice(folder: Path) -> None:
    (folder / "firehose.toml").write_text(
        '[warehouse]\nurl = "duckdb:///events.duckdb"\n[[source]]\nname = "box"\nurl = "./drops"\n'
    )

    first = firehose_loader.load(config="firehose.toml", into="events.duckdb")
    again = firehose_loader.load("box", into="events.duckdb")

    assert first.drops["loaded"] == 1
    assert (again.drops["listed"], again.drops["new"]) == (1, 0)


def test_what_a_notebook_shows_is_text_and_no_markup(folder: Path) -> None:
    (folder / "drops" / f"{HOSTILE.replace('/', '')}.csv").write_text(
        "eventId,eventType,eventDate\n" + "x" * 50
    )
    result = firehose_loader.load("drops", into="events.duckdb")
    result.add_error(ConfigError(HOSTILE), source="<b>", drop=HOSTILE)

    shown = result._repr_html_()

    assert "<script" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_errors_are_those_of_the_commands(folder: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"no warehouse: .* --into FILE\.duckdb \(Python: into=\)"
    ):
        firehose_loader.load("drops")
    with pytest.raises(ConfigError, match=r"no such file; .* -c FILE \(Python: config=\)"):
        firehose_loader.load("drops", into="events.duckdb", config="no-such-file.toml")
    (folder / "events.duckdb").write_text("no database, but long enough to look like one")
    with pytest.raises(WarehouseUnusable):
        firehose_loader.open("events.duckdb").status()


@pytest.mark.usefixtures("folder")
def test_the_connection_cannot_write() -> None:
    firehose_loader.load("drops", into="events.duckdb")

    with firehose_loader.open("events.duckdb").connection() as connection:
        found = connection.sql("SELECT count(*) FROM dotdigital.events").fetchall()
        with pytest.raises(Exception, match="read-only"):
            connection.sql("DELETE FROM dotdigital.email_open")
    assert found[0][0] > 0


def test_snowflake_has_a_connection_of_its_own(folder: Path) -> None:
    (folder / "firehose.toml").write_text('[warehouse]\nconnection = "analysts"\n')
    feed = firehose_loader.open(
        "snowflake://someone@account/db/dotdigital?warehouse=w", config="firehose.toml"
    )

    with pytest.raises(ConfigError, match="connector"), feed.connection():
        pass


def test_importing_the_package_imports_no_more_and_touches_no_logging() -> None:
    look = (
        "import sys, logging; root = logging.root; before = list(root.handlers)\n"
        "import firehose_loader\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in"
        " {'firehose_loader', 'duckdb', 'pydantic', 'typer'}), root.handlers == before)"
    )

    done = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True, text=True)

    assert done.stdout == "['firehose_loader'] True\n"
    assert not done.stderr


def test_there_is_an_example_for_each_orchestrator_and_it_compiles() -> None:
    assert EXAMPLES.keys() == ORCHESTRATORS
    for name, example in EXAMPLES.items():
        compile(example, name, "exec")
        assert "firehose_loader.load(" in example
