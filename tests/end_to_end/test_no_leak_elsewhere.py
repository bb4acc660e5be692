"""The same search in what goes elsewhere: to Snowflake's stage, to those who watch a loader."""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from firehose_loader.protocols import StagedBatch
from firehose_loader.warehouse.snowflake_stage import Stage
from tests.command import ask, clean_environ
from tests.end_to_end.test_no_leak import CONFIG, KEY, named_in, put_drops
from tests.rigs import snowflake
from tests.rigs.canned import Answer, Request, answering
from tests.rigs.processes import free_port, wait_until
from tests.rigs.snowflake import SnowflakeAccount


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("drops", "spool", "out"):
        (tmp_path / name).mkdir()
    put_drops(tmp_path / "drops")
    return tmp_path


def test_nobody_is_in_what_a_watching_loader_tells_sends_and_shows(home: Path) -> None:
    requests: list[Request] = []

    def take(request: Request) -> Answer:
        requests.append(request)
        return Answer()

    port, story = free_port(), home / "story"
    with answering(take) as url:
        (home / "firehose.toml").write_text(
            f'{CONFIG}[watch]\nevery = "1s"\ndelay = "0s"\njitter = "0s"\n'
            f'[alerts]\nwebhook = "{url}/hook"\n[telemetry]\notlp = "{url}"\n'
        )
        words = ("watch", "--port", str(port), "--log", "json")
        with (
            story.open("w") as output,
            subprocess.Popen(
                [sys.executable, "-m", "firehose_loader", *words],
                stderr=output,
                cwd=home,
                env=clean_environ(),
            ) as process,
        ):
            wait_until(lambda: "run_finished" in story.read_text(), "the first pass is over")
            wait_until(lambda: len({one.path for one in requests}) == 2, "both places were told")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
                metrics = answer.read().decode()
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    texts = [
        ("story", story.read_text()),
        ("metrics", metrics),
        *((request.path, _body(request)) for request in requests),
    ]
    assert {name for name, _ in texts} == {"story", "metrics", "/hook", "/v1/traces"}
    assert "firehose" in metrics
    assert not named_in(texts)
    assert [name for name, text in texts if KEY in text] == []


@pytest.mark.xdist_group(snowflake.NAME)
def test_nobody_is_in_the_files_that_are_put_on_the_stage(
    home: Path, account: SnowflakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = home / "kept"
    write = Stage.write

    def keep(stage: Stage, batch: StagedBatch, folder: Path) -> None:
        write(stage, batch, folder)
        shutil.copytree(folder, kept, dirs_exist_ok=True)

    monkeypatch.setattr(Stage, "write", keep)
    way = {"url": account.url(), **account.settings()}
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in way.items())
    config = CONFIG.replace('url = "out/events.duckdb"\n', lines)
    (home / "firehose.toml").write_text(config)

    done = ask("run", "--json", cwd=home)

    assert done.json["rows"]["inserted"] > 600, done.err
    texts = dict(_texts(kept))
    assert any(name.startswith("rows_") for name in texts)
    assert any(name.startswith("faults_") for name in texts)
    assert not named_in(texts.items())


def _body(request: Request) -> str:
    packed = request.headers.get("content-encoding") == "gzip"
    return (gzip.decompress(request.body) if packed else request.body).decode("latin-1")


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what Parquet files say, and what stands in them as it is."""
    for path in sorted(folder.glob("*.parquet")):
        rows = duckdb.read_parquet(str(path)).fetchall()
        yield path.name, f"{rows} {path.read_bytes().decode('latin-1')}"
