"""Runs a block of Snowflake Scripting, one statement after the other, as Snowflake itself would.

The tests' stand-in for Snowflake knows statements only. Here are the few things around them that
the task's script uses: variables, IF, WHILE, BREAK, RETURN, RAISE, and what is done in trouble.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from snowflake.connector import SnowflakeConnection

_OPAQUE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*""")
_VARIABLE = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_WORDS = re.compile(r"[a-z_]\w*")
_HEADS = re.compile(r"(?s)(IF \(.*?\) THEN\n|WHILE \(.*?\) DO\n|ELSE\n)")
_INTO = re.compile(r"(?s)^(SELECT .*?) INTO :(\w+)\s(.*)$")


class Raised(Exception):
    """The script raised one of its exceptions."""


class _Broken(Exception):
    """BREAK."""


class _Returned(Exception):
    """RETURN; with what."""


def body_of(text: str, procedure: str) -> str:
    """Return the block of a procedure, from the statements that make it."""
    found = re.search(rf"(?s)PROCEDURE \S*\"{procedure}\"\(\).*?\$\$\n(.*?)\n\$\$;", text)
    assert found is not None
    return found[1]


def call(connection: SnowflakeConnection, block: str) -> str:
    """Run a block; return what it returns."""
    declared, _, rest = block.partition("\nBEGIN\n")
    steps, _, trouble = rest.rpartition("EXCEPTION\n")
    script = _Script(connection)
    for line in declared.removeprefix("DECLARE\n").split(";\n"):
        name, *_ = line.split()
        if " DEFAULT " in line:
            script.assign(name, line.partition(" DEFAULT ")[2].rstrip(";"))
        else:
            assert " EXCEPTION (" in line
            script.exceptions[name] = line.partition(", '")[2].rstrip("');")
    try:
        script.run(steps)
    except _Returned as returned:
        return str(returned.args[0])
    except BaseException:
        assert re.sub(r"\s+", " ", trouble) == " WHEN OTHER THEN ROLLBACK; RAISE; END;"
        script.query("ROLLBACK")
        raise
    raise AssertionError("the script came to its end without RETURN")


@dataclass(slots=True)
class _Script:
    connection: SnowflakeConnection
    values: dict[str, Any] = field(default_factory=dict)
    exceptions: dict[str, str] = field(default_factory=dict)
    changed: int = 0

    def run(self, text: str) -> None:
        """Carry out some steps."""
        steps = list(_steps(text))
        at = 0
        while at < len(steps):
            head = steps[at]
            if head.startswith(("IF ", "WHILE ")):
                end = "END IF" if head.startswith("IF ") else "END WHILE"
                at, inside = _until(steps, at + 1, end)
                self._branch(head, inside)
            else:
                self._step(head)
            at += 1

    def _branch(self, head: str, inside: list[str]) -> None:
        condition = head[head.index("(") + 1 : head.rindex(")")]
        if head.startswith("WHILE "):
            while self.value(condition):
                try:
                    self.run("".join(inside))
                except _Broken:
                    return
            return
        then, otherwise = _parted(inside)
        self.run("".join(then if self.value(condition) else otherwise))

    def _step(self, step: str) -> None:
        text = step.rstrip().removesuffix(";")
        first = text.split(None, 1)[0]
        if first == "BREAK":
            raise _Broken
        if first == "RETURN":
            raise _Returned(self.value(text.split(None, 1)[1]))
        if first == "RAISE":
            raise Raised(self.exceptions[text.split()[1]])
        if re.match(r"\w+ := ", text):
            name, _, value = text.partition(" := ")
            self.assign(name, value)
        elif text.startswith("EXECUTE IMMEDIATE :"):
            self.query(self.values[text.partition(":")[2]])
        elif match := _INTO.match(text):
            ((self.values[match[2]],),) = self.query(f"{match[1]} {match[3]}")
        else:
            self.query(text)

    def assign(self, name: str, value: str) -> None:
        self.values[name] = self.changed if value == "SQLROWCOUNT" else self.value(value)

    def value(self, expression: str) -> Any:  # noqa: ANN401 - of any type
        """Return the value of an expression, in which variables stand without a colon."""
        marked = _outside(expression, lambda code: _WORDS.sub(self._marked, code))
        marked = marked.replace("SQLROWCOUNT", str(self.changed))
        ((found,),) = self.query(f"SELECT {marked}")
        return found

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """Carry out a statement with the values of its variables; return its rows."""
        bound: list[Any] = []

        def bind(match: re.Match[str]) -> str:
            bound.append(self.values[match[1]])
            return "?"

        ready = _outside(text, lambda code: _VARIABLE.sub(bind, code))
        with self.connection.cursor() as cursor:
            cursor.execute(ready, bound or None)
            self.changed = cursor.rowcount or 0
            return [tuple(row) for row in cursor.fetchall()]

    def _marked(self, word: re.Match[str]) -> str:
        return f":{word[0]}" if word[0] in self.values else word[0]


def _outside(text: str, change: Any) -> str:  # noqa: ANN401 - of text
    """Change what is neither in quotes nor a comment."""
    parts, at = [], 0
    for opaque in _OPAQUE.finditer(text):
        parts += [change(text[at : opaque.start()]), opaque[0]]
        at = opaque.end()
    return "".join([*parts, change(text[at:])])


def _steps(text: str) -> Iterator[str]:
    """Yield heads of branches and loops, and statements with the semicolon behind them."""
    hidden = _OPAQUE.sub(lambda match: "x" * len(match[0]), text)
    at = 0
    while hidden[at:].strip():
        at += len(hidden[at:]) - len(hidden[at:].lstrip())
        head = _HEADS.match(hidden, at)
        end = head.end() if head else hidden.index(";", at) + 1
        yield text[at:end] + ("" if head else "\n")
        at = end


def _until(steps: list[str], at: int, end: str) -> tuple[int, list[str]]:
    """Return where a branch or a loop ends that has begun, and what is within."""
    depth, first = 0, at
    word = end.split()[1]
    while True:
        depth += steps[at].startswith(f"{word} ") - steps[at].startswith(end)
        if depth < 0:
            return at, steps[first:at]
        at += 1


def _parted(inside: list[str]) -> tuple[list[str], list[str]]:
    """Return what is before and behind the ELSE of one IF."""
    depth = 0
    for at, step in enumerate(inside):
        depth += step.startswith("IF ") - step.startswith("END IF")
        if step == "ELSE\n" and not depth:
            return inside[:at], inside[at + 1 :]
    return inside, []
