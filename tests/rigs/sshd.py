"""OpenSSH's server, a private instance: a port, keys and a user of its own.

As root it lets a user of its own in, by password or key. Otherwise it lets in whoever runs the
tests, by key alone: it cannot read other users' passwords, and the tests of passwords are skipped.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firehose_loader.config import SftpSource
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from tests.rigs.files import ServedFolder, public_folder, system_user
from tests.rigs.processes import lasting_ports, listening
from tests.rigs.rig import missing

NAME = "sftp"
_PROGRAM = "/usr/sbin/sshd"
_PASSPHRASE = "pass phrase"  # noqa: S105 - of a key made for this run
_CONFIGURATION = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_ed25519
HostKey {folder}/host_rsa
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
AllowUsers {user}
MaxStartups 100
MaxAuthTries 20
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshServer:
    """A running server, and what its user logs in with."""

    port: int
    user: str
    password: str | None
    folder: Path
    """Keys ``id_ed25519``, ``id_ecdsa`` and ``id_rsa`` (which has a passphrase); host keys
    ``host_ed25519`` and ``host_rsa``; ``known_hosts``."""
    shown: Path
    """What lies below it may be read by the user."""
    command: tuple[str, ...]
    """Starts the server once more, at the same port."""
    passphrase: str = _PASSPHRASE

    @property
    def owner(self) -> int:
        """The user's number."""
        return pwd.getpwnam(self.user).pw_uid

    def fingerprint(self, key: str = "host_ed25519") -> str:
        """Return what ssh-keygen says of a key."""
        return _keygen("-l", "-f", str(self.folder / f"{key}.pub")).split()[1]


class SftpRig:
    """A folder of its own, read over SFTP."""

    name = NAME
    further_names: tuple[str, ...] = (
        "back\\slash.csv",
        "line\nbreak.csv",
        "return\r.csv",
        "control\x01\x7f.csv",
        "not UTF-8 \udcff.csv",
        "/".join(["x" * 249] * 4),  # a thousand characters
    )

    def __init__(self, server: SshServer, *, at: str = "") -> None:
        self.server = server
        self._at = at or f"127.0.0.1:{server.port}"
        self._served = ServedFolder(server.shown, server.owner)
        self.folder = self._served.path
        self.storage: Storage = open_storage(self.source())
        self.tidier = self.storage
        self.put, self.remove = self._served.put, self._served.remove
        self.make_folder = self._served.make_folder

    def source(self, **settings: Any) -> SftpSource:  # noqa: ANN401 - whatever a source may have
        """Return the configuration of a source, with other settings if they are given."""
        server = self.server
        usual: dict[str, Any] = {
            "name": "box",
            "url": f"sftp://{server.user}@{self._at}{self.folder}",
            "key_file": server.folder / "id_ed25519",
            "host_key": server.fingerprint(),
        }
        if "known_hosts" in settings:
            del usual["host_key"]
        if {"key", "password", "agent"} & settings.keys():
            del usual["key_file"]
        return SftpSource.model_validate({**usual, **settings})

    def nowhere(self) -> Storage:
        url = f"sftp://{self.server.user}@{self._at}{self.folder}/nowhere"
        return open_storage(self.source(url=url))

    def close(self) -> None:
        self.storage.close()


@contextlib.contextmanager
def started() -> Iterator[SshServer]:
    """Run the server."""
    with prepared() as server, serving(server):
        yield server


@contextlib.contextmanager
def prepared() -> Iterator[SshServer]:
    """Make all that a server needs, keys and user included."""
    if not Path(_PROGRAM).exists() or shutil.which("ssh-keygen") is None:
        missing(NAME, f"{_PROGRAM} cannot be found: apt-get install openssh-server")
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(public_folder("sshd"))
        (folder / "shown").mkdir()
        user, password = getpass.getuser(), None
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
            password = secrets.token_urlsafe(12)
            user = stack.enter_context(system_user(password, folder / "shown"))
        (port,) = lasting_ports()
        _make_keys(folder)
        configuration = folder / "sshd_config"
        configuration.write_text(_CONFIGURATION.format(port=port, folder=folder, user=user))
        command = (_PROGRAM, "-D", "-e", "-f", str(configuration))
        hosts = ((folder / f"host_{kind}.pub").read_text().split()[:2] for kind in _HOST_KEYS)
        (folder / "known_hosts").write_text(
            "".join(f"[127.0.0.1]:{port} {' '.join(words)}\n" for words in hosts)
        )
        yield SshServer(
            port=port,
            user=user,
            password=password,
            folder=folder,
            shown=folder / "shown",
            command=command,
        )


@contextlib.contextmanager
def serving(server: SshServer) -> Iterator[None]:
    """Run the server that was described."""
    # Each connection has a process of its own, which would outlive the one that listens.
    with listening(server.command, server.port, server.folder / "sshd.log"):
        yield


_HOST_KEYS = {"ed25519": (), "rsa": ("-b", "2048")}
_USER_KEYS: dict[str, tuple[str, ...]] = {
    "ed25519": ("-N", ""),
    "ecdsa": ("-N", "", "-m", "PEM"),
    "rsa": ("-b", "2048", "-m", "PEM", "-N", _PASSPHRASE),
}


def _make_keys(folder: Path) -> None:
    for kind, options in _HOST_KEYS.items():
        _keygen("-q", "-t", kind, *options, "-N", "", "-f", str(folder / f"host_{kind}"))
    for kind, options in _USER_KEYS.items():
        _keygen("-q", "-t", kind, *options, "-f", str(folder / f"id_{kind}"))
    allowed = [(folder / f"id_{kind}.pub").read_text() for kind in _USER_KEYS]
    (folder / "authorized_keys").write_text("".join(allowed))
    for kind in _HOST_KEYS:
        (folder / f"host_{kind}").chmod(0o600)


def _keygen(*arguments: str) -> str:
    done = subprocess.run(["ssh-keygen", *arguments], capture_output=True, text=True, check=True)
    return done.stdout
