"""The loader up to the files that it brings to Snowflake's stage: FOLDER OUT.

All is as in a run, but that the warehouse takes no rows: it writes what would be uploaded.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast
from unittest import mock

from firehose_loader.config import load_config
from firehose_loader.protocols import StagedBatch
from firehose_loader.service import run
from firehose_loader.warehouse.ddl import SPELLINGS
from firehose_loader.warehouse.duckdb import DuckDBWarehouse
from firehose_loader.warehouse.snowflake_session import SnowflakeSession
from firehose_loader.warehouse.snowflake_stage import Stage


class _Written(Exception):
    """All that there is to measure is done."""


def main(folder: str, out: str) -> None:
    target = Path(out)
    target.mkdir()

    def load(warehouse: DuckDBWarehouse, batch: StagedBatch, **_: object) -> None:
        nobody = cast("SnowflakeSession", None)
        stage = Stage(nobody, warehouse.engine(), "stage", target, SPELLINGS["snowflake"])
        stage.write(batch, target)
        raise _Written

    config = load_config(None, sources=(folder,), into=f"{out}/none.duckdb")
    with mock.patch.object(DuckDBWarehouse, "load", load):
        try:
            run(config, lambda _: None)
        except _Written:
            return
    raise RuntimeError("nothing was written")


if __name__ == "__main__":
    main(*sys.argv[1:])
