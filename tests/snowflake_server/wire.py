"""Requests and answers on the wire, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.snowflake_server.faults import Fault
from tests.snowflake_server.refusals import TIMED_OUT
from tests.snowflake_server.session import Session

Json = dict[str, Any]


def answer(data: Json) -> Response:
    """Return an answer."""
    return JSONResponse({"data": data, "success": True, "code": None, "message": None})


def refused(code: str, message: str, state: str = "08001") -> Response:
    """Return an error of Snowflake's."""
    return JSONResponse(refusal(code, message, state))


def refusal(code: str, message: str, state: str, *, query: str = "") -> Json:
    """Return what an error of Snowflake's says."""
    return {
        "data": {"errorCode": code, "sqlState": state, "queryId": query},
        "code": code,
        "message": message,
        "success": False,
    }


class Cut(Response):  # type: ignore[misc]  # of the server's environment
    """An answer whose connection ends before it does."""

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"data"', "more_body": True})
        raise ConnectionResetError("as ordered")


async def broken_by(fault: Fault) -> Response | None:
    """Return the answer that takes the place of the work; None where the work is done."""
    if fault.kind == "status":
        return Response(status_code=fault.status)
    if fault.kind == "error":
        return refused(f"{fault.code:06d}", fault.message, fault.state)
    return None


async def late_by(fault: Fault, session: Session) -> Json | None:
    """Let time pass; return an answer where the statement had less of it."""
    most = float(session.settings.get("STATEMENT_TIMEOUT_IN_SECONDS", 0)) or fault.seconds
    await asyncio.sleep(min(fault.seconds, most))
    if fault.seconds <= most:
        return None
    return refusal(
        f"{TIMED_OUT[0]:06d}",
        f"Statement reached its statement or warehouse timeout of {most:g} second(s) and was"
        " canceled.",
        TIMED_OUT[1],
    )


async def body_of(request: Request) -> Json:
    """Return what a request says."""
    body = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    found: Json = json.loads(body or b"{}")
    return found
