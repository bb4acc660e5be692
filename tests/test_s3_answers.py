"""Answers of Amazon's S3 that no server in the tests gives, as what the run does next."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace
from pydantic import SecretStr

from firehose_loader.config import S3Source
from firehose_loader.errors import (
    AccessDenied,
    DropChanged,
    DropMissing,
    FirehoseError,
    StorageUnavailable,
)
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from firehose_loader.storage.s3.errors import translating
from tests.rigs.canned import Answer, Request, answering, listing, refusal

CONTENT = b"123456789"
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
MIB = 2**20


def source(endpoint: str, *, requester_pays: bool = False) -> S3Source:
    return S3Source(
        name="bucket",
        url="s3://bucket/out",
        endpoint=endpoint,
        region="us-east-1",
        access_key_id=SecretStr("id"),
        secret_access_key=SecretStr("secret"),
        requester_pays=requester_pays,
        timeout=5,
    )


@contextmanager
def told(answer: Callable[[Request], Answer], *, requester_pays: bool = False) -> Iterator[Storage]:
    """Return a storage whose endpoint answers so."""
    with (
        answering(answer) as endpoint,
        closing(open_storage(source(endpoint, requester_pays=requester_pays))) as storage,
    ):
        yield storage


def drop(*, etag: str = MD5, size_bytes: int = len(CONTENT)) -> Drop:
    return Drop(
        source="bucket",
        key="a",
        size_bytes=size_bytes,
        modified=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        version=f"{etag}:{size_bytes}",
    )


# -- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (503, "SlowDown", StorageUnavailable),
        (500, "InternalError", StorageUnavailable),
        (502, "", StorageUnavailable),
        (429, "TooManyRequests", StorageUnavailable),
        (400, "RequestTimeout", StorageUnavailable),
        (409, "OperationAborted", StorageUnavailable),
        (403, "ExpiredToken", AccessDenied),
        (400, "ExpiredToken", AccessDenied),
        (400, "InvalidToken", AccessDenied),
        (403, "RequestTimeTooSkewed", AccessDenied),
        (403, "AllAccessDisabled", AccessDenied),
        (400, "KMS.DisabledException", AccessDenied),
        (403, "InvalidObjectState", DropMissing),
        (404, "NoSuchKey", DropMissing),
        (404, "NoSuchBucket", AccessDenied),
        (412, "PreconditionFailed", DropChanged),
        (416, "InvalidRange", DropChanged),
    ],
)
def test_an_error_is_what_its_code_and_status_say(
    status: int, code: str, expected: type[FirehoseError]
) -> None:
    with (
        told(lambda _: refusal(status, code, "SlowDown AccessDenied NoSuchKey")) as storage,
        pytest.raises(expected, match="s3://bucket/out/a"),
    ):
        storage.open(drop())


@pytest.mark.parametrize(
    ("status", "expected"),
    [(403, AccessDenied), (404, DropMissing), (412, DropChanged), (503, StorageUnavailable)],
)
def test_an_error_without_a_body_is_what_its_status_says(
    status: int, expected: type[FirehoseError]
) -> None:
    with told(lambda _: Answer(status=status)) as storage, pytest.raises(expected):
        storage.confirm(drop())


def test_a_store_that_asks_for_a_pause_is_heard() -> None:
    def busy(_: Request) -> Answer:
        answer = refusal(503, "SlowDown")
        return replace(answer, headers={**answer.headers, "Retry-After": "7"})

    with told(busy) as storage, pytest.raises(StorageUnavailable) as caught:
        storage.open(drop())

    assert caught.value.pause_seconds == 7


def test_a_bucket_of_another_region_is_denied_with_the_setting_to_change() -> None:
    def elsewhere(_: Request) -> Answer:
        answer = refusal(301, "PermanentRedirect", "use another endpoint")
        return replace(answer, headers={**answer.headers, "x-amz-bucket-region": "eu-west-1"})

    with told(elsewhere) as storage, pytest.raises(AccessDenied, match="set region"):
        next(storage.list_drops())


def test_an_answer_that_is_no_xml_is_unavailable() -> None:
    def garbage(_: Request) -> Answer:
        return Answer(headers={"Content-Type": "application/xml"}, body=b"<html><p>Sign in")

    with told(garbage) as storage, pytest.raises(StorageUnavailable):
        next(storage.list_drops())


def test_a_variable_that_the_sdk_lost_is_a_storage_to_be_asked_again() -> None:
    variable: ContextVar[None] = ContextVar("variable")

    with pytest.raises(StorageUnavailable, match="variable"), translating("s3://bucket/"):
        variable.get()
    with pytest.raises(KeyError), translating("s3://bucket/"):
        raise KeyError("a bug of ours")


def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    with (
        answering(lambda _: listing("out/a"), tls=_self_signed(tmp_path)) as endpoint,
        closing(open_storage(source(endpoint))) as storage,
        pytest.raises(AccessDenied, match="certificate"),
    ):
        next(storage.list_drops())


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


# -- requests ------------------------------------------------------------------------------------


def test_a_store_that_does_not_sort_its_keys_is_refused() -> None:
    with told(lambda _: listing("out/a/c", "out/a.b")) as storage:
        drops = storage.list_drops()

        assert next(drops).key == "a/c"
        with pytest.raises(AccessDenied, match="out of order"):
            next(drops)


def test_a_store_that_ignores_where_to_start_is_refused() -> None:
    with (
        told(lambda _: listing("out/a", "out/b")) as storage,
        pytest.raises(AccessDenied, match="out of order"),
    ):
        list(storage.list_drops(after="a"))


def test_a_store_that_ignores_ranges_is_unavailable() -> None:
    with (
        told(lambda _: Answer(headers={"ETag": f'"{MD5}"'}, body=CONTENT)) as storage,
        pytest.raises(StorageUnavailable, match="9 announced"),
    ):
        storage.open(drop(), start=2, end=5)


@pytest.mark.parametrize("pays", [True, False])
def test_the_reader_pays_only_where_that_is_accepted(pays: bool) -> None:  # noqa: FBT001
    seen: list[str | None] = []

    def note(request: Request) -> Answer:
        seen.append(request.headers.get("x-amz-request-payer"))
        signed = "x-amz-request-payer" in request.headers["authorization"]
        assert signed is pays
        if request.query.get("list-type"):
            return listing("out/a", etag=MD5, size_bytes=len(CONTENT))
        return Answer(headers={"ETag": f'"{MD5}"', "Content-Length": "9"}, body=CONTENT)

    with told(note, requester_pays=pays) as storage:
        (found,) = storage.list_drops()
        storage.open(found).close()
        storage.confirm(found)

    assert seen == ["requester" if pays else None] * 3


# -- digests -------------------------------------------------------------------------------------


def crc(number: int, size: int) -> str:
    return base64.b64encode(number.to_bytes(size, "big")).decode()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Digest(algorithm="md5", hex=MD5)),
        ({"x-amz-server-side-encryption": "AES256"}, Digest(algorithm="md5", hex=MD5)),
        ({"x-amz-server-side-encryption": "aws:kms"}, None),
        ({"x-amz-server-side-encryption": "aws:kms:dsse"}, None),
        ({"x-amz-server-side-encryption-customer-algorithm": "AES256"}, None),
        (
            {
                "x-amz-server-side-encryption": "aws:kms",
                "x-amz-checksum-crc64nvme": crc(0xAE8B14860A799888, 8),
                "x-amz-checksum-type": "FULL_OBJECT",
            },
            Digest(algorithm="crc64nvme", hex="ae8b14860a799888"),
        ),
        (
            {"x-amz-checksum-crc32c": crc(0xE3069283, 4), "x-amz-checksum-type": "FULL_OBJECT"},
            Digest(algorithm="crc32c", hex="e3069283"),
        ),
        (
            {"x-amz-checksum-crc32": "AAAAAA==-2", "x-amz-checksum-type": "COMPOSITE"},
            Digest(algorithm="md5", hex=MD5),
        ),
    ],
)
def test_a_digest_is_what_the_answer_vouches_for(
    headers: dict[str, str], expected: Digest | None
) -> None:
    methods: list[str] = []

    def note(request: Request) -> Answer:
        methods.append(request.method)
        return Answer(headers={"ETag": f'"{MD5}"', **headers}, body=CONTENT)

    with told(note) as storage:
        before_reading = storage.digest(drop())
        with storage.open(drop()) as file:
            file.read()
        after_reading = storage.digest(drop())

    assert before_reading == after_reading == expected
    assert methods == ["HEAD", "GET"]  # what the answer to GET told need not be asked for


def of_parts(sizes: list[int], *, told_parts: bool) -> Callable[[Request], Answer]:
    """Answer for an object that was uploaded in parts of these sizes."""

    def answer(request: Request) -> Answer:
        number = int(request.query.get("partNumber", ["0"])[0])
        size = sizes[number - 1] if number and told_parts else sum(sizes)
        counted = {"x-amz-mp-parts-count": str(len(sizes))} if number and told_parts else {}
        return Answer(headers={"ETag": '"e"', "Content-Length": str(size), **counted})

    return answer


def test_the_parts_of_an_upload_have_the_size_that_the_store_tells() -> None:
    sizes = [9 * MIB, 9 * MIB, 3]
    uploaded = drop(etag=f"{MD5}-3", size_bytes=sum(sizes))

    with told(of_parts(sizes, told_parts=True)) as storage:
        digest = storage.digest(uploaded)

    assert digest == Digest(algorithm="md5-parts", hex=MD5, part_bytes=(9 * MIB,))


def test_where_a_store_does_not_tell_the_size_of_parts_it_is_guessed() -> None:
    sizes = [8 * MIB, 8 * MIB, 3]
    uploaded = drop(etag=f"{MD5}-3", size_bytes=sum(sizes))

    with told(of_parts(sizes, told_parts=False)) as storage:
        digest = storage.digest(uploaded)

    assert digest is not None
    assert digest.guessed
    assert digest.part_bytes[0] == 8 * MIB
    assert all(-(-sum(sizes) // each) == 3 for each in digest.part_bytes)


def test_parts_of_different_sizes_give_no_digest() -> None:
    sizes = [9 * MIB, 8 * MIB, 3]
    uploaded = drop(etag=f"{MD5}-3", size_bytes=sum(sizes))

    with told(of_parts(sizes, told_parts=True)) as storage:
        assert storage.digest(uploaded) is None
