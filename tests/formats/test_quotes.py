"""Which CSV drops the engine's reader cannot be trusted with."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from firehose_loader.formats import quotes_pair, recognise
from tests.formats.outcomes import MAX_BYTES


@pytest.mark.parametrize(
    ("data", "trusted"),
    [
        (b"a,b\n1,2\n", True),
        (b'a,b\n1,"2"\n', True),
        (b'"a","b"\r\n"1","2"', True),
        (b'\xef\xbb\xbf"a";"b"\n"1";"2""\n"";""";""\n', True),
        (b'\xef\xbb\xbf"a";"b"\n"1";"2""\n"\n"";";"\n', True),
        (b'a,b\n1,"x\n', False),
        (b'a,b\n1,"x\n2,y"\n', True),
        (b'a,b\n1,x"y\n', False),
        (b'a,b\n1,x"y\n2,"x\n3,x\n', False),
        (b'a,b\n1,"x"y\n2,"x"\n', False),
        (b'a,b\n1,x"y"z\n2,x\n', False),
        (b'a,b\n1,"x\n"\n2,y"\n3,"x\n3,x\n', False),
    ],
)
def test_a_quote_that_belongs_to_no_quoted_cell_is_noticed(
    data: bytes,
    *,
    trusted: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "drop"
    for packed in (data, gzip.compress(data)):
        path.write_bytes(packed)
        content = recognise(path, max_bytes=MAX_BYTES)

        for block_bytes in (1, 2, 5, 1000):
            with monkeypatch.context() as patch:
                patch.setattr("firehose_loader.formats.unpack._BLOCK_BYTES", block_bytes)
                patch.setattr("firehose_loader.formats.unpack.HEAD_BYTES", 10)

                assert quotes_pair(path, content) is trusted


def test_a_drop_that_cannot_be_unpacked_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(gzip.compress(b'a,b\n1,"2"\n')[:-4])

    assert not quotes_pair(path, recognise(path, max_bytes=MAX_BYTES))


def test_a_huge_cell_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "drop"
    path.write_bytes(b'a,b\n1,"%b"\n' % (b"x\n" * 3_000_000))

    assert not quotes_pair(path, recognise(path, max_bytes=MAX_BYTES))
