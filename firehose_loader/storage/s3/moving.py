"""Give an object another key: S3 knows no such thing, so it is copied, and the old one removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firehose_loader.storage.s3.checksums import Facts, facts, md5_parts
from firehose_loader.storage.s3.errors import status

if TYPE_CHECKING:  # known to the type checker only: the package holds nothing but types
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef

_LARGEST_COPY_BYTES = 5 * 2**30
"""In one request. In parts it becomes another ETag, so parts are for those that need them."""

_NO_ETAG = '"00000000000000000000000000000000"'
_UNMET = frozenset({404, 412})


def look(client: S3Client, bucket: str, key: str) -> HeadObjectOutputTypeDef | None:
    """Return what stands at a key; None where nothing does."""
    from botocore.exceptions import ClientError

    try:
        return client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if status(error) == 404:  # noqa: PLR2004 - as HTTP has it
            return None
        raise


def may_be_copy(
    found: HeadObjectOutputTypeDef, *, etag: str, size_bytes: int, known: Facts | None
) -> bool:
    """Tell whether an object may be the copy that an earlier call has made of another one.

    Args:
        found: the one that stands at the new place.
        etag: of the other one.
        size_bytes: likewise.
        known: what is known of the other one; None: it is gone, and only its ETag and size are.
    """
    its = found["ETag"].strip('"')
    if its == etag or found["ContentLength"] != size_bytes:
        return its == etag
    # Where both ETags are of the plain content in one piece, they would be the same.
    plain = facts(found["ResponseMetadata"]["HTTPHeaders"]).etag_is_md5 and (
        known is None or known.etag_is_md5
    )
    in_one_piece = all((md5_parts(one) or ("", 1))[1] == 0 for one in (its, etag))
    return not (plain and in_one_piece)


def copy(client: S3Client, bucket: str, key: str, etag: str, to: str) -> None:
    """Copy exactly the object that has this ETag, with its headers, metadata and tags."""
    from boto3.s3.transfer import TransferConfig

    client.copy(
        {"Bucket": bucket, "Key": key},
        bucket,
        to,
        ExtraArgs={"CopySourceIfMatch": f'"{etag}"'},
        Config=TransferConfig(
            multipart_threshold=_LARGEST_COPY_BYTES,
            multipart_chunksize=_LARGEST_COPY_BYTES // 10,
            use_threads=False,
        ),
    )


def rehearse_writing(client: S3Client, bucket: str, key: str) -> None:
    """Ask to replace an object that is not there: refused to all, but for different reasons."""
    from botocore.exceptions import ClientError

    try:
        client.put_object(Bucket=bucket, Key=key, IfMatch=_NO_ETAG)
    except ClientError as error:
        if status(error) not in _UNMET:
            raise
    else:
        client.delete_object(Bucket=bucket, Key=key)  # from a store that knows no conditions


def rehearse_removing(client: S3Client, bucket: str, key: str) -> None:
    """Ask to remove an object that is not there, on a condition that it cannot meet."""
    from botocore.exceptions import ClientError

    try:
        client.delete_object(Bucket=bucket, Key=key, IfMatch=_NO_ETAG)
    except ClientError as error:
        if status(error) not in _UNMET:
            raise
