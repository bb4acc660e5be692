"""Several sources in one configuration: none waits for another, none spoils another."""

from __future__ import annotations

import threading
from pathlib import Path

from firehose_loader import service
from firehose_loader.config import Config
from firehose_loader.errors import ExitCode
from firehose_loader.observe import BatchLoaded, Event
from tests.command import call, select
from tests.rigs.canned import Answer, Request, answering, refusal

HEADER = "eventId,eventType,eventDate\n"


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{HEADER}{path},emailOpen,2026-01-05T10:00:00Z\n")


def test_a_source_that_does_not_answer_holds_back_no_other(tmp_path: Path) -> None:
    write(tmp_path / "quick", "a.csv", "b.csv")
    loaded = threading.Event()

    def answer(_: Request) -> Answer:
        # Silent until the other source is loaded, though it comes first in the configuration.
        assert loaded.wait(60)
        return refusal(404, "NoSuchBucket")

    def observe(event: Event) -> None:
        if isinstance(event, BatchLoaded):
            loaded.set()

    with answering(answer) as endpoint:
        config = Config.model_validate(
            {
                "warehouse": {"url": str(tmp_path / "events.duckdb")},
                "spool": tmp_path,
                "source": [
                    {
                        "name": "slow",
                        "url": "s3://slow/",
                        "endpoint": endpoint,
                        "region": "us-east-1",
                        "anonymous": True,
                    },
                    {"name": "quick", "url": str(tmp_path / "quick")},
                ],
            }
        )
        summary = service.run(config, observe)

    assert [(part.name, part.drops["loaded"]) for part in summary.sources] == [
        ("slow", 0),
        ("quick", 2),
    ]
    assert [(trouble.source, trouble.error) for trouble in summary.errors] == [
        ("slow", "AccessDenied")
    ]
    assert summary.exit_code is ExitCode.FATAL


def test_more_sources_than_threads_are_all_loaded(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path / f"in{number}", "a.csv")
    (tmp_path / "firehose.toml").write_text(
        "source_threads = 2\n[warehouse]\nurl = 'events.duckdb'\n"
        + "".join(f"[[source]]\nname = 's{n}'\nurl = 'in{n}'\n" for n in range(5))
        + "[[source]]\nname = 'gone'\nurl = 'nowhere'\n"
    )

    answer = call("run", "--json", cwd=tmp_path)

    assert answer.code == 2
    assert {part["name"]: part["drops"]["loaded"] for part in answer.json["sources"]} == {
        **{f"s{n}": 1 for n in range(5)},
        "gone": 0,
    }
    rows = select(tmp_path / "events.duckdb", "SELECT count(*) AS n FROM dotdigital.email_open")
    assert rows == [{"n": 5}]


def test_a_source_may_have_limits_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "one", "a.csv", "b.csv", "c.csv")
    write(tmp_path / "two", "a.csv")
    (tmp_path / "firehose.toml").write_text(
        "max_file_bytes = 10\n[warehouse]\nurl = 'events.duckdb'\n"
        "[[source]]\nname = 'one'\nurl = 'one'\nbatch_files = 1\nmax_file_bytes = '1MB'\n"
        "[[source]]\nname = 'two'\nurl = 'two'\n"
    )

    answer = call("run", "--json", cwd=tmp_path)

    drops = {part["name"]: part["drops"] for part in answer.json["sources"]}
    assert (drops["one"]["loaded"], drops["two"]["quarantined"]) == (3, 1)
    assert answer.err.count("one: 1 drops loaded") == 3


def test_a_source_that_cannot_be_listed_holds_back_no_plan_and_no_reconciliation(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("eventId\n1\n")
    (tmp_path / "firehose.toml").write_text(
        "[warehouse]\nurl = 'events.duckdb'\n"
        "[[source]]\nname = 'broken'\nurl = 'nowhere'\n[[source]]\nname = 'sound'\nurl = 'in'\n"
    )

    plan = call("plan", "--json", cwd=tmp_path)
    compared = call("reconcile", "--json", cwd=tmp_path)

    assert [one["drop"] for one in plan.json["drops"]] == ["a.csv"]
    assert [one["missing"] for one in compared.json["sources"]] == [1]
    for told in (plan, compared):
        assert (told.code, told.json["errors"][0]["source"]) == (2, "broken")
        assert "error: broken: " in told.err
