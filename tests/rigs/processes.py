"""Servers as child processes: free ports, waiting for a condition, a sure end."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeAlias

_LOWEST_PORT, _HIGHEST_PORT = 10_000, 32_767


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def lasting_ports(count: int = 1) -> range:
    """Return ports that stay free while nobody listens on them, for servers that come back.

    They lie below those that the system gives to outgoing connections.
    """
    for _ in itertools.repeat(None, 100):
        first = _LOWEST_PORT + secrets.randbelow(_HIGHEST_PORT - _LOWEST_PORT - count)
        ports = range(first, first + count)
        if all(map(_is_free, ports)):
            return ports
    raise RuntimeError(f"{count} free ports in a row were not found")


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    """Return when a condition holds; fail at the deadline, saying what did not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} seconds until {what}")
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Tell whether something accepts connections at a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, its output in a file, and end it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environ
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def listening(
    command: Sequence[str], port: int, log: Path, environ: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server that listens at a port; at the end it is killed, with every process of its."""
    with running(command, log, environ) as process:
        wait_until(lambda: listens(port) or process.poll() is not None, f"{command[0]} listens")
        if process.poll() is not None:
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{command[0]} ended: {said}")
        try:
            yield
        finally:
            end_children(process.pid)
            process.kill()


Serving: TypeAlias = Callable[[], contextlib.AbstractContextManager[None]]
"""What runs a server that was prepared."""


class Restartable:
    """A server that can be killed and started again, as often as wanted; it runs at first."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._runs = contextlib.ExitStack()
        self.up = threading.Event()

    def start(self) -> None:
        """Start it, if it does not run."""
        self.kill()
        self._runs.enter_context(self._serving())
        self.up.set()

    def kill(self) -> None:
        """Have all its connections break."""
        self.up.clear()
        self._runs.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def end_children(parent: int) -> None:
    """End the processes that a process started, and those that they started."""
    children: list[int] = []
    with contextlib.suppress(FileNotFoundError):  # it is gone, and they are nobody's
        for thread in Path(f"/proc/{parent}/task").iterdir():
            children += map(int, (thread / "children").read_text().split())
    for child in children:
        end_children(child)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
