"""A proxy on the loopback interface that does to connections what networks do."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_CHUNK_BYTES = 16 * 2**10
_FOREVER_SECONDS = 10**6
ALWAYS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to the bytes that come from the server, counted anew on each connection."""

    cut_after: int | None = None
    """Close the connection behind so many bytes."""
    reset: bool = False
    """Cut with a reset (RST), as a crashed host, instead of an orderly end (FIN)."""
    stall_after: int | None = None
    """Pass nothing on behind so many bytes, and keep the connection open."""
    flip_at: int | None = None
    """Change one bit of the byte at this place."""
    refuse: bool = False
    """Close new connections at once."""
    latency_seconds: float = 0
    """Hold each piece back for so long."""
    times: int = ALWAYS
    """How often it strikes, before all goes well again."""


class FaultProxy:
    """Passes bytes on to a server, with the fault that is armed."""

    def __init__(
        self, endpoint: str, *, ports: Sequence[int] = (), host: str = "127.0.0.1"
    ) -> None:
        """Stand before ``endpoint`` at any port, or before several of its ports at the same ones.

        The latter needs another ``host`` than the server's.
        """
        self._server_port = urlsplit(endpoint).port
        self._ports = ports
        self._host = host
        self._fault = Fault()
        self._left = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self.endpoint = ""
        self.struck = 0
        """How often the fault that is armed has struck."""

    def arm(self, fault: Fault) -> None:
        """Let a fault strike from now on; connections that are open end, as nobody counts them."""
        self._run(self._arm(fault))

    def __enter__(self) -> Self:
        self._thread.start()
        for port in self._ports or (0,):
            accept = partial(self._accept, port or self._server_port)
            server = self._run(asyncio.start_server(accept, self._host, port))
            self._servers.append(server)
        self.endpoint = f"http://{self._host}:{self._servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _arm(self, fault: Fault) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._fault = fault
        self._left = fault.times
        self.struck = 0

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _accept(
        self,
        port: int | None,
        client_reader: asyncio.StreamReader,
        client_writer: asyncio.StreamWriter,
    ) -> None:
        # asyncio logs a cancelled handler as a failure, and it is cancelled when the test is over.
        with contextlib.suppress(asyncio.CancelledError):
            await self._connect(port, client_reader, client_writer)

    async def _connect(
        self,
        port: int | None,
        client_reader: asyncio.StreamReader,
        client_writer: asyncio.StreamWriter,
    ) -> None:
        async with contextlib.AsyncExitStack() as connections:
            await connections.enter_async_context(self._noted(client_writer))
            if self._fault.refuse and self._strikes():
                return
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await connections.enter_async_context(self._noted(writer))
            upwards = asyncio.create_task(_pass_on(client_reader, writer))
            try:
                await self._pass_down(reader, client_writer)
            finally:
                upwards.cancel()
                await asyncio.gather(upwards, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def _noted(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError):  # either side may end a connection at any time
                yield
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _pass_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        while data := await reader.read(_CHUNK_BYTES):
            fault = self._fault
            await asyncio.sleep(fault.latency_seconds)
            end = passed + len(data)
            if fault.flip_at is not None and passed <= fault.flip_at < end and self._strikes():
                data = _flipped(data, fault.flip_at - passed)
            if fault.stall_after is not None and fault.stall_after < end and self._strikes():
                writer.write(data[: max(0, fault.stall_after - passed)])
                await asyncio.sleep(_FOREVER_SECONDS)  # a bare future would be collected
            if fault.cut_after is not None and fault.cut_after < end and self._strikes():
                writer.write(data[: max(0, fault.cut_after - passed)])
                await writer.drain()
                if fault.reset:
                    _reset(writer)
                return
            writer.write(data)
            await writer.drain()
            passed = end

    def _strikes(self) -> bool:
        self._left -= 1
        self.struck += self._left >= 0
        return self._left >= 0


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK_BYTES):
        writer.write(data)
        await writer.drain()


def _flipped(data: bytes, index: int) -> bytes:
    return data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection so that the other side sees it reset."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
