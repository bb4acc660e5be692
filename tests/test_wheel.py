"""What is built is what is used: the wheel carries the schemas and the SQL, and works alone."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.checkout import ROOT, project_files

BUNDLED = "firehose_loader/_bundled/"


@dataclass(frozen=True)
class Built:
    """The sdist, the wheel made of it, and the wheel made of the checkout."""

    sdist: Path
    wheel: Path
    direct_wheel: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    _build(folder / "by sdist")
    _build(folder / "direct", "--wheel")
    (sdist,) = (folder / "by sdist").glob("*.tar.gz")
    (wheel,) = (folder / "by sdist").glob("*.whl")
    (direct_wheel,) = (folder / "direct").glob("*.whl")
    return Built(sdist=sdist, wheel=wheel, direct_wheel=direct_wheel)


@pytest.fixture(scope="module")
def python(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment in which only the wheel is new."""
    folder = tmp_path_factory.mktemp("installed") / "a b"
    venv.create(folder, symlinks=True)
    interpreter = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(interpreter)]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-index", "--no-deps", str(built.wheel)], check=True
    )
    # What the package needs comes from the environment of the tests. Folders named in a .pth file
    # do not have their own .pth files read, so the editable install there stays out of sight.
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "needs.pth").write_text(sysconfig.get_path("purelib"))
    return interpreter


def test_the_wheel_carries_exactly_the_schemas_and_the_sql_of_the_checkout(built: Built) -> None:
    expected = {
        BUNDLED + path.relative_to(ROOT).as_posix()
        for folder, ending in (("schemas", ".json"), ("sql", ".sql"))
        for path in project_files(ending)
        if path.is_relative_to(ROOT / folder)
    }

    carried = {name for name in _names(built.wheel) if name.startswith(BUNDLED)}

    assert carried == expected
    assert any(name.startswith(BUNDLED + "schemas/") for name in carried)
    assert any(name.startswith(BUNDLED + "sql/") for name in carried)


def test_the_wheel_carries_the_package_and_nothing_else(built: Built) -> None:
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in project_files()
        if path.is_relative_to(ROOT / "firehose_loader")
    }

    carried = {
        name
        for name in _names(built.wheel)
        if not name.startswith(BUNDLED) and ".dist-info/" not in name
    }

    assert carried == expected
    assert "firehose_loader/py.typed" in carried
    assert "firehose_loader/report/assets/echarts.min.js.gz" in carried


def test_a_wheel_made_of_the_sdist_is_that_made_of_the_checkout(built: Built) -> None:
    assert _names(built.wheel) == _names(built.direct_wheel)


def test_the_sdist_carries_what_a_packager_needs(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "PKG-INFO"} <= names
    assert {"tests/test_wheel.py", "firehose_loader/py.typed"} <= names
    assert not {name for name in names if name.startswith((".venv", "build", "demo"))}


def test_the_installed_wheel_is_the_one_that_runs(python: Path, tmp_path: Path) -> None:
    where = _run(
        python, "-c", "import firehose_loader; print(firehose_loader.__file__)", cwd=tmp_path
    )

    assert Path(where.strip()).is_relative_to(python.parent.parent)


def test_the_installed_wheel_tells_its_version(python: Path, tmp_path: Path, built: Built) -> None:
    as_module = _run(python, "-m", "firehose_loader", "--version", cwd=tmp_path)
    as_script = _run(python.parent / "firehose-loader", "--version", cwd=tmp_path)

    assert as_module == as_script
    assert built.wheel.name.split("-")[1] in as_module


def test_the_installed_wheel_finds_its_schemas(python: Path, tmp_path: Path) -> None:
    answer = _run(python, "-m", "firehose_loader", "schema", "list", cwd=tmp_path)

    assert "email.open" in answer
    assert "1-0-0" in answer


def test_the_installed_wheel_loads_drops(python: Path, tmp_path: Path) -> None:
    program = [str(python), "-m", "firehose_loader"]
    drops, target = "some drops", "events.duckdb"

    told = json.loads(
        _run(*program, "sample", drops, "--events", "50", "--drops", "3", "--json", cwd=tmp_path)
    )
    first = json.loads(_run(*program, "run", drops, "--into", target, "--json", cwd=tmp_path))
    second = json.loads(_run(*program, "run", drops, "--into", target, "--json", cwd=tmp_path))

    assert first["rows"]["parsed"] == told["rows"]
    assert first["status"] == "ok"
    assert second["rows"]["inserted"] == 0
    assert second["drops"]["new"] == 0


def _build(folder: Path, *options: str) -> None:
    """Build in the running environment, for a new one would have to be downloaded."""
    answer = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *options, "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def _names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def _run(*command: str | Path, cwd: Path) -> str:
    answer = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout
