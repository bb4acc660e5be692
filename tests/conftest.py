"""Fixtures that several test modules share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.rigs import azure, ftps, gcs, moto, radosgw, snowflake, snowflake_account, sshd
from tests.rigs.azure import AzureRig, AzureServer
from tests.rigs.ftps import FtpServer, FtpsRig
from tests.rigs.gcs import GcsRig, GcsServer
from tests.rigs.local import LocalRig
from tests.rigs.proxy import FaultProxy
from tests.rigs.rig import CloudRig, Rig
from tests.rigs.s3 import S3Rig, S3Server
from tests.rigs.snowflake import SnowflakeAccount, SnowflakeServer
from tests.rigs.sshd import SftpRig, SshServer

S3_SERVERS = (moto.NAME, radosgw.NAME)
AZURE_SERVERS = (azure.NAME, azure.TLS_NAME)
CLOUDS = (*S3_SERVERS, azure.NAME, gcs.NAME)
"""Those that the fault proxy, which knows nothing of TLS, can stand before."""
FTP_SERVERS = (ftps.PROFTPD, ftps.VSFTPD)
SERVERS = (*S3_SERVERS, *AZURE_SERVERS, gcs.NAME, sshd.NAME, *FTP_SERVERS)
BACKENDS = ("local", *SERVERS)

CloudServer: TypeAlias = S3Server | AzureServer | GcsServer


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give all tests that talk to one server to one process, so that it is started once.

    Likewise those of a module that share what takes long to make.
    """
    for item in items:
        callspec = getattr(item, "callspec", None)
        for value in callspec.params.values() if callspec else ():
            for name in value if isinstance(value, tuple) else (value,):
                server = _server_of(name)
                if server is not None:
                    item.add_marker(pytest.mark.xdist_group(server))
        if item.get_closest_marker("xdist_group") is None and _shares(item):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _shares(item: pytest.Item) -> bool:
    """Tell whether a test uses a fixture of its module that is made once."""
    known = getattr(item, "_fixtureinfo", None)
    given = known.name2fixturedefs.values() if known else ()
    return any(one.scope == "module" for several in given for one in several)


def _server_of(name: object) -> str | None:
    """Return the server that a parameter names, as itself or as a variant such as NAME-faulty."""
    known = (*SERVERS, snowflake.NAME)
    found = [one for one in known if name == one or str(name).startswith(f"{one}-")]
    return max(found, key=len, default=None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what no run of these tests could try."""
    if not snowflake_account.is_named():
        terminalreporter.write_line(snowflake_account.SUMMARY)


@pytest.fixture(scope="session", name="s3-moto")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto.started(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session", name="s3-radosgw")
def radosgw_server() -> Iterator[S3Server]:
    with radosgw.started() as server:
        yield server


@pytest.fixture(scope="session", name=azure.NAME)
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureServer]:
    with azure.started(tmp_path_factory.mktemp("azurite")) as server:
        yield server


@pytest.fixture(scope="session", name=azure.TLS_NAME)
def azurite_with_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureServer]:
    with azure.started_with_tls(tmp_path_factory.mktemp("azurite-tls")) as server:
        yield server


@pytest.fixture(scope="session", name=gcs.NAME)
def gcs_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcsServer]:
    with gcs.started(tmp_path_factory.mktemp("gcs")) as server:
        yield server


@pytest.fixture(scope="session", name=sshd.NAME)
def ssh_server() -> Iterator[SshServer]:
    with sshd.started() as server:
        yield server


@pytest.fixture(scope="session", name=ftps.PROFTPD)
def proftpd() -> Iterator[FtpServer]:
    with ftps.started_proftpd() as server:
        yield server


@pytest.fixture(scope="session", name=ftps.VSFTPD)
def vsftpd() -> Iterator[FtpServer]:
    with ftps.started_vsftpd() as server:
        yield server


@pytest.fixture(scope="session", name=snowflake.NAME)
def snowflake_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnowflakeServer]:
    with snowflake.started(tmp_path_factory.mktemp("snowflake")) as server:
        yield server


@pytest.fixture(params=[snowflake.NAME])
def account(request: pytest.FixtureRequest) -> Iterator[SnowflakeAccount]:
    """An account of its own in the stand-in for Snowflake."""
    account = SnowflakeAccount(request.getfixturevalue(request.param))
    yield account
    account.close()


@pytest.fixture(params=BACKENDS)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A storage of its own, once for each backend."""
    rig = new_rig(request.param, request, tmp_path)
    yield rig
    rig.close()


def new_rig(
    backend: str, request: pytest.FixtureRequest, folder: Path, *, through: str = ""
) -> Rig:
    """Return a rig of a backend, whose server is started if it does not run yet."""
    if backend == "local":
        return LocalRig(folder)
    if backend == sshd.NAME:
        return SftpRig(request.getfixturevalue(backend))
    if backend in FTP_SERVERS:
        return FtpsRig(request.getfixturevalue(backend))
    return new_cloud_rig(request.getfixturevalue(backend), through=through)


def new_cloud_rig(server: CloudServer, *, through: str = "") -> CloudRig:
    """Return a place of its own in a server, read through another origin if one is given."""
    match server:
        case S3Server():
            return S3Rig(server, endpoint=through)
        case AzureServer():
            return AzureRig(server, origin=through)
        case GcsServer():
            return GcsRig(server, origin=through)


@pytest.fixture(params=S3_SERVERS)
def s3_server(request: pytest.FixtureRequest) -> S3Server:
    """Each server that speaks S3."""
    server: S3Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def s3_rig(s3_server: S3Server) -> Iterator[S3Rig]:
    """A bucket of its own, once for each server that speaks S3."""
    rig = S3Rig(s3_server)
    yield rig
    rig.close()


@pytest.fixture(params=CLOUDS)
def cloud(request: pytest.FixtureRequest) -> CloudServer:
    """Each server of an object store that speaks plain HTTP."""
    server: CloudServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def cloud_rig(cloud: CloudServer) -> Iterator[CloudRig]:
    """A place of its own in each of them."""
    rig = new_cloud_rig(cloud)
    yield rig
    rig.close()


@pytest.fixture
def proxy(cloud: CloudServer) -> Iterator[FaultProxy]:
    """The way to a server, with faults to be armed."""
    with FaultProxy(cloud.endpoint) as proxy:
        yield proxy


@pytest.fixture
def far_rig(cloud: CloudServer, proxy: FaultProxy) -> Iterator[CloudRig]:
    """A place whose storage reads through ``proxy``; the sender writes to it directly."""
    rig = new_cloud_rig(cloud, through=proxy.endpoint)
    yield rig
    rig.close()
