"""Listings of Azure that its emulator never gives, as what the loader makes of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from firehose_loader.errors import AccessDenied, StorageUnavailable
from tests.rigs.canned import Answer, Request
from tests.test_azure_answers import keys, listing, told

BY_UTF8 = ["a", "b\uff5e", "b\uff5e/1", "b😀", "b😀/2", "b😀/\uff5e", "b😀/😀", "c"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-be"])
def test_a_listing_in_either_order_comes_out_in_that_of_utf_8(encoding: str) -> None:
    names = sorted(BY_UTF8, key=lambda name: name.encode(encoding))

    with told(lambda _: listing(*(f"out/{name}" for name in names))) as storage:
        assert keys(storage) == BY_UTF8
        for number, after in enumerate(BY_UTF8):
            assert keys(storage, after=after) == BY_UTF8[number + 1 :]


@pytest.mark.parametrize(
    ("after", "start"), [("", None), ("b/c", "out/b/c"), ("b\uff5e", "out/b"), ("b/😀c", "out/b/")]
)
def test_the_server_starts_where_neither_order_leaves_anything_out(
    after: str, start: str | None
) -> None:
    asked: list[str | None] = []

    def note(request: Request) -> Answer:
        asked.append(request.query.get("startFrom", [None])[0])
        return listing()

    with told(note) as storage:
        keys(storage, after=after)

    assert asked == [start]


def test_a_listing_goes_on_where_each_page_says() -> None:
    asked: list[Mapping[str, list[str]]] = []

    def page(request: Request) -> Answer:
        asked.append(request.query)
        number = len(asked)
        answer = listing(f"out/{number}")
        marker = f"<NextMarker>2!{number} &amp;/+=</NextMarker>" if number < 3 else "<NextMarker/>"
        return replace(answer, body=answer.body.replace(b"<NextMarker/>", marker.encode()))

    with told(page) as storage:
        assert keys(storage, after="0") == ["1", "2", "3"]

    assert [query.get("marker") for query in asked] == [None, ["2!1 &/+="], ["2!2 &/+="]]
    assert [query["startFrom"] for query in asked] == [["out/0"]] * 3


def test_names_that_xml_cannot_hold_are_taken_as_they_are() -> None:
    answer = listing("out/%20", "out/a%EF%BF%BE%20b")
    second = b"<Name>out/a"
    body = answer.body.replace(second, second.replace(b">", b' Encoded="true">'))

    with told(lambda _: replace(answer, body=body)) as storage:
        assert keys(storage) == ["%20", "a\ufffe b"]


def test_a_listing_in_another_order_is_refused() -> None:
    # As of an account with a hierarchical namespace: what lies in a folder comes right behind it.
    with told(lambda _: listing("out/a/c", "out/a-b")) as storage:
        drops = storage.list_drops()

        assert next(drops).key == "a/c"
        with pytest.raises(AccessDenied, match="hierarchical namespace"):
            next(drops)


def test_the_folders_of_a_hierarchical_namespace_are_no_drops() -> None:
    names = ["out/in", "out/in/a", "out/in/b"]

    with told(lambda _: listing(*names, folders=("out/in",))) as storage:
        assert keys(storage) == ["in/a", "in/b"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><p>Sign in",
        b"<html/>",
        b"<EnumerationResults>",
        b"<EnumerationResults/>",
        b"<EnumerationResults><Blobs><Blob/></Blobs></EnumerationResults>",
        b"<EnumerationResults><Blobs><Blob><Name>out/a</Name></Blob></Blobs></EnumerationResults>",
        listing("out/a").body.replace(b">9<", b">nine<"),
        listing("out/a").body.replace(b"Thu, 01 Jan", b"lately"),
        listing("out/a").body.replace(b"0x1", b""),
    ],
)
def test_an_answer_that_is_no_listing_is_unavailable(body: bytes) -> None:
    def garbage(_: Request) -> Answer:
        return Answer(headers={"Content-Type": "application/xml"}, body=body)

    with told(garbage) as storage, pytest.raises(StorageUnavailable):
        keys(storage)


def test_a_page_that_does_not_end_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firehose_loader.storage.azure.listing._MOST_BYTES", 100)

    with (
        told(lambda _: listing("out/a")) as storage,
        pytest.raises(StorageUnavailable, match="more than 100 bytes"),
    ):
        keys(storage)
