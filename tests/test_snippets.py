"""The code blocks of README and docs hold: queries run, commands are those that there are."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import typer
from _pytest.mark import ParameterSet
from typer.core import TyperGroup
from typer.exceptions import TyperException

from firehose_loader.cli import app
from tests.checkout import ROOT, project_files
from tests.command import ask
from tests.fenced import blocks

PAGES = [
    ROOT / "README.md",
    *(path for path in project_files(".md") if path.is_relative_to(ROOT / "docs")),
]
COMMAND = typer.main.get_command(app)
ON_SNOWFLAKE = {"snowflake.md"}
"""Pages whose queries are in Snowflake's dialect: sqlfluff parses them."""


def _of(language: str) -> list[ParameterSet]:
    return [
        pytest.param(page, block, id=f"{page.name}-{number}")
        for page in PAGES
        for number, (_, block) in enumerate(blocks(page, language), 1)
    ]


def _commands() -> set[str]:
    """Return every line that calls the loader, in blocks, but for synopses with [options]."""
    found = set()
    for page in PAGES:
        text = page.read_text("utf-8").replace("\\\n", " ")
        shell = "\n".join(block for _, block in blocks(page, "sh")).replace("\\\n", " ")
        found |= set(re.findall(r"^ {4}(firehose-loader .*)$", text, re.MULTILINE))
        found |= set(re.findall(r"^(firehose-loader .*)$", shell, re.MULTILINE))
    return {line for line in found if not re.search(r"\[[-A-Z]|\.\.\.|\|-", line)}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snippets")
    assert ask("sample", "drops", "--events", 800, "--bad", 0.01, cwd=folder).code == 0
    assert ask("run", "drops", "--into", "demo.duckdb", cwd=folder).code == 0
    assert ask("views", "--into", "demo.duckdb", cwd=folder).code == 0
    return folder / "demo.duckdb"


@pytest.mark.parametrize(("page", "block"), _of("sql"))
def test_every_query_runs(page: Path, block: str, database: Path, tmp_path: Path) -> None:
    if page.name in ON_SNOWFLAKE:
        file = tmp_path / "query.sql"
        file.write_text(block)
        parsed = subprocess.run(
            [
                sys.executable,
                "-m",
                "sqlfluff",
                "parse",
                "--dialect",
                "snowflake",
                "--templater",
                "raw",
                str(file),
            ],
            capture_output=True,
            check=False,
            text=True,
        )
        assert parsed.returncode == 0, parsed.stdout
        return
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute(block).description


@pytest.mark.parametrize(("page", "block"), _of("sh"))
def test_every_script_is_one(page: Path, block: str) -> None:
    done = subprocess.run(["bash", "-n"], input=block, capture_output=True, check=False, text=True)

    assert done.returncode == 0, f"{page.name}: {done.stderr}"


@pytest.mark.parametrize(("page", "block"), _of("json"))
def test_every_document_is_one(page: Path, block: str) -> None:
    assert json.loads(block), page.name


def test_every_command_that_is_shown_can_be_given_so() -> None:
    wrong = []
    lines = sorted(_commands())
    for line in lines:
        try:
            _parse(_words(line))
        except (TyperException, ValueError) as error:
            wrong.append(f"{line}: {error}")

    assert len(lines) >= 40
    assert not wrong


def test_a_command_that_there_is_not_is_found() -> None:
    for line in ("firehose-loader lod ./drops", "firehose-loader run ./drops --quick"):
        with pytest.raises((TyperException, ValueError)):
            _parse(_words(line))


def _words(line: str) -> list[str]:
    """Return the words of the command up to a pipe, a redirection or a comment."""
    words = shlex.split(line, comments=True)[1:]
    ends = [at for at, word in enumerate(words) if word in {"|", ">", "&&", "||", ">>", ";"}]
    return words[: min(ends, default=len(words))]


def _parse(words: list[str]) -> None:
    command = COMMAND
    while isinstance(command, TyperGroup) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if isinstance(command, TyperGroup):
        if words not in (["--version"], ["--help"]):
            raise ValueError(f"no command is named {' '.join(words)!r}")
    else:
        command.make_context("firehose-loader", words)
