"""Stages: folders of this machine, which the driver reaches over HTTP as it would a bucket."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

from tests.snowflake_server.refusals import NOT_THERE, SYNTAX, Refused
from tests.snowflake_server.results import Result, told

_PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_CREATE = re.compile(
    rf"(?is)create\s+(?P<replace>or\s+replace\s+)?(?P<temporary>temp(?:orary)?\s+)?stage\s+"
    rf"(?P<unless>if\s+not\s+exists\s+)?(?P<name>{_PART}(?:\.{_PART})*)(?P<rest>.*)"
)
_DROP = re.compile(
    rf"(?is)drop\s+stage\s+(?P<if>if\s+exists\s+)?(?P<name>{_PART}(?:\.{_PART})*)\s*$"
)
_URL = re.compile(r"(?is)\burl\s*=\s*'([^']*)'")
_REFERENCE = re.compile(rf"@(?P<name>~|(?:{_PART}\.)*(?:%?{_PART}))(?P<path>(?:/.*)?)", re.DOTALL)

StageName = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stage, or a folder or file in it."""

    root: Path
    path: str
    """Below the root, without a leading slash."""
    shown: str
    """What names of files begin with where they are listed."""

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield the files whose path begins with ours, by their path below the root."""
        if self.root.is_dir():
            for file in sorted(self.root.rglob("*")):
                name = file.relative_to(self.root).as_posix()
                if file.is_file() and name.startswith(self.path):
                    yield name, file


@dataclass(slots=True)
class Stages:
    """The stages of one account."""

    folder: Path
    """Holds what is put into internal ones."""
    buckets: dict[str, Path] = field(default_factory=dict)
    """Folders that stand for buckets, by the beginning of their URLs."""
    _urls: dict[StageName, str] = field(default_factory=dict)
    """Empty for an internal one."""

    def create(self, text: str, database: str, schema: str) -> str:
        """Carry out a CREATE STAGE; return what is said then."""
        match = _CREATE.fullmatch(text)
        if match is None:
            raise Refused(SYNTAX, "SQL compilation error: syntax error in CREATE STAGE")
        name = _full(match["name"], database, schema)
        if name in self._urls and not match["replace"]:
            if match["unless"]:
                return f"{name[2]} already exists, statement succeeded."
            raise Refused(
                (2002, "42710"), f"SQL compilation error: Object '{name[2]}' already exists."
            )
        url = _URL.search(match["rest"])
        self._urls[name] = url[1] if url else ""
        shutil.rmtree(self._root(name), ignore_errors=True)
        return f"Stage area {name[2]} successfully created."

    def remove_stage(self, text: str, database: str, schema: str) -> str:
        """Carry out a DROP STAGE."""
        match = _DROP.fullmatch(text)
        if match is None:
            raise Refused(SYNTAX, "SQL compilation error: syntax error in DROP STAGE")
        name = _full(match["name"], database, schema)
        if self._urls.pop(name, None) is None:
            if match["if"]:
                return "Drop statement executed successfully."
            raise _missing(name)
        shutil.rmtree(self._root(name), ignore_errors=True)
        return f"{name[2]} successfully dropped."

    def describe(self, name: str, database: str, schema: str) -> Result:
        """Answer a DESCRIBE STAGE, as far as it tells where an external one leads."""
        full = _full(name, database, schema)
        if full not in self._urls:
            raise _missing(full)
        columns = ["parent_property", "property", "property_type", "property_value"]
        value = f'["{self._urls[full]}"]' if self._urls[full] else ""
        row = ("STAGE_LOCATION", "URL", "String", value, "")
        return told([*columns, "property_default"], [row])

    def place(self, reference: str, database: str, schema: str) -> Place:
        """Find what ``@stage/path`` means.

        Raises:
            Refused: there is no such stage.
        """
        text = reference.strip()
        if text.startswith("'") and text.endswith("'"):
            text = text[1:-1].replace("''", "'")
        match = _REFERENCE.fullmatch(text)
        if match is None:
            raise Refused(SYNTAX, f"SQL compilation error: syntax error at {reference!r}")
        path = match["path"].lstrip("/")
        if ".." in path.split("/"):
            raise Refused(SYNTAX, f"SQL compilation error: invalid path {path!r}")
        if match["name"] == "~":
            return Place(root=self.folder / "~", path=path, shown="")
        name = _full(match["name"].replace("%", ""), database, schema)
        if "%" in match["name"]:
            return Place(root=self._root((*name[:2], f"%{name[2]}")), path=path, shown="")
        if name not in self._urls:
            raise _missing(name)
        if url := self._urls[name]:
            return self._bucket(url, path)
        return Place(root=self._root(name), path=path, shown=f"{name[2].lower()}/")

    def url(self, name: str, database: str, schema: str) -> str:
        """Return where a stage leads; empty for an internal one.

        Raises:
            Refused: there is none.
        """
        full = _full(name, database, schema)
        if full not in self._urls:
            raise _missing(full)
        return self._urls[full]

    def _bucket(self, url: str, path: str) -> Place:
        for beginning, folder in self.buckets.items():
            if url.startswith(beginning):
                root = folder / url[len(beginning) :].strip("/")
                return Place(root=root, path=path, shown=f"{url.rstrip('/')}/")
        raise Refused((3001, "42501"), f"Failure using stage area. Access Denied ({url})")

    def _root(self, name: StageName) -> Path:
        return self.folder.joinpath(*(part.replace("/", "%2F") for part in name))


def listed(place: Place) -> Result:
    """Answer a LIST."""
    rows = [
        (
            place.shown + name,
            file.stat().st_size,
            hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest(),
            formatdate(file.stat().st_mtime, usegmt=True),
        )
        for name, file in place.files()
    ]
    return told(["name", "size", "md5", "last_modified"], rows)


def removed(place: Place) -> Result:
    """Answer a REMOVE."""
    rows = []
    for name, file in list(place.files()):
        file.unlink()
        rows.append((place.shown + name, "removed"))
    return told(["name", "result"], rows)


def _full(name: str, database: str, schema: str) -> StageName:
    parts = [
        part[1:-1].replace('""', '"') if part.startswith('"') else part.upper()
        for part in re.findall(_PART, name)
    ]
    found = [database, schema, ""][: 3 - len(parts)] + parts
    return found[0], found[1], found[2]


def _missing(name: StageName) -> Refused:
    return Refused(
        NOT_THERE,
        f"SQL compilation error: Stage '{'.'.join(name)}' does not exist or not authorized.",
    )
