"""A person is forgotten: by the command line, and for good."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command import Answer, ask, select, table

DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventDate,contactId,email,note\n"
JO = "jo@example.com"


class Home:
    """A folder with drops, a configuration and a database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "events.duckdb"
        (folder / "firehose.toml").write_text(
            '[warehouse]\nurl = "events.duckdb"\n[[source]]\nname = "feed"\nurl = "drops"\n'
        )

    def ask(self, *words: object) -> Answer:
        return ask(*words, cwd=self.folder)

    def drop(self, name: str, text: str) -> None:
        (self.folder / "drops" / name).write_text(text)

    def bytes_with(self, text: str) -> list[str]:
        """Return the files beside the drops that have a text in them."""
        return sorted(
            path.name
            for path in self.folder.glob("*.duckdb*")
            if text.encode() in path.read_bytes().lower()
        )

    def state(self) -> list[list[dict[str, object]]]:
        names = select(self.database, "SELECT table_name FROM duckdb_tables() ORDER BY 1")
        return [
            table(self.database, row["table_name"])
            for row in names
            if row["table_name"] != "_firehose_runs"
        ]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drops that name Jo in all sorts of ways, loaded once for all tests."""
    home = Home(tmp_path_factory.mktemp("forget"))
    (home.folder / "drops").mkdir()
    rows = f"1,{DATE},42,{JO},\n2,{DATE},43,al@example.com,\n,{DATE},42,Jo@Example.com,\n"
    home.drop("email.open.a.csv", f"{HEADER}{rows}3,never,42,{JO},\n")
    home.drop("email.open.b.csv", f"{HEADER}{rows}2,{DATE},42,{JO},\n")
    home.drop("email.open.torn.csv", f'{HEADER}4,{DATE},43,al@example.com,\n"5,{DATE},42,{JO}\n')
    home.drop(
        "click.json",
        json.dumps(
            {
                "eventId": "6",
                "eventType": "email.click",
                "eventDate": DATE,
                "deep": {"by": [{"who": JO}]},
            }
        ),
    )
    home.drop("hello.txt", f"mail {JO}\x00\x01 about this\x00")
    assert home.ask("run").code == 0
    return home.folder


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Home:
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True, copy_function=shutil.copy2)
    return Home(tmp_path)


def test_a_person_is_gone_and_stays_it_through_replays_and_late_drops(home: Home) -> None:
    assert home.bytes_with(JO) == ["events.duckdb"]

    done = home.ask("forget", "--email", "JO@example.com ", "--yes", "--json").json
    home.drop("email.open.late.csv", f"{HEADER}7,{DATE},42,{JO},\n8,{DATE},44,cy@example.com,\n")
    late = home.ask("run", "--strict", "--json")
    replayed = home.ask("replay", "--source", "feed", "--json").json
    audit = home.ask("audit", "--deep", "--json")

    assert (done["events"], done["conflicts"], done["people"][0]["found"]) == (3, 0, True)
    assert (late.code, late.json["status"], late.json["forgotten"]) == (0, "ok", 1)
    assert replayed["rows"]["parsed"] == sum(
        replayed["rows"][name] for name in ("inserted", "updated", "duplicate", "quarantined")
    )
    assert (audit.code, audit.json["differences"]) == (0, [])
    opens = {row["event_id"]: row["email"] for row in table(home.database, "email_open")}
    assert opens == {
        "2": "al@example.com",
        "4": "al@example.com",
        "8": "cy@example.com",
    }
    assert table(home.database, "email_click") == []
    assert JO not in str(home.state()).lower()


def test_nothing_of_a_person_is_in_a_file_that_is_written_anew(home: Home) -> None:
    home.ask("forget", "--email", JO, "--yes")

    done = home.ask("compact", "--json")

    assert done.code == 0, done.err
    assert home.bytes_with(JO) == []
    assert home.ask("audit", "--deep").code == 0
    assert home.ask("run").code == 0


def test_a_dry_run_tells_the_same_and_changes_nothing(home: Home) -> None:
    before = home.state()

    would = home.ask("forget", "--email", JO, "--contact-id", "42", "--dry-run", "--json").json
    unchanged = home.state()
    done = home.ask("forget", "--email", JO, "--contact-id", "42", "--yes", "--json").json

    assert unchanged == before
    assert (would.pop("dry_run"), done.pop("dry_run")) == (True, False)
    assert {**would, "run_id": "", "people": []} == {**done, "run_id": "", "people": []}
    assert [one["rows"] for one in would["people"]] == [one["rows"] for one in done["people"]]


def test_the_proof_names_nobody(home: Home) -> None:
    nobody = home.ask("forget", "--list").out
    home.ask("forget", "--email", JO, "--yes")

    (proof,) = home.ask("forget", "--list", "--json").json["forgotten"]
    shown = home.ask("forget", "--list").out

    assert nobody == "nobody was forgotten in this warehouse\n"
    assert (proof["class"], proof["rows"]["email_open"], len(proof["identifier"])) == (
        "email",
        2,
        64,
    )
    assert proof["identifier"][:60] in shown
    assert JO not in shown


def test_a_file_of_people_is_read_line_by_line(home: Home) -> None:
    (home.folder / "gone.txt").write_text(f"# asked in May\n{JO}\n\nnobody@example.com\n{JO}\n")

    told = home.ask("forget", "--email", "@gone.txt", "--yes")

    assert told.code == 0
    assert "3 events" in told.out
    assert told.out.count("nothing names an email address that was given") == 1


@pytest.mark.parametrize(
    ("words", "file", "told"),
    [
        (("--email", "nobody@example.com"), "", "nothing in this warehouse names any of them"),
        (("--email", "@gone.txt"), f"{JO}\nSecret Name\n", "gone.txt:2: what is given is not an"),
        (("--email", "@gone.txt"), "# no one\n", "gone.txt: there is nobody in it"),
        (("--email", "@none.txt"), "", "none.txt: cannot read it: No such file"),
        (("--phone", "Secret Name"), "", "--phone: what is given is not a phone number"),
        (("--contact-id", "1 2"), "", "--contact-id: what is given is not the id of a contact"),
        ((), "", "say whom to forget"),
        (("--list", "--email", JO), "", "say whom to forget"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    words: tuple[str, ...], file: str, told: str, home: Home
) -> None:
    (home.folder / "gone.txt").write_text(file)
    before = home.database.read_bytes()

    refused = home.ask("forget", *words, "--yes")

    assert refused.code == 2
    assert told in refused.err
    assert "Secret Name" not in refused.err
    assert JO not in refused.err
    if words:
        assert "nothing was changed" in refused.err or "--list" in words
    assert before == home.database.read_bytes() or "names any of them" in told


def test_without_yes_nobody_is_forgotten_unasked(home: Home) -> None:
    before = home.state()

    refused = home.ask("forget", "--email", JO)

    assert refused.code == 2
    assert "this removes 3 events" in refused.err
    assert home.state() == before
