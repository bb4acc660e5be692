"""The code blocks of README and docs hold: queries run, commands are those that there are."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
import sqlfluff
import typer
from _pytest.mark import ParameterSet
from sqlfluff.core import FluffConfig
from typer.core import TyperGroup
from typer.exceptions import TyperException

from firehose_loader.cli import application
from firehose_loader.errors import ExitCode
from tests.checkout import ROOT, project_files
from tests.command import ask
from tests.fenced import blocks

PAGES = [
    ROOT / "README.md",
    *(path for path in project_files(".md") if path.is_relative_to(ROOT / "docs")),
]
COMMAND = typer.main.get_command(application())
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


def _words(line: str) -> list[str]:
    """Return the words of the command up to a pipe, a redirection or a comment."""
    words = shlex.split(line, comments=True)[1:]
    ends = [at for at, word in enumerate(words) if word in {"|", ">", "&&", "||", ">>", ";"}]
    return words[: min(ends, default=len(words))]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snippets")
    assert (
        ask("sample", "drops", "--events", 300, "--drops", 40, "--bad", 0.01, cwd=folder).code == 0
    )
    assert ask("run", "drops", "--into", "demo.duckdb", cwd=folder).code == 0
    assert ask("views", "--into", "demo.duckdb", cwd=folder).code == 0
    return folder / "demo.duckdb"


@pytest.mark.parametrize(("page", "block"), _of("sql"))
def test_every_query_runs(page: Path, block: str, database: Path) -> None:
    if page.name in ON_SNOWFLAKE:
        raw = FluffConfig(overrides={"dialect": "snowflake", "templater": "raw"})
        assert sqlfluff.parse(block, config=raw)  # which raises for what it cannot parse
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


CONFIG = """
[warehouse]
url = "events.duckdb"
[[source]]
name = "prod"
url = "drops"
cadence = "15min"
events = { "opens/**" = "email.open" }
[pii]
key_id = "%s"
key = "sixteen bytes and more: %s"
keys = {%s}
policy = { email = "hash" }
"""
NEEDS_MORE = {
    "firehose-loader run s3://my-dd-events/prod/ --into events.duckdb": "a bucket",
    "firehose-loader run sftp://loader@files.example.com/out --into events.duckdb": "a server",
    "firehose-loader adopt prod --copy-history raw.public.events --dry-run": "an account",
}
"""What cannot be run here, and what it would need: those lines are only parsed."""
ACCOUNT = "snowflake://loader@myorg-nobody/marketing/firehose?warehouse=loading&role=loader"
RUN = _commands() - set(NEEDS_MORE)
FINE = {ExitCode.OK, ExitCode.MISSING}
OPEN = "1,2026-01-05T10:00:00Z,42,jo@example.com,+447700900123\n2,2026-01-05T11:00:00Z,43,,\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the lines of the pages speak of: drops, loaded under an older key, and their files."""
    folder = tmp_path_factory.mktemp("home")
    header = "eventId,eventDate,contactId,email,mobileNumber\n"
    (folder / "drops" / "opens").mkdir(parents=True)
    (folder / "drops" / "opens" / "2026-01-05.csv").write_text(header + OPEN)
    (folder / "drops" / "opens" / "2026-01-06.csv").write_text(
        f"{header}3,2026-01-06T10:00:00Z,7,,\n"
    )
    (folder / "drops" / "opens" / "broken.csv").write_text(f"{header}4,never,8,,\n")
    for name in ("email_open.csv", "some.csv"):
        (folder / "drops" / name).write_text(header + OPEN)
    (folder / "gone.txt").write_text("jo@example.com\n")
    (folder / "firehose.toml").write_text(CONFIG % ("k0", "k0", ""))
    assert ask("run", cwd=folder).code == 0
    (folder / "firehose.toml").write_text(
        CONFIG % ("k1", "k1", "k0 = 'sixteen bytes and more: k0'")
    )
    assert ask("schema", "evidence", "--output", "my-schemas", cwd=folder).code == 0
    assert ask("views", cwd=folder).code == 0
    (folder / "demo.duckdb").write_bytes((folder / "events.duckdb").read_bytes())
    return folder


def _command(words: list[str]) -> tuple[str, ...]:
    """Return the words that name the command."""
    assert isinstance(COMMAND, TyperGroup)
    has_more = isinstance(COMMAND.commands.get(words[0]), TyperGroup)
    return tuple(words[: 1 + has_more])


def _lines() -> list[ParameterSet]:
    """Return the lines; those that differ from others in what they name alone can wait."""
    seen: set[tuple[tuple[str, ...], frozenset[str]]] = set()
    found = []
    for line in sorted({shlex.join(_words(line)) for line in RUN}):
        words = shlex.split(line)
        command = _command(words)
        kind = (command, frozenset(word for word in words if word.startswith("-")))
        found.append(pytest.param(line, marks=pytest.mark.long if kind in seen else []))
        seen.add(kind)
    return found


@pytest.mark.xdist_group("lines of the docs")  # one load serves all
@pytest.mark.parametrize("line", _lines())
def test_every_command_that_is_shown_runs(line: str, home: Path, tmp_path: Path) -> None:
    words = shlex.split(line)
    if words[0] in {"forget", "undo"} and not {"--list", "--dry-run", "--preview"} & set(words):
        words.append("--yes")  # else it asks
    here = shutil.copytree(home, tmp_path / "here")
    if "--grants" in words:
        (here / "firehose.toml").write_text(
            f'[warehouse]\nurl = "{ACCOUNT}"\nkey_file = "key.p8"\n'
        )
    elif "--task" in words:
        (here / "firehose.toml").write_text(
            f'[warehouse]\nurl = "{ACCOUNT}"\nkey_file = "key.p8"\nload = "external"\n'
            '[[source]]\nname = "prod"\nurl = "s3://my-dd-events/prod/"\n'
        )
    elif words[0] == "expire":  # it wants to know how old is too old
        configured = (here / "firehose.toml").read_text("utf-8")
        (here / "firehose.toml").write_text(f"retention = 365\n{configured}")
    elif words[0] == "init":  # it makes the file
        (here / "firehose.toml").unlink()
    elif words[0] == "sample":  # likewise, where there are none yet
        shutil.rmtree(here / "drops")

    done = ask(*words, cwd=here)

    assert done.code in FINE, done.err


def test_a_command_that_there_is_not_is_found() -> None:
    for line in ("firehose-loader lod ./drops", "firehose-loader run ./drops --quick"):
        with pytest.raises((TyperException, ValueError)):
            _parse(_words(line))


def _parse(words: list[str]) -> None:
    command = COMMAND
    while isinstance(command, TyperGroup) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if isinstance(command, TyperGroup):
        if words not in (["--version"], ["--help"]):
            raise ValueError(f"no command is named {' '.join(words)!r}")
    else:
        command.make_context("firehose-loader", words)
