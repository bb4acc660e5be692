"""Containers that are listed folder by folder, as accounts with a hierarchical namespace must be.

Azurite has no such namespace, but it lists a folder of its own as they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from firehose_loader.errors import ConfigError
from firehose_loader.storage import open_storage
from tests.rigs import azure
from tests.rigs.azure import AzureRig
from tests.rigs.canned import Answer, Request
from tests.test_azure_answers import keys, listing, told

NAMES = (
    "a/b",
    "a-b",
    "a.b/c",
    "a/b/c",
    "a",
    "ü/ü",
    "ü",
    "x/\U0001f600",
    "x/\uff5e",
    "z//z",
    "z/+%2F",
)


@pytest.fixture(params=[azure.NAME])
def rig(request: pytest.FixtureRequest) -> Iterator[AzureRig]:
    rig = AzureRig(request.getfixturevalue(request.param))
    yield rig
    rig.close()


def test_folder_by_folder_the_same_is_listed_from_the_same_places(rig: AzureRig) -> None:
    for name in NAMES:
        rig.put(name, b"1")
    rig.make_folder("x")
    rig.make_folder("empty/")

    with closing(open_storage(rig.source(hierarchical=True))) as storage:
        assert list(storage.list_drops()) == list(rig.storage.list_drops())
        for part in ("a", "a/", "x/", "z/", "nowhere"):
            for after in ("", "a", "a/b", "x/\U0001f600", "y"):
                expected = list(rig.storage.list_drops(prefix=part, after=after))
                assert list(storage.list_drops(prefix=part, after=after)) == expected


def test_a_name_that_no_hierarchical_namespace_can_hold_is_told(rig: AzureRig) -> None:
    rig.put("content/", b"1")

    with (
        closing(open_storage(rig.source(hierarchical=True))) as storage,
        pytest.raises(ConfigError, match="take hierarchical out"),
    ):
        list(storage.list_drops())


def test_a_hierarchical_namespace_is_listed_folder_by_folder_where_the_source_says_so() -> None:
    folders = {
        "out/": ("<BlobPrefix><Name>out/a/</Name></BlobPrefix>", "out/a-b", "out/a.c"),
        "out/a/": ("", "out/a/c", "out/a/a"),
    }

    def answer(request: Request) -> Answer:
        assert request.query["delimiter"] == ["/"]
        prefixes, *names = folders[request.query["prefix"][0]]
        page = listing(*names)
        body = page.body.replace(b"</Blobs>", prefixes.encode() + b"</Blobs>")
        return Answer(headers=page.headers, body=body)

    with told(answer, hierarchical=True) as storage:
        assert keys(storage) == ["a-b", "a.c", "a/a", "a/c"]
        assert keys(storage, after="a.c") == ["a/a", "a/c"]
