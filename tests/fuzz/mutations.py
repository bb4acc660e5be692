"""The corpus, and texts that are made of it by breaking it in a few places."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
"""How many to try of each kind; 0 is for the suite, which has few seconds."""

TOKENS = [
    *(b'"', b"'", b"''", b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\0", b"\\"),
    *(b"{", b"}", b"[", b"]", b":", b"{}", b"[]", b"[[", b"}}", b"null", b"true", b"NaN", b"-inf"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\ud800"),
    *(b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06", b"\x28\xb5\x2f\xfd", b"Obj\x01", b"%PDF", b"\\N"),
    *(b"1e999", b"-0", b"9" * 40, b"0x1f", b"1970-01-01T00:00:00Z", b"99999-13-45"),
    *(
        b"=cmd()",
        b"{{ table }}",
        b":name",
        b"$1",
        b"%s",
        b"--",
        b"/*",
        b"\x1b[2J",
        b"'; DROP TABLE",
    ),
    *(b"_drop_id", b"_row", b"eventId", b"Event_ID", b"eventType", b"select", b"../../x"),
    *(b"${file:/x}", b"${env:X}", b"#", b"[[source]]", b"://", b"@", b"%2F", b"?", b"*"),
    *(b"\xf0\x9f\x98\x80", b"\xe2\x80\xa8", b"'; DROP TABLE"),
]
Edit: TypeAlias = tuple[float, int, bytes, int]
"""A place, as a share of the text; how many bytes go; what comes, and how often."""


def seeds(kind: str) -> list[Path]:
    """Return the files of one kind."""
    return sorted((CORPUS / kind).iterdir())


def often(*, share: float, few: int) -> settings:
    """Return how often a fuzzer tries: of a long run its share, else a few times."""
    return settings(
        max_examples=max(1, int(EXAMPLES * share)) if EXAMPLES else few,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


_pieces = st.one_of(
    st.sampled_from(TOKENS),
    st.binary(max_size=6),
    st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
_edits = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from([0, 0, 0, 1, 2, 5, 40]),
        _pieces,
        st.sampled_from([1, 1, 1, 1, 2, 50, 3000]),
    ),
    max_size=6,
)


def broken(kind: str) -> st.SearchStrategy[bytes]:
    """Return a strategy of texts of one kind: a seed, spliced with another or not, then edited."""
    texts = st.sampled_from([path.read_bytes() for path in seeds(kind)])
    spliced = st.tuples(texts, texts, st.floats(0, 1), st.floats(0, 1)).map(_spliced)
    return st.tuples(st.one_of(texts, spliced), _edits).map(_edited)


def packed(texts: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return the same texts, some of them packed, and of these some edited after that."""
    tight = st.tuples(texts.map(lambda text: gzip.compress(text, 1)), _edits).map(_edited)
    return st.one_of(texts, texts, texts, tight)


def _spliced(parts: tuple[bytes, bytes, float, float]) -> bytes:
    one, other, end, start = parts
    return one[: int(end * len(one))] + other[int(start * len(other)) :]


def _edited(parts: tuple[bytes, list[Edit]]) -> bytes:
    text, edits = parts
    for place, gone, piece, times in edits:
        at = int(place * len(text))
        text = text[:at] + piece * times + text[at + gone :]
    return text
