"""The demonstration behind ``make demo``: make drops, load them, load them again, ask questions.

Every command is shown before it runs; each works the same when typed. The folder ``demo`` and the
file ``demo.duckdb`` are made anew in the working directory.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

DROPS = Path("demo") / "drops"
TARGET = Path("demo.duckdb")

SAMPLE = (
    f"sample {DROPS} --events 20000 --drops 40 --seed 7"
    " --duplicates 0.03 --bad 0.01 --drift --late 0.05"
)
LOAD = f"run {DROPS} --into {TARGET}"

QUESTIONS = {
    "What came in?": """
        SELECT event_type, count(*) AS events, min(event_date) AS first, max(event_date) AS last
        FROM dotdigital.events
        GROUP BY ALL
        ORDER BY events DESC, event_type
        LIMIT 10
    """,
    "Which campaigns are opened and clicked most?": """
        SELECT
            campaign_name,
            count(*) FILTER (event_type = 'email.send') AS sent,
            count(*) FILTER (event_type = 'email.open') AS opened,
            count(*) FILTER (event_type = 'email.click') AS clicked
        FROM dotdigital.events
        WHERE event_type LIKE 'email.%' AND campaign_name IS NOT NULL
        GROUP BY ALL
        ORDER BY opened DESC, campaign_name
        LIMIT 5
    """,
    "Which rows could not be loaded, and why?": """
        SELECT reason, count(*) AS rows, any_value(left(raw, 40)) AS example
        FROM dotdigital._firehose_quarantine
        GROUP BY ALL
        ORDER BY rows DESC, reason
    """,
}


def main() -> None:
    """Run the demonstration in the working directory."""
    shutil.rmtree(DROPS, ignore_errors=True)
    TARGET.unlink(missing_ok=True)

    say("1. Drops as the firehose might deliver them: mixed formats, some rows twice, some broken")
    loader(SAMPLE)
    say("2. Load them")
    loader(LOAD)
    say("3. Load them again: nothing changes")
    loader(LOAD)
    say("4. Ask")
    for question, sql in QUESTIONS.items():
        ask(question, sql)
    print(f"\nThe events are in {TARGET}, the drops in {DROPS}.")


def say(title: str) -> None:
    """Print the title of a step."""
    print(f"\n== {title}\n", flush=True)


def loader(arguments: str) -> None:
    """Show a command of the loader and run it; stop the demonstration if it fails."""
    print(f"$ firehose-loader {arguments}", flush=True)
    command = [sys.executable, "-m", "firehose_loader", *shlex.split(arguments)]
    answer = subprocess.run(command, check=False)
    if answer.returncode:
        sys.exit(answer.returncode)


def ask(question: str, sql: str) -> None:
    """Print a question, its query and the answer."""
    lines = [line.removeprefix(" " * 8) for line in sql.strip("\n").rstrip().splitlines()]
    print(f"-- {question}", *lines, sep="\n", flush=True)
    with duckdb.connect(str(TARGET), read_only=True) as connection:
        connection.sql(sql).show(max_width=100)


if __name__ == "__main__":
    main()
