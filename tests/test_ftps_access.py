"""Whose server it is and who may read it, and what is said where that goes wrong."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from firehose_loader.config import FtpsSource
from firehose_loader.errors import AccessDenied, ConfigError, StorageUnavailable
from firehose_loader.storage import open_storage
from tests.command import Answer, ask, call, table
from tests.rigs import ftps
from tests.rigs.ftps import FtpServer, FtpsRig
from tests.rigs.processes import free_port
from tests.rigs.rig import content, keys, only

SECRET = "correct horse battery staple"  # noqa: S105 - opens nothing
CONTENT = b"eventId,eventType,eventDate\n1,emailOpen,2026-01-05T10:00:00Z\n"
PIN = ":".join(["AB"] * 32)

pytestmark = pytest.mark.xdist_group(ftps.PROFTPD)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> FtpServer:
    server: FtpServer = request.getfixturevalue(ftps.PROFTPD)
    return server


@pytest.fixture
def rig(server: FtpServer) -> Iterator[FtpsRig]:
    rig = FtpsRig(server)
    rig.put("a.csv", CONTENT)
    yield rig
    rig.close()


def listed(rig: FtpsRig, **settings: Any) -> list[str]:  # noqa: ANN401 - whatever a source has
    with closing(open_storage(rig.source(**settings))) as storage:
        return keys(storage.list_drops())


@contextlib.contextmanager
def with_certificate_of(name: str) -> Iterator[FtpServer]:
    """Run a server whose certificate is signed by itself."""
    with ftps.prepared_proftpd() as server:
        files = server.certificates
        new = ["openssl", "req", "-x509", "-nodes", "-days", "1", "-newkey", "ec"]
        curve = ["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", f"/CN={name}"]
        names = ["-addext", f"subjectAltName=DNS:{name}"]
        where = ["-keyout", str(files.key), "-out", str(files.certificate)]
        subprocess.run([*new, *curve, *names, *where], check=True, capture_output=True)
        with ftps.serving(server):
            yield server


# -- logging in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", [ftps.PROFTPD, ftps.VSFTPD])
def test_a_wrong_password_or_user_is_refused_and_not_told(
    backend: str, request: pytest.FixtureRequest
) -> None:
    rig = FtpsRig(request.getfixturevalue(backend))

    for settings in ({"password": SECRET}, {"url": rig.url(user="stranger"), "password": SECRET}):
        with pytest.raises(AccessDenied, match="was refused with this password") as caught:
            listed(rig, **settings)

        assert rig.source().host in str(caught.value)
        assert SECRET not in str(caught.value) + repr(caught.value.__cause__)


def test_tls_may_begin_with_the_connection() -> None:
    with ftps.started_proftpd(implicit=True) as server:
        rig = FtpsRig(server)
        rig.put("in/a", CONTENT)
        with closing(rig.storage) as storage:
            assert content(storage, only(storage.list_drops())) == CONTENT

        with pytest.raises(StorageUnavailable, match='write tls = "implicit"'):
            listed(rig, tls="explicit", timeout=1)


def test_tls_that_begins_too_early_is_told(rig: FtpsRig) -> None:
    with pytest.raises(AccessDenied, match='write tls = "explicit"'):
        listed(rig, tls="implicit")


def test_a_server_without_tls_never_gets_the_password() -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]

        def serve() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"220 ready\r\n")
                while line := connection.recv(1000):
                    heard.append(line)
                    connection.sendall(b"500 unknown command\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        source = FtpsSource.model_validate(
            {"name": "box", "url": f"ftps://u@127.0.0.1:{port}/", "password": SECRET}
        )
        with (
            closing(open_storage(source)) as storage,
            pytest.raises(AccessDenied, match=r"does not offer TLS \(500\)"),
        ):
            list(storage.list_drops())
        thread.join()

    assert b"".join(heard) == b"AUTH TLS\r\n"


# -- whose server it is --------------------------------------------------------------------------


def test_a_certificate_of_an_unknown_authority_is_refused_until_it_is_pinned(
    rig: FtpsRig, server: FtpServer
) -> None:
    with pytest.raises(AccessDenied, match="an authority that is not trusted") as caught:
        listed(rig, ca_file=None)

    # What the message tells to write must be what lets us in.
    pin = str(caught.value).partition('certificate = "')[2].rstrip('"')
    assert pin == server.fingerprint.rpartition("=")[2].strip()
    assert listed(rig, certificate=pin) == ["a.csv"]


def test_a_certificate_that_is_signed_by_itself_is_refused() -> None:
    with with_certificate_of("localhost") as server:
        rig = FtpsRig(server)

        with pytest.raises(AccessDenied, match="is signed by itself"):
            listed(rig, ca_file=None)
        assert listed(rig, ca_file=server.certificates.certificate) == []


def test_a_certificate_that_has_expired_is_refused() -> None:
    with (
        ftps.prepared_proftpd(expired=True) as server,
        ftps.serving(server),
        pytest.raises(AccessDenied, match="has expired"),
    ):
        listed(FtpsRig(server))


def test_a_certificate_of_another_host_is_refused() -> None:
    with (
        with_certificate_of("files.example.com") as server,
        pytest.raises(AccessDenied, match="is that of another host"),
    ):
        listed(FtpsRig(server), ca_file=server.certificates.certificate)


def test_another_certificate_than_the_pinned_one_is_refused(
    rig: FtpsRig, server: FtpServer
) -> None:
    with pytest.raises(AccessDenied, match="Someone may have put himself in between") as caught:
        listed(rig, certificate=PIN)

    assert PIN in str(caught.value)
    assert server.fingerprint.rpartition("=")[2].strip() in str(caught.value)


def test_a_file_of_certificates_that_is_missing_is_a_mistake(rig: FtpsRig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ca_file .*nothing cannot be read"):
        listed(rig, ca_file=tmp_path / "nothing")


# -- the configuration ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": f"ftps://u:{SECRET}@h/x"}, "a password does not belong there"),
        ({"url": "ftps://h/x"}, "names no user; write ftps://user@host:port/path"),
        ({"password": None}, "password is missing"),
        ({"certificate": "AB:CD"}, "must be the SHA-256 fingerprint"),
        ({"certificate": PIN, "ca_file": "f"}, "choose one of ca_file and certificate"),
        ({"tls": "never"}, "explicit"),
    ],
)
def test_a_mistake_in_a_source_is_told_without_secrets(
    settings: dict[str, object], message: str
) -> None:
    usual = {"name": "box", "url": "ftps://u@h/x", "password": SECRET}

    with pytest.raises(ValidationError, match=message) as caught:
        FtpsSource.model_validate({**usual, **settings})

    told = "; ".join(str(error["msg"]) for error in caught.value.errors())
    assert SECRET not in told


@pytest.mark.parametrize(
    ("url", "tls", "implicit"),
    [
        ("ftps://u@h/", None, False),
        ("ftps://u@h:990/", None, True),
        ("ftps://u@h:990/", "explicit", False),
        ("ftps://u@h:2121/", "implicit", True),
    ],
)
def test_the_port_tells_when_tls_begins_unless_it_is_said(
    url: str, tls: str | None, *, implicit: bool
) -> None:
    source = FtpsSource.model_validate({"name": "box", "url": url, "password": "p", "tls": tls})

    assert source.implicit is implicit


def test_a_fingerprint_may_be_written_as_it_is_printed() -> None:
    for written in (PIN, PIN.lower(), PIN.replace(":", ""), f"sha256 Fingerprint={PIN}\n"):
        source = FtpsSource.model_validate(
            {"name": "box", "url": "ftps://u@h/", "password": "p", "certificate": written}
        )

        assert source.certificate == PIN


# -- the server ----------------------------------------------------------------------------------


def test_a_port_where_nobody_listens_is_unavailable(rig: FtpsRig) -> None:
    url = f"ftps://u@localhost:{free_port()}/"

    with pytest.raises(StorageUnavailable, match="ftps://u@localhost"):
        listed(rig, url=url)


# -- the command line ----------------------------------------------------------------------------


def ran(rig: FtpsRig, folder: Path, environ: dict[str, str], **settings: object) -> Answer:
    written_for(rig, folder, **settings)
    return ask("run", "--json", cwd=folder, environ=environ)


def written_for(rig: FtpsRig, folder: Path, **settings: object) -> None:
    """Write a configuration of the server."""
    lines = [f'{key} = "{value}"' for key, value in settings.items()]
    (folder / "firehose.toml").write_text(
        f'[warehouse]\nurl = "{folder / "events.duckdb"}"\n[[source]]\nname = "box"\n'
        f'url = "{rig.url()}"\nsettle = 0\npassword = "${{env:BOX_PASSWORD}}"\n' + "\n".join(lines)
    )


def test_drops_of_a_server_are_loaded_once(rig: FtpsRig, server: FtpServer, tmp_path: Path) -> None:
    environ = {"BOX_PASSWORD": server.password}
    trusted = server.certificates.authority

    first = ran(rig, tmp_path, environ, ca_file=trusted)
    second = ran(rig, tmp_path, environ, ca_file=trusted)

    assert (first.code, first.json["drops"]["loaded"]) == (0, 1)
    assert (second.code, second.json["drops"]["skipped"]) == (0, 1)
    assert [row["key"] for row in table(tmp_path / "events.duckdb", "_firehose_drops")] == ["a.csv"]
    assert server.password not in first.out + first.err


def test_a_refusal_ends_with_2_and_no_output_has_a_secret(
    rig: FtpsRig, server: FtpServer, tmp_path: Path
) -> None:
    cases: list[tuple[dict[str, object], str]] = [
        ({"ca_file": server.certificates.authority}, "was refused with this password"),
        ({}, "not trusted"),
        ({"certificate": PIN}, "Someone may have put himself in between"),
    ]
    for settings, message in cases:
        written_for(rig, tmp_path, **settings)
        answer = call("run", "--json", cwd=tmp_path, environ={"BOX_PASSWORD": SECRET})

        assert answer.code == 2
        assert message in answer.json["errors"][0]["message"]
        assert "Traceback" not in answer.err
        assert SECRET not in answer.out + answer.err
        assert SECRET.encode() not in (tmp_path / "events.duckdb").read_bytes()
