"""Warehouses as each version of the loader's own tables left them, kept as statements, one a line.

A change of these tables raises their version: keep what the version before it writes, by

    python -m tests.upgrades NAME

in a checkout without the change. Everything else about a step is in docs/operations.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.rigs.snowflake import SnowflakeRig
from tests.rigs.warehouses import WarehouseRig

HERE = Path(__file__).parent
DROPS = HERE / "drops"


def kept(dialect: str) -> Iterator[str]:
    """Yield the names of what is kept of a dialect, the oldest first."""
    yield from sorted(path.stem for path in (HERE / dialect).iterdir())


def restore(rig: WarehouseRig, dialect: str, name: str) -> None:
    """Make a warehouse as it was."""
    text = (HERE / dialect / f"{name}.sql").read_text(encoding="utf-8")
    if isinstance(rig, SnowflakeRig):  # whose own way takes all that is quoted for a name
        with rig.account.connect() as connection, connection.cursor() as cursor:
            for line in text.splitlines():
                cursor.execute(line.replace("{schema}", f'"{rig.account.schema}"', 1))
        return
    for line in text.splitlines():
        rig.execute(line)
