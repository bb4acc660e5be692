"""What is told of a configuration that is wrong: where it came from, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.command import ask

WAREHOUSE = '[warehouse]\nurl = "e.duckdb"\n'
SOURCE = '[[source]]\nname = "a.b"\nurl = "drops"\n'
SETTLE = "settle: write a number: seconds that a file must be unchanged before it is read"


def told(
    place: Path,
    text: str,
    words: Sequence[str] = ("status",),
    environ: Mapping[str, str] | None = None,
) -> str:
    (place / "firehose.toml").write_text(text)
    answer = ask(*words, cwd=place, environ=environ)
    assert answer.code == 2
    return answer.err.removeprefix("error: ").rstrip("\n")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("FIREHOSE_FOO", "1", "unknown key 'foo'"),
        ("FIREHOSE_BATCH_BITES", "1", "unknown key 'batch_bites'; did you mean 'batch_bytes'?"),
        ("FIREHOSE_CHECK__WINDOW", "7x", "check.window: write a number and s, m, h, d or w"),
        ("FIREHOSE_SOURCE__A_B__SETTLE", "5m", f"source 'a.b': {SETTLE}"),
        ("FIREHOSE_WAREHOUSE__RUL", "x", "unknown key 'warehouse.rul'"),
    ],
)
def test_a_variable_is_named_where_the_value_came_from_it(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    assert told(tmp_path, WAREHOUSE + SOURCE, environ={variable: value}).startswith(
        f"{variable}: {said}"
    )


def test_each_mistake_is_told_of_the_place_that_it_came_from(tmp_path: Path) -> None:
    error = told(
        tmp_path,
        f"{WAREHOUSE}{SOURCE}[check]\nmax_failed = 0.5\n",
        ("check", "--window", "7x"),
        {"FIREHOSE_FOO": "1"},
    )

    assert "firehose.toml: check.max_failed: write a whole number: most drops of a " in error
    assert "the command line: check.window: write a number and s, m, h, d or w" in error
    assert "FIREHOSE_FOO: unknown key 'foo'" in error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[source]\nname = "a"\n', "source: write [[source]], in double brackets"),
        ("source = [3]\n", "source: write [[source]], in double brackets"),
        ('[[source]]\nurl = "drops"\n', "the first [[source]]: name is missing"),
        (f'{SOURCE}[[source]]\nurl = "x"\n', "the second [[source]]: name is missing"),
        (f'{SOURCE}settle = "5m"\n', f"source 'a.b': {SETTLE}"),
        (f"{SOURCE}setle = 5\n", "source 'a.b': unknown key 'setle'; did you mean 'settle'?"),
        (f'{SOURCE}include = "x"\n', "source 'a.b': include: write a list, such as"),
        ("check = 3\n", "check: write a table"),
        ("[check]\nmax_failed = true\n[alerts]\nwebhook = 3\n", "write"),
    ],
)
def test_what_to_write_is_said_in_words(tmp_path: Path, text: str, said: str) -> None:
    error = told(tmp_path, WAREHOUSE + text if text.startswith("[") else text + WAREHOUSE)

    assert error.startswith("firehose.toml: ")
    assert said in error
    assert "Input should" not in error
