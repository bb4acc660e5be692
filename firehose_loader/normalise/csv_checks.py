"""What the engine's CSV reader takes without a word and should not have: found in what it gave."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.errors import EngineError, EngineOutOfMemory
from firehose_loader.normalise.match import UNFIT, Seen
from firehose_loader.normalise.shapes import Shape
from firehose_loader.schema.model import FieldType
from firehose_loader.statements import quoted

_NOTED = (
    ", store_rejects = true, rejects_table = 'staged_rejects', rejects_scan = 'staged_scans',"
    " rejects_limit = 1"
)


def with_rejects(engine: Engine, insert: Callable[[str], None]) -> set[str]:
    """Read CSV files by ``insert``, which takes more options of the reader.

    Noting what a file has that is no CSV makes every file a fourth dearer to read, so that it is
    done only where the reader finds such a line at all.

    Returns the paths of the files that have one.

    Raises:
        EngineError: it is not a line that the reader does not take.
    """
    try:
        insert("")
    except EngineOutOfMemory:
        raise
    except EngineError:
        try:
            insert(_NOTED)
            return {str(path) for (path,) in engine.run("stage_csv_damaged")}
        finally:
            for table in ("staged_rejects", "staged_scans"):
                engine.run("stage_forget", table=table)
    return set()


def with_lost_lines(
    engine: Engine, shape: Shape, missing: Mapping[int, int], *, seen: Sequence[Seen]
) -> set[int]:
    """Return the files whose rows do not account for all their lines.

    The reader may take all that follows an unclosed quote, to the end of the file, for one value
    and drop it without noting a rejected line (DuckDB 2.0.1). A line is the header, ends a row or
    lies within a value, or it was lost.

    Args:
        engine: where the rows are.
        shape: of these files.
        missing: by the number of each file, how many of its lines are neither header nor row.
        seen: the fields of the header, as the shape has them. Members of its cells do not count:
            their line feeds are escaped in the file.
    """
    doubtful = {number: lines for number, lines in missing.items() if lines}
    if not doubtful:
        return set()
    breaks = " + ".join(
        f"CASE WHEN contains({name}, chr(10))"
        f" THEN length({name}) - length(replace({name}, chr(10), '')) ELSE 0 END"
        for name in dict.fromkeys(_texts(seen))
    )
    found = engine.run("stage_csv_breaks", _span(missing), table=shape.table, breaks=breaks or "0")
    within = dict(cast("list[tuple[int, int]]", found))
    return {number for number, lines in doubtful.items() if within.get(number, 0) != lines}


def begun_again(
    engine: Engine,
    shape: Shape,
    files: Collection[int],
    *,
    seen: Sequence[Seen],
    header: Sequence[str],
) -> set[int]:
    """Return the files in which the header stands again, or a byte order mark before a row.

    Somebody put files together. ``seen`` are the fields of the header, as the shape has them.
    """
    first, *others = _texts(seen)
    names = {**_span(files), "first_name": header[0], "other_names": list(header[1:])}
    if not engine.run("stage_csv_begins", names, table=shape.table, first=first):
        return set()
    found = engine.run(
        "stage_csv_begun_again",
        names,
        table=shape.table,
        first=first,
        others=", ".join(f"coalesce(trim({text}), '')" for text in others),
    )
    return {cast("int", number) for (number,) in found}


def _texts(seen: Sequence[Seen]) -> list[str]:
    """Return the columns that have the text of cells: all of it, or what fits no type."""
    return [quoted(one.slot if one.kind is FieldType.TEXT else one.slot + UNFIT) for one in seen]


def _span(files: Collection[int]) -> Mapping[str, object]:
    return {"first_file": min(files), "last_file": max(files)}
