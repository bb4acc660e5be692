"""``sql --task``: what a reviewer is asked to run, and what no task can do.

After a wanted change, write the file anew with REGENERATE=1.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlfluff
from hypothesis import given
from hypothesis import strategies as st

from firehose_loader.route import Globs
from firehose_loader.setup.task_listing import glob_pattern
from tests.command import Answer, ask
from tests.rigs.scripts import body_of
from tests.schema_documents import a_document, write
from tests.setup.test_grants import BUCKETS, KEY, URL, on_file
from tests.test_snowflake_grammar import parses, shape

PLAIN = f'url = "{BUCKETS["s3"]}"\ncadence = "hourly"'
_SEGMENTS = st.sampled_from(["opens", "a", "*", "**", "a*", "*.json", "a*b-*", "x.y", "***"])
_NAMES = st.text("ab.xyopens-j", min_size=1, max_size=6).filter(lambda name: name.strip("."))


def printed(
    folder: Path, source: str, *words: str, load: str = 'load = "external"', before: str = ""
) -> Answer:
    """Ask for the task of one source."""
    warehouse = f"{before}\n[warehouse]\nurl = '{URL}'\n{KEY}\n{load}\n"
    (folder / "firehose.toml").write_text(f'{warehouse}[[source]]\nname = "prod"\n{source}\n')
    return ask("sql", "--task", *(words or ("email.open",)), "-c", "firehose.toml", cwd=folder)


def test_the_task_on_file_is_that_of_the_usual_configuration(tmp_path: Path) -> None:
    told = printed(tmp_path, PLAIN)

    assert told.code == 0, told.err
    assert told.out == on_file("task.sql", told.out)
    assert sqlfluff.parse(told.out, dialect="snowflake")
    assert "SCHEDULE = '60 MINUTE'" in told.out


def test_snowflakes_grammar_takes_the_script_of_a_task(tmp_path: Path) -> None:
    """It takes the body of a procedure as one text; here it reads what stands in it.

    An event type of few fields has all that the others have.
    """
    (tmp_path / "schemas").mkdir()
    write(tmp_path / "schemas", a_document())

    told = printed(tmp_path, PLAIN, "shop.order", before='schemas = "schemas"')

    body = re.sub(r"\n +\+ CASE WHEN .* END(?=\n)", "", body_of(told.out, "FIREHOSE_TASK_PROD"))
    assert parses(shape(body.removesuffix(";")))


def test_rules_and_globs_of_a_source_are_in_its_task(tmp_path: Path) -> None:
    source = (
        f"{PLAIN}\nexclude = ['old/**']\nafter = 'archive'\narchive = 'done/{{key}}'"
        "\n[source.events]\n'opens/*' = 'emailOpen'"
    )

    told = printed(tmp_path, source, "email.open", "email.click")

    assert "NOT (REGEXP_LIKE(l.key, '^old/.*$'))" in told.out
    assert "NOT startswith(l.key, 'done/')" in told.out
    number = re.search(r"WHEN \(REGEXP_LIKE\(l.key, '\^opens/\[\^/\]\+\$'\)\) THEN (\d+)", told.out)
    assert number is not None
    assert f"WHEN {number[1]} THEN 'email.open'" in told.out
    assert told.out.count("MERGE INTO") == 2


@pytest.mark.parametrize(
    ("source", "words", "said"),
    [
        (f'url = "{BUCKETS["gcs"]}"', ["email.open"], "only what LIST tells of S3"),
        (f"{PLAIN}\nprefix_template = 'x/{{yyyy}}/'", ["email.open"], "prefix_template"),
        (f"{PLAIN}\nretention = 30", ["email.open"], "retention"),
        (
            f"{PLAIN}\nexclude = ['[ab]']",
            ["email.open"],
            r"cannot tell which keys '\[ab\]' matches",
        ),
        (PLAIN, ["email.opened"], "no event type 'email.opened'"),
        (PLAIN, ["email.open", "--ddl"], "--task prints one script"),
    ],
)
def test_what_no_task_can_do_is_refused(
    source: str, words: list[str], said: str, tmp_path: Path
) -> None:
    told = printed(tmp_path, source, *words)

    assert (told.code, told.out) == (2, "")
    assert re.search(said, told.err)


def test_a_task_needs_event_types_and_a_warehouse_that_reads_buckets(tmp_path: Path) -> None:
    assert 'needs load = "external"' in printed(tmp_path, PLAIN, load="").err
    unnamed = ask("sql", "--task", "-c", "firehose.toml", cwd=tmp_path)
    assert "it needs load" in unnamed.err
    printed(tmp_path, PLAIN)
    assert "name the event types" in ask("sql", "--task", "-c", "firehose.toml", cwd=tmp_path).err


@given(st.lists(_SEGMENTS, min_size=1, max_size=4), st.lists(_NAMES, min_size=1, max_size=4))
def test_a_pattern_matches_the_keys_that_its_glob_does(glob: list[str], key: list[str]) -> None:
    pattern = glob_pattern("/".join(glob))

    assert pattern is not None
    assert bool(re.fullmatch(pattern, "/".join(key))) is Globs(["/".join(glob)]).match(
        "/".join(key)
    )
