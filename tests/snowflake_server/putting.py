"""PUT: the driver is told to bring its files to a bucket, which is this very server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.responses import Response

from tests.snowflake_server.refusals import SYNTAX, Refused
from tests.snowflake_server.session import Session

_PUT = re.compile(
    r"""(?is)put\s+(?P<file>'file://(?:[^']|'')*'|file://\S+)\s+(?P<place>'@(?:[^']|'')*'|@\S+)"""
    r"""(?P<options>.*)"""
)
_DIGEST = "x-goog-meta-sfc-digest"


def answer(session: Session, text: str, origin: str) -> dict[str, Any]:
    """Say where the files of a PUT are to go.

    Raises:
        Refused: there is no such stage.
    """
    match = _PUT.fullmatch(text)
    if match is None:
        raise Refused(SYNTAX, "SQL compilation error: syntax error in PUT")
    options = {
        name.upper(): value.upper()
        for name, value in re.findall(r"(\w+)\s*=\s*(\w+)", match["options"])
    }
    place = session.account.stages.place(match["place"], session.database, session.schema)
    root = place.root.relative_to(session.account.folder.parent).as_posix()
    path = f"{root}/{place.path}".rstrip("/") + "/"
    source = match["file"].strip("'").replace("''", "'").removeprefix("file://")
    return {
        "command": "UPLOAD",
        "src_locations": [source],
        "parallel": int(options.get("PARALLEL", "4")),
        "autoCompress": options.get("AUTO_COMPRESS", "TRUE") == "TRUE",
        "sourceCompression": options.get("SOURCE_COMPRESSION", "AUTO_DETECT").lower(),
        "overwrite": options.get("OVERWRITE", "FALSE") == "TRUE",
        "encryptionMaterial": None,
        "stageInfo": {
            "locationType": "GCS",
            "location": f"stage/{path}",
            "path": path,
            "region": "us-central1",
            "storageAccount": None,
            "isClientSideEncrypted": False,
            "creds": {"GCS_ACCESS_TOKEN": "token-of-the-stage"},
            "presignedUrl": None,
            "endPoint": origin,
            "useS3RegionalUrl": False,
        },
    }


def stored(file: Path, body: bytes, headers: dict[str, str]) -> Response:
    """Keep a file that was brought, and its digest beside the stages."""
    if headers.get("x-goog-if-generation-match") == "0" and file.exists():
        return Response(status_code=412)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(body)
    part.replace(file)
    _digests[file] = headers.get(_DIGEST, "")
    return Response(headers={"ETag": '"1"'})


def given(file: Path, method: str) -> Response:
    """Show or give a file."""
    if not file.is_file():
        return Response(status_code=404)
    headers = {_DIGEST: _digests.get(file, ""), "ETag": '"1"', "x-goog-generation": "1"}
    if method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(file.stat().st_size)})
    return Response(file.read_bytes(), headers=headers)


_digests: dict[Path, str] = {}
