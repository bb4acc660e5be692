"""``schema lint``: everything that is wrong with event schemas."""

from __future__ import annotations

import sys
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from firehose_loader.cli.console import answer, printable
from firehose_loader.cli.options import AsJson
from firehose_loader.errors import ExitCode, SchemaError
from firehose_loader.resources import bundled


def lint(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of your own event schemas; without it, the shipped ones.",
            show_default=False,
        ),
    ] = None,
    *,
    freeze: Annotated[
        bool,
        typer.Option(
            "--freeze",
            help="Note the digests of all versions in published.json: from then on they are"
            " published, and a change of one is refused.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check event schemas: their form, how they fit together, and what new versions change.

    Tells every problem with file, place and what to write instead. Exits with 2 if there is one.

    \b
    Examples:
      firehose-loader schema lint my-schemas
      firehose-loader schema lint my-schemas --freeze
      firehose-loader schema lint --json
    """
    from firehose_loader.schema.frozen import check_published
    from firehose_loader.schema.gather import gather

    shipped = bundled("schemas")
    own = None if folder is None or _same(folder, shipped) else folder
    gathered = gather(own)
    roots: tuple[Traversable, ...] = (shipped,) if own is None else (shipped, own)
    findings = [*gathered.findings, *(one for root in roots for one in check_published(root))]
    new: tuple[str, ...] = ()
    if freeze and not findings:
        new = _freeze(roots[-1])
    if as_json:
        problems = [
            {"file": one.path, "pointer": one.problem.pointer, "message": one.problem.message}
            for one in findings
        ]
        answer({"schemas": len(gathered.schemas), "problems": problems, "frozen": list(new)})
    else:
        for one in findings:
            print(printable(one.line))
        for place in new:
            print(f"published: {printable(place)}")
        count = f"{len(findings)} problems" if findings else "no problems"
        print(f"{len(gathered.schemas)} event schemas, {count}", file=sys.stderr)
    raise typer.Exit(ExitCode.FATAL if findings else ExitCode.OK)


def _same(folder: Path, shipped: Traversable) -> bool:
    return isinstance(shipped, Path) and folder.exists() and folder.samefile(shipped)


def _freeze(root: Traversable) -> tuple[str, ...]:
    from firehose_loader.schema.frozen import LIST, frozen

    text, new = frozen(root)
    if not isinstance(root, Path):
        raise SchemaError(f"{root}: cannot be written; name a folder of your own")
    try:
        (root / LIST).write_text(text, "utf-8")
    except OSError as error:
        raise SchemaError(f"{root / LIST}: cannot be written: {error.strerror}") from error
    return new
