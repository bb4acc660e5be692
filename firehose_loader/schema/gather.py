"""All event schemas at hand, the shipped ones and the user's, with all that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from msgspec import Struct, field

from firehose_loader.errors import SchemaError
from firehose_loader.resources import bundled
from firehose_loader.schema.documents import SchemaFile, compile_document, read_documents
from firehose_loader.schema.lint import check_document, check_neighbours, check_step
from firehose_loader.schema.lint_fields import Problem
from firehose_loader.schema.model import EventSchema, Version

Name = tuple[str, Version]


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with one file."""

    path: str
    problem: Problem

    @property
    def line(self) -> str:
        """File, place and message in one line."""
        return f"{self.path}: {self.problem.line}"


class Gathered(Struct, kw_only=True):
    """Documents, what they say, and what is wrong with them."""

    files: dict[Name, SchemaFile] = field(default_factory=dict)
    """The documents in force of event types, without those that are wrong."""
    schemas: dict[Name, EventSchema] = field(default_factory=dict)
    """What they say."""
    shared: tuple[SchemaFile, ...] = ()
    """Documents of shared fields, the preferred ones first."""
    findings: list[Finding] = field(default_factory=list)

    def refuse(self) -> None:
        """Raise SchemaError with every finding, one to a line; return if there is none."""
        if self.findings:
            raise SchemaError("\n".join(finding.line for finding in self.findings))


def gather(user_folder: Path | None = None) -> Gathered:
    """Read and check the shipped event schemas, and those of the user's own folder.

    A user's document adds a type or a version. It replaces a shipped one only if it says
    ``"x-overrides": true``. Shared fields are looked up in its own folder first. While shared
    fields are wrong, the documents that may refer to them are not looked at.

    Raises:
        SchemaError: a folder or a file cannot be read, or the user's folder has no schemas.
    """
    shipped = tuple(read_documents(bundled("schemas"), "shipped"))
    own = () if user_folder is None else _user_documents(user_folder)
    gathered = Gathered(shared=tuple(file for file in (*own, *shipped) if file.shared))
    for files, visible in ((shipped, shipped), (own, (*own, *shipped))):
        _take(gathered, files, tuple(file for file in visible if file.shared))
    everything = tuple(gathered.schemas.values())
    for name, schema in gathered.schemas.items():
        if user_folder is not None and schema.origin == "shipped":
            continue  # these are sound by themselves; where one clashes, the user's file is told
        _note(gathered, gathered.files[name], check_neighbours(schema, everything))
    _check_steps(gathered)
    return gathered


def _user_documents(folder: Path) -> tuple[SchemaFile, ...]:
    files = tuple(read_documents(folder, "user"))
    if not files:
        raise SchemaError(
            f"{folder}: holds no event schemas; put each one at <event type>/<version>.json,"
            " such as email.open/1-0-1.json"
        )
    return files


def _take(gathered: Gathered, files: Sequence[SchemaFile], shared: Sequence[SchemaFile]) -> None:
    """Check the documents of one folder; keep those that are sound."""
    before = len(gathered.findings)
    for file in files:
        if file.shared:
            _note(gathered, file, check_document(file, shared))
    if len(gathered.findings) > before:
        return
    for file in files:
        if file.shared:
            continue
        problems = list(check_document(file, shared))
        if not problems:
            schema = compile_document(file, shared)
            name = (schema.event_type, schema.version)
            problems = list(_check_override(file, gathered.files.get(name)))
            if not problems:
                gathered.files[name], gathered.schemas[name] = file, schema
        _note(gathered, file, problems)


def _check_override(file: SchemaFile, replaced: SchemaFile | None) -> Iterator[Problem]:
    if replaced is not None and file.content.get("x-overrides") is not True:
        yield Problem(
            pointer="/x-version",
            message=f"{file.folder} {file.stem} is shipped with the loader; raise the version to"
            ' add to it, or write "x-overrides": true to replace it',
        )


def _check_steps(gathered: Gathered) -> None:
    """Hold every version against the one before it. Of two, the user's file is told."""
    for old, new in pairwise(sorted(gathered.schemas)):
        if old[0] != new[0]:
            continue
        problems = check_step(gathered.schemas[old], gathered.schemas[new])
        older, newer = gathered.files[old], gathered.files[new]
        if (older.origin, newer.origin) == ("user", "shipped"):
            _note(gathered, older, _seen_from_older(problems, new[1]))
        else:
            _note(gathered, newer, problems)


def _seen_from_older(problems: Iterable[Problem], version: Version) -> Iterator[Problem]:
    for problem in problems:
        yield Problem(
            pointer="/x-version",
            message=f"the version {version} of the loader comes behind this one and does not build"
            f" on it: {problem.message}; raise this one above {version}, with the fields of both",
        )


def _note(gathered: Gathered, file: SchemaFile, problems: Iterable[Problem]) -> None:
    gathered.findings += [Finding(path=file.path, problem=problem) for problem in problems]
