"""dlt, merging on eventId, with its CSV or JSON reader. FOLDER READER DATABASE WORK."""

# Runs in an environment of its own, in which nothing of this project is.
from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

folder, reader, database, work = sys.argv[1:]
os.environ.update(
    RUNTIME__LOG_LEVEL="ERROR",
    RUNTIME__DLTHUB_TELEMETRY="false",
    NORMALIZE__WORKERS="2",
    LOAD__WORKERS="2",
    DATA_WRITER__BUFFER_MAX_ITEMS="100000",
    DATA_WRITER__FILE_MAX_ITEMS="500000",
    NORMALIZE__LOADER_FILE_FORMAT="parquet",
    DLT_DATA_DIR=work,
)

import dlt
from dlt.sources.filesystem import filesystem, read_csv_duckdb, read_jsonl


@dlt.transformer(standalone=True)  # type: ignore[untyped-decorator,unused-ignore]
def arrow_csv(items: Iterable[Any]) -> Iterator[Any]:
    import pyarrow.csv as pc

    for item in items:
        with item.open("rb") as file:
            yield pc.read_csv(
                file,
                parse_options=pc.ParseOptions(newlines_in_values=True),
                convert_options=pc.ConvertOptions(strings_can_be_null=True),
            )


times: dict[str, dict[str, str]] = {
    "eventDate": {"data_type": "timestamp"},
    "processedDate": {"data_type": "timestamp"},
}
files = filesystem(bucket_url=f"file://{folder}", file_glob="*")
match reader:
    case "own":
        resource = files | read_csv_duckdb(chunk_size=100_000, use_pyarrow=True)
    case "pyarrow":
        resource = files | arrow_csv()
    case _:
        resource = files | read_jsonl(chunksize=20_000)
        times["data"] = {"data_type": "json"}
resource = resource.with_name("events")
resource.apply_hints(
    write_disposition={"disposition": "merge", "strategy": "delete-insert"},
    primary_key="eventId",
    columns=times,
)
dlt.pipeline("bench", destination=dlt.destinations.duckdb(database), dataset_name="d").run(resource)
