"""What a test asks of the stand-in itself: accounts, faults, and what it was asked."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.snowflake_server.account import Account, User
from tests.snowflake_server.faults import Fault
from tests.snowflake_server.wire import answer


def routes(
    accounts: dict[str, Account],
    close: Callable[[Account], Awaitable[None]],
    end_sessions: Callable[[Account], Awaitable[None]],
    folder: Path,
) -> list[Route]:
    """Return the ways to ask."""

    def named(request: Request) -> Account:
        return accounts[request.path_params["name"].upper()]

    async def whole(request: Request) -> Response:
        name = request.path_params["name"].upper()
        if request.method == "DELETE":
            account = accounts.pop(name)
            await close(account)
            shutil.rmtree(account.folder, ignore_errors=True)
        else:
            given = await request.json()
            accounts[name] = await run_in_threadpool(_made, name, folder / name, given)
        return answer({})

    async def log(request: Request) -> Response:
        return JSONResponse(named(request).log)

    async def sessions(request: Request) -> Response:
        if request.method == "DELETE":
            await end_sessions(named(request))
        return JSONResponse({"waiting": named(request).locks.waiting()})

    async def faults(request: Request) -> Response:
        return await _order(named(request), request)

    path = "/double/accounts/{name}"
    return [
        Route(path, whole, methods=["PUT", "DELETE"]),
        Route(f"{path}/log", log),
        Route(f"{path}/sessions", sessions, methods=["GET", "DELETE"]),
        Route(f"{path}/faults", faults, methods=["POST", "DELETE"]),
    ]


async def _order(account: Account, request: Request) -> Response:
    if request.method == "DELETE":
        account.faults.clear()
    else:
        account.faults.order(Fault(**(await request.json())))
    return answer({})


def _made(name: str, folder: Path, given: dict[str, Any]) -> Account:
    users = {
        user.upper(): User(**{**has, "roles": tuple(has.get("roles", ("LOADER",)))})
        for user, has in given["users"].items()
    }
    account = Account(
        name=name,
        folder=folder,
        users=users,
        databases=tuple(given["databases"]),
        warehouses=tuple(given["warehouses"]),
        warehouse_settings=given.get("warehouse_settings", {}),
        grants=given.get("grants", {}),
    )
    buckets = given.get("buckets", {})
    account.stages.buckets.update({url: Path(str(place)) for url, place in buckets.items()})
    return account
