"""What a user can get wrong: one clear message, the documented exit code, nothing half-written."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.command import ask, select
from tests.rigs.s3 import S3Rig, S3Server

WHOLE = '[warehouse]\nurl = "x.duckdb"\n[[source]]\nname = "s"\nurl = "drops"\n'
GOOD = "eventId,eventType,eventDate\n1,email.open,2026-01-05T10:00:00Z\n"


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    folder = tmp_path / "drops"
    folder.mkdir()
    (folder / "a.csv").write_text(GOOD)
    return folder


def refused(*words: object, cwd: Path, code: int = 2) -> str:
    """Run a command that must be refused; return its message."""
    answer = ask(*words, "--json", cwd=cwd)

    assert code == answer.code, answer.err
    assert "Traceback" not in answer.err
    assert ("failed", code) == (answer.json["status"], answer.json["exit_code"])
    message: str = answer.json["errors"][0]["message"]
    assert message in answer.err
    return message


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("ftp://host/x", "s3://"),
        ("nowhere", "create it, or correct"),
        ("s3://", "names no bucket"),
        ("file://host/x", "file:///"),
        ("drops/a.csv", "is a file, not a folder"),
    ],
)
def test_a_source_that_cannot_be(drops: Path, source: str, told: str) -> None:
    message = refused("run", source, "--into", "events.duckdb", cwd=drops.parent)

    assert told in message


@pytest.mark.parametrize(
    ("into", "told"),
    [
        ("postgres://host/db", "duckdb:///"),
        ("events.txt", ".duckdb"),
        ("missing/events.duckdb", "does not exist"),
        ("folder.duckdb", "is a folder"),
        ("text.duckdb", "not a DuckDB database"),
        ("newer.duckdb", "storage version number 9999"),
    ],
)
def test_a_warehouse_that_cannot_be(drops: Path, into: str, told: str) -> None:
    home = drops.parent
    (home / "folder.duckdb").mkdir()
    (home / "text.duckdb").write_text("This is a text, and a long one for all that.\n")
    _make_newer(home / "newer.duckdb")
    before = {path: path.read_bytes() for path in home.glob("*.duckdb") if path.is_file()}

    message = refused("run", "drops", "--into", into, cwd=home)

    assert told in message
    assert before == {path: path.read_bytes() for path in home.glob("*.duckdb") if path.is_file()}


def _make_newer(path: Path) -> None:
    """Write a database whose first block says that a later DuckDB made it."""
    duckdb.connect(str(path)).close()
    content = bytearray(path.read_bytes())
    content[12:20] = (9999).to_bytes(8, "little")
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", bytes(content[8:4096])):
        checksum ^= word * 0xBF58476D1CE4E5B9 & 0xFFFF_FFFF_FFFF_FFFF
    content[:8] = struct.pack("<Q", checksum)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[warehouse\n", "line 1"),
        ('[warehous]\nurl = "x.duckdb"\n', "warehouse"),
        ('[warehouse]\nurl = "x.duckdb"\nshema = "x"\n', "did you mean 'schema'"),
        ('batch_fils = 3\n[warehouse]\nurl = "x.duckdb"\n', "did you mean 'batch_files'"),
        ('batch_files = 0\n[warehouse]\nurl = "x.duckdb"\n', "batch_files"),
        ('[warehouse]\nurl = "${env:NOT_SET}"\n', "NOT_SET is not set"),
        ('[warehouse]\nurl = "x.duckdb"\n[[source]]\nurl = "drops"\n', "name"),
        (WHOLE + "setle = 5\n", "did you mean 'settle'"),
        (WHOLE.replace('"drops"', '"s3://b/"') + 'regoin = "x"\n', "did you mean 'region'"),
        (WHOLE + 'events = { "*" = "email.opn" }\n', "did you mean 'email.open'"),
        ('[warehouse]\nurl = "x.duckdb"\n', "no source"),
        ('spool = "nowhere"\n' + WHOLE, "spool"),
    ],
)
def test_a_configuration_that_cannot_be(drops: Path, text: str, told: str) -> None:
    (drops.parent / "firehose.toml").write_text(text)

    message = refused("run", cwd=drops.parent)

    assert told in message
    assert not (drops.parent / "x.duckdb").exists()


def test_a_configuration_that_is_not_there(drops: Path) -> None:
    message = refused("run", "-c", "other.toml", cwd=drops.parent)

    assert "other.toml" in message


def test_an_event_schema_that_does_not_lint(drops: Path) -> None:
    folder = drops.parent / "schemas" / "email.open"
    folder.mkdir(parents=True)
    (folder / "1-0-1.json").write_text('{"x-event-type": "email.open"}')
    (drops.parent / "firehose.toml").write_text('schemas = "schemas"\n' + WHOLE)

    message = refused("run", cwd=drops.parent)

    assert "email.open/1-0-1.json" in message
    assert not (drops.parent / "x.duckdb").exists()


@pytest.fixture
def holder(drops: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the database open."""
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True);"
        " sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(drops.parent / "events.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_a_database_that_another_process_holds(drops: Path, holder: subprocess.Popen[str]) -> None:
    (drops.parent / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\nlock_timeout = 0.3\n'
    )

    message = refused("run", "drops", cwd=drops.parent, code=5)

    assert "another process" in message
    assert str(holder.pid) in message


def test_no_look_back_waits_for_ever_while_another_process_holds_the_database(
    drops: Path, holder: subprocess.Popen[str]
) -> None:
    (drops.parent / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\nlock_timeout = 0.1\n'
    )

    for words in (
        "explain x",
        "trace x",
        "undo x --yes",
        "replay x",
        "quarantine list",
        "quarantine show x",
        "quarantine retry",
        "quarantine remove --all --yes",
    ):
        assert str(holder.pid) in refused(*words.split(), cwd=drops.parent, code=5)


def test_a_bucket_that_is_not_there_and_one_that_is_closed(
    tmp_path: Path, s3_server: S3Server
) -> None:
    rig = S3Rig(s3_server)
    for bucket, keys in (
        ("no-such-bucket-here", s3_server.reader),
        (rig.bucket, s3_server.stranger),
    ):
        answer = ask(
            *("run", "-c", _config(tmp_path, s3_server, bucket), "--json"),
            environ={"ID": keys.access_key_id, "SECRET": keys.secret_access_key},
        )

        (error,) = answer.json["errors"]
        assert (answer.code, error["error"]) == (2, "AccessDenied")
        assert "Traceback" not in answer.err
        assert keys.secret_access_key not in answer.err + answer.out


def test_drops_of_a_bucket_are_loaded_once(tmp_path: Path, s3_server: S3Server) -> None:
    rig = S3Rig(s3_server)
    for number in range(12):
        rig.put(f"email.open/drop {number}+ü.csv", GOOD.replace("\n1,", f"\n{number},").encode())
    config = _config(tmp_path, s3_server, rig.bucket)
    environ = {"ID": rig.server.reader.access_key_id, "SECRET": rig.server.reader.secret_access_key}

    first = ask("run", "-c", config, "--json", environ=environ)
    second = ask("run", "-c", config, "--json", environ=environ)
    planned = ask("plan", "-c", config, "--json", environ=environ)

    assert (first.json["drops"]["loaded"], first.json["rows"]["inserted"]) == (12, 12), first.err
    assert tuple(second.json["drops"][name] for name in ("listed", "new", "skipped")) == (12, 0, 12)
    assert (planned.json["listed"], planned.json["new"]) == (12, 0)


def _config(folder: Path, server: S3Server, bucket: str) -> Path:
    path = folder / "firehose.toml"
    path.write_text(
        f'[warehouse]\nurl = "{folder}/events.duckdb"\n[[source]]\nname = "bucket"\n'
        f'url = "s3://{bucket}/out/"\nendpoint = "{server.endpoint}"\nregion = "us-east-1"\n'
        'access_key_id = "${env:ID}"\nsecret_access_key = "${env:SECRET}"\n'
    )
    return path


def test_the_story_as_json_lines_names_run_and_drop(tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "bad.csv").write_text("eventId,eventType,eventDate\n1,emailOpen,never\n")

    told = ask("run", tmp_path / "drops", "--into", tmp_path / "e.duckdb", "--log", "json")

    lines = [json.loads(line) for line in told.err.splitlines() if line.startswith("{")]
    (quarantined,) = [one for one in lines if one["event"] == "rows_quarantined"]
    assert quarantined["run_id"] == lines[0]["run_id"] == lines[-1]["run_id"]
    ids = select(tmp_path / "e.duckdb", "SELECT drop_id FROM dotdigital._firehose_drops")
    assert [row["drop_id"] for row in ids] == [quarantined["drop_id"]]
    assert (lines[0]["event"], lines[-1]["event"]) == ("run_started", "run_finished")
