"""Marked secrets, and a search for them in all that any command says and writes when it fails."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import typer
from typer.core import TyperCommand, TyperGroup

from firehose_loader.cli import application
from tests.command import ask, clean_environ
from tests.torture.attack import Attack, Outcome, Plan, place

_MARK = "m4rked"
_NOWHERE = "127.0.0.1:9"
"""Nobody listens at the port for what is to be discarded."""
SECRETS = {
    name: f"{_MARK}/{name.lower()}+{number:02}@"
    for number, name in enumerate(
        (
            "S3_ID",
            "S3_SECRET",
            "AZURE_KEY",
            "AZURE_SAS",
            "CLIENT_SECRET",
            "GOOGLE",
            "SFTP_PASSWORD",
            "SFTP_KEY",
            "PASSPHRASE",
            "FTPS_PASSWORD",
            "PII_KEY",
            "HOOK",
            "HOOK_SECRET",
            "APPRISE",
            "OTLP",
            "LINEAGE",
            "SNOWFLAKE_TOKEN",
            "SNOWFLAKE_KEY",
            "PROXY",
            "URL_PASSWORD",
        )
    )
} | {
    "AZURE_KEY": base64.b64encode(b"m4rked azure key").decode(),
    "URL_PASSWORD": "m4rked-in-a-url",
}
_SOURCES = f"""
[[source]]
name = "s3"
url = "s3://bucket/in/"
endpoint = "http://{_NOWHERE}"
access_key_id = "${{env:S3_ID}}"
secret_access_key = "${{env:S3_SECRET}}"
timeout = 2
[[source]]
name = "azure"
url = "azure://account/container/in/"
endpoint = "http://{_NOWHERE}/account"
auth = "account_key"
account_key = "${{env:AZURE_KEY}}"
timeout = 2
[[source]]
name = "azure-sas"
url = "azure://account/container/in/"
endpoint = "http://{_NOWHERE}/account"
auth = "sas_token"
sas_token = "sv=1&sig=${{env:AZURE_SAS}}"
timeout = 2
[[source]]
name = "gcs"
url = "gs://bucket/in/"
endpoint = "http://{_NOWHERE}"
service_account_json = "${{env:GOOGLE}}"
timeout = 2
[[source]]
name = "sftp"
url = "sftp://user@{_NOWHERE}/in"
password = "${{env:SFTP_PASSWORD}}"
host_key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
timeout = 2
[[source]]
name = "sftp-key"
url = "sftp://user@{_NOWHERE}/in"
key = "${{env:SFTP_KEY}}"
key_passphrase = "${{env:PASSPHRASE}}"
host_key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
timeout = 2
[[source]]
name = "ftps"
url = "ftps://user@{_NOWHERE}/in"
password = "${{env:FTPS_PASSWORD}}"
timeout = 2
[[source]]
name = "local"
url = "in"
"""
_REST = f"""
[pii]
key_id = "k1"
key = "${{env:PII_KEY}}"
[pii.policy]
email = "hash"
[alerts]
webhook = "http://{_NOWHERE}/${{env:HOOK}}"
secret = "${{env:HOOK_SECRET}}"
timeout = 2
apprise = ["json://user:${{env:APPRISE}}@{_NOWHERE}/"]
[telemetry]
otlp = "http://{_NOWHERE}"
otlp_headers = {{ authorization = "${{env:OTLP}}" }}
openlineage = "http://{_NOWHERE}"
openlineage_key = "${{env:LINEAGE}}"
"""
_SNOWFLAKE = f"""
[warehouse]
url = "snowflake://user@account/db/s?warehouse=w"
host = "127.0.0.1"
port = 9
protocol = "http"
access_token = "${{env:SNOWFLAKE_TOKEN}}"
proxy = "http://user:${{env:PROXY}}@{_NOWHERE}"
login_timeout = 2
"""
CONFIGS = {
    "each place out of reach": f'[warehouse]\nurl = "e.duckdb"\n{_SOURCES}{_REST}',
    "Snowflake out of reach": f'{_SNOWFLAKE}[[source]]\nname = "local"\nurl = "in"\n',
    "a database that is none": f'[warehouse]\nurl = "no.duckdb"\n{_SOURCES}{_REST}',
    "an unknown key": f'nonsense = "${{env:PII_KEY}}"\n[warehouse]\nurl = "e.duckdb"\n{_SOURCES}',
    "secrets where none belong": 'batch_files = "${env:HOOK}"\n[warehouse]\nurl = "e.duckdb"\n'
    f'schema = "${{env:PII_KEY}}"\n{_SOURCES}{_REST}',
    "a URL with a password": '[warehouse]\nurl = "e.duckdb"\n[[source]]\nname = "u"\n'
    'url = "sftp://user:${env:URL_PASSWORD}@127.0.0.1:9/in"\n'
    '[[source]]\nname = "v"\nurl = "s3://id:${env:URL_PASSWORD}@bucket/x"\n',
    "half a configuration": '[warehouse]\nurl = "snowflake://user:${env:URL_PASSWORD}@a/d/s"\n',
}
_WORDS: Mapping[str, tuple[str, ...]] = {
    "explain": ("a.csv",),
    "trace": ("1",),
    "inspect": ("in/a.csv",),
    "undo": ("a.csv", "--yes"),
    "replay": ("a.csv",),
    "forget": ("--email", "a@example.com", "--yes"),
    "quarantine show": ("0",),
    "quarantine retry": (),
    "quarantine remove": ("0", "--yes"),
    "schema infer": ("shop.order", "in/a.csv"),
    "schema diff": (),
    "schema show": ("email.open",),
    "schema export": ("out",),
    "schema lint": ("in",),
    "report": ("--output", "report.html"),
    "sample": ("sample", "--events", "10"),
    "sql": ("email.open",),
}
_ENDLESS, _SECONDS = "watch", 4


def commands(command: object, path: str = "") -> Iterator[str]:
    """Yield the words of every command that does something."""
    if isinstance(command, TyperGroup):
        for name, below in sorted(command.commands.items()):
            yield from commands(below, f"{path} {name}".strip())
    else:
        assert isinstance(command, TyperCommand)
        yield path


def secrets(plan: Plan) -> Outcome:
    """Run every command under configurations that cannot work."""
    every = list(commands(typer.main.get_command(application())))
    chance = plan.chance("secrets")
    pairs = [(config, words) for config in CONFIGS for words in every]
    chosen = pairs if plan.share == 1 else chance.sample(pairs, plan.tries(len(pairs)))
    wrong: list[str] = []
    failed = 0
    for config, text in CONFIGS.items():
        with place("secrets") as home:
            _prepare(home, text)
            for words in [words for one, words in chosen if one == config]:
                code, said = _asked(home, words)
                failed += bool(code)
                wrong += [f"{config}: {words} says {name}" for name in found(said)]
            wrong += [
                f"{config}: {name} is in {path.name}"
                for path in home.rglob("*")
                if path.is_file() and path.name != "firehose.toml"
                for name in found(path.read_bytes().decode("latin-1"))
            ]
    return Outcome(
        tries=len(chosen),
        told=f"{len(every)} commands under {len(CONFIGS)} configurations with {len(SECRETS)} marked"
        f" secrets; {failed} failed; searched as they are, in base64 and as in a URL",
        wrong=tuple(dict.fromkeys(wrong)),
    )


def found(text: str) -> list[str]:
    """Return the names of the secrets that a text holds, however they are spelled."""
    return [
        name for name, secret in SECRETS.items() if any(one in text for one in _spelled(secret))
    ]


def _spelled(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    raw = secret.encode()
    for before in range(3):  # wherever it stands in what is encoded
        whole = base64.b64encode(b"\0" * before + raw).decode()
        yield whole[4 if before else 0 : -4]


def _prepare(home: Path, config: str) -> None:
    (home / "in").mkdir()
    (home / "in" / "a.csv").write_text("eventId,eventType,email\n1,email.open,a@example.com\n")
    (home / "no.duckdb").write_text("this is no database, but a text")
    (home / "firehose.toml").write_text(config)


def _asked(home: Path, words: str) -> tuple[int, str]:
    given = [*words.split(), *_WORDS.get(words, ())]
    if words != _ENDLESS:
        answer = ask(*given, cwd=home, environ=SECRETS)
        return answer.code, answer.out + answer.err
    command = [sys.executable, "-m", "firehose_loader", *given, "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=home,
        env={**clean_environ(), **SECRETS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            listed = Path(f"/proc/{process.pid}/cmdline").read_text("utf-8")
            os.kill(process.pid, signal.SIGTERM)
            said, _ = process.communicate(timeout=60)
            said += listed
    return process.returncode, said


ATTACKS = (
    Attack(
        name="Secrets, every command in failure",
        promise="no secret in output, errors, files, the database or the list of processes",
        run=secrets,
    ),
)
