"""S3 knows no move: what is left of one that was cut off, and who may do it."""

from __future__ import annotations

import pytest

from firehose_loader.errors import AccessDenied
from tests.rigs import moto
from tests.rigs.s3 import PART_BYTES, S3Rig


def test_a_move_that_was_cut_off_behind_the_copy_is_finished(s3_rig: S3Rig) -> None:
    s3_rig.put("in/a", b"content")
    (drop,) = s3_rig.storage.list_drops()
    s3_rig.put("done/a", b"content")

    s3_rig.tidier.move(drop, "done/a")

    assert [drop.key for drop in s3_rig.storage.list_drops()] == ["done/a"]


def test_a_drop_that_came_in_parts_is_moved_though_its_etag_changes(s3_rig: S3Rig) -> None:
    content = b"x" * PART_BYTES + b"end"
    s3_rig.put_in_parts("in/a", [content[:PART_BYTES], b"end"])
    (drop,) = s3_rig.storage.list_drops()
    s3_rig.put("done/a", content)  # the copy that is in one piece

    s3_rig.tidier.move(drop, "done/a")
    s3_rig.tidier.move(drop, "done/a")

    (moved,) = s3_rig.storage.list_drops()
    assert moved.key == "done/a"
    with s3_rig.storage.open(moved) as file:
        assert file.read() == content


def test_a_drop_can_be_moved_to_anywhere_in_its_bucket(s3_rig: S3Rig) -> None:
    s3_rig.put("in/a", b"content")
    (drop,) = s3_rig.storage.list_drops()

    s3_rig.tidier.move(drop, "/elsewhere/a")

    assert list(s3_rig.storage.list_drops()) == []
    answer = s3_rig.server.client.get_object(Bucket=s3_rig.bucket, Key="elsewhere/a")
    assert answer["Body"].read() == b"content"


@pytest.mark.parametrize("s3_server", [moto.NAME], indirect=True)  # the one that knows of rights
def test_those_who_may_only_read_are_told_what_it_takes(s3_rig: S3Rig) -> None:
    s3_rig.put("in/a", b"content")
    (drop,) = s3_rig.storage.list_drops()

    with pytest.raises(AccessDenied, match="s3:PutObject"):
        s3_rig.storage.move(drop, "done/a")
    with pytest.raises(AccessDenied, match="s3:DeleteObject"):
        s3_rig.storage.remove(drop)

    assert [drop.key for drop in s3_rig.storage.list_drops()] == ["in/a"]
