"""``forget``: remove people from the warehouse, and keep them from coming back."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, confirm, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into, Yes

if TYPE_CHECKING:
    from firehose_loader.aftercare.forgetting import ForgetReport, Identifier
    from firehose_loader.config import Config
    from firehose_loader.privacy import ForgottenRecord

_FORMS = {
    "email": re.compile(r"[^<>]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+"),
    "phone": re.compile(r"(?=(?:[^0-9]*[0-9]){5})[+0-9 ()./-]{5,40}"),
    "id": re.compile(r"[^\s,\"\[\]]{1,200}"),
}
_WORDS = {"email": "an email address", "phone": "a phone number", "id": "the id of a contact"}
_OPTIONS = {"email": "--email", "phone": "--phone", "id": "--contact-id"}


def forget(  # noqa: PLR0913 - one parameter per option
    into: Into = None,
    config: ConfigFile = None,
    *,
    email: Annotated[
        list[str] | None,
        typer.Option(
            "--email",
            help="An address, in any spelling; @FILE: one in each line of a file, @- of stdin."
            " May come several times, as may the next two.",
            show_default=False,
        ),
    ] = None,
    phone: Annotated[
        list[str] | None,
        typer.Option(
            "--phone", help="A phone number with its country; @FILE likewise.", show_default=False
        ),
    ] = None,
    contact_id: Annotated[
        list[str] | None,
        typer.Option("--contact-id", help="A contact; @FILE likewise.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be removed, and change nothing.")
    ] = False,
    suppress_anyway: Annotated[
        bool,
        typer.Option(
            "--suppress-anyway",
            help="Keep those, too, from being loaded of whom there is nothing yet.",
        ),
    ] = False,
    as_list: Annotated[
        bool, typer.Option("--list", help="Show who was forgotten: the proof, not their names.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove every row that names a person, and never load one again.

    Rows go from the event tables and the quarantine, in one transaction; that they were there stays
    on record, so that the counts of their drops go on to balance. Replays and drops that come later
    pass such rows over. Who was forgotten is remembered by a hash alone.

    \b
    Examples:
      firehose-loader forget --email jo@example.com --dry-run
      firehose-loader forget --email jo@example.com --phone "+44 7700 900123" --contact-id 42
      firehose-loader forget --email @gone.txt --into events.duckdb --yes --json
      firehose-loader forget --list
    """
    from firehose_loader.config import load_config
    from firehose_loader.errors import ConfigError

    given = list(_identifiers({"email": email, "phone": phone, "id": contact_id}))
    if as_list == bool(given):
        raise ConfigError("say whom to forget: --email, --phone or --contact-id; or --list")
    loaded = load_config(config, into=into)
    if as_list:
        _show(loaded, as_json=as_json)
        return
    report = _forgotten(loaded, given, dry_run=dry_run, always=suppress_anyway, yes=yes)
    if as_json:
        answer(_document(report, dry_run=dry_run))
    else:
        _print(report, dry_run=dry_run)


def _forgotten(
    loaded: Config, given: Sequence[Identifier], *, dry_run: bool, always: bool, yes: bool
) -> ForgetReport:
    from firehose_loader import aftercare
    from firehose_loader.aftercare.forgetting import Forgetting

    with aftercare.changing(loaded) as warehouse:
        forgetting = Forgetting(warehouse, loaded, given)
        if dry_run or not yes:
            would = forgetting.apply(preview=True, always=always)
            if dry_run:
                return would
            confirm(f"this removes {_sum(would)} for good", yes=yes)
        return forgetting.apply(preview=False, always=always)


def _identifiers(options: dict[str, list[str] | None]) -> Iterator[Identifier]:
    """Yield what the options and the files that they name give, each checked.

    Raises:
        ConfigError: one is none; it is told by its place, not repeated.
    """
    from firehose_loader.aftercare.forgetting import Identifier
    from firehose_loader.errors import ConfigError
    from firehose_loader.privacy import PiiClass

    for pii, values in options.items():
        for value in values or ():
            for where, text in _lines(value) if value.startswith("@") else [("", value.strip())]:
                if not _FORMS[pii].fullmatch(text):
                    raise ConfigError(
                        f"{where or _OPTIONS[pii]}: what is given is not {_WORDS[pii]};"
                        " nothing was changed"
                    )
                yield Identifier(PiiClass(pii), text)


def _lines(value: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file that say something, with where they stand."""
    from firehose_loader.errors import ConfigError

    path = value.removeprefix("@")
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{path}: cannot read it: {why}; nothing was changed") from error
    lines = [(f"{path}:{number}", line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    found = [(where, line) for where, line in lines if line and not line.startswith("#")]
    if not found:
        raise ConfigError(f"{path}: there is nobody in it; nothing was changed")
    yield from found


def _show(loaded: Config, *, as_json: bool) -> None:
    from firehose_loader import aftercare

    with aftercare.looking(loaded) as warehouse:
        records = [_proof(one) for one in warehouse.forgotten()]
    if as_json:
        answer({"forgotten": records})
    elif records:
        table(tuple(records[0]), [tuple(one.values()) for one in records])
    else:
        print("nobody was forgotten in this warehouse")


def _proof(one: ForgottenRecord) -> dict[str, object]:
    return {
        "identifier": one.person.identifier,
        "class": str(one.person.pii),
        "key_id": one.person.key_id,
        "rows": dict(one.rows),
        "run_id": one.run_id,
        "forgotten_at": one.forgotten_at,
    }


def _document(report: ForgetReport, *, dry_run: bool) -> dict[str, object]:
    receipt = report.receipt
    return {
        "dry_run": dry_run,
        "run_id": report.run_id,
        "people": [
            {
                "identifier": one.identifier,
                "class": str(one.pii),
                "rows": dict(receipt.rows[place]),
                "found": bool(receipt.rows[place]),
                "forgotten_before": place in report.known,
            }
            for place, one in enumerate(report.people)
        ],
        "events": receipt.events,
        "duplicates": receipt.duplicates,
        "quarantine": receipt.set_aside,
        "conflicts": receipt.conflicts,
        "drops": receipt.drops,
        "not_searched": list(report.unsearched),
        "still_there": list(report.remaining),
    }


def _sum(report: ForgetReport) -> str:
    one = report.receipt
    return (
        f"{one.events} events, {one.duplicates} rows that carried the same ones, and"
        f" {one.set_aside} texts of the quarantine, of {one.drops} drops"
    )


def _print(report: ForgetReport, *, dry_run: bool) -> None:
    print(f"{_sum(report)} {'would be' if dry_run else 'were'} removed")
    for place in report.unknown:
        one = report.people[place]
        print(f"nothing names {_WORDS[one.pii]} that was given (identifier {one.identifier[:12]})")
    if report.receipt.conflicts:
        print(
            f"{report.receipt.conflicts} rows of others were set aside as conflicts with these"
            " events: firehose-loader quarantine retry --reason conflict loads them"
        )
    for told in report.unsearched:
        print(f"not searched: {told}")
    for told in report.remaining:
        print(f"still there: {told}")
