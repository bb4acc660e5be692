"""Health and metrics over HTTP, for probes and for Prometheus."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from msgspec import Struct

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_READ_SECONDS = 10


class Probe(Struct, frozen=True, kw_only=True):
    """The answer to one question."""

    good: bool
    told: str


class Pages(Struct, frozen=True, kw_only=True):
    """Where the answers come from; each is asked from another thread."""

    alive: Callable[[], Probe]
    ready: Callable[[], Probe]
    metrics: Callable[[], bytes]


class WebServer:
    """Serves the pages in a thread of its own until it is closed."""

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        """Begin to serve.

        Raises:
            OSError: the address is not ours, or the port is in use.
        """
        handler = type("_BoundHandler", (_Handler,), {"pages": pages})
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    pages: ClassVar[Pages]
    timeout = _READ_SECONDS

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/metrics":
                self._answer(HTTPStatus.OK, _METRICS_TYPE, self.pages.metrics())
            case "/healthz":
                self._probe(self.pages.alive())
            case "/readyz":
                self._probe(self.pages.ready())
            case _:
                self.send_error(HTTPStatus.NOT_FOUND, explain="try /healthz, /readyz or /metrics")

    def _probe(self, probe: Probe) -> None:
        status = HTTPStatus.OK if probe.good else HTTPStatus.SERVICE_UNAVAILABLE
        body = json.dumps({"ok": probe.good, "message": probe.told}) + "\n"
        self._answer(status, "application/json", body.encode())

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: a probe every few seconds is no news."""
