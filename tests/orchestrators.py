"""Run an example of docs/python.md in the framework itself: ``make orchestrators``.

python -m tests.orchestrators dagster
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.checkout import ROOT
from tests.fenced import blocks

CONFIG = (
    '[warehouse]\nurl = "duckdb:///{}/events.duckdb"\n[[source]]\nname = "box"\nurl = "./drops"\n'
)


def _airflow(names: dict[str, Any]) -> bool:
    Path("dags").mkdir()
    shutil.copy("example.py", "dags")
    name = names["events"].dag_id
    for words in (["db", "migrate"], ["dags", "reserialize"], ["dags", "test", name]):
        subprocess.run([sys.executable, "-m", "airflow", *words], check=True)
    return True  # else the last command had failed


def _dagster(names: dict[str, Any]) -> bool:
    import dagster

    return bool(dagster.materialize([names["events"]]).success)


def _prefect(names: dict[str, Any]) -> bool:
    return bool(names["events"]() == 1)


RUNS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "airflow": _airflow,
    "dagster": _dagster,
    "prefect": _prefect,
}


def main() -> None:
    """Run the example of the framework that is named."""
    (name,) = sys.argv[1:]
    (example,) = [
        block
        for heading, block in blocks(ROOT / "docs" / "python.md", "python")
        if heading.lower() == name
    ]
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            **dict.fromkeys(("AIRFLOW_HOME", "DAGSTER_HOME", "PREFECT_HOME"), folder),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        }
        os.chdir(folder)
        Path("drops").mkdir()
        Path("drops/opens.csv").write_text(
            "eventId,eventType,eventDate\n1,email.open,2026-01-05T10:00:00Z\n"
        )
        Path("firehose.toml").write_text(CONFIG.format(folder))
        file = Path("example.py")  # the frameworks look at where a task is written
        file.write_text(example)
        names: dict[str, Any] = {"__name__": "example"}
        exec(compile(example, str(file.resolve()), "exec"), names)  # noqa: S102 - our own page
        if not RUNS[name](names):
            raise SystemExit(f"{name}: the example did not succeed")

        import firehose_loader

        (event,) = firehose_loader.open(config="firehose.toml").status().events
        if event.rows != 1:
            raise SystemExit(f"{name}: {event.rows} rows were loaded, not 1")
    sys.stdout.write(f"{name}: the example loaded 1 row\n")


if __name__ == "__main__":
    main()
