"""A bucket that Snowflake's double reads by itself: its objects also lie in a folder."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from tests.rigs.s3 import S3Server
from tests.rigs.snowflake import DATABASE, SnowflakeAccount


def in_bucket(server: S3Server, bucket: str, folder: Path) -> dict[str, object]:
    """Put all files of a folder into a new bucket; return the settings of a source that reads it.

    The files get the times of the objects, for they are what Snowflake tells of them.
    """
    server.client.create_bucket(Bucket=bucket)
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            put(server, bucket, folder, file)
    return {
        "url": f"s3://{bucket}/",
        "endpoint": server.endpoint,
        "region": "us-east-1",
        "access_key_id": server.sender.access_key_id,
        "secret_access_key": server.sender.secret_access_key,
    }


def put(server: S3Server, bucket: str, folder: Path, file: Path) -> None:
    """Put one of them there, or put it anew."""
    key = file.relative_to(folder).as_posix()
    server.client.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())
    when = server.client.head_object(Bucket=bucket, Key=key)["LastModified"].timestamp()
    os.utime(file, (when, when))


def external_stage(account: SnowflakeAccount, url: str, name: str = "drops") -> str:
    """Have the account's owner make a stage that leads to a bucket; return its name."""
    with account.connect() as user, user.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS dotdigital")
        cursor.execute(
            f"CREATE STAGE dotdigital.{name} URL = '{url}' STORAGE_INTEGRATION = loading"
        )
    return f"{DATABASE}.dotdigital.{name}"


def packed(name: str, text: str) -> bytes:
    """Return the bytes of a drop of that name."""
    plain = text.encode()
    return gzip.compress(plain, mtime=0) if name.endswith(".gz") and "torn" not in name else plain
