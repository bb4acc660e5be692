"""``sql``: the statements of a load, as they run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer
from firehose_loader.cli.options import AsJson
from firehose_loader.errors import ConfigError

if TYPE_CHECKING:
    from firehose_loader.config import Config
    from firehose_loader.protocols import Missing
    from firehose_loader.rehearsal import Step


class Dialect(StrEnum):
    """The kinds of warehouse."""

    DUCKDB = "duckdb"
    SNOWFLAKE = "snowflake"


def sql(  # noqa: PLR0913, PLR0917 - one parameter per option
    event_types: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EVENT_TYPE]...",
            help="Event types, such as email.open; without any, all of them.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="Configuration file: its warehouse, schemas and personal data.",
            show_default=False,
        ),
    ] = None,
    statement: Annotated[
        list[str] | None,
        typer.Option(
            "--statement", help="Only statements of this name; may be given several times."
        ),
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option("--schema", help="Schema of the warehouse; dotdigital without it."),
    ] = None,
    schemas: Annotated[
        Path | None,
        typer.Option("--schemas", help="Folder of your own event schemas.", show_default=False),
    ] = None,
    dialect: Annotated[
        Dialect | None,
        typer.Option("--dialect", help="Whose SQL, without -c: duckdb (by default) or snowflake."),
    ] = None,
    *,
    ddl: Annotated[
        bool,
        typer.Option(
            "--ddl",
            help="Only what makes the tables and views that a run needs, for whoever may make them"
            " where manage_tables = false.",
        ),
    ] = False,
    task: Annotated[
        bool,
        typer.Option(
            "--task",
            help="What makes a task in Snowflake that loads plain JSON drops of these event types"
            ' without any container, where load = "external".',
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print every statement of a run, in the order in which they run, connecting to nothing.

    They are those of a real run that loads one made-up drop of each event type into a database in
    memory; secrets of the configuration are not needed. `$name` stands for a bound value, `:name`
    in Snowflake's dialect; there, the statements that compare a row with the one that the table
    holds are among them. What two event types have in common is printed with the first.

    \b
    Examples:
      firehose-loader sql -c firehose.toml
      firehose-loader sql email.open --dialect snowflake
      firehose-loader sql email.open sms.send --dialect snowflake --statement merge_insert
      firehose-loader sql sms.failed --schema marketing --json
      firehose-loader sql --ddl -c firehose.toml
      firehose-loader sql --task email.open email.click -c firehose.toml
    """
    from firehose_loader.rehearsal import configured, definitions, rehearse
    from firehose_loader.schema.catalog import load_catalog

    if config is None:
        loaded = configured(
            dialect or Dialect.DUCKDB, schema_name=schema or "dotdigital", schemas=schemas
        )
    else:
        loaded = _configured(config, dialect or schema or schemas)
    if task:
        if statement or ddl or as_json:
            raise ConfigError("--task prints one script; leave --statement, --ddl and --json out")
        from firehose_loader.setup.snowflake_task import task_script

        print(task_script(loaded, event_types or ()), end="")
        return
    if ddl:
        if statement:
            raise ConfigError("--ddl prints statements that make something; leave --statement out")
        _define(list(definitions(loaded, event_types or ())), as_json=as_json)
        return
    names = event_types or load_catalog(loaded.schemas).event_types
    found = [(name, list(rehearse(name, loaded))) for name in names]
    told = list(_told(found, set(statement or ())))
    if as_json:
        answer([_document(name, step) for name, step in told])
    else:
        _show(told)


def _define(needed: Sequence[Missing], *, as_json: bool) -> None:
    if as_json:
        answer([{"what": one.what, "statements": list(one.statements)} for one in needed])
        return
    for one in needed:
        print(f"-- {one.what}")
        for text in one.statements:
            print(f"{text};\n")


def _configured(file: Path, otherwise: object) -> Config:
    from firehose_loader.config import load_config

    if otherwise:
        raise ConfigError(
            "-c says which warehouse, schema and schemas; leave --dialect, --schema and --schemas"
            " out, or -c"
        )
    return load_config(file, secrets=False)


def _told(
    found: Sequence[tuple[str, Sequence[Step]]], wanted: set[str]
) -> Iterator[tuple[str, Step]]:
    """Yield what is wanted, each statement once.

    Raises:
        ConfigError: there is no statement of a name.
    """
    known = {step.statement.name for _, steps in found for step in steps}
    if wanted - known:
        raise ConfigError(
            f"no statement is named {min(wanted - known)!r} there; these are:"
            f" {', '.join(sorted(known))}"
        )
    seen = set()
    for name, steps in found:
        for step in steps:
            one = (step.statement.name, step.statement.shown)
            if one not in seen and (not wanted or step.statement.name in wanted):
                seen.add(one)
                yield name, step


def _show(told: Sequence[tuple[str, Step]]) -> None:
    event_type = part = ""
    for name, step in told:
        if name != event_type:
            print(f"-- {'=' * 97}\n-- {name}\n-- {'=' * 97}\n")
            event_type, part = name, ""
        if step.part != part:
            print(f"-- {step.part}\n-- {'-' * 97}\n")
            part = step.part
        print(f"-- {step.statement.name}\n{step.statement.shown};\n")


def _document(event_type: str, step: Step) -> dict[str, str]:
    return {
        "event_type": event_type,
        "part": step.part,
        "statement": step.statement.name,
        "sql": step.statement.shown,
    }
