"""``schema diff``: what changed between versions, and what the feed changed by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from firehose_loader.cli.console import answer, printable
from firehose_loader.cli.options import AsJson, ConfigFile, Into
from firehose_loader.cli.schema.export import opened
from firehose_loader.cli.schema.look import parsed_version
from firehose_loader.cli.schema.options import Folder
from firehose_loader.errors import SchemaError
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.evolve import changes, step
from firehose_loader.schema.model import Version

_CONFIG = "firehose.toml"
_Told = dict[str, object]
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
    event_type: Annotated[str, typer.Argument(help="Event type, such as email.open.")],
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
    also what the feed changed by itself since: fields that came, were renamed, stopped coming, or
    hold values of another type.

    \b
    Examples:
      firehose-loader schema diff email.open --into events.duckdb
      firehose-loader schema diff shop.order 1-0-0 1-1-0 --schemas my-schemas --json
    """
    observed: list[_Told] = []
    if new is not None or not (into or config or Path(_CONFIG).exists()):
        steps = list(_steps(load_catalog(_folder(schemas, config)), event_type, old, new))
    else:
        with opened(into, config, schemas) as loaded:
            steps = list(_steps(loaded.catalog, event_type, old, new))
            name = loaded.catalog.resolve_type(event_type) or event_type
            found = list(loaded.evidence.of(loaded.newest([name])))
            observed = [
                {
                    "field": of.field.name,
                    "column": of.field.column,
                    "verdict": str(of.verdict),
                    "message": of.message,
                    "filled": of.filled,
                    "sample": of.sample,
                    "first_seen_at": of.sighting and of.sighting.first_seen_at,
                    "first_drop_id": of.sighting and of.sighting.first_drop_id,
                }
                for one in found
                for of in one.fields
                if str(of.verdict) not in {"confirmed", "absent"}
            ]
            observed += [_new_type(*named) for one in found for named in one.named.items()]
    if as_json:
        answer({"event_type": event_type, "steps": steps, "observed": observed})
        return
    _tell(steps, observed)


def _folder(schemas: Path | None, config: Path | None) -> Path | None:
    """Return the folder of the user's own schemas, if there is one."""
    from firehose_loader.config import load_config

    if schemas is None and (config or Path(_CONFIG).exists()):
        return load_config(config, into="duckdb://:memory:").schemas
    return schemas


def _steps(catalog: Catalog, event_type: str, old: str | None, new: str | None) -> Iterator[_Told]:
    """Yield the steps between two versions, those between them one by one."""
    name = catalog.resolve_type(event_type) or event_type
    versions = catalog.versions(name)
    first = _there(versions, old, name) if old else versions[0]
    last = _there(versions, new, name) if new else versions[-1]
    if first > last:
        raise SchemaError(f"{name} {first} is newer than {last}; name the older one first")
    between = [version for version in versions if first <= version <= last]
    for before, after in pairwise(between):
        yield {
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


def _new_type(name: str, rows: int) -> _Told:
    """Tell of an event type that no schema has, as rows of unknown type name it."""
    told = dict.fromkeys(("column", "sample", "first_seen_at", "first_drop_id"))
    message = f"{rows:,} rows name it; see schema infer"
    return {"field": name, "verdict": "new event type", "message": message, "filled": rows, **told}


def _there(versions: tuple[Version, ...], text: str, name: str) -> Version:
    version = parsed_version(text)
    if version not in versions:
        there = ", ".join(map(str, versions))
        raise SchemaError(f"event type {name!r} has no version {version}; there are {there}")
    return version


def _tell(steps: list[_Told], observed: list[_Told]) -> None:
    for one in steps:
        print(f"{one['from']} -> {one['to']} ({one['step']})")
        told = one["changes"]
        for change in told if isinstance(told, list) else ():
            print(f"  {printable(change['message'])}")
    if observed:
        print("since then, in the feed")
    for one in observed:
        at = f", first seen {one['first_seen_at']:%Y-%m-%d}" if one["first_seen_at"] else ""
        is_new = one["verdict"] == "new" and one["sample"]
        sample = f", such as {one['sample']}" if is_new else ""
        print(printable(f"  {one['field']}: {one['verdict']}: {one['message']}{sample}{at}"))
    if not steps and not observed:
        print("nothing changed")
