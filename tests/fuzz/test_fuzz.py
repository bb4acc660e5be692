"""Whatever is given, each reader takes it or refuses it in words; nothing else is ever raised."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firehose_loader import service
from firehose_loader.config import Config, load_config, source_of
from firehose_loader.errors import (
    ConfigError,
    DropTooLarge,
    DropUnreadable,
    FirehoseError,
    SchemaError,
)
from firehose_loader.formats import locate
from firehose_loader.schema.catalog import load_catalog
from tests.formats.outcomes import outcome
from tests.fuzz.mutations import broken, often, packed, seeds

MANY = 12
"""So many drops make a batch."""


def check_parser(data: bytes) -> None:
    """What a drop is told, saved and refused, and where: numbers without gaps, places within."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with suppress(DropTooLarge, DropUnreadable):
            found = outcome(folder, data, max_row_bytes=5000)
            rows = sorted([*found.rows, *(one.row or 0 for one in found.rejections)])
            places = locate(folder / "drop", found.content, rows, max_row_bytes=5000)
            assert all(one.reason and one.message for one in found.rejections)
            # What breaks off at the very end may be a rejection without text, which has no place.
            assert set(rows[:-1]) <= places.keys()


def check_load(drops: list[bytes]) -> None:
    """A batch is loaded or set aside, all of it, and the counts of each drop are balanced."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "drops").mkdir()
        for number, data in enumerate(drops):
            (folder / "drops" / f"{number}.txt").write_bytes(data)
        summary = service.run(_config(folder), lambda _: None)

        assert not summary.drops["failed"], summary.errors
        assert summary.drops["loaded"] + summary.drops["quarantined"] == len(drops)
        rows = summary.rows
        assert rows.parsed == rows.inserted + rows.updated + rows.duplicate + rows.quarantined


def check_schema(data: bytes) -> None:
    """An event schema is taken or refused, and the refusal names the file."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "shop.order"
        folder.mkdir()
        (folder / "1-0-0.json").write_bytes(data)
        assert "1-0-0.json" in _refusal(SchemaError, lambda: load_catalog(Path(name)))


def check_config(data: bytes) -> None:
    """A configuration is taken or refused, and the refusal does not tell what a secret is."""
    with TemporaryDirectory() as name:
        path = Path(name) / "firehose.toml"
        path.write_bytes(data)
        environ = {"SECRET": "s3cret-marked"}
        told = _refusal(ConfigError, lambda: load_config(path, environ=environ))
        assert told
        assert "s3cret-marked" not in told


def check_url(data: bytes) -> None:
    """The URL of a source or of a warehouse is taken or refused, its password never told."""
    url = data.decode("utf-8", "surrogateescape")
    with suppress(ConfigError):
        source_of(url)
    with suppress(ConfigError):
        load_config(None, environ={}, sources=("drops",), into=url)


def _refusal(kind: type[FirehoseError], reading: Callable[[], object]) -> str:
    """Return how something is refused; the name of the file where it is taken."""
    try:
        reading()
    except kind as error:
        return str(error)
    return "1-0-0.json"


def _config(folder: Path) -> Config:
    return Config.model_validate(
        {
            "warehouse": {"url": str(folder / "e.duckdb")},
            "spool": str(folder),
            "source": [{"name": "s", "url": str(folder / "drops")}],
            "max_row_bytes": 5000,
            "max_file_bytes": 2**20,
            "threads": 1,
        }
    )


@often(share=1, few=60)
@given(data=packed(broken("drops")))
def test_the_parser_takes_or_refuses_any_bytes(data: bytes) -> None:
    check_parser(data)


@often(share=0.02, few=3)
@given(drops=st.lists(packed(broken("drops")), min_size=MANY, max_size=MANY))
def test_any_batch_is_loaded_or_set_aside_with_balanced_counts(drops: list[bytes]) -> None:
    check_load(drops)


@often(share=0.2, few=25)
@given(data=broken("schemas"))
def test_any_schema_file_is_taken_or_refused(data: bytes) -> None:
    check_schema(data)


@often(share=0.5, few=60)
@given(data=broken("configs"))
def test_any_configuration_is_taken_or_refused(data: bytes) -> None:
    check_config(data)


@often(share=0.5, few=100)
@given(data=broken("urls"))
def test_any_url_is_taken_or_refused(data: bytes) -> None:
    check_url(data)


CHECKS: dict[str, Callable[[bytes], None]] = {
    "drops": check_parser,
    "schemas": check_schema,
    "configs": check_config,
    "urls": check_url,
}


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, path) for kind in CHECKS for path in seeds(kind)],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_the_corpus_itself(kind: str, path: Path) -> None:
    CHECKS[kind](path.read_bytes())


def test_the_corpus_of_drops_in_one_batch() -> None:
    check_load([path.read_bytes() for path in seeds("drops")])
