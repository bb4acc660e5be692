"""``python -m tests.snowflake_server PORT FOLDER``: run the server until it is ended."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from tests.snowflake_server.app import Server

port, folder = int(sys.argv[1]), Path(sys.argv[2])
uvicorn.run(
    Server(folder.resolve(), f"http://127.0.0.1:{port}").app(),
    host="127.0.0.1",
    port=port,
    log_level="warning",
)
