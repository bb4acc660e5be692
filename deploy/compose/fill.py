"""Put sample drops into the bucket of the local S3 server, as the firehose would."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

import boto3

BUCKET = "drops"
SECRET = Path(os.environ.get("STORE_SECRET_FILE", "/run/secrets/s3_secret"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        drops = Path(folder, "drops")
        seed = str(time.time_ns() % 1_000_000)  # other drops each time
        subprocess.run(
            [
                "firehose-loader",
                "sample",
                drops,
                "--events",
                "2000",
                "--drops",
                "8",
                "--seed",
                seed,
            ],
            check=True,
        )
        store = boto3.client(
            "s3",
            endpoint_url=os.environ["STORE"],
            region_name="us-east-1",
            aws_access_key_id=os.environ["STORE_KEY_ID"],
            aws_secret_access_key=SECRET.read_text("utf-8").strip(),
        )
        store.create_bucket(Bucket=BUCKET)
        for path in sorted(drops.rglob("*")):
            if path.is_file():
                key = f"prod/{seed}/{path.relative_to(drops).as_posix()}"
                store.upload_file(str(path), BUCKET, key)
    print(f"There are new drops in s3://{BUCKET}/prod/")


if __name__ == "__main__":
    main()
