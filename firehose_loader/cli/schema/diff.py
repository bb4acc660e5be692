"""``schema diff``: what changed between versions, and what the feed changed by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, printable
from firehose_loader.cli.options import AsJson, ConfigFile, Into
from firehose_loader.cli.schema.export import opened
from firehose_loader.cli.schema.look import parsed_version
from firehose_loader.cli.schema.options import Folder
from firehose_loader.errors import SchemaError

if TYPE_CHECKING:
    from firehose_loader.review.evidence import TypeEvidence
    from firehose_loader.review.verdicts import FieldEvidence
    from firehose_loader.schema.catalog import Catalog
    from firehose_loader.schema.model import Version

_CONFIG = "firehose.toml"
_Told = dict[str, object]
_EventType = Annotated[
    str | None,
    typer.Argument(help="Event type, such as email.open; else all.", show_default=False),
]
_From = Annotated[
    str | None,
    typer.Argument(
        metavar="FROM", help="Version, such as 1-0-0; else the first.", show_default=False
    ),
]
_To = Annotated[
    str | None,
    typer.Argument(metavar="TO", help="Version; else the newest.", show_default=False),
]


def diff(  # noqa: PLR0913 - one argument for each option
    event_type: _EventType = None,
    old: _From = None,
    new: _To = None,
    *,
    into: Into = None,
    config: ConfigFile = None,
    schemas: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Tell what changed from one version to another, step by step.

    Without versions: from the first to the newest. With a warehouse (--into, or a configuration):
    also what the feed changed by itself since: fields and event types that came, fields that were
    renamed, stopped coming, come in some drops only, or hold values of another type. Without an
    event type: all of that, of every event type.

    \b
    Examples:
      firehose-loader schema diff --into events.duckdb
      firehose-loader schema diff email.open --into events.duckdb
      firehose-loader schema diff shop.order 1-0-0 1-1-0 --schemas my-schemas --json
    """
    observed: list[_Told] = []
    if new is not None or not (into or config or Path(_CONFIG).exists()):
        from firehose_loader.schema.catalog import load_catalog

        catalog = load_catalog(_folder(schemas, config))
        steps = list(_steps(catalog, _names(catalog, event_type), old, new))
    else:
        with opened(into, config, schemas) as loaded:
            names = _names(loaded.catalog, event_type)
            steps = list(_steps(loaded.catalog, names, old, new))
            for one in loaded.evidence.of(loaded.newest(names)):
                observed += _observed(one)
    if as_json:
        answer({"event_type": event_type, "steps": steps, "observed": observed})
        return
    _tell(steps, observed)


def _names(catalog: Catalog, asked: str | None) -> list[str]:
    from firehose_loader.schema.catalog import UNKNOWN_TYPE

    if asked is not None:
        return [catalog.resolve_type(asked) or asked]
    return [*catalog.event_types, UNKNOWN_TYPE]


def _folder(schemas: Path | None, config: Path | None) -> Path | None:
    """Return the folder of the user's own schemas, if there is one."""
    from firehose_loader.config import load_config

    if schemas is None and (config or Path(_CONFIG).exists()):
        return load_config(config, into="duckdb://:memory:").schemas
    return schemas


def _steps(
    catalog: Catalog, names: Sequence[str], old: str | None, new: str | None
) -> Iterator[_Told]:
    """Yield the steps between two versions, those between them one by one."""
    from firehose_loader.schema.evolve import changes, step

    for name in names:
        versions = catalog.versions(name)
        first = _there(versions, old, name) if old else versions[0]
        last = _there(versions, new, name) if new else versions[-1]
        if first > last:
            raise SchemaError(f"{name} {first} is newer than {last}; name the older one first")
        between = [version for version in versions if first <= version <= last]
        for before, after in pairwise(between):
            yield {
                "event_type": name,
                "from": str(before),
                "to": str(after),
                "step": step(before, after).name.lower(),
                "changes": [
                    {
                        "kind": str(change.kind),
                        "field": change.field,
                        "column": change.column,
                        "message": change.message,
                    }
                    for change in changes(catalog.get(name, before), catalog.get(name, after))
                ],
            }


def _observed(one: TypeEvidence) -> Iterator[_Told]:
    """Yield what the feed changed of an event type by itself, field by field."""
    for of in one.fields:
        for finding in of.findings:
            if str(finding.verdict) in {"confirmed", "absent"}:
                continue
            is_new = str(finding.verdict) == "new"
            yield {
                "event_type": one.schema.event_type,
                "field": of.field.name,
                "column": of.field.column,
                "verdict": str(finding.verdict),
                "message": _new_field(of, finding.message) if is_new else finding.message,
                "filled": of.filled,
                "sample": of.sample,
                "first_seen_at": of.sighting and of.sighting.first_seen_at,
                "first_drop_id": of.sighting and of.sighting.first_drop_id,
            }
    for name, rows in one.named.items():
        told = dict.fromkeys(("column", "sample", "first_seen_at", "first_drop_id"))
        yield {
            "event_type": one.schema.event_type,
            "field": name,
            "verdict": "new event type",
            "message": f"no schema has it; {rows:,} rows of {one.schema.table} name it",
            "filled": rows,
            **told,
        }


def _new_field(of: FieldEvidence, why: str) -> str:
    sample = f", such as {of.sample}" if of.sample else ""
    if of.sighting is None:
        return f"{why}{sample}"
    told = f"column {of.field.column}, {of.field.type}: {why}{sample}"
    at = of.sighting.first_seen_at
    return f"{told}; first on {at:%Y-%m-%d} in the drop {of.sighting.first_drop_id}" if at else told


def _there(versions: tuple[Version, ...], text: str, name: str) -> Version:
    version = parsed_version(text)
    if version not in versions:
        there = ", ".join(map(str, versions))
        raise SchemaError(f"event type {name!r} has no version {version}; there are {there}")
    return version


def _tell(steps: list[_Told], observed: list[_Told]) -> None:
    for one in steps:
        print(printable(f"{one['event_type']} {one['from']} -> {one['to']} ({one['step']})"))
        told = one["changes"]
        for change in told if isinstance(told, list) else ():
            print(f"  {printable(change['message'])}")
    for event_type, of in groupby(observed, key=itemgetter("event_type")):
        print(printable(f"{event_type}: what the feed changed by itself"))
        said: dict[tuple[object, object], list[str]] = {}
        for one in of:
            said.setdefault((one["verdict"], one["message"]), []).append(str(one["field"]))
        for (verdict, message), fields in said.items():
            print(printable(f"  {', '.join(fields)}: {verdict}: {message}"))
    if any(one["verdict"] == "new event type" for one in observed):
        print(
            "firehose-loader schema infer FILE --event-type TYPE proposes a schema for a new type"
        )
    if not steps and not observed:
        print("nothing changed")
