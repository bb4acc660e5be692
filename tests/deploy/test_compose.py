"""The Compose file for trying out is valid, and does what it says, but for the containers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from firehose_loader import __version__
from tests.checkout import ROOT
from tests.command import ask
from tests.deploy.test_manifests import understood
from tests.rigs.deploy_tools import Refused, asked
from tests.rigs.s3 import S3Server

FOLDER = ROOT / "deploy" / "compose"
FILE = FOLDER / "compose.yaml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document = yaml.safe_load(FILE.read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def test_the_file_is_valid_and_a_misspelt_key_is_not(compose: dict[str, Any]) -> None:
    loader = compose["services"]["loader"]
    misspelt = {**compose, "services": {"loader": {**loader, "stop_grace": "30s"}}}

    asked(("compose", compose))
    with pytest.raises(Refused, match="stop_grace"):
        asked(("compose", misspelt))


def test_every_service_does_without_rights(compose: dict[str, Any]) -> None:
    services = compose["services"]

    assert set(services) == {"store", "fill", "loader"}
    for service in services.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
    assert services["loader"]["image"] == f"firehose-loader:{__version__}"
    understood(services["loader"]["command"])


def test_only_this_machine_reaches_it(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"]["internal"]
    assert compose["services"]["loader"]["ports"] == ["127.0.0.1:9464:9464"]
    assert all("ports" not in compose["services"][name] for name in ("store", "fill"))


def test_each_file_that_it_names_is_there(compose: dict[str, Any]) -> None:
    named = [one["file"] for kind in ("configs", "secrets") for one in compose[kind].values()]

    assert sorted(named) == ["fill.py", "firehose.toml", "s3_secret"]
    assert all((FOLDER / name).is_file() for name in named)
    build = compose["services"]["loader"]["build"]
    assert (FOLDER / build["context"] / build["dockerfile"]).is_file()


@pytest.mark.parametrize("server", ["s3-moto"])
def test_what_is_filled_in_is_loaded(
    request: pytest.FixtureRequest, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: S3Server = request.getfixturevalue(server)
    secret = tmp_path / "s3_secret"
    secret.write_text(store.sender.secret_access_key)
    monkeypatch.setenv("STORE", store.endpoint)
    monkeypatch.setenv("STORE_KEY_ID", store.sender.access_key_id)
    config = (FOLDER / "firehose.toml").read_text("utf-8")
    config = config.replace("/run/secrets/s3_secret", str(secret))
    (tmp_path / "firehose.toml").write_text(config.replace("/data/", f"{tmp_path}/"))
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "STORE_SECRET_FILE": str(secret), "PATH": programs}

    assert shutil.which("firehose-loader", path=programs)
    subprocess.run(
        [sys.executable, FOLDER / "fill.py"], check=True, env=environ, capture_output=True
    )
    answer = ask("run", "--json", cwd=tmp_path)

    assert answer.code == 0, answer.err
    drops = answer.json["drops"]
    assert (drops["listed"], drops["loaded"]) == (8, 8)
