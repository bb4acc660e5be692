"""Whatever drops hold: the schema inferred from them is sound, and they fit it without a rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.config import Config
from firehose_loader.model import Drop
from firehose_loader.review.infer import infer
from firehose_loader.review.trial import tried
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.gather import gather
from firehose_loader.schema.writing import write_document

NAMES = ("score", "Shop Name", "is_gift", "order-no", "placed.on", "rowid", "list", "été")
TEXTS = st.one_of(
    st.sampled_from(
        ["7", "007", "-1.5", "1e3", "true", "no", "0", "1", "2026-01-05", "x", "a b", "{", "[1]"]
    ),
    st.sampled_from(["2026-01-05T10:00:00Z", "1767607200", "99999999999999999999", '{"a": 1}']),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
)
VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.integers(), max_size=2),
)
ROWS = st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES), min_size=1, max_size=6)


def ready(path: Path, rules: dict[str, str]) -> ReadyDrop:
    drop = Drop(
        source="s",
        key=path.name,
        size_bytes=path.stat().st_size,
        modified=datetime(2026, 1, 1, tzinfo=UTC),
        version="1",
    )
    return ReadyDrop(drop=drop, path=path, rules=rules, confirm=lambda: None)


@given(rows=ROWS)
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_drops_fit_the_schema_that_was_inferred_from_them(rows: list[dict[str, object]]) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / "drop.json"
        numbered = [{"eventId": str(number), **row} for number, row in enumerate(rows)]
        path.write_text("".join(f"{json.dumps(row)}\n" for row in numbered), "utf-8")
        config = Config.model_validate(
            {"warehouse": {"url": "duckdb://:memory:"}, "spool": folder, "threads": 1}
        )
        gathered = gather()
        catalog = Catalog(gathered.schemas.values())

        (proposal,) = infer([ready(path, {})], gathered, catalog, config, event_type="shop.order")
        assert proposal.document is not None
        write_document(folder / "mine", proposal.document, overwrite=False)

        assert gather(folder / "mine").findings == []
        mine = load_catalog(folder / "mine")
        with tried([ready(path, {"**": "shop.order"})], mine, config) as trial:
            kept = trial.ask("review_rescued", "shop_order", {}, more_samples="")
            assert trial.rows.inserted == len(rows)
            assert trial.additions == []
            assert kept == []
