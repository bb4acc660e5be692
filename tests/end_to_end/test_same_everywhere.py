"""Wherever the same drops lie, the same tables come out of them.

``make same-everywhere`` has it of 500 drops; with every run of the tests it is fewer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from firehose_loader.sample.write import write_sample
from firehose_loader.schema.catalog import load_catalog
from tests.command import Row, ask, events, select
from tests.configured import source_table
from tests.conftest import SERVERS, new_rig
from tests.rigs import azure, ftps, moto
from tests.rigs.local import LocalRig
from tests.rigs.rig import Rig
from tests.sampled import EVERYTHING

DROPS = int(os.environ.get("FIREHOSE_SAME_DROPS", "12"))
SAMPLE = replace(
    EVERYTHING,
    events=17 * DROPS,
    drops=DROPS,
    event_types=("email.open", "sms.send"),
)
"""All that can be asked for, of few types: each table takes its time."""


SECOND = {moto.NAME, azure.TLS_NAME, ftps.VSFTPD}
"""Servers of a protocol that another one speaks here, too."""


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.long) if name in SECOND else name for name in SERVERS
    ]
)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    rig = new_rig(request.param, request, tmp_path)
    yield rig
    rig.close()


@pytest.fixture(scope="module")
def drops(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Drops of all formats and packings, with duplicates, bad rows and fields that change."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, SAMPLE, catalog=load_catalog(None))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def expected(
    drops: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Row]]:
    """What comes out of a folder of this machine."""
    rig = LocalRig(tmp_path_factory.mktemp("local"))
    return loaded(rig, drops, tmp_path_factory.mktemp("expected"))


def loaded(rig: Rig, drops: Mapping[str, bytes], folder: Path) -> dict[str, list[Row]]:
    """Deliver drops, load them, and return all tables without what tells of their loading."""
    # Where times are whole seconds many drops are of the same age, and their keys decide which of
    # them comes first: delivered in the order of keys, they are in one order everywhere.
    for key in sorted(drops, key=os.fsencode):
        rig.put(key, drops[key])
    config, database = folder / "firehose.toml", folder / "events.duckdb"
    settings = {"settle": 0} if rig.storage.traits.partial_files_visible else {}
    config.write_text(
        f'[warehouse]\nurl = "{database}"\n{source_table(rig.source(), **settings)}', "utf-8"
    )

    answer = ask("run", "-c", config, "--json")

    assert answer.code == 0, answer.err
    assert answer.json["drops"]["listed"] == len(drops)
    ledger = select(
        database,
        "SELECT key, state, size_bytes, rows_parsed, rows_inserted, rows_quarantined"
        " FROM dotdigital._firehose_drops ORDER BY key",
    )
    quarantine = select(
        database,
        "SELECT d.key, q.row_no, q.reason, q.field, q.raw FROM dotdigital._firehose_quarantine AS q"
        " JOIN dotdigital._firehose_drops AS d USING (drop_id) ORDER BY ALL",
    )
    return {**events(database), "ledger": ledger, "quarantine": quarantine}


def test_the_same_drops_give_the_same_tables_wherever_they_lie(
    rig: Rig, drops: Mapping[str, bytes], expected: dict[str, list[Row]], tmp_path: Path
) -> None:
    found = loaded(rig, drops, tmp_path)

    assert found.keys() == expected.keys()
    for name, rows in expected.items():
        assert found[name] == rows, name
    assert sum(map(len, found.values())) > SAMPLE.events
