"""moto's S3 in a process of its own, with IAM switched on: keys, signatures and rights count."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from tests.rigs.processes import free_port, listens, running, wait_until
from tests.rigs.rig import missing
from tests.rigs.s3 import Keys, S3Server, serving

NAME = "s3-moto"
_FURTHER_NAMES = (
    "double//slash",
    "return\r.csv",
    "../up",
    "in/../out",
    "./here",
    "/leading",
    "content/",
    "back\\slash.csv",
)
_READS = ("s3:ListBucket", "s3:GetObject")
# AWS asks for sqs:DeleteMessage for both ways of deleting, moto for the name of the request.
_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:DeleteMessageBatch")
_UNCHECKED_REQUESTS = 1000
"""More than are needed to create those whom the server shall know from then on."""


@contextlib.contextmanager
def started(folder: Path) -> Iterator[S3Server]:
    """Run the server; ``folder`` takes its log."""
    if not all(importlib.util.find_spec(name) for name in ("moto", "flask", "flask_cors")):
        missing(NAME, "moto's server is not installed: pip install 'moto[s3]' flask flask-cors")
    port = free_port()
    environ = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(_UNCHECKED_REQUESTS)}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, folder / "moto.log", environ) as process:
        wait_until(lambda: listens(port) or process.poll() is not None, "moto listens")
        endpoint = f"http://127.0.0.1:{port}"
        sender, reader, tidier, stranger = _users(endpoint)
        with serving(
            NAME,
            endpoint,
            sender=sender,
            reader=reader,
            tidier=tidier,
            stranger=stranger,
            further_names=_FURTHER_NAMES,
        ) as server:
            yield server


def _users(endpoint: str) -> tuple[Keys, Keys, Keys, Keys]:
    """Create sender, reader, tidier and stranger, then have the server check every request."""
    iam: Any = boto3.client(  # its types would be one more package
        "iam",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="anyone",
        aws_secret_access_key="anything",  # noqa: S106 - nobody checks it yet
    )
    users = (
        _user(iam, "sender", ["s3:*", "sqs:*"]),
        _user(iam, "reader", [*_READS]),
        _user(iam, "tidier", [*_READS, "s3:PutObject", "s3:DeleteObject", *_QUEUE]),
        _user(iam, "stranger", []),
    )
    iam.close()
    request = urllib.request.Request(  # noqa: S310 - the URL is our own
        f"{endpoint}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    return users


def _user(iam: Any, name: str, rights: list[str]) -> Keys:  # noqa: ANN401 - see there
    iam.create_user(UserName=name)
    if rights:
        grant = {"Effect": "Allow", "Action": rights, "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [grant]}
        iam.put_user_policy(UserName=name, PolicyName="s3", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Keys(access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"])
