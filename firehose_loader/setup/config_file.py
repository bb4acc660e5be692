"""A commented ``firehose.toml`` from a few answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec import Struct

# What each kind of source can be told, the usual way first, the others behind a `#`.
_SOURCES: Mapping[str, Sequence[str]] = {
    "s3": (
        '# region = "eu-west-1"',
        "# Credentials: the usual AWS chain (role, profile, environment) without any of these.",
        '# profile = "firehose"',
        '# access_key_id = "${env:S3_KEY_ID}"',
        '# secret_access_key = "${env:S3_SECRET}"',
        '# endpoint = "https://s3.example.com"      # a store that is not Amazon\'s',
    ),
    "azure": (
        "# One of account_key, sas_token, connection_string, client_secret, managed_identity,",
        "# workload_identity, anonymous; each with the keys of docs/configuration.md.",
        'auth = "managed_identity"',
        '# account_key = "${env:AZURE_ACCOUNT_KEY}"',
    ),
    "gs": (
        "# Credentials: Google's application default without any of these.",
        '# service_account_file = "/run/secrets/gcs.json"',
        '# service_account_json = "${env:GCS_KEY}"',
    ),
    "sftp": (
        "# Signing in: the SSH agent without any of these.",
        '# key_file = "/run/secrets/sftp_key"',
        '# password = "${env:SFTP_PASSWORD}"',
        "# The server's host key: known_hosts of the user, unless one of these says otherwise.",
        '# known_hosts = "/etc/ssh/known_hosts"',
        '# host_key = "SHA256:..."                   # as the first run shows it',
        "# settle = 30                               # seconds unchanged before a drop is read",
    ),
    "ftps": (
        'password = "${env:FTPS_PASSWORD}"',
        '# ca_file = "/etc/ssl/server-ca.pem"        # where the certificate is of one\'s own',
        "# settle = 30                               # seconds unchanged before a drop is read",
    ),
    "": ("# settle = 0                                # seconds unchanged before a drop is read",),
}
_SNOWFLAKE = (
    "# Signing in: a key pair, a token, or what docs/configuration.md has besides.",
    'key_file = "/run/secrets/snowflake_key.p8"',
    '# access_token = "${env:SNOWFLAKE_TOKEN}"',
    '# merge_every = "6h"                        # wake the warehouse less often',
    "# What the account needs: firehose-loader init --grants",
)


class Answers(Struct, frozen=True, kw_only=True):
    """What a person answered."""

    source: str
    """URL or folder."""
    name: str
    cadence: str | None
    """As the configuration takes it; None: not known."""
    into: str
    """URL of the warehouse."""
    webhook: str | None
    """URL or reference; None: nobody is told."""


def composed(answers: Answers) -> str:
    """Return the text of a configuration, with what else could be set in comments."""
    scheme = answers.source.partition("://")[0].lower() if "://" in answers.source else ""
    kind = "" if scheme == "file" else scheme
    lines = [
        "# Configuration of firehose-loader. Every key: docs/configuration.md, or",
        "#   firehose-loader config schema",
        "# Secrets are references: ${env:NAME} or ${file:/path}.",
        "",
        "[warehouse]",
        f"url = {_quoted(answers.into)}",
        '# schema = "dotdigital"                     # where the tables are',
        *(_SNOWFLAKE if answers.into.startswith("snowflake:") else ()),
        "",
        "[[source]]",
        f"name = {_quoted(answers.name)}                # part of each drop's identity: keep it",
        f"url = {_quoted(answers.source)}",
        (
            f"cadence = {_quoted(answers.cadence)}"
            if answers.cadence
            else '# cadence = "15min"                        # or hourly, daily: gaps are told'
        ),
        *_SOURCES.get(kind, ()),
        '# include = ["**"]                          # globs below the URL; exclude likewise',
        '# drift = "evolve"                          # new fields: evolve, rescue or freeze',
        '# after = "keep"                            # loaded drops: keep, archive or delete',
        "",
        "[check]                                     # what `status` and `check` call trouble",
        '# window = "1d"',
        "# max_quarantined = 0",
        "",
        "[alerts]                                    # who is told, and when it is over",
        (
            f"webhook = {_quoted(answers.webhook)}"
            if answers.webhook
            else '# webhook = "${env:ALERT_WEBHOOK}"'
        ),
        '# style = "slack"                           # a text in place of the JSON document',
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Return a TOML string; a password that stands in a URL does not go into the file."""
    from firehose_loader.config import redacted  # for --help, that would take too long

    return json.dumps(redacted(text), ensure_ascii=False)
