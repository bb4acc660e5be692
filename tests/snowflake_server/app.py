"""The server: what the driver asks over HTTP."""

from __future__ import annotations

import asyncio
import re
import secrets
import traceback
import uuid
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.snowflake_server import control, putting, results, sign_in, statements
from tests.snowflake_server.account import Account
from tests.snowflake_server.bindings import bound
from tests.snowflake_server.refusals import Refused, as_refusal
from tests.snowflake_server.session import Session, Wishes
from tests.snowflake_server.statements import Kind
from tests.snowflake_server.wire import (
    Cut,
    Json,
    answer,
    body_of,
    broken_by,
    late_by,
    refusal,
    refused,
)

_GONE = "390104", "Session token is not valid: the session does not exist any more."
_EXPIRED = "390112", "Your session has expired. Please login again."


class Server:
    """All accounts, and who is signed in."""

    def __init__(self, folder: Path, origin: str) -> None:
        statements.put_right()
        results.put_right()
        self._folder = folder
        self._origin = origin
        self.accounts: dict[str, Account] = {}
        self._sessions: dict[str, Session] = {}
        self._expired: set[str] = set()
        self._answers: dict[str, asyncio.Future[Json]] = {}

    def app(self) -> Starlette:
        """Return what a web server runs."""
        post = ["POST"]
        return Starlette(
            routes=[
                Route("/session/v1/login-request", self._login, methods=post),
                Route("/session/token-request", self._renew, methods=post),
                Route("/session/heartbeat", self._nothing, methods=post),
                Route("/session", self._session, methods=post),
                Route("/queries/v1/query-request", self._query, methods=post),
                Route("/queries/v1/abort-request", self._abort, methods=post),
                Route("/telemetry/send", self._nothing, methods=post),
                Route("/telemetry/send/sessionless", self._nothing, methods=post),
                Route("/stage/{path:path}", self._stage, methods=["GET", "HEAD", "PUT"]),
                *control.routes(self.accounts, self.close_account, self.end_sessions, self._folder),
            ]
        )

    async def close_account(self, account: Account) -> None:
        """Forget an account and those who are signed in to it."""
        await self.end_sessions(account)
        account.engine.duck_conn.close()

    async def end_sessions(self, account: Account) -> None:
        """Sign out all who are signed in to an account; what they had open is rolled back."""
        for token, session in list(self._sessions.items()):
            if session.account is account:
                del self._sessions[token]
                await run_in_threadpool(session.close)

    async def _login(self, request: Request) -> Response:
        given = (await body_of(request))["data"]
        account = self.accounts.get(str(given.get("ACCOUNT_NAME", "")).upper())
        if account is None:
            return Response(status_code=404)
        query = request.query_params
        told = {name: query.get(name, "") for name in ("databaseName", "schemaName", "warehouse")}
        role = _folded(query.get("roleName", ""))
        account.log.append(
            {
                "login": given.get("LOGIN_NAME"),
                "authenticator": given.get("AUTHENTICATOR"),
                "provider": given.get("PROVIDER"),
                "client": [given.get("CLIENT_APP_ID"), given.get("CLIENT_APP_VERSION")],
                "parameters": given.get("SESSION_PARAMETERS"),
                "environment": given.get("CLIENT_ENVIRONMENT"),
                "role": role,
                **told,
            }
        )
        fault = account.faults.next("login")
        if fault is not None and (broken := await broken_by(fault)) is not None:
            return broken
        if (said := sign_in.refusal(account, given, role)) is not None:
            return refused(*said)
        name = sign_in.claimed(account, given)
        user = account.users[name]
        session = await run_in_threadpool(
            Session,
            account,
            Wishes(
                user=name,
                database=_known(_folded(told["databaseName"]), account.databases),
                schema=_folded(told["schemaName"]),
                warehouse=_known(_folded(told["warehouse"]), account.warehouses),
                role=role or user.roles[0],
            ),
        )
        session.settings.update(
            {str(k).upper(): str(v) for k, v in (given.get("SESSION_PARAMETERS") or {}).items()}
        )
        token = secrets.token_urlsafe(32)
        self._sessions[token] = session
        return answer({**_tokens(token), **_signed_in(session)})

    async def _renew(self, request: Request) -> Response:
        old = (await body_of(request))["oldSessionToken"]
        session = self._sessions.pop(old, None)
        self._expired.discard(old)
        if session is None:
            return refused(*_GONE)
        token = secrets.token_urlsafe(32)
        self._sessions[token] = session
        session.account.log.append({"renewed": session.number})
        return answer({**_tokens(token), "sessionToken": token, "sessionId": session.number})

    async def _session(self, request: Request) -> Response:
        session = self._sessions.get(_token(request))
        if session is None:
            return refused(*_GONE)
        if request.query_params.get("delete"):
            del self._sessions[_token(request)]
            session.account.log.append({"closed": session.number})
            await run_in_threadpool(session.close)
        return answer({})

    async def _query(self, request: Request) -> Response:
        session = self._sessions.get(_token(request))
        if session is None:
            return refused(*_GONE)
        asked = await body_of(request)
        text = str(asked.get("sqlText", ""))
        identifier = request.query_params.get("requestId", "")
        session.account.log.append(
            {
                "sql": text,
                "session": session.number,
                "request_id": identifier,
                "retry": int(request.query_params.get("retryCount") or 0),
                "query_tag": _tag(session, asked),
                "bindings": bool(asked.get("bindings")),
            }
        )
        if _token(request) in self._expired:
            return refused(*_EXPIRED)
        # A resent request gets the answer to the first, also while that one is still at work.
        if known := self._answers.get(identifier):
            return JSONResponse(await known)
        return await self._answered(request, session, asked)

    async def _answered(self, request: Request, session: Session, asked: Json) -> Response:
        """Carry a statement out, unless something is to go wrong with it."""
        fault = session.account.faults.next(str(asked.get("sqlText", "")))
        if fault is not None and fault.kind == "expired":
            self._expired.add(_token(request))
            return refused(*_EXPIRED)
        if fault is not None and fault.ends_session:
            await run_in_threadpool(self._sessions.pop(_token(request)).close)
        if fault is not None and (broken := await broken_by(fault)) is not None:
            return broken
        given = asyncio.get_running_loop().create_future()
        self._answers[request.query_params.get("requestId", "")] = given
        if fault is None or (late := await late_by(fault, session)) is None:
            late = await self._carried_out(session, asked)
        given.set_result(late)
        if fault is not None and fault.kind == "lost":
            return Response(status_code=fault.status)
        if fault is not None and fault.kind == "cut":
            return Cut()
        return JSONResponse(late)

    async def _carried_out(self, session: Session, asked: Json) -> Json:
        text, query = str(asked["sqlText"]), str(uuid.uuid4())
        try:
            result = await run_in_threadpool(self._done, session, asked)
        except Refused as error:
            code = f"{error.number:06d}"
            session.account.log.append({"refused": code, "message": str(error), "sql": text})
            return refusal(code, str(error), error.state, query=query)
        session.note(text, query, _tag(session, asked))
        data = {
            "parameters": [{"name": "TIMEZONE", "value": "Etc/UTC"}],
            "queryId": query,
            "version": 1,
            "finalDatabaseName": session.database or None,
            "finalSchemaName": session.schema or None,
            "finalWarehouseName": session.warehouse or None,
            "finalRoleName": session.role,
            **result,
        }
        return {"data": data, "success": True, "code": None, "message": None}

    def _done(self, session: Session, asked: Json) -> Json:
        text = str(asked["sqlText"])
        try:
            if asked.get("describeOnly"):
                return session.described(text).data
            statement = statements.parsed(text)
            if statement.kind is Kind.PUT:
                return putting.answer(session, statement.text, self._origin)
            return session.execute(text, bound(asked.get("bindings"))).data
        except Refused:
            raise
        except Exception as error:
            session.account.log.append({"crash": traceback.format_exc(), "sql": text})
            raise as_refusal(error) from error

    async def _abort(self, request: Request) -> Response:
        if session := self._sessions.get(_token(request)):
            session.account.locks.cancel(session.number)
            session.account.log.append({"aborted": (await body_of(request)).get("requestId")})
        return answer({})

    async def _nothing(self, _: Request) -> Response:
        return answer({})

    async def _stage(self, request: Request) -> Response:
        """Take or give a file of a stage, in Google's manner."""
        account, _, rest = request.path_params["path"].partition("/")
        found = self.accounts.get(account)
        file = (self._folder / account / rest).resolve()
        if found is None or not file.is_relative_to((self._folder / account).resolve()):
            return Response(status_code=403)
        if request.method == "PUT":
            body = await request.body()
            fault = found.faults.next(f"upload {rest}")
            if fault is not None and (broken := await broken_by(fault)) is not None:
                return broken
            found.log.append({"uploaded": rest, "size_bytes": len(body)})
            return await run_in_threadpool(putting.stored, file, body, dict(request.headers))
        return await run_in_threadpool(putting.given, file, request.method)


def _token(request: Request) -> str:
    match = re.fullmatch(r'Snowflake Token="(.*)"', request.headers.get("authorization", ""))
    return match[1] if match else ""


def _tag(session: Session, asked: Json) -> str:
    """Return the tag of a statement: its own, else that of its session."""
    of_session = session.settings.get("QUERY_TAG", "")
    return str((asked.get("parameters") or {}).get("QUERY_TAG", of_session))


def _tokens(token: str) -> Json:
    master = secrets.token_urlsafe(32)
    return {
        "token": token,
        "validityInSeconds": 3600,
        "validityInSecondsST": 3600,
        "masterToken": master,
        "masterValidityInSeconds": 14400,
        "validityInSecondsMT": 14400,
    }


def _signed_in(session: Session) -> Json:
    return {
        "sessionId": session.number,
        "displayUserName": session.user,
        "serverVersion": "10.0.0",
        "healthCheckInterval": 45,
        "firstLogin": False,
        "newClientForUpgrade": None,
        "remMeToken": None,
        "remMeValidityInSeconds": 0,
        "parameters": [
            {"name": "AUTOCOMMIT", "value": session.autocommit},
            {"name": "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "value": 3600},
            {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
        ],
        "sessionInfo": {
            "databaseName": session.database or None,
            "schemaName": session.schema or None,
            "warehouseName": session.warehouse or None,
            "roleName": session.role,
        },
    }


def _folded(name: str) -> str:
    return name[1:-1] if name.startswith('"') else name.upper()


def _known(name: str, names: tuple[str, ...]) -> str:
    """Return a name if it means something: signing in does not fail for want of it."""
    return name if name in names else ""
