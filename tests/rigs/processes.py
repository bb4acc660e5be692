"""Servers as child processes: free ports, waiting for a condition, a sure end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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


def end_children(parent: int) -> None:
    """End the processes that a process started, and those that they started."""
    listed = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, check=False)
    for child in map(int, listed.stdout.split()):
        end_children(child)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
