"""Sign in to Snowflake: the way that is configured, and settings that results depend on."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firehose_loader import __version__
from firehose_loader.config import SnowflakeTarget, plain
from firehose_loader.errors import ConfigError, ExtraMissing
from firehose_loader.warehouse.snowflake_errors import translating
from firehose_loader.warehouse.snowflake_keys import private_key

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

_LONGEST_TAG = 2000


def connect(
    target: SnowflakeTarget, *, tag: str, spool: Path, paramstyle: str = "qmark"
) -> SnowflakeConnection:
    """Sign in and return a session, in UTC, with ``tag`` on each of its statements.

    Args:
        target: the account, and who signs in.
        tag: see ``query_tag``.
        spool: folder for what the driver keeps on disk, where the target names none.
        paramstyle: how values are bound.

    Raises:
        AccessDenied: no such account, user, role, or wrong credentials.
        ConfigError: a key or a token file cannot be read.
        WarehouseUnavailable: there was no answer.
    """
    try:
        from snowflake import connector
    except ImportError:
        raise ExtraMissing(f"{target.place}: loading into Snowflake", "snowflake") from None

    # Its warnings are for those who ask for them; without a handler they would go to stderr.
    logging.getLogger("snowflake").addHandler(logging.NullHandler())
    settings = {**_place(target), **_proof(target), **_manners(target, spool)}
    with translating(target):
        return connector.connect(
            **settings, paramstyle=paramstyle, session_parameters=session_parameters(target, tag)
        )


def query_tag(*, run_id: str, source: str, event_type: str = "", statement: str = "") -> str:
    """Return what tells a statement's purpose in Snowflake's history of queries, as JSON."""
    tag = {"app": "firehose-loader", "run": run_id, "source": source}
    more = {"event": event_type, "statement": statement}
    tag |= {name: value for name, value in more.items() if value}
    return json.dumps(tag, ensure_ascii=False)[:_LONGEST_TAG]


def _place(target: SnowflakeTarget) -> dict[str, object]:
    given = {
        "account": target.account,
        "user": target.user,
        "database": target.database,
        "warehouse": target.warehouse,
        "role": target.role,
        "host": target.host,
        "port": target.port,
        "connection_name": target.connection,
        "connections_file_path": target.connections_file and target.connections_file.expanduser(),
    }
    if target.connection is None or "protocol" in target.model_fields_set:
        given["protocol"] = target.protocol
    return {name: value for name, value in given.items() if value}


def _proof(target: SnowflakeTarget) -> dict[str, Any]:
    """Return what proves who we are."""
    match target.sign_in:
        case "key_pair":
            return {"authenticator": "SNOWFLAKE_JWT", "private_key": private_key(target)}
        case "access_token":
            token = plain(target.access_token) or _token(target.access_token_file)
            return {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": token}
        case "oauth":
            token = plain(target.oauth_token) or _token(target.oauth_token_file)
            return {"authenticator": "OAUTH", "token": token}
        case "workload_identity":
            return _workload(target)
        case "password":
            return {"password": plain(target.password)}
        case _:
            return {}  # a named connection has its own


def _workload(target: SnowflakeTarget) -> dict[str, Any]:
    assert target.workload_identity is not None  # noqa: S101 - the configuration has seen to it
    proof: dict[str, Any] = {
        "authenticator": "WORKLOAD_IDENTITY",
        "workload_identity_provider": target.workload_identity.upper(),
    }
    if target.workload_token_file is not None:
        proof["token"] = _token(target.workload_token_file)
    if target.workload_resource is not None:
        proof["workload_identity_entra_resource"] = target.workload_resource
    return proof


def _token(file: Path | None) -> str:
    assert file is not None  # noqa: S101 - likewise
    try:
        return file.expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"[warehouse]: the token in {file} cannot be read: {error}") from None


def _manners(target: SnowflakeTarget, spool: Path) -> dict[str, Any]:
    """Return how long to wait, what to keep, and which way to go."""
    manners: dict[str, Any] = {
        "application": f"firehose_loader_{__version__.replace('.', '_')}",
        "login_timeout": target.login_timeout,
        "request_timeout": target.network_timeout,
        # Snowflake gives a statement up by itself; this is for when nothing comes at all.
        "query_timeout": target.statement_timeout + target.network_timeout,
        "connect_timeout": min(target.login_timeout, 15),
        "client_session_keep_alive": target.keep_alive,
        "client_store_temporary_credential": False,
        # A session that is closed is logged out; without it, the driver asks about queries first.
        "enable_server_session_keep_alive_auto_detection": False,
        "crl_check_mode": target.revocation.upper(),
        "crl_cache_dir": str((target.cache or spool).expanduser()),
        "crl_allow_certificates_without_crl_url": True,
        "use_proxy_env": True,
    }
    if target.proxy is not None:
        manners["proxy"] = plain(target.proxy)
    if target.no_proxy is not None:
        manners["no_proxy"] = target.no_proxy
    return manners


def session_parameters(target: SnowflakeTarget, tag: str) -> dict[str, str]:
    """Return the parameters that an account's defaults must not change under us."""
    return {
        "QUERY_TAG": tag,
        "TIMEZONE": "UTC",
        "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
        "TIMESTAMP_INPUT_FORMAT": "AUTO",
        "DATE_INPUT_FORMAT": "AUTO",
        "AUTOCOMMIT": "true",
        "STATEMENT_TIMEOUT_IN_SECONDS": str(target.statement_timeout),
        "LOCK_TIMEOUT": str(round(target.lock_timeout)),
        "ERROR_ON_NONDETERMINISTIC_MERGE": "true",
        "QUOTED_IDENTIFIERS_IGNORE_CASE": "false",
        "JSON_INDENT": "0",
        # What a killed loader left running does not go on for nobody.
        "ABORT_DETACHED_QUERY": "true",
    }
