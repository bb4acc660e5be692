"""Measure the loader: ``python -m tests.benchmarks [--long] [--only NAME ...]``.

Ratios of runs that follow each other, and CPU seconds, are the figures to use: a wall time alone
tells as much of what else the machine did.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import duckdb

from tests.benchmarks import far, growing, peers
from tests.benchmarks.measure import Contender, Result, compared
from tests.benchmarks.workloads import TYPES, Truth, Workload, written

W1 = Workload(name="W1", files=2000, rows=500)
W1_SMALL = Workload(name="W1s", files=200, rows=500)
W2 = Workload(name="W2", files=20, rows=500_000, seed=2)
W2_SMALL = Workload(name="W2s", files=4, rows=500_000, seed=2)
KINDS = ("csv", "ndjson", "json", "csv.gz", "ndjson.gz")
_LOADER = Path(sys.executable).with_name("firehose-loader")
_CONTENDERS = Path(__file__).parent / "contenders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What is run in turn."""

    name: str
    bound: str
    runs: int
    contenders: Callable[[], Sequence[Contender]]


class Bench:
    """All series, with the folder in which they work."""

    def __init__(self, folder: Path, runs: int) -> None:
        self._data = folder / "data"
        self._work = folder / "work"
        self._peers = folder / "peers"
        self._runs = runs
        self._data.mkdir(parents=True, exist_ok=True)
        self._work.mkdir(exist_ok=True)
        self.log = self._work / "last.log"
        self._open = ExitStack()

    def close(self) -> None:
        """End the servers that series needed."""
        self._open.close()

    def series(self, *, long: bool) -> Iterator[Series]:
        """Yield what there is to measure."""
        yield self._series("start", "wall 0.3 s", lambda: [self._help()])
        for kind, bound in zip(KINDS, ("1.5, cpu 1.6", "1.6", "1.8", "1.8", "1.8"), strict=True):
            yield self._series(f"W1 {kind}", f"wall {bound}", partial(self._pair, W1, kind))
        yield self._series("W1 known", "wall 1 s", lambda: [self._known()])
        big = W2 if long else W2_SMALL
        for kind in ("csv", "ndjson"):
            yield self._series(
                f"{big.name} {kind}", "cpu 1.5, 2 GiB", partial(self._pair, big, kind), runs=1
            )
            yield self._series(
                f"{big.name} {kind}, 1 GB",
                "1 GiB; wall 1.15",
                partial(self._limited, big, kind),
                runs=1,
            )
        yield self._series(
            "W1 csv, staged", "wall 1.6", lambda: [self._raw_parquet(), self._staged()]
        )
        runs = self._runs if long else 1
        yield self._series("W1 csv, S3", "wall 1.3 x the slower of the others", self._from_s3, runs)
        sizes = (1_000_000, 10_000_000, 50_000_000) if long else (1_000_000, 5_000_000)
        yield self._series(
            "W3", "wall 4 x that at 1M, 1.5 s, 1.5 GiB", partial(self._growing, sizes)
        )
        yield self._series("W3, of any age", "", partial(self._growing, sizes, scattered=True))
        for workload, kind in ((W1, "csv"), (W1_SMALL, "ndjson"), (W2_SMALL, "csv")):
            if long or workload is not W1:
                yield self._series(
                    f"{workload.name} {kind}, peers",
                    "dlt 20 own, 5 pyarrow" if workload is W1 else "dlt 25" * (kind != "csv"),
                    partial(self._against_peers, workload, kind),
                    runs=runs,
                )

    def _series(
        self,
        name: str,
        bound: str,
        contenders: Callable[[], Sequence[Contender]],
        runs: int | None = None,
    ) -> Series:
        return Series(name=name, bound=bound, runs=runs or self._runs, contenders=contenders)

    def _pair(self, workload: Workload, kind: str) -> list[Contender]:
        return [self._raw(workload, kind), self._loader("loader", workload, kind)]

    def _limited(self, workload: Workload, kind: str) -> list[Contender]:
        limit = {"FIREHOSE_MEMORY_LIMIT": "1GB"}
        return [
            self._loader("loader", workload, kind),
            self._loader("loader, 1 GB", workload, kind, limit),
        ]

    def _raw(self, workload: Workload, kind: str) -> Contender:
        truth = written(workload, kind, self._data)
        database = self._work / "raw.duckdb"
        folder = self._data / f"{workload.name}-{kind}"
        script: list[str | Path] = [sys.executable, "-m", "tests.benchmarks.contenders.raw"]
        return self._contender(
            "raw DuckDB",
            [*script, folder, kind, database],
            lambda: _wrong(database, "events", "eventId", (truth.rows, truth.distinct)),
        )

    def _loader(
        self, name: str, workload: Workload, kind: str, environ: Mapping[str, str] | None = None
    ) -> Contender:
        truth = written(workload, kind, self._data)
        database = self._work / "loader.duckdb"
        folder = self._data / f"{workload.name}-{kind}"
        return self._contender(
            name,
            [_LOADER, "run", folder, "--into", database],
            lambda: _wrong_events(database, truth),
            environ=environ,
        )

    def _raw_parquet(self) -> Contender:
        truth = written(W1, "csv", self._data)
        return self._parquet("raw DuckDB", "raw_parquet", "*.parquet", truth.rows)

    def _staged(self) -> Contender:
        truth = written(W1, "csv", self._data)
        return self._parquet("loader, up to the PUT", "staged", "rows_*.parquet", truth.rows)

    def _parquet(self, name: str, script: str, files: str, rows: int) -> Contender:
        folder, out = self._data / "W1-csv", self._work / "parquet"
        module = f"tests.benchmarks.contenders.{script}"
        return self._contender(
            name,
            [sys.executable, "-m", module, folder, out],
            lambda: _wrong_files(out / files, rows),
        )

    def _from_s3(self) -> list[Contender]:
        """Return the download alone, the load alone, and both; the bucket stays until ``close``."""
        truth = written(W1, "csv", self._data)
        config, database = self._work / "s3.toml", self._work / "loader.duckdb"
        self._open.enter_context(far.bucket(self._data / "W1-csv", config, database))
        script: list[str | Path] = [sys.executable, "-m", "tests.benchmarks.contenders.download"]
        return [
            self._loader("loader, from a folder", W1, "csv"),
            self._contender("download alone", [*script, config], str),
            self._contender(
                "loader, from S3",
                [_LOADER, "run", "-c", config],
                lambda: _wrong_events(database, truth),
            ),
        ]

    def _help(self) -> Contender:
        return self._contender("--help", [_LOADER, "--help"], str)

    def _known(self) -> Contender:
        truth = written(W1, "csv", self._data)
        first = self._loader("loader", W1, "csv")
        first.before()
        compared([first], runs=1, log=self.log)
        database = self._work / "loader.duckdb"
        return self._contender(
            "2,000 known drops",
            first.command,
            lambda: _wrong_events(database, truth),
            before=lambda: None,
        )

    def _growing(self, sizes: Sequence[int], *, scattered: bool = False) -> list[Contender]:
        return [self._grown(rows, scattered=scattered) for rows in sizes]

    def _grown(self, rows: int, *, scattered: bool) -> Contender:
        database = self._data / f"W3-{rows}.duckdb"
        folder = self._work / f"W3-{rows}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        command: list[str | Path] = [_LOADER, "run", folder, "--into", database, "--json"]
        if not database.exists():
            growing.write_batch(folder / "0.csv", table_rows=rows, number=0, scattered=scattered)
            compared([self._contender("", command, str, before=lambda: None)], runs=1, log=self.log)
            growing.fill(database, rows)
        return self._contender(
            f"{rows:,} rows",
            command,
            self._wrong_batch,
            before=lambda: self._next_batch(database, folder, rows, scattered=scattered),
        )

    def _next_batch(self, database: Path, folder: Path, rows: int, *, scattered: bool) -> None:
        with duckdb.connect(str(database), read_only=True) as connection:
            (number,) = connection.execute(
                "SELECT count(*) FROM dotdigital._firehose_drops"
            ).fetchall()[0]
        for path in folder.iterdir():
            path.unlink()
        path = folder / f"{number}.csv"
        growing.write_batch(path, table_rows=rows, number=number, scattered=scattered)

    def _wrong_batch(self) -> str:
        rows = json.loads(self.log.read_text("utf-8"))["rows"]
        found = (rows["inserted"], rows["identical"])
        wanted = (growing.BATCH_ROWS - growing.OLD_ROWS, growing.OLD_ROWS)
        return "" if found == wanted else f"{found} inserted and identical, {wanted} expected"

    def _against_peers(self, workload: Workload, kind: str) -> list[Contender]:
        contenders = [self._loader("loader", workload, kind)]
        truth = written(workload, kind, self._data)
        folder = self._data / f"{workload.name}-{kind}"
        if programs := peers.installed(self._peers / "dlt", peers.PINS):
            readers = ("own", "pyarrow") if kind == "csv" else ("jsonl",)
            contenders += [self._dlt(programs, folder, reader, truth) for reader in readers]
        sling = peers.installed(self._peers / "sling", peers.SLING) if kind == "csv" else None
        if sling:
            contenders.append(self._sling(sling, folder, truth))
        return contenders

    def _dlt(self, programs: Path, folder: Path, reader: str, truth: Truth) -> Contender:
        database = self._work / "dlt.duckdb"
        words: list[str | Path] = [folder, reader, database, self._work / "dlt"]
        return self._contender(
            f"dlt, {reader} reader",
            [programs / "python", _CONTENDERS / "with_dlt.py", *words],
            lambda: _wrong(database, "d.events", "event_id", (truth.distinct, truth.distinct)),
        )

    def _sling(self, programs: Path, folder: Path, truth: Truth) -> Contender:
        database = self._work / "sling.duckdb"
        target = f"duckdb://{database}?copy_method=csv_files"  # else it asks the network for httpfs
        options = ["--tgt-conn", target, "--tgt-object", "main.events"]
        options += ["--mode", "incremental", "--primary-key", "eventId"]
        return self._contender(
            "sling",
            [programs / "sling", "run", "--src-stream", f"file://{folder}", *options],
            lambda: _wrong(database, "events", "eventId", (truth.distinct, truth.distinct)),
            environ=peers.sling_environ(programs),
        )

    def _contender(
        self,
        name: str,
        command: Sequence[str | Path],
        check: Callable[[], str],
        *,
        environ: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Contender:
        return Contender(
            name=name,
            command=[os.fspath(word) for word in command],
            check=check,
            environ=environ or {},
            before=before or self._empty,
        )

    def _empty(self) -> None:
        """Remove what the last program made."""
        for path in self._work.iterdir():
            if path.is_dir() and path.name in {"dlt", "parquet"}:
                shutil.rmtree(path)
            elif path.suffix in {".duckdb", ".wal"}:
                path.unlink()


def _wrong(database: Path, table: str, key: str, wanted: tuple[int, int]) -> str:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(f'SELECT count(*), count(DISTINCT "{key}") FROM {table}')
        rows, distinct = found.fetchall()[0]
    if (rows, distinct) == wanted:
        return ""
    return f"{rows} rows with {distinct} ids; {wanted[0]} with {wanted[1]} expected"


def _wrong_files(files: Path, wanted: int) -> str:
    with duckdb.connect() as connection:
        ((rows,),) = connection.execute(
            "SELECT count(*) FROM read_parquet($files)", {"files": str(files)}
        ).fetchall()
    return "" if rows == wanted else f"{rows} rows; {wanted} expected"


def _wrong_events(database: Path, truth: Truth) -> str:
    tables = " UNION ALL ".join(f"SELECT _key FROM dotdigital.{table}" for table in TYPES.values())
    with duckdb.connect(str(database), read_only=True) as connection:
        ((rows, distinct),) = connection.execute(
            f"SELECT count(*), count(DISTINCT _key) FROM ({tables})"
        ).fetchall()
        ((held,),) = connection.execute(
            "SELECT count(*) FROM dotdigital._firehose_quarantine"
        ).fetchall()
    if (rows, distinct, held) == (truth.distinct, truth.distinct, 0):
        return ""
    return f"{rows} rows, {distinct} keys, {held} quarantined; {truth.distinct} expected"


def _machine() -> dict[str, object]:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text("utf-8").splitlines() if "model name" in line]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "load_at_start": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("firehose-loader", "duckdb")},
    }


def _line(series: Series, one: Result) -> str:
    ratio = f"{one.wall_ratio:.2f} | {one.cpu_ratio:.2f}"
    figures = f"{one.wall:.2f} | {one.cpu:.2f} | {one.peak_mib:.0f} | {ratio} | {one.runs}"
    return f"| {series.name} | {one.name} | {figures} | {series.bound} | {one.wrong or 'right'} |"


def main() -> int:
    """Run what was asked for, print a table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="all of it; takes an hour")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of names of series")
    parser.add_argument("--folder", type=Path, default=Path("bench"))
    words = parser.parse_args()
    bench = Bench(words.folder.absolute(), words.runs)
    document: dict[str, object] = {"at": datetime.now(UTC).isoformat(), "machine": _machine()}
    results: dict[str, object] = {}
    print(json.dumps(document))
    print("| work | program | wall s | cpu s | peak MiB | wall x | cpu x | runs | bound | result |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    wrong = False
    for series in bench.series(long=words.long):
        if words.only and not any(series.name.startswith(name) for name in words.only):
            continue
        with closing(bench):
            found = compared(series.contenders(), runs=series.runs, log=bench.log)
        for one in found:
            print(_line(series, one), flush=True)
        wrong = wrong or any(one.wrong for one in found if one.name.startswith("loader"))
        results[series.name] = {"bound": series.bound, "results": [asdict(one) for one in found]}
        (words.folder / "results.json").write_text(
            json.dumps({**document, "series": results}, indent=1), "utf-8"
        )
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
