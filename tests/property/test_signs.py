"""A text that shows no sign of personal data has none: nothing is looked at but for a sign."""

from __future__ import annotations

from contextlib import closing

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firehose_loader.engine import Engine
from firehose_loader.normalise.masks import Masks
from firehose_loader.privacy import PiiClass, Policies, Policy

alphabet = st.sampled_from([*"0123456789+()-./ @<>ab:\n", "%2B", "%40", ".org", "00"])
texts = st.lists(alphabet, max_size=24).map("".join)


@pytest.mark.parametrize("pii", [PiiClass.EMAIL, PiiClass.PHONE])
def test_what_looks_like_personal_data_is_never_passed_over(pii: PiiClass) -> None:
    masks = Masks(Policies(by_class={pii: Policy.DROP}))
    looked_at = masks.by_looks("t.text")
    _, _, ways = looked_at.partition(") THEN t.text")
    with closing(duckdb.connect()) as connection:
        Engine(connection).define(looked_at)

        @settings(max_examples=60, deadline=None)
        @example([" 0 123456789", "0 20 7946 0958", "(0)20 7946 0958", "x %2B44 20 7946 0958"])
        @example(["a@example.org", "see a%40example.org", "<a@b.org>", "0044 20 7946 0958 1"])
        @given(st.lists(texts, max_size=40))
        def agree(several: list[str]) -> None:
            found = connection.execute(
                f"SELECT text, {looked_at}, CASE {ways} FROM unnest($1::VARCHAR[]) AS t (text)",
                [several],
            ).fetchall()
            assert [(text, short) for text, short, _ in found] == [
                (text, long) for text, _, long in found
            ]

        agree()
