"""``doctor``: whether a run can work, and the rights that it needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, printable, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into, Sources
from firehose_loader.errors import ExitCode
from firehose_loader.model import as_dict

if TYPE_CHECKING:  # late, so that --help is quick
    from firehose_loader.checks import Policy


def doctor(
    sources: Sources = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    policy: Annotated[
        bool,
        typer.Option("--policy", help="Print the fewest rights that do, and try nothing."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Try all that a run needs: each source, the warehouse, this machine. Nothing is changed.

    Exits with 2 where something is missing.

    \b
    Examples:
      firehose-loader doctor -c firehose.toml
      firehose-loader doctor s3://my-dd-events/prod/ --into events.duckdb --json
      firehose-loader doctor -c firehose.toml --policy
    """
    from firehose_loader import checks
    from firehose_loader.config import load_config

    loaded = load_config(config, sources=tuple(sources or ()), into=into)
    if policy:
        _print_policies([checks.policy(source) for source in loaded.source], as_json=as_json)
        return
    probes = list(checks.examine(loaded))
    missing = any(probe.state is checks.State.MISSING for probe in probes)
    code = ExitCode.FATAL if missing else ExitCode.OK
    if as_json:
        answer({"exit_code": int(code), "probes": [as_dict(probe) for probe in probes]})
    else:
        table(
            ("what", "probe", "state", "found"),
            [(probe.subject, probe.name, str(probe.state), probe.found) for probe in probes],
        )
        if statements := [text for probe in probes for text in probe.statements]:
            print("\nHave whoever makes the tables run this:\n")
            print("\n\n".join(f"{text};" for text in statements))
    raise typer.Exit(code)


def _print_policies(policies: list[Policy], *, as_json: bool) -> None:
    if as_json:
        answer({"policies": [as_dict(one) for one in policies]})
        return
    for one in policies:
        print(printable(f"# source {one.source}: {one.kind}"))
        for step in one.steps:
            print(printable(f"# {step}"))
        if one.document is not None:
            print(json.dumps(one.document, indent=2))
        print()
