"""The set-up in Snowflake that a configuration needs, as SQL for an administrator to sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.errors import ConfigError
from firehose_loader.statements import literal
from firehose_loader.warehouse.snowflake_places import location
from firehose_loader.warehouse.snowflake_rights import (
    STAGE,
    Names,
    Right,
    grants,
    identifier,
    names,
    needed,
    on_stage,
    on_tables,
    rendered,
    stage_of,
)

_HEAD = """-- What firehose-loader needs in Snowflake, and no more. Put in what stands in <>, and
-- run it as somebody who may take on the roles below. Once more, it changes nothing.
"""
_PROVIDERS = {"s3": "S3", "azure": "AZURE", "gs": "GCS"}
_KEY = "RSA_PUBLIC_KEY = '<public key, without its first and last line>'"
_PROOFS = {
    "access_token": "COMMENT = 'signs in with a programmatic access token'",
    "oauth": "COMMENT = 'signs in with OAuth'",
}
_BY_HAND = """-- Its token is shown once, and goes where access_token refers to. Snowflake wants a
-- network policy for users with tokens.
-- ALTER USER {user} ADD PROGRAMMATIC ACCESS TOKEN firehose_loader ROLE_RESTRICTION = {role};"""
_IDENTITIES = {
    "aws": "TYPE = AWS ARN = '<ARN of the role that the loader runs as>'",
    "azure": "TYPE = AZURE ISSUER = '<issuer of the tenant>' SUBJECT = '<object id>'",
    "gcp": "TYPE = GCP SUBJECT = '<unique id of the service account>'",
    "oidc": "TYPE = OIDC ISSUER = '<issuer>' SUBJECT = '<subject>'",
}
_CLOUDS: Mapping[str, Sequence[str]] = {
    "s3": ["STORAGE_AWS_ROLE_ARN = '<ARN of a role that may list and read the bucket>'"],
    "azure": ["AZURE_TENANT_ID = '<tenant id>'"],
    "gs": [],
}
_LET_IN = {
    "s3": "Trust STORAGE_AWS_IAM_USER_ARN with STORAGE_AWS_EXTERNAL_ID in that role.",
    "azure": "Open AZURE_CONSENT_URL, and make AZURE_MULTI_TENANT_APP_NAME a Storage Blob Data"
    " Reader.",
    "gs": "Grant STORAGE_GCP_SERVICE_ACCOUNT storage.objects.get and list on the bucket.",
}


class Part(Struct, frozen=True, kw_only=True):
    """Statements that belong together."""

    title: str
    statements: Sequence[str]


def granted(config: Config) -> str:
    """Return all that has to be there, and the fewest rights, for exactly this configuration.

    Raises:
        ConfigError: its warehouse is none of Snowflake's.
    """
    target = config.warehouse
    if not isinstance(target, SnowflakeTarget):
        raise ConfigError(
            f"{target.place}: there is nothing to grant in a DuckDB file; name a Snowflake"
            " warehouse, and for the rights on sources see firehose-loader doctor --policy"
        )
    named = names(target)
    parts = [_role(named), _user(target, named), _compute(target, named)]
    parts.append(_place(target, named) if target.manage_tables else _given_place(target, named))
    if target.load == "external":
        parts += external(config, target)
    return "\n".join([_HEAD, *map(_told, parts)])


def external(config: Config, target: SnowflakeTarget) -> Iterator[Part]:
    """Yield what lets Snowflake read the buckets of the sources by itself, cloud by cloud."""
    named = names(target)
    if target.external_stage is not None:
        yield _named_stage(target, named)
        return
    for scheme, provider in _PROVIDERS.items():
        stages = {
            stage_of(target, source.name): location(source.url)
            for source in config.source
            if urlsplit(source.url).scheme.lower() == scheme
        }
        if stages:
            yield _integration(scheme, provider, stages, named)


def _role(named: Names) -> Part:
    return Part(
        title="A role, and what it makes within reach of the administrators",
        statements=[
            rendered("setup_use_role", role="USERADMIN"),
            rendered("setup_role", role=named.role),
            rendered("setup_role_of_role", role=named.role, above="SYSADMIN"),
        ],
    )


def _user(target: SnowflakeTarget, named: Names) -> Part:
    proof = _PROOFS.get(target.sign_in, _KEY)
    if target.workload_identity is not None:
        proof = f"WORKLOAD_IDENTITY = ({_IDENTITIES[target.workload_identity]})"
    token = [_BY_HAND.format(user=named.user, role=named.role)]
    return Part(
        title="A user for the program",
        statements=[
            rendered("setup_user", user=named.user, role=named.role, proof=proof),
            rendered("setup_role_of_user", role=named.role, user=named.user),
            *(token if target.sign_in == "access_token" else ()),
        ],
    )


def _compute(target: SnowflakeTarget, named: Names) -> Part:
    return Part(
        title="The compute, off but while a run needs it: it resumes by itself",
        statements=[
            rendered("setup_use_role", role="SYSADMIN"),
            rendered(
                "setup_warehouse", warehouse=named.warehouse, timeout=str(target.statement_timeout)
            ),
        ],
    )


def _place(target: SnowflakeTarget, named: Names) -> Part:
    return Part(
        title="Database, schema and internal stage; what the loader makes there is its own",
        statements=[
            rendered("setup_database", database=named.database),
            rendered("meta_schema", schema=named.schema),
            *grants(needed(target), named.role),
            rendered("setup_use_role", role=named.role),
            rendered("meta_stage", stage=named.in_schema(STAGE)),
        ],
    )


def _given_place(target: SnowflakeTarget, named: Names) -> Part:
    """Return the rights in a schema in which somebody else makes tables, views and stage."""
    return Part(
        title="Rights in the schema, as who owns it; firehose-loader sql --ddl prints what lies in"
        " it, to be made before this",
        statements=[
            *grants([*needed(target), *on_stage(named)], named.role),
            *on_tables(named, named.role),
        ],
    )


def _integration(scheme: str, provider: str, stages: Mapping[str, str], named: Names) -> Part:
    integration = identifier(f"firehose_loader_{scheme}")
    statements = [
        rendered("setup_use_role", role="ACCOUNTADMIN"),
        rendered(
            "setup_integration",
            integration=integration,
            provider="\n    ".join([literal(provider), *_CLOUDS[scheme]]),
            locations=", ".join(map(literal, stages.values())),
        ),
        f"-- {_LET_IN[scheme]}",
        rendered("setup_integration_told", integration=integration),
    ]
    for stage, place in stages.items():
        right = Right(privilege="USAGE", kind="STAGE", name=stage)
        statements += [
            rendered(
                "setup_external_stage",
                stage=stage,
                location=literal(place),
                integration=integration,
            ),
            *grants([right], named.role),
        ]
    return Part(
        title=f"What lets Snowflake read the drops by itself: {provider}", statements=statements
    )


def _named_stage(target: SnowflakeTarget, named: Names) -> Part:
    """Return what it takes to use a stage that somebody else made."""
    rights = [Right(privilege="USAGE", kind="STAGE", name=stage_of(target, ""))]
    names_above = str(target.external_stage).split(".")[:-1]
    if len(names_above) > 1:
        database, schema = map(identifier, names_above)
        rights = [
            Right(privilege="USAGE", kind="DATABASE", name=database),
            Right(privilege="USAGE", kind="SCHEMA", name=f"{database}.{schema}"),
            *rights,
        ]
    return Part(
        title="The stage that lets Snowflake read the drops by itself; it has to be there",
        statements=[
            rendered("setup_use_role", role="ACCOUNTADMIN"),
            *grants(rights, named.role),
        ],
    )


def _told(part: Part) -> str:
    rule = f"-- {part.title} ".ljust(100, "-")
    return "\n".join([rule, "", *(f"{one}\n" for one in part.statements)])
