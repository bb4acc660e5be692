"""``init`` and ``config schema``: from nothing to a configuration that works."""

from __future__ import annotations

import configparser
import io
import json
import re
import stat
import subprocess
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from firehose_loader.cli import main
from firehose_loader.config import json_schema, load_config
from tests.checkout import ROOT
from tests.command import ask, clean_environ

SOURCES = (
    "s3://my-dd-events/prod/",
    "azure://account/container/prefix",
    "gs://bucket/prefix",
    "sftp://loader@files.example.com:22/out",
    "ftps://loader@files.example.com/out",
    "drops",
)


def written(tmp_path: Path, source: str, *words: str) -> Path:
    path = tmp_path / "firehose.toml"
    code = main(
        [
            *("init", "--source", source, "--into", str(tmp_path / "e.duckdb")),
            *("--output", str(path), "--no-doctor", *words),
        ]
    )
    assert code == 0
    return path


@pytest.mark.parametrize("source", SOURCES)
def test_what_init_writes_is_a_configuration(tmp_path: Path, source: str) -> None:
    path = written(tmp_path, source, "--cadence", "hourly")

    config = load_config(path, environ={"FTPS_PASSWORD": "x"})

    (found,) = config.source
    url = source if "://" in source else str(Path.cwd() / source)
    assert (found.name, found.url) == ("prod", url)
    assert str(found.cadence) == "1:00:00"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("source", SOURCES)
def test_every_key_that_is_commented_out_is_one_that_may_stand_there(
    tmp_path: Path, source: str
) -> None:
    lines = written(tmp_path, source).read_text().splitlines()
    keys = [n for n, line in enumerate(lines) if re.match(r"# \w+ = ", line)]
    validator = jsonschema.Draft202012Validator(json_schema())

    assert keys
    for number in keys:
        name = lines[number].split()[1]
        changed = [line for line in lines if not line.startswith(f"{name} =")]
        changed[changed.index(lines[number])] = lines[number].removeprefix("# ")
        validator.validate(tomllib.loads("\n".join(changed)))


def test_init_tries_what_it_wrote_and_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["init", "--into", str(tmp_path / "e.duckdb"), "--output", str(tmp_path / "f.toml")]

    assert main([*words, "--source", str(tmp_path / "nowhere")]) == 2
    assert "missing" in capsys.readouterr().out
    (tmp_path / "drops").mkdir()
    assert main([*words, "--source", str(tmp_path / "drops"), "--force"]) == 0
    assert main(["run", "-c", str(tmp_path / "f.toml")]) == 0


class _Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_init_asks_what_no_option_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", _Terminal("drops\n\nhourly\nhttps://hooks.example.com/a\n"))
    path = tmp_path / "firehose.toml"

    assert main(["init", "--output", str(path), "--no-doctor"]) == 0

    asked = capsys.readouterr()
    assert "Where are the drops" in asked.err
    config = load_config(path)
    assert config.source[0].url == str(Path.cwd() / "drops")
    assert config.warehouse.url == str(Path.cwd() / "events.duckdb")
    assert str(config.source[0].cadence) == "1:00:00"
    assert config.alerts.webhook is not None


def test_init_says_what_a_secret_is_to_be_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["init", "--into", str(tmp_path / "e.duckdb"), "--output", str(tmp_path / "f.toml")]

    assert main([*words, "--source", "ftps://loader@files.example.com/out"]) == 2
    assert "FTPS_PASSWORD is not set" in capsys.readouterr().err


def test_a_file_that_is_there_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "drops")
    path.write_text("mine")

    assert main(["init", "--source", "x", "--into", "e.duckdb", "-o", str(path)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give --source"),
        (["--source", "x", "--cadence", "weekly"], "15min, hourly, daily"),
        (["--source", "x", "-o", "no/such/folder/f.toml"], "cannot be written"),
        (["--source", "x", "-o", "-"], "name a file"),
        (["--source", "x", "--schedule", "cron", "-c", "f.toml"], "-c goes with --grants"),
    ],
)
def test_what_init_cannot_do_is_said(
    tmp_path: Path,
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["init", *words]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_password_in_a_url_does_not_get_into_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "sftp://loader:hunter2@files.example.com/out")

    assert "hunter2" not in path.read_text()


@pytest.mark.parametrize(("cadence", "minute"), [("15min", "3-59/15"), ("hourly", "6")])
def test_a_crontab_runs_and_checks(
    tmp_path: Path, cadence: str, minute: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    path = written(folder, "drops", "--schedule", "cron", "--cadence", cadence)

    run, check = [line for line in capsys.readouterr().out.splitlines() if line[:1] != "#"]
    assert run.startswith(f"{minute} * * * * ")
    assert f"run -c '{path}'" in run
    assert f"check --quiet -c '{path}'" in check


@pytest.mark.parametrize(("given", "said"), [({}, "ALERT_WEBHOOK is not set"), (None, "")])
def test_the_line_that_checks_speaks_where_the_loader_cannot_look(
    tmp_path: Path,
    given: dict[str, str] | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "drops").mkdir()
    words = ("--schedule", "cron", "--webhook", "${env:ALERT_WEBHOOK}")
    path = written(tmp_path, str(tmp_path / "drops"), *words)
    line = capsys.readouterr().out.splitlines()[-1].split(" ", 5)[5].replace("\\%", "%")
    environ = {"ALERT_WEBHOOK": "https://hooks.example.com/a"}
    assert ask("run", "-c", path, environ=environ).code == 0

    done = subprocess.run(
        ["sh", "-c", line],
        capture_output=True,
        check=False,
        env={**clean_environ(), **(environ if given is None else given)},
        text=True,
    )

    assert said in done.stdout + done.stderr
    assert bool(done.stdout + done.stderr) == bool(said)
    assert done.returncode == (2 if said else 0)


@pytest.mark.parametrize("words", [("-c",), ("-o",)])
def test_a_schedule_for_a_configuration_that_is_there_leaves_it_as_it_is(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = tmp_path / "mine.toml"
    text = (
        '[warehouse]\nurl = "e.duckdb"\n'
        '[[source]]\nname = "a"\nurl = "drops"\ncadence = "daily"\n'
        '[[source]]\nname = "b"\nurl = "b"\ncadence = "hourly"\n'
        '[alerts]\nwebhook = "${env:HOST}/${env:ALERT_TOKEN}" # not ${env:OLD}\n'
    )
    path.write_text(text)

    told = ask("init", "--schedule", "cron", *words, path)

    assert (told.code, told.err) == (0, "")
    assert "\nALERT_TOKEN=...\nHOST=...\n6 * * * * " in told.out
    assert f"run -c {path}" in told.out
    assert path.read_text() == text


def test_a_schedule_is_not_taken_for_leave_to_write_over_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, "drops")
    text = path.read_text()

    told = ask("init", "--schedule", "cron", "--source", "x", "--into", "e.duckdb", cwd=tmp_path)

    assert told.code == 2
    assert (
        "firehose-loader init --schedule cron (or systemd, cronjob) -c firehose.toml prints"
        in told.err
    )
    assert ask("init", "--schedule", "cron", cwd=tmp_path).code == 0
    assert path.read_text() == text


def test_a_systemd_timer_and_its_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "drops", "--schedule", "systemd")

    service, timer = capsys.readouterr().out.split("# /etc/systemd/system/firehose-loader.timer")
    units = [configparser.RawConfigParser(), configparser.RawConfigParser()]
    units[0].read_string(service)
    units[1].read_string(timer)
    assert units[0]["Service"]["ExecStart"].endswith(f"run -c {path}")
    assert units[1]["Timer"]["OnCalendar"] == "*:03/15"


def test_a_cronjob_forbids_two_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, "drops", "--schedule", "cronjob", "--cadence", "daily")

    job = yaml.safe_load(capsys.readouterr().out)
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert job["spec"]["schedule"] == "6 * * * *"
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"][:2] == ["run", "-c"]


def test_the_schema_of_the_configuration_takes_every_example_of_the_docs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for page in ("configuration.md", "commands.md"):
        text = (ROOT / "docs" / page).read_text("utf-8")
        for block in re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            values = tomllib.loads(block)
            values.setdefault("warehouse", {"url": "e.duckdb"})
            validator.validate(values)


@pytest.mark.parametrize(
    "text",
    [
        "batch_file = 3",
        '[check]\nwindow = "soon"',
        '[[source]]\nname = "a"\nurl = "s3://b/"\ncadence = "weekly"',
        '[[source]]\nname = "a"\nurl = "s3://b/"\nregoin = "x"',
    ],
)
def test_the_schema_of_the_configuration_tells_mistakes(text: str) -> None:
    values = {"warehouse": {"url": "e.duckdb"}, **tomllib.loads(text)}

    assert list(jsonschema.Draft202012Validator(json_schema()).iter_errors(values))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("cron", "\nALERT_WEBHOOK=...\n3-59/15 "),
        ("systemd", "ALERT_WEBHOOK=...\nEnvironmentFile=/etc/firehose-loader.env"),
        ("cronjob", "--from-literal=ALERT_WEBHOOK=..."),
    ],
)
def test_a_schedule_brings_what_the_configuration_refers_to(
    tmp_path: Path, kind: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, "drops", "--schedule", kind, "--webhook", "${env:ALERT_WEBHOOK}")

    assert said in capsys.readouterr().out
