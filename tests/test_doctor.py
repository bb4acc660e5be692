"""What doctor finds, before a run needs it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from firehose_loader import checks
from firehose_loader.checks import State
from firehose_loader.config import Config
from tests.command import ask, load
from tests.configured import source_table
from tests.conftest import FTP_SERVERS
from tests.rigs import azure, gcs, moto, sshd
from tests.rigs.azure import AzureRig
from tests.rigs.rig import Rig
from tests.rigs.s3 import Keys, S3Rig

DROP = b"eventId,eventType,eventDate\n1,emailOpen,2026-01-05T10:00:00Z\n"


def a_config(folder: Path, **source: object) -> Config:
    return Config.model_validate(
        {
            "warehouse": {"url": str(folder / "events.duckdb")},
            "spool": folder,
            "source": [{"name": "s", **source}],
        }
    )


def states(config: Config, subject: str = "source s") -> dict[str, State]:
    return {one.name: one.state for one in checks.examine(config) if one.subject == subject}


def on_bucket(rig: S3Rig, keys: Keys, **settings: object) -> dict[str, Any]:
    return {
        "url": f"s3://{rig.bucket}/{rig.prefix}",
        "endpoint": rig.endpoint,
        "region": "us-east-1",
        "access_key_id": keys.access_key_id,
        "secret_access_key": keys.secret_access_key,
        **settings,
    }


def test_a_sound_setup_is_told_to_be_sound(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(DROP)
    load(tmp_path / "in", tmp_path / "events.duckdb")
    config = a_config(tmp_path, url=str(tmp_path / "in"), after="archive", archive="done/{key}")

    probes = list(checks.examine(config))

    assert {probe.state for probe in probes if probe.name != "free disk"} == {State.OK}
    assert {probe.subject for probe in probes} == {"this machine", "warehouse", "source s"}
    assert states(config).keys() == {
        *("list", "read", "conditional read", "checksum", "clock", "after = archive")
    }
    assert not (tmp_path / "in" / "done").exists()


def test_a_place_without_drops_leaves_reading_untested(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()

    found = states(a_config(tmp_path, url=str(tmp_path / "in")))

    assert found["list"] is State.WARNING
    assert found["read"] is found["conditional read"] is State.UNTESTED


def test_what_is_missing_exits_with_2_and_says_what_to_do(tmp_path: Path) -> None:
    database = tmp_path / "events.duckdb"
    database.write_text("not a database " * 1000)

    answer = ask("doctor", tmp_path / "nowhere", "--into", database, "--json")
    text = ask("doctor", tmp_path / "nowhere", "--into", database)

    missing = {
        one["name"]: one["found"] for one in answer.json["probes"] if one["state"] == "missing"
    }
    assert answer.code == text.code == answer.json["exit_code"] == 2
    assert missing.keys() == {"list", "open"}
    assert "create it" in missing["list"]
    assert "missing" in text.out


def test_a_spool_that_is_not_there_is_missing(tmp_path: Path) -> None:
    config = a_config(tmp_path, url=str(tmp_path))
    elsewhere = config.model_copy(update={"spool": tmp_path / "nowhere"})

    assert states(elsewhere, "this machine")["spool"] is State.MISSING


def test_a_drop_from_the_future_tells_of_a_wrong_clock(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(DROP)
    os.utime(tmp_path / "in" / "a.csv", (time.time() + 3600,) * 2)

    assert states(a_config(tmp_path, url=str(tmp_path / "in")))["clock"] is State.WARNING


def test_a_bucket_is_tried_with_the_rights_that_there_are(s3_rig: S3Rig, tmp_path: Path) -> None:
    s3_rig.put("a.csv", DROP)
    archive = {"after": "archive", "archive": "/done/{key}"}
    config = a_config(tmp_path, **on_bucket(s3_rig, s3_rig.server.tidier, **archive))

    found = states(config)

    assert found.pop("encryption") is State.WARNING
    assert set(found.values()) == {State.OK}
    answer = s3_rig.server.client.list_objects_v2(Bucket=s3_rig.bucket)
    assert [entry["Key"] for entry in answer["Contents"]] == ["out/a.csv"]


@pytest.mark.parametrize("s3_server", [moto.NAME], indirect=True)  # the one that knows of rights
def test_rights_that_are_missing_are_found(s3_rig: S3Rig, tmp_path: Path) -> None:
    s3_rig.put("a.csv", DROP)
    server = s3_rig.server
    delete = on_bucket(s3_rig, server.reader, after="delete")
    archive = on_bucket(s3_rig, server.reader, after="archive", archive="done/{key}")

    reader = states(a_config(tmp_path, **on_bucket(s3_rig, server.reader)))
    stranger = states(a_config(tmp_path, **on_bucket(s3_rig, server.stranger)))

    assert reader["read"] is State.OK
    assert states(a_config(tmp_path, **delete))["after = delete"] is State.MISSING
    assert states(a_config(tmp_path, **archive))["after = archive"] is State.MISSING
    assert stranger["list"] is State.MISSING


@pytest.mark.parametrize("rig", [azure.NAME, gcs.NAME, sshd.NAME, *FTP_SERVERS], indirect=True)
@pytest.mark.parametrize("after", [{"after": "delete"}, {"after": "archive", "archive": "x/{key}"}])
def test_what_comes_after_loading_is_tried_at_every_place(
    after: dict[str, str], rig: Rig, tmp_path: Path
) -> None:
    rig.put("in/a.csv", DROP)
    settings = {"sas_token": rig.sas("rlcwd")} if isinstance(rig, AzureRig) else {}
    config = tmp_path / "firehose.toml"
    table = source_table(rig.source(), **settings, **after)
    config.write_text(f'[warehouse]\nurl = "{tmp_path}/events.duckdb"\n{table}', "utf-8")

    answer = ask("doctor", "-c", config, "--json")

    found = {one["name"]: one["state"] for one in answer.json["probes"]}
    assert found[f"after = {after['after']}"] == "ok", answer.out
    assert [drop.key for drop in rig.storage.list_drops()] == ["in/a.csv"]


def test_no_secret_is_in_what_doctor_says(s3_rig: S3Rig, tmp_path: Path) -> None:
    keys = Keys(access_key_id="AKIAUNKNOWN", secret_access_key="hush-hush-hush")  # noqa: S106

    said = str(list(checks.examine(a_config(tmp_path, **on_bucket(s3_rig, keys)))))

    assert "missing" in said
    assert keys.secret_access_key not in said
