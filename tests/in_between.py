"""A run of two batches, and what happens between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from firehose_loader.normalise import Normaliser
from tests.command import events
from tests.past import opens


def two_batches(folder: Path) -> Path:
    """Make two drops, each of which is a batch, and their configuration; return the folder."""
    (folder / "drops").mkdir()
    configure(folder)
    (folder / "drops" / "1.csv").write_text(opens("1:x"))
    (folder / "drops" / "2.csv").write_text(opens("2:x"))
    return folder


def configure(home: Path, *, source: str = "s", **warehouse: object) -> None:
    told = "".join(
        f"{key} = {value}\n" for key, value in {"lock_timeout": 0.2, **warehouse}.items()
    )
    (home / "firehose.toml").write_text(
        f'[warehouse]\nurl = "events.duckdb"\n{told}'
        f'[[source]]\nname = "{source}"\nurl = "drops"\nbatch_files = 1\n'
    )


def event_ids(home: Path) -> list[str]:
    return [row["event_id"] for row in events(home / "events.duckdb")["email_open"]]


@contextmanager
def before_reading(step: Callable[[int], None]) -> Iterator[None]:
    """Have something happen when the loader is about to read a batch, which is told its number."""
    read, batches = Normaliser.read, iter(range(1, 100))

    def reading(self: Normaliser, *words: object, **options: object) -> object:
        step(next(batches))
        return read(self, *words, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Normaliser, "read", reading)
        yield
