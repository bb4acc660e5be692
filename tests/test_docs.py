"""The documentation keeps up: every command, option, key and exit code is in it, links lead on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
import typer
from pydantic import BaseModel
from typer.core import TyperCommand, TyperGroup, TyperOption

from firehose_loader import config
from firehose_loader.cli import application
from firehose_loader.errors import ExitCode
from firehose_loader.summary import RunSummary, SourceSummary
from tests.checkout import ROOT, project_files
from tests.command import ask

README = ROOT / "README.md"
PAGES = [README, *(path for path in project_files(".md") if path.is_relative_to(ROOT / "docs"))]
Command: TypeAlias = tuple[str, TyperCommand]


def _commands(command: object, path: str = "") -> Iterator[Command]:
    """Yield every command that does something, with its words: ``schema list``."""
    if isinstance(command, TyperGroup):
        for name, below in sorted(command.commands.items()):
            yield from _commands(below, f"{path} {name}".strip())
    else:
        assert isinstance(command, TyperCommand)
        yield path, command


def _models() -> list[type[BaseModel]]:
    """Return the models of the configuration file that are its own tables."""
    found = [
        value
        for name, value in sorted(vars(config).items())
        if isinstance(value, type) and issubclass(value, BaseModel) and not name.startswith("_")
    ]
    return [model for model in found if model is not BaseModel]


COMMANDS = list(_commands(typer.main.get_command(application())))
OPTIONS = sorted(
    {
        (path, option)
        for path, command in COMMANDS
        for parameter in command.params
        if isinstance(parameter, TyperOption) and not parameter.hidden
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--") and option != "--help"
    }
)
KEYS = {
    f"{model.__name__}.{field.alias or name}": field.description
    for model in _models()
    for name, field in model.model_fields.items()
}
TOML_BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    if page.is_file()
    for number, block in enumerate(
        re.findall(r"^```toml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE), 1
    )
]


@pytest.fixture(scope="module")
def text() -> str:
    """Return all the documentation."""
    return "\n".join(page.read_text("utf-8") for page in PAGES)


@pytest.fixture(scope="module")
def code(text: str) -> str:
    """Return what stands in the documentation as code, in blocks and in sentences."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", prose)])


@pytest.mark.parametrize("path", [path for path, _ in COMMANDS])
def test_every_command_is_documented(path: str, code: str) -> None:
    assert re.search(rf"firehose-loader {re.escape(path)}\b", code)


@pytest.mark.parametrize(("path", "option"), OPTIONS)
def test_every_option_is_documented(path: str, option: str, code: str) -> None:
    assert re.search(rf"{re.escape(option)}(?![\w-])", code), f"{path} {option}"


@pytest.mark.parametrize("option", ["--config", "--into", "--json"])
def test_the_table_of_common_options_tells_which_commands_lack_one(option: str) -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    row = re.search(rf"^\| `{option}\b[^|]*\|([^|]*)\|", page, re.MULTILINE)
    assert row, option

    told = re.findall(r"`([^`]+)`", row[1])

    lacking = {path for path, _ in COMMANDS if (path, option) not in OPTIONS}
    assert row[1].strip().startswith("all but")
    assert {path for path, _ in COMMANDS for name in told if f"{path} ".startswith(f"{name} ")} == (
        lacking
    )


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_command_explains_itself(path: str, command: TyperCommand) -> None:
    silent = [
        parameter.name
        for parameter in command.params
        if isinstance(parameter, TyperOption) and not parameter.help
    ]

    assert command.help, path
    assert not silent, f"{path}: options without a help text"


@pytest.mark.parametrize("key", KEYS)
def test_every_config_key_is_documented(key: str, code: str) -> None:
    name = key.partition(".")[2]
    tables = {"source": r"\[\[source\]\]", "warehouse": r"\[warehouse\]", "check": r"\[check\]"}
    tables |= {name: rf"\[{name}\]" for name in ("watch", "metrics", "alerts", "telemetry")}

    assert re.search(tables.get(name, rf"(?<![\w-]){re.escape(name)}(?![\w-])"), code)
    assert KEYS[key] or name in tables, "a key has a description"


@pytest.mark.parametrize("exit_code", ExitCode, ids=lambda exit_code: exit_code.name)
def test_every_exit_code_is_in_the_table_of_the_readme(exit_code: ExitCode) -> None:
    first_cells = re.findall(r"^\|([^|]*)\|", README.read_text("utf-8"), re.MULTILINE)

    assert any(re.search(rf"\b{exit_code.value}\b", cell) for cell in first_cells)


def test_the_page_of_keys_is_what_the_program_prints() -> None:
    page = ROOT / "docs" / "configuration-keys.md"

    printed = ask("config", "reference").out

    if os.environ.get("REGENERATE"):
        page.write_text(printed, encoding="utf-8")
    assert printed == page.read_text("utf-8")


def test_the_example_of_a_run_has_what_a_run_prints() -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    section = page.partition("\n## firehose-loader run\n")[2]
    block = re.search(r"^```json\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    assert block
    shown = json.loads(block[1])

    summary = RunSummary(run_id="any", sources=[SourceSummary(name="prod")])
    printed = json.loads(json.dumps(summary.as_json()))

    assert list(shown) == list(printed)
    assert shown["drops"].keys() == printed["drops"].keys()
    assert shown["rows"].keys() == printed["rows"].keys()
    assert shown["sources"][0].keys() == printed["sources"][0].keys()


def test_there_is_an_example_of_a_configuration() -> None:
    assert TOML_BLOCKS


@pytest.mark.parametrize("block", TOML_BLOCKS)
def test_every_example_of_a_configuration_is_valid(block: str, tmp_path: Path) -> None:
    file = tmp_path / "firehose.toml"
    file.write_text(re.sub(r"\$\{file:[^}]*\}", "from a file", block))
    names = re.findall(r"\$\{env:(\w+)\}", block)
    environ = {name: f"{name}, from the environment" for name in names}
    complete = re.search(r"^\[warehouse\]", block, re.MULTILINE)

    loaded = config.load_config(file, environ=environ, into=None if complete else "events.duckdb")

    assert loaded.warehouse.place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)\s]+)\)", prose)

    dead = [
        link
        for link in links
        if not re.match(r"[a-z]+:", link) and not _leads_somewhere(page, link)
    ]

    assert not dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_row_of_a_table_stands_below_a_header(page: Path) -> None:
    """A blank line ends a table: rows behind it are shown as they are written."""
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    tables = re.findall(r"(?:^\|.*(?:\n|\Z))+", prose, re.MULTILINE)

    lost = [table for table in tables if not re.match(r"\|.*\n\|(?: *:?-+:? *\|)+ *(\n|\Z)", table)]

    assert not lost


def _leads_somewhere(page: Path, link: str) -> bool:
    """Tell whether a relative link has its file, and its heading if it names one."""
    name, _, heading = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not heading or heading in _anchors(target)


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ +(.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
