"""FTP servers with TLS: ProFTPD, which has MLSD, and vsftpd, which has not.

Both demand that data connections go on with the TLS session of the control connection. Both need
root: they change to the user who logs in. Debian lets only one of them be installed; vsftpd is
unpacked beside it, into build/vsftpd.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firehose_loader.config import FtpsSource
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from tests.checkout import ROOT
from tests.rigs.certificates import Certificates, issued
from tests.rigs.files import ServedFolder, public_folder, system_user
from tests.rigs.processes import lasting_ports, listening
from tests.rigs.rig import missing

PROFTPD, IMPLICIT, VSFTPD = "ftps-proftpd", "ftps-implicit", "ftps-vsftpd"
_PROFTPD = Path("/usr/sbin/proftpd")
_VSFTPD = ROOT / "build" / "vsftpd" / "usr" / "sbin" / "vsftpd"
_TRANSFER_PORTS = 16
_PROFTPD_CONFIGURATION = """\
<IfModule !mod_ls.c>
LoadModule mod_ls.c
</IfModule>
<IfModule !mod_xfer.c>
LoadModule mod_xfer.c
</IfModule>
LoadModule mod_tls.c
ServerType standalone
ServerName test
DefaultAddress 127.0.0.1
SocketBindTight on
Port {port}
User nobody
Group nogroup
UseReverseDNS off
WtmpLog off
AuthOrder mod_auth_file.c
AuthUserFile {folder}/passwd
RequireValidShell off
AllowOverwrite on
PassivePorts {first} {last}
PidFile {folder}/pid
ScoreboardFile {folder}/score
SystemLog {folder}/log
TLSEngine on
TLSProtocol TLSv1.2 TLSv1.3
TLSRequired on
TLSECCertificateFile {certificate}
TLSECCertificateKeyFile {key}
TLSVerifyClient off
{options}
"""
_VSFTPD_CONFIGURATION = """\
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=NO
local_enable=YES
write_enable=YES
pam_service_name=sshd
check_shell=NO
seccomp_sandbox=NO
use_localtime=NO
utf8_filesystem=YES
secure_chroot_dir={folder}/empty
ssl_enable=YES
implicit_ssl=NO
force_local_logins_ssl=YES
force_local_data_ssl=YES
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file={certificate}
rsa_private_key_file={key}
pasv_min_port={first}
pasv_max_port={last}
xferlog_enable=NO
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpServer:
    """A running server, and what its user logs in with."""

    name: str
    port: int
    transfer_ports: range
    implicit: bool
    user: str
    password: str
    owner: int
    """The number of the user whom files belong to."""
    folder: Path
    shown: Path
    certificates: Certificates
    command: tuple[str, ...]
    """Starts the server once more, at the same port."""

    @property
    def fingerprint(self) -> str:
        """What openssl says of the server's certificate."""
        return subprocess.run(
            ["openssl", "x509", "-noout", "-fingerprint", "-sha256"],
            input=self.certificates.certificate.read_bytes(),
            capture_output=True,
            check=True,
        ).stdout.decode()


class FtpsRig:
    """A folder of its own, read over FTP with TLS."""

    further_names: tuple[str, ...] = (
        "back\\slash.csv",
        "control\x01\x7f.csv",
        "not UTF-8 \udce9.csv",
        "/".join(["x" * 249] * 4),  # a thousand characters
    )

    def __init__(self, server: FtpServer, *, host: str = "localhost") -> None:
        self.name = server.name
        self.server = server
        self._host = host
        self._served = ServedFolder(server.shown, server.owner)
        self.folder = self._served.path
        self.storage: Storage = open_storage(self.source())
        self.tidier = self.storage
        self.put, self.remove = self._served.put, self._served.remove
        self.make_folder = self._served.make_folder

    def source(self, **settings: Any) -> FtpsSource:  # noqa: ANN401 - whatever a source may have
        """Return the configuration of a source, with other settings if they are given."""
        usual: dict[str, Any] = {
            "name": "box",
            "url": self.url(),
            "password": self.server.password,
            "tls": "implicit" if self.server.implicit else "explicit",
            "ca_file": self.server.certificates.authority,
        }
        if self._host != "localhost":
            settings = {"certificate": self.server.fingerprint, **settings}
        if "certificate" in settings:
            del usual["ca_file"]
        return FtpsSource.model_validate({**usual, **settings})

    def url(self, *, user: str = "", host: str = "", below: str = "") -> str:
        """Return the URL of the folder."""
        server = self.server
        return (
            f"ftps://{user or server.user}@{host or self._host}:{server.port}{self.folder}{below}"
        )

    def nowhere(self) -> Storage:
        return open_storage(self.source(url=self.url(below="/nowhere")))

    def close(self) -> None:
        self.storage.close()


@contextlib.contextmanager
def started_proftpd(*, implicit: bool = False) -> Iterator[FtpServer]:
    """Run ProFTPD."""
    with prepared_proftpd(implicit=implicit) as server, serving(server):
        yield server


@contextlib.contextmanager
def prepared_proftpd(*, implicit: bool = False, expired: bool = False) -> Iterator[FtpServer]:
    """Make all that ProFTPD needs."""
    name = IMPLICIT if implicit else PROFTPD
    if not _PROFTPD.exists():
        missing(name, "apt-get install --no-install-recommends proftpd-core proftpd-mod-crypto")
    _demand_root(name)
    with public_folder("proftpd") as folder:
        nobody, password = pwd.getpwnam("nobody"), secrets.token_urlsafe(12)
        crypt = ["openssl", "passwd", "-6", "-stdin"]
        hashed = subprocess.run(
            crypt, input=password, text=True, capture_output=True, check=True
        ).stdout.strip()
        (folder / "passwd").write_text(
            f"ftptest:{hashed}:{nobody.pw_uid}:{nobody.pw_gid}::{folder}/shown:/bin/false\n"
        )
        (folder / "passwd").chmod(0o600)
        configuration = folder / "proftpd.conf"
        server = _server(
            name,
            folder,
            ("ftptest", password, nobody.pw_uid),
            (str(_PROFTPD), "-n", "-c", str(configuration)),
            expired=expired,
        )
        options = "TLSOptions UseImplicitSSL" if implicit else ""
        configuration.write_text(_filled(_PROFTPD_CONFIGURATION, server, options=options))
        yield server


@contextlib.contextmanager
def started_vsftpd() -> Iterator[FtpServer]:
    """Run vsftpd."""
    if not _VSFTPD.exists():
        missing(VSFTPD, f"{_VSFTPD.relative_to(ROOT)} cannot be found: make servers")
    _demand_root(VSFTPD)
    with public_folder("vsftpd") as folder, contextlib.ExitStack() as stack:
        password = secrets.token_urlsafe(12)
        (folder / "empty").mkdir()
        (folder / "shown").mkdir()
        user = stack.enter_context(system_user(password, folder / "shown"))
        configuration = folder / "vsftpd.conf"
        server = _server(
            VSFTPD,
            folder,
            (user, password, pwd.getpwnam(user).pw_uid),
            (str(_VSFTPD), str(configuration)),
        )
        configuration.write_text(_filled(_VSFTPD_CONFIGURATION, server))
        with serving(server):
            yield server


@contextlib.contextmanager
def serving(server: FtpServer) -> Iterator[None]:
    """Run the server that was described."""
    with listening(server.command, server.port, server.folder / "out"):
        yield


def _server(
    name: str,
    folder: Path,
    user: tuple[str, str, int],
    command: tuple[str, ...],
    *,
    expired: bool = False,
) -> FtpServer:
    shown = folder / "shown"
    shown.mkdir(exist_ok=True)
    certificates = issued(folder, expired=expired)
    certificates.key.chmod(0o600)
    ports = lasting_ports(1 + _TRANSFER_PORTS)
    return FtpServer(
        name=name,
        port=ports[0],
        transfer_ports=ports[1:],
        implicit=name == IMPLICIT,
        user=user[0],
        password=user[1],
        owner=user[2],
        folder=folder,
        shown=shown,
        certificates=certificates,
        command=command,
    )


def _filled(template: str, server: FtpServer, **more: str) -> str:
    return template.format(
        port=server.port,
        folder=server.folder,
        first=server.transfer_ports[0],
        last=server.transfer_ports[-1],
        certificate=server.certificates.certificate,
        key=server.certificates.key,
        **more,
    )


def _demand_root(name: str) -> None:
    if os.getuid() != 0 or shutil.which("openssl") is None:
        missing(name, "only root can run it, and it needs openssl")
