"""Whose server it is and who may read it, and what is said where that goes wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from firehose_loader.config import SftpSource
from firehose_loader.errors import AccessDenied, ConfigError, ExtraMissing, StorageUnavailable
from firehose_loader.storage import open_storage
from tests.command import Answer, ask, call, table
from tests.rigs.processes import free_port, running, wait_until
from tests.rigs.rig import keys, missing
from tests.rigs.sshd import NAME, SftpRig, SshServer

SECRET = "correct horse battery staple"  # noqa: S105 - opens nothing
DROPS = "_firehose_drops"
CONTENT = b"eventId,eventType,eventDate\n1,emailOpen,2026-01-05T10:00:00Z\n"

pytestmark = pytest.mark.xdist_group(NAME)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> SshServer:
    server: SshServer = request.getfixturevalue(NAME)
    return server


@pytest.fixture
def rig(server: SshServer) -> Iterator[SftpRig]:
    rig = SftpRig(server)
    rig.put("a.csv", CONTENT)
    yield rig
    rig.close()


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def password_of(server: SshServer) -> str:
    if server.password is None:
        missing(NAME, "only root can run a server that checks passwords")
    return server.password


def listed(rig: SftpRig, **settings: Any) -> list[str]:  # noqa: ANN401 - whatever a source has
    with closing(open_storage(rig.source(**settings))) as storage:
        return keys(storage.list_drops())


# -- logging in ----------------------------------------------------------------------------------


def test_a_password_lets_us_in(rig: SftpRig, server: SshServer) -> None:
    assert listed(rig, password=password_of(server)) == ["a.csv"]


def test_a_wrong_password_is_refused_and_not_told(rig: SftpRig, server: SshServer) -> None:
    password_of(server)

    with pytest.raises(AccessDenied, match="this password") as caught:
        listed(rig, password=SECRET)

    assert server.user in str(caught.value)
    assert SECRET not in str(caught.value) + repr(caught.value.__cause__)


def test_a_user_who_is_not_known_is_refused(rig: SftpRig, server: SshServer) -> None:
    url = f"sftp://stranger@127.0.0.1:{server.port}/"

    with pytest.raises(AccessDenied, match="'stranger' was refused with this key"):
        listed(rig, url=url)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_key_file_lets_us_in(rig: SftpRig, server: SshServer, kind: str) -> None:
    passphrase = server.passphrase if kind == "rsa" else None

    found = listed(rig, key_file=server.folder / f"id_{kind}", key_passphrase=passphrase)

    assert found == ["a.csv"]


def test_a_passphrase_that_is_not_needed_does_no_harm(rig: SftpRig) -> None:
    assert listed(rig, key_passphrase=SECRET) == ["a.csv"]


def test_a_key_of_the_environment_lets_us_in(rig: SftpRig, server: SshServer) -> None:
    text = (server.folder / "id_ed25519").read_text().replace("\n", "\\n")

    assert listed(rig, key=text) == ["a.csv"]


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    address = tmp_path / "agent"
    with running(["ssh-agent", "-D", "-a", str(address)], tmp_path / "agent.log"):
        wait_until(address.exists, "the agent listens")
        monkeypatch.setenv("SSH_AUTH_SOCK", str(address))
        yield


@pytest.mark.usefixtures("agent")
def test_the_keys_of_an_agent_let_us_in(rig: SftpRig, server: SshServer) -> None:
    with pytest.raises(AccessDenied, match="give password, key or key_file"):
        listed(rig, agent=True)

    subprocess.run(["ssh-add", server.folder / "host_rsa"], check=True, capture_output=True)
    with pytest.raises(AccessDenied, match="each of the SSH agent's 1 keys"):
        listed(rig, agent=True)

    subprocess.run(["ssh-add", server.folder / "id_ed25519"], check=True, capture_output=True)
    assert listed(rig, agent=True) == ["a.csv"]


def test_without_any_way_to_log_in_it_says_which_there_are(rig: SftpRig) -> None:
    with pytest.raises(AccessDenied, match="give password, key or key_file"):
        listed(rig, agent=True)


# -- whose server it is --------------------------------------------------------------------------


def test_the_host_keys_of_a_file_are_trusted(rig: SftpRig, server: SshServer) -> None:
    assert listed(rig, known_hosts=server.folder / "known_hosts") == ["a.csv"]


def test_the_usual_file_of_host_keys_is_taken(
    rig: SftpRig, server: SshServer, tmp_path: Path
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text((server.folder / "known_hosts").read_text())

    assert listed(rig, known_hosts=None) == ["a.csv"]


def test_any_of_a_servers_keys_will_do(rig: SftpRig, server: SshServer, tmp_path: Path) -> None:
    both = (server.folder / "known_hosts").read_text().splitlines(keepends=True)
    for line in both:
        (tmp_path / "hosts").write_text(line)

        assert listed(rig, known_hosts=tmp_path / "hosts") == ["a.csv"]


def test_a_server_that_is_not_known_is_refused_with_its_fingerprint(
    rig: SftpRig, server: SshServer, tmp_path: Path
) -> None:
    (tmp_path / "hosts").write_text("")

    with pytest.raises(AccessDenied, match=r"is not in .*hosts") as caught:
        listed(rig, known_hosts=tmp_path / "hosts")

    # What the message tells to write must be what lets us in.
    seen = str(caught.value).partition('host_key = "')[2].rstrip('"')
    assert seen in {server.fingerprint(), server.fingerprint("host_rsa")}
    assert listed(rig, host_key=server.fingerprint()) == ["a.csv"]


def test_a_server_whose_key_has_changed_is_refused(
    rig: SftpRig, server: SshServer, tmp_path: Path
) -> None:
    other = (server.folder / "id_ed25519.pub").read_text()
    (tmp_path / "hosts").write_text(f"[127.0.0.1]:{server.port} {other}")

    with pytest.raises(AccessDenied, match="has changed") as caught:
        listed(rig, known_hosts=tmp_path / "hosts")

    assert server.fingerprint() in str(caught.value)
    assert server.fingerprint("id_ed25519") in str(caught.value)


def test_a_server_with_another_fingerprint_is_refused(rig: SftpRig, server: SshServer) -> None:
    expected = server.fingerprint("id_ed25519")

    with pytest.raises(AccessDenied, match="host key is ssh-ed25519") as caught:
        listed(rig, host_key=expected)

    assert server.fingerprint() in str(caught.value)
    assert expected in str(caught.value)


def test_a_file_of_host_keys_that_is_missing_is_a_mistake(rig: SftpRig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"known_hosts .*hosts cannot be read"):
        listed(rig, known_hosts=tmp_path / "hosts")


# -- the configuration ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": f"sftp://u:{SECRET}@h/x"}, "a password does not belong there"),
        ({"url": f"sftp://u:{SECRET}/@x@h/x"}, "not a URL|a password does not belong there"),
        ({"url": "sftp://h/x"}, "names no user; write sftp://user@host:port/path"),
        ({"url": "sftp://u@/x"}, "names no host"),
        ({"url": "sftp://u@h:x/"}, "not a URL"),
        ({"url": "sftp://u@h/a#b"}, "write . as %3F and # as %23"),
        ({"host_key": "aa:bb:cc"}, "must be a fingerprint such as SHA256:"),
        ({"key": "k", "key_file": "f"}, "choose one of key and key_file"),
        ({"key_file": "f", "agent": True}, "choose one of key_file and agent"),
        ({"key_passphrase": "p"}, "key_passphrase needs key or key_file"),
        ({"known_hosts": "f", "host_key": f"SHA256:{'A' * 43}"}, "host_key and known_hosts"),
        ({"connections": 0}, "greater than or equal to 1"),
    ],
)
def test_a_mistake_in_a_source_is_told_without_secrets(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        SftpSource.model_validate({"name": "box", "url": "sftp://u@h/x", **settings})

    told = "; ".join(str(error["msg"]) for error in caught.value.errors())
    assert SECRET not in told


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("sftp://u@h", "."),
        ("sftp://u@h/", "/"),
        ("sftp://u@h/~", "."),
        ("sftp://u@h/~/in/x/", "in/x"),
        ("sftp://u@h/a%20b%23/c%2Bd", "/a b#/c+d"),
        ("sftp://u@[::1]:2222/in/**/*.csv", "/in"),
    ],
)
def test_a_path_is_absolute_unless_it_begins_at_home(url: str, folder: str) -> None:
    assert SftpSource.model_validate({"name": "box", "url": url}).folder == folder


# -- the server ----------------------------------------------------------------------------------


def test_a_port_where_nobody_listens_is_unavailable(rig: SftpRig) -> None:
    url = f"sftp://u@127.0.0.1:{free_port()}/"

    with pytest.raises(StorageUnavailable, match=r"sftp://u@127\.0\.0\.1"):
        listed(rig, url=url)


def test_without_paramiko_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "paramiko", None)

    with pytest.raises(ExtraMissing, match=r"firehose-loader\[sftp\]"):
        open_storage(SftpSource(name="box", url="sftp://u@h/"))


# -- the command line ----------------------------------------------------------------------------


def ran(rig: SftpRig, folder: Path, environ: dict[str, str], **settings: object) -> Answer:
    written_for(rig, folder, **settings)
    return ask("run", "--json", cwd=folder, environ=environ)


def written_for(rig: SftpRig, folder: Path, **settings: object) -> None:
    """Write a configuration of the server."""
    lines = [f'{key} = "{value}"' for key, value in settings.items()]
    (folder / "firehose.toml").write_text(
        f'[warehouse]\nurl = "{folder / "events.duckdb"}"\n[[source]]\nname = "box"\n'
        f'url = "{rig.source().url}"\nsettle = 0\n' + "\n".join(lines)
    )


def test_drops_of_a_server_are_loaded_once(rig: SftpRig, server: SshServer, tmp_path: Path) -> None:
    key = (server.folder / "id_ed25519").read_text().replace("\n", " ")
    settings = {"key": "${env:BOX_KEY}", "host_key": server.fingerprint()}

    first = ran(rig, tmp_path, {"BOX_KEY": key}, **settings)
    second = ran(rig, tmp_path, {"BOX_KEY": key}, **settings)

    assert (first.code, first.json["drops"]["loaded"]) == (0, 1)
    assert (second.code, second.json["drops"]["skipped"]) == (0, 1)
    assert [row["key"] for row in table(tmp_path / "events.duckdb", "_firehose_drops")] == ["a.csv"]


def test_a_file_that_has_just_arrived_waits_unless_told_otherwise(
    rig: SftpRig, server: SshServer, tmp_path: Path
) -> None:
    settings = {"key_file": server.folder / "id_ed25519", "host_key": server.fingerprint()}
    ran(rig, tmp_path, {}, **settings)
    rig.put("b.csv", CONTENT)
    config = tmp_path / "firehose.toml"
    config.write_text(config.read_text().replace("settle = 0\n", ""))

    waiting = ask("run", "--json", cwd=tmp_path)

    assert (waiting.code, waiting.json["drops"]["held"]) == (0, 1)
    states = {row["key"]: row["state"] for row in table(tmp_path / "events.duckdb", DROPS)}
    assert states == {"a.csv": "loaded", "b.csv": "held"}


@pytest.mark.parametrize("password", [SECRET.replace(" ", ""), "with/slash@and:colon"])
@pytest.mark.parametrize("scheme", ["sftp", "ftps", "ftp"])
def test_a_password_on_the_command_line_is_refused_and_not_shown(
    tmp_path: Path, scheme: str, password: str
) -> None:
    answer = ask("run", f"{scheme}://u:{password}@h/x", "--into", "e.duckdb", cwd=tmp_path)

    assert answer.code == 2
    assert password not in answer.out + answer.err


def test_a_refusal_ends_with_2_and_no_output_has_a_secret(
    rig: SftpRig, server: SshServer, tmp_path: Path
) -> None:
    password_of(server)
    environ = {"BOX_PASSWORD": SECRET}
    (tmp_path / "hosts").write_text("")
    cases: list[tuple[dict[str, object], str]] = [
        ({"password": "${env:BOX_PASSWORD}", "host_key": server.fingerprint()}, "this password"),
        ({"password": "${env:BOX_PASSWORD}", "known_hosts": tmp_path / "hosts"}, "SHA256:"),
        (
            {
                "key_file": server.folder / "id_rsa",
                "key_passphrase": "${env:BOX_PASSWORD}",
                "host_key": server.fingerprint(),
            },
            "key_passphrase is wrong",
        ),
    ]
    for settings, message in cases:
        written_for(rig, tmp_path, **settings)
        answer = call("run", "--json", cwd=tmp_path, environ=environ)

        assert answer.code == 2
        assert message in answer.json["errors"][0]["message"]
        assert "Traceback" not in answer.err
        written = (tmp_path / "events.duckdb").read_bytes()
        assert SECRET not in answer.out + answer.err
        assert SECRET.encode() not in written
