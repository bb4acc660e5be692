"""Ceph's S3 gateway with a cluster of its own: one monitor, one store in memory, no systemd.

Everything lies in one folder and ends with the test run. The daemons come from the packages
ceph-mon, ceph-osd, ceph-common and radosgw; none of their services is used.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.rigs.processes import (
    Restartable,
    free_port,
    lasting_ports,
    listening,
    running,
    wait_until,
)
from tests.rigs.rig import missing
from tests.rigs.s3 import Keys, S3Server, serving

NAME = "s3-radosgw"
_FURTHER_NAMES = (
    *("double//slash", "../up", "in/../out", "./here", "/leading", "content/", "back\\slash.csv"),
    "line\nbreak.csv",
    "return\r.csv",
)
_PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
_STARTS = 5
_CONFIGURATION = """\
[global]
fsid = {cluster}
mon_host = [v1:127.0.0.1:{monitor_port}/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr2 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
mon_data = {folder}/mon
osd_data = {folder}/osd
rgw_data = {folder}/rgw
run_dir = {folder}
crash_dir = {folder}
log_file = {folder}/$name.log
pid_file =
admin_socket =
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
osd_class_dir = {classes}
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_crush_chooseleaf_type = 0
"""


@contextlib.contextmanager
def started() -> Iterator[S3Server]:
    """Run the gateway and what it stands on."""
    absent = [program for program in _PROGRAMS if shutil.which(program) is None]
    if absent:
        missing(
            NAME,
            f"{', '.join(absent)} cannot be found: apt-get install --no-install-recommends"
            " radosgw ceph-mon ceph-osd ceph-common",
        )
    with tempfile.TemporaryDirectory(prefix="radosgw-") as folder:
        cluster = _Cluster(Path(folder))
        with cluster.monitor(), cluster.store(), Restartable(cluster.gateway) as gateway:
            owner = cluster.user("owner")
            stranger = cluster.user("stranger")
            with serving(
                NAME,
                f"http://127.0.0.1:{cluster.port}",
                sender=owner,
                reader=owner,
                tidier=owner,
                stranger=stranger,
                further_names=_FURTHER_NAMES,
                gateway=gateway,
            ) as server:
                yield server


class _Cluster:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._id = str(uuid.uuid4())
        self._monitor_port = free_port()
        (self.port,) = lasting_ports()
        for name in ("mon", "osd", "rgw"):
            (folder / name).mkdir()
        self._configuration = folder / "ceph.conf"
        self._configuration.write_text(
            _CONFIGURATION.format(
                cluster=self._id,
                monitor_port=self._monitor_port,
                folder=folder,
                # Debian 13 has it built in as a path below the working folder.
                classes=next(Path("/usr/lib").glob("*/rados-classes")),
            )
        )

    @contextlib.contextmanager
    def monitor(self) -> Iterator[None]:
        monitors = str(self._folder / "monmap")
        address = f"[v1:127.0.0.1:{self._monitor_port}/0]"
        self._run("monmaptool", "--create", "--fsid", self._id, "--addv", "a", address, monitors)
        self._ceph("ceph-mon", "-i", "a", "--mkfs", "--monmap", monitors)
        with self._daemon("ceph-mon", "-i", "a"):
            wait_until(lambda: self._answers("status"), "the monitor answers")
            yield

    @contextlib.contextmanager
    def store(self) -> Iterator[None]:
        store = str(uuid.uuid4())
        # A monitor that answers does not yet know all its commands, and refuses them as forbidden.
        wait_until(lambda: self._answers("osd", "new", store), "the monitor takes a new store")
        self._ceph("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        # Its first start may come before the monitor's map is complete, and end with "wrong fsid".
        for _ in range(_STARTS):
            with self._daemon("ceph-osd", "-i", "0") as process:
                wait_until(partial(self._settled, process), "the store is up")
                if process.poll() is None:
                    yield
                    return
        raise RuntimeError(f"the store of {NAME} ended {_STARTS} times: {self._log('ceph-osd')}")

    @contextlib.contextmanager
    def gateway(self) -> Iterator[None]:
        # Without tcp_nodelay each answer waits for an acknowledgement: 22 reads a second.
        front = f"beast endpoint=127.0.0.1:{self.port} tcp_nodelay=1"
        command = self._command("radosgw", "-n", "client.rgw", "--rgw_frontends", front)
        with listening(command, self.port, self._folder / "radosgw.out"):
            yield

    def user(self, name: str) -> Keys:
        keys = Keys(access_key_id=f"{name}-key", secret_access_key=f"{name}-secret-{self._id}")
        self._ceph(
            *("radosgw-admin", "-n", "client.rgw", "user", "create"),
            *("--uid", name, "--display-name", name),
            *("--access-key", keys.access_key_id, "--secret-key", keys.secret_access_key),
        )
        return keys

    def _settled(self, store: subprocess.Popen[bytes]) -> bool:
        return store.poll() is not None or self._answers("osd", "stat", expected=" 1 up")

    def _answers(self, *question: str, expected: str = "") -> bool:
        command = ["ceph", "-c", str(self._configuration), "--connect-timeout", "5", *question]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        return answer.returncode == 0 and expected in answer.stdout

    def _ceph(self, program: str, *arguments: str) -> None:
        self._run(program, "-c", str(self._configuration), *arguments)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout[-500:]}{done.stderr[-1500:]}")

    def _daemon(
        self, program: str, *arguments: str
    ) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
        return running(self._command(program, *arguments), self._folder / f"{program}.out")

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [program, "-c", str(self._configuration), "-f", *arguments]

    def _log(self, program: str) -> str:
        return (self._folder / f"{program}.out").read_text(errors="replace")[-2000:]
