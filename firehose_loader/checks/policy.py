"""The fewest rights with which one source can be loaded, in the words of the place it lies in."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from firehose_loader.config import Source, redacted
from firehose_loader.templates import archive_folder


class Policy(Struct, frozen=True, kw_only=True):
    """What to grant for one source."""

    source: str
    kind: str
    document: dict[str, object] | None
    """A policy or a role, ready to be given to the cloud."""
    steps: tuple[str, ...]
    """What to do, with it or in place of it."""


class _Place(Struct, frozen=True, kw_only=True):
    """A source as far as rights go."""

    bucket: str
    prefix: str
    archive: str | None
    """What archived keys start with, from the root of the bucket."""
    removes: bool


def policy(source: Source) -> Policy:
    """Return the fewest rights for exactly this configuration of a source."""
    scheme = urlsplit(source.url).scheme
    writes = source.after != "keep"
    match scheme:
        case "s3":
            return _policy(source, "AWS IAM policy", _iam(source), _iam_steps(source))
        case "azure":
            return _policy(source, "Azure role", _azure(source), _azure_steps(source))
        case "gs":
            return _policy(source, "Google Cloud role", _google(source), _google_steps(source))
        case "sftp":
            return _policy(source, "sshd", None, _sshd(source, writes=writes))
        case "ftps":
            return _policy(source, "FTPS server", None, _ftps(source, writes=writes))
        case _:
            return _policy(source, "folder", None, _folder(source, writes=writes))


def _policy(
    source: Source, kind: str, document: dict[str, object] | None, steps: list[str]
) -> Policy:
    return Policy(source=source.name, kind=kind, document=document, steps=tuple(steps))


def _place(source: Source) -> _Place:
    archive = archive_folder(source.archive) if source.archive else None
    if archive is not None:
        archive = (archive if archive.startswith("/") else source.root + archive).lstrip("/")
    return _Place(
        bucket=urlsplit(source.url).netloc,
        prefix=source.root.lstrip("/"),
        archive=archive,
        removes=source.after != "keep",
    )


# -- S3 ------------------------------------------------------------------------------------------


def _iam(source: Source) -> dict[str, object]:
    place = _place(source)
    partition = _partition(source)
    bucket = f"arn:{partition}:s3:::{place.bucket}"
    drops, archived = f"{bucket}/{place.prefix}*", f"{bucket}/{place.archive}*"
    prefixes = [f"{one}*" for one in (place.prefix, place.archive) if one is not None]
    listing = _allow("ListDrops", ["s3:ListBucket"], bucket)
    if "*" not in prefixes:
        # Without IfExists, a GET of what is gone would be refused, not told to be gone: it has no
        # s3:prefix, and only those who may list are told.
        listing["Condition"] = {"StringLikeIfExists": {"s3:prefix": prefixes}}
    statements = [listing, _allow("ReadDrops", ["s3:GetObject"], drops)]
    if place.removes:
        statements.append(_allow("RemoveLoadedDrops", ["s3:DeleteObject"], drops))
    if place.archive is not None:
        statements += [
            _allow("CopyTags", ["s3:GetObjectTagging"], drops),
            _allow(
                "ArchiveLoadedDrops",
                ["s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"],
                archived,
            ),
        ]
    if queue := _queue(source, partition):
        statements.append(
            _allow("ReadNotifications", ["sqs:ReceiveMessage", "sqs:DeleteMessage"], queue)
        )
    if key := getattr(source, "kms_key", None):
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if place.archive else [])]
        statements.append(_allow("UseKey", actions, str(key)))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(sid: str, actions: list[str], resource: str) -> dict[str, object]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _partition(source: Source) -> str:
    region = str(getattr(source, "region", None) or "")
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rsplit("-", 2)[0], "aws")


def _queue(source: Source, partition: str) -> str | None:
    """Return the ARN of the queue whose URL is ``notify``."""
    url = str(getattr(source, "notify", None) or "")
    match = re.fullmatch(r"\w+://sqs\.([\w-]+)\.[^/]+/(\d+)/([^/]+)", url)
    if match is None:
        return "*" if url else None
    return f"arn:{partition}:sqs:{match[1]}:{match[2]}:{match[3]}"


def _iam_steps(source: Source) -> list[str]:
    steps = ["Attach this policy to the user or role that the loader runs as."]
    if not getattr(source, "kms_key", None):
        steps.append(
            "Where a KMS key encrypts the objects, set kms_key to its ARN and print this again."
        )
    if source.after != "keep":
        steps.append("On a versioned bucket, a lifecycle rule has to remove the older versions.")
    return steps


# -- Azure and Google ----------------------------------------------------------------------------

_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


def _azure(source: Source) -> dict[str, object]:
    actions = [f"{_BLOBS}/read"]
    if source.after != "keep":
        actions.append(f"{_BLOBS}/delete")
    if source.archive is not None:
        actions.append(f"{_BLOBS}/write")
    container = source.url.partition("://")[2].split("/")[1]
    scope = (
        "/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Storage"
        f"/storageAccounts/{_place(source).bucket}/blobServices/default/containers/{container}"
    )
    return {
        "Name": f"firehose-loader {source.name}",
        "IsCustom": True,
        "Description": "What firehose-loader needs of one container.",
        "Actions": [],
        "DataActions": actions,
        "AssignableScopes": [scope],
    }


def _azure_steps(source: Source) -> list[str]:
    sas = {"keep": "rl", "delete": "rld", "archive": "rlwd"}[source.after]
    steps = [
        "Put in subscription and resource group, create the role, assign it on the container.",
        f"With a SAS token instead: container permissions sp={sas}, https only, an expiry.",
    ]
    if source.after == "keep":
        steps.append("The built-in role Storage Blob Data Reader, on the container, does as well.")
    return steps


def _google(source: Source) -> dict[str, object]:
    permissions = ["storage.objects.get", "storage.objects.list"]
    if source.after != "keep":
        permissions.append("storage.objects.delete")
    if source.archive is not None:
        permissions.append("storage.objects.create")
    return {
        "title": f"firehose-loader {source.name}",
        "description": "What firehose-loader needs of one bucket.",
        "stage": "GA",
        "includedPermissions": permissions,
    }


def _google_steps(source: Source) -> list[str]:
    steps = [f"Create the role and grant it on the bucket {_place(source).bucket} alone."]
    if source.after == "keep":
        steps.append("The built-in role roles/storage.objectViewer, on the bucket, does as well.")
    return steps


# -- servers and folders -------------------------------------------------------------------------


def _sshd(source: Source, *, writes: bool) -> list[str]:
    user = unquote(urlsplit(source.url).username or "loader")
    read_only = "" if writes else " -R"
    steps = [
        f"In sshd_config: Match User {user}, ForceCommand internal-sftp{read_only}.",
        "There too: AllowTcpForwarding no, X11Forwarding no, PermitTTY no.",
        f"A key of its own in the authorized_keys of {user}, with the option restrict.",
        f"Read permission on the files and folders below {_folder_of(source)}.",
    ]
    return [*steps, *_writing(source)] if writes else steps


def _ftps(source: Source, *, writes: bool) -> list[str]:
    user = unquote(urlsplit(source.url).username or "loader")
    steps = [
        f"A user {user} of its own, locked into its folder, TLS required for commands and data.",
        f"Read and list permission below {_folder_of(source)}.",
    ]
    if writes:
        return [*steps, *_writing(source)]
    return [
        *steps,
        "No commands that write: <Limit WRITE> DenyAll in ProFTPD, write_enable=NO in vsftpd.",
    ]


def _folder(source: Source, *, writes: bool) -> list[str]:
    steps = [f"Read permission on the files, and read and search on the folders, in {source.root}."]
    return [*steps, *_writing(source)] if writes else steps


def _writing(source: Source) -> list[str]:
    steps = [
        f"Write permission on the folders below {_folder_of(source)}: loaded drops leave them."
    ]
    if source.archive is not None:
        folder = archive_folder(source.archive)
        place = folder if folder.startswith("/") else source.root + folder
        steps.append(f"Write permission on {place}, on the same file system.")
    return steps


def _folder_of(source: Source) -> str:
    return redacted(source.root)
