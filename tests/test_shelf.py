"""Files are put whole to a folder or a bucket, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from firehose_loader.config import source_of
from firehose_loader.errors import AccessDenied, ConfigError
from firehose_loader.protocols import Shelf
from firehose_loader.storage import open_shelf
from firehose_loader.storage.local import LocalStorage
from tests.rigs.rig import Rig, content, only

KEY = "event=a%2Fb/day=2026-01-05/ü b.parquet"
CHECKING_RIGHTS = ["s3-moto", "azure-azurite"]
TAKING_FILES = ["local", "gcs-fake", "s3-radosgw", *CHECKING_RIGHTS]


@pytest.mark.parametrize("rig", TAKING_FILES, indirect=True)
def test_a_file_is_put_in_place_of_what_stood_there(
    rig: Rig, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shelf, file = cast("Shelf", rig.tidier), tmp_path_factory.mktemp("put") / "file"

    for text in (b"old", b"new, and longer"):
        file.write_bytes(text)
        shelf.put(KEY, file)
        drop = only(shelf.list_drops())
        assert (drop.key, content(shelf, drop)) == (KEY, text)

    shelf.remove(only(shelf.list_drops()))
    assert list(shelf.list_drops()) == []


@pytest.mark.parametrize("rig", CHECKING_RIGHTS, indirect=True)
def test_who_may_not_write_is_told_so(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")

    with pytest.raises(AccessDenied):
        cast("Shelf", rig.storage).put(KEY, tmp_path / "file")

    assert list(rig.storage.list_drops()) == []


def test_what_stands_in_the_way_in_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "place" / "a").mkdir(parents=True)
    (tmp_path / "place" / "b").write_text("no folder")
    (tmp_path / "file").write_bytes(b"x")
    shelf = open_shelf(source_of(str(tmp_path / "place")))
    assert isinstance(shelf, LocalStorage)

    for key in ("a", "b/c"):
        with pytest.raises(AccessDenied, match="cannot be written"):
            shelf.put(key, tmp_path / "file")
    with pytest.raises(ConfigError, match="leads out of where it begins"):
        shelf.put("../out", tmp_path / "file")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "place"]


def test_a_server_takes_no_files() -> None:
    with pytest.raises(ConfigError, match="a folder, s3://, azure:// and gs:// only"):
        open_shelf(source_of("sftp://loader@files.example.com/out"))
