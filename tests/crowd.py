"""Many loaders at once on one source, some of them killed: each drop is loaded once.

python -m tests.crowd SECONDS
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.command import ask, clean_environ, select
from tests.past import opens
from tests.rigs.snowflake import SnowflakeAccount, started
from tests.snowflake_place import DROPS, Place

EXPECTED = {0, 5, -9}
"""Loaded, told that another one is at it, killed."""


def crowd(
    home: Path,
    *,
    loaders: int,
    seconds: float,
    seed: int = 1,
    settle: Callable[[], None] = lambda: None,
) -> Counter[int]:
    """Have so many loaders run again and again while drops come and loaders are killed.

    ``home`` has the configuration, and the folder ``in`` that it reads. Returns how often loaders
    ended with each code, and has all that was delivered be loaded in the end. ``settle`` brings on
    what a warehouse does by itself, in time, about what killed loaders left.
    """
    chance, codes, number = random.Random(seed), Counter[int](), 0  # noqa: S311 - no secret
    running: list[subprocess.Popen[bytes]] = []
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        number += 1
        (home / "in" / f"crowd-{number}.csv").write_text(opens(f"crowd-{number}:x"))
        running += [_begun(home) for _ in range(loaders - len(running))]
        time.sleep(chance.uniform(0.2, 0.8))
        if chance.random() < 0.5:
            chance.choice(running).kill()
        for loader in [one for one in running if one.poll() is not None]:
            running.remove(loader)
            codes[_ended(loader)] += 1
    for loader in running:
        codes[_ended(loader)] += 1
    settle()
    last = ask("run", "--json", cwd=home)
    assert last.code == 0, last.err
    return codes


def delivered(home: Path) -> list[str]:
    """Return the ids of all events that were delivered, each once."""
    return sorted(path.stem for path in (home / "in").glob("crowd-*.csv"))


def _begun(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "firehose_loader", "run"],
        cwd=home,
        env=clean_environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _ended(loader: subprocess.Popen[bytes]) -> int:
    """Return how a loader ended; one that waits for ever is an error."""
    return loader.wait(120)


def on_duckdb(home: Path, *, loaders: int, seconds: float) -> Counter[int]:
    """Do it with a file; raises AssertionError where an event is missing or there twice."""
    (home / "in").mkdir()
    (home / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\nlock_timeout = 2\n[[source]]\nname = "s"\nurl = "in"\n'
    )
    codes = crowd(home, loaders=loaders, seconds=seconds)
    rows = select(home / "events.duckdb", "SELECT event_id FROM dotdigital.email_open ORDER BY 1")
    assert [row["event_id"] for row in rows] == delivered(home)
    assert set(codes) <= EXPECTED, codes
    return codes


def on_snowflake(home: Path, *, loaders: int, seconds: float) -> Counter[int]:
    """Do the same with Snowflake's double."""
    with started(home) as server, closing(SnowflakeAccount(server)) as account:
        place = Place(account, home)
        place.configure(lock_timeout=2)
        for name in DROPS:
            (home / "in" / name).unlink()
        # A transaction whose loader is killed holds its locks until the session is ended.
        codes = crowd(home, loaders=loaders, seconds=seconds, settle=account.end_sessions)
        assert place.events() == delivered(home)
    assert set(codes) <= EXPECTED, codes
    return codes


def main(seconds: float) -> None:
    """Tell what came of it, a line for each kind of warehouse and number of loaders."""
    for kind, attack in (("DuckDB", on_duckdb), ("Snowflake's double", on_snowflake)):
        for loaders in (2, 5):
            with TemporaryDirectory() as folder:
                codes = attack(Path(folder), loaders=loaders, seconds=seconds)
                drops = len(delivered(Path(folder)))
            told = ", ".join(f"{count} ended with {code}" for code, count in sorted(codes.items()))
            print(f"{kind}: {loaders} loaders, {drops} drops, each loaded once; {told}")  # noqa: T201 - the answer


if __name__ == "__main__":
    main(float(sys.argv[1]))
