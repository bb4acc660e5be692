"""The page: one file with all that it needs, which asks nothing of the network."""

from __future__ import annotations

import gzip
import json
import os
from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from firehose_loader import __version__
from firehose_loader.errors import ConfigError
from firehose_loader.figures import bucket_names
from firehose_loader.report import set_aside, tables
from firehose_loader.report.arrivals import Arrivals
from firehose_loader.report.summary import Summary

_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_SHOWN_RUNS = 10
_SHOWN_FINDINGS = 6
_RECENT = timedelta(days=90)


def page_of(summary: Summary) -> str:
    """Return the page."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    gathered = summary.gathered
    runs = tables.runs_table(gathered)
    library = gzip.decompress(_asset("echarts.min.js.gz")).decode()
    script = _asset("report.js").decode()
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"cell": _cell, "moment": _moment}
    environment.tests["numeric"] = lambda value: isinstance(value, int | float)
    page = environment.from_string(_asset("page.html.jinja").decode()).render(
        version=__version__,
        policy=_policy(library, script),
        style=Markup(_asset("report.css").decode()),  # noqa: S704 - ours
        library=Markup(library),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        data=Markup(_embedded(_drawn(summary, runs))),  # noqa: S704 - cannot end its element
        summary=summary,
        gathered=gathered,
        headline=summary.headline,
        last=_last(summary),
        ago=_ago(summary),
        shown=_SHOWN_FINDINGS,
        legends={one.source: _told(one) for one in summary.arrivals},
        days={one.source: tables.days_table(one) for one in summary.arrivals},
        series=tables.series_table(gathered),
        rows=tables.rows_table(*tables.rows_bins(gathered)),
        lateness=tables.lateness_table(tables.lateness_counts(gathered)),
        duplicates=set_aside.duplicates_table(gathered),
        held=set_aside.held_table(gathered),
        schemas=tables.schemas_table(gathered),
        drift=tables.drift_table(gathered),
        runs=runs,
    )
    # Names of files may hold bytes that are not UTF-8.
    return page.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def write_page(path: Path, page: str) -> None:
    """Write the page, all of it or nothing.

    Raises:
        ConfigError: it cannot be written there.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            unfinished.write_text(page, "utf-8")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            f"the report cannot be written to {path}: {error.strerror}; name another file with"
            " --output"
        ) from None


def _drawn(summary: Summary, runs: tables.Table) -> dict[str, object]:
    """Return what the page's script draws."""
    unit, bins = tables.rows_bins(summary.gathered)
    time = "%Y-%m-%d %H:%M" if unit == "hour" else "%Y-%m-%d"
    return {
        "sources": [one.document() for one in summary.arrivals],
        "rows": {
            "unit": unit,
            "bins": [f"{start:{time}}" for start, *_ in bins],
            "fates": {
                name: [getattr(rows, name) for *_, rows in bins] for name in tables.FATE_COLUMNS
            },
        },
        "lateness": {
            "buckets": bucket_names(),
            "types": tables.lateness_counts(summary.gathered),
        },
        "runs": [
            {"started": f"{started:%Y-%m-%d %H:%M:%S}", "seconds": seconds}
            for _, started, seconds, *_ in runs.rows[:_SHOWN_RUNS]
        ],
    }


def _asset(name: str) -> bytes:
    return (files("firehose_loader.report") / "assets" / name).read_bytes()


def _policy(*scripts: str) -> str:
    """Return what the browser may do with the page: run its own two scripts, and nothing else."""
    hashes = " ".join(
        f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _embedded(data: object) -> str:
    """Return JSON in which nothing can end the element that holds it."""
    return json.dumps(data, separators=(",", ":")).translate(_UNSAFE)


def _cell(value: object) -> str:
    """Return a cell's text."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return _moment(value)
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _moment(value: datetime | None) -> str:
    return "-" if value is None else f"{value:%Y-%m-%d %H:%M}"


def _last(summary: Summary) -> str:
    """Return when the last drop was delivered, as briefly as it can be told apart."""
    last = summary.last_drop
    if last is None:
        return "-"
    return f"{last:%-d %b %H:%M}" if summary.gathered.at - last < _RECENT else f"{last:%-d %b %Y}"


def _ago(summary: Summary) -> str:
    """Say how long before the report the last drop was delivered."""
    if summary.last_drop is None:
        return "nothing was delivered yet"
    minutes = max(0, round((summary.gathered.at - summary.last_drop) / timedelta(minutes=1)))
    days, hours = divmod(minutes // 60, 24)
    parts = ((days, "d"), (hours, "h"), (0 if days else minutes % 60, "min"))
    told = " ".join(f"{count} {unit}" for count, unit in parts if count) or "less than a minute"
    return f"{told} before this report"


def _told(arrivals: Arrivals) -> str:
    """Say in a sentence what the heat maps of a source show."""
    whole = arrivals.whole
    if not arrivals.judged:
        return (
            f"Something came in {whole.came:,} of {arrivals.count:,} slots; what is usual is not"
            " known"
        )
    told = f"Something came in {whole.came:,} of {whole.came + whole.absent:,} slots"
    alone = sum(line.absent for line in arrivals.types)
    late = len(whole.late.keys() | {slot for line in arrivals.types for slot in line.late})
    more = [
        f"{whole.absent:,} missing" if whole.absent else "",
        f"single event types missing {alone:,} times" if alone else "",
        f"{late:,} late" if late else "",
    ]
    return "; ".join([f"{told} in which it usually does", *filter(None, more)])
