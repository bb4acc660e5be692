"""The rules of the house that no linter knows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter.cli import lint_imports
from packaging.requirements import Requirement

from tests.checkout import ROOT, project_files

MAX_LINES = 400
PYTHON_FILES = project_files(".py")
SQL_FILES = [path for path in project_files(".sql") if path.is_relative_to(ROOT / "sql")]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PYTHON_FILES, ids=_name)
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    lines = path.read_text("utf-8").count("\n")

    assert lines <= MAX_LINES, f"{_name(path)} has {lines} lines: find its second name"


def test_imports_keep_their_contracts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)

    failed = lint_imports(no_cache=True)

    assert not failed, capsys.readouterr().out


def test_no_group_repeats_possessively_but_by_the_function_that_makes_it_work() -> None:
    """Python before 3.11.5 matches such groups wrongly, and the checks may run on a later one."""
    own = ROOT / "firehose_loader" / "formats" / "possessive.py"
    sources = [path for path in PYTHON_FILES if path.is_relative_to(ROOT / "firehose_loader")]

    found = [_name(path) for path in sources if re.search(r"\)[*+?]\+", path.read_text("utf-8"))]

    assert found == [_name(own)]


# -- SQL -----------------------------------------------------------------------------------------


def test_there_is_sql_to_look_at() -> None:
    assert SQL_FILES


@pytest.mark.parametrize("path", SQL_FILES, ids=_name)
def test_a_statement_says_what_it_does_and_why_it_may_be_repeated(path: Path) -> None:
    header, _body = _parts(path)

    opening = re.match(r"-- (?!Safe to repeat:|Fragments:|Parameters:)[A-Z]", header)
    labels = re.findall(r"^-- (Safe to repeat|Fragments|Parameters): \w", header, re.MULTILINE)

    assert opening, "the first line says what the statement does"
    assert labels == ["Safe to repeat", "Fragments", "Parameters"]


@pytest.mark.parametrize("path", SQL_FILES, ids=_name)
def test_a_statement_declares_its_holes(path: Path) -> None:
    header, body = _parts(path)
    code = _without_strings(body)

    assert _declared("Fragments", header) == set(re.findall(r"\{\{ (\w+) \}\}", body))
    assert _declared("Parameters", header) == set(re.findall(r"(?<![:\w]):([a-z]\w*)", code))


@pytest.mark.parametrize("path", SQL_FILES, ids=_name)
def test_a_file_holds_one_statement_and_no_logic(path: Path) -> None:
    _header, body = _parts(path)

    assert _without_strings(body).count(";") == 1
    assert body.rstrip().endswith(";")
    assert "{%" not in body


def _parts(path: Path) -> tuple[str, str]:
    """Return the comments that open an SQL file, and its statement without comments."""
    text = path.read_text("utf-8")
    header = re.match(r"(?:--[^\n]*\n)*", text)
    assert header
    body = re.sub(r"--[^\n]*", "", text[header.end() :])
    return header[0], body


def _declared(word: str, header: str) -> set[str]:
    """Return the names on a header's line; a list may go on over the lines that follow."""
    match = re.search(rf"^-- {word}: (.*(?:\n--  +.*)*)", header, re.MULTILINE)
    names = set(re.findall(r"\w+", match[1])) if match else set()
    return names - {"none"}


def _without_strings(sql: str) -> str:
    return re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "''", sql)


# -- what is committed ---------------------------------------------------------------------------


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    folder = re.compile(rb"(?<![\w.~-])/(?:home|root|Users|work)/\w+\S*")

    found = {
        _name(path): match[0]
        for path in project_files()
        if (match := folder.search(path.read_bytes()))
    }

    assert not found


# -- the lock ------------------------------------------------------------------------------------


def test_the_lock_pins_every_package_to_one_version_with_hashes() -> None:
    for entry in _lock_entries():
        assert re.match(r"[a-z0-9-]+(?:\[[a-z0-9,-]+\])?==\S+ ", entry), entry[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:60]


def test_the_lock_names_no_index_and_no_folder() -> None:
    lock = (ROOT / "constraints.txt").read_text("utf-8")

    code = re.sub(r"#.*", "", lock)
    assert "://" not in lock
    assert not re.findall(r"^\s*(?:-i|-f|--(?!hash=)[a-z-]+)", code, re.MULTILINE)
    assert not re.findall(r" @ |(?<![\w])/\w", code)


def test_the_lock_holds_every_declared_package_in_a_version_that_fits() -> None:
    pinned = {
        match[1]: match[2]
        for entry in _lock_entries()
        if (match := re.match(r"([a-z0-9-]+).*?==(\S+)", entry))
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    unmet = [
        str(wanted)
        for wanted in _declared_packages(project)
        if not wanted.specifier.contains(pinned.get(wanted.name.lower(), "0"))
    ]

    assert not unmet, f"run `make lock`: {unmet}"


def _lock_entries() -> list[str]:
    lock = (ROOT / "constraints.txt").read_text("utf-8")
    entries = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert entries
    return entries


def _declared_packages(project: dict[str, Any]) -> list[Requirement]:
    declared = [
        *project["project"]["dependencies"],
        *(name for extra in project["project"]["optional-dependencies"].values() for name in extra),
        *project["dependency-groups"]["dev"],
    ]
    requirements = [Requirement(text) for text in declared]
    return [wanted for wanted in requirements if wanted.name != project["project"]["name"]]
