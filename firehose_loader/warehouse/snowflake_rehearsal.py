"""Snowflake as nobody connects to it: what would be sent is noted, and answered as a load needs."""

from __future__ import annotations

from collections.abc import Sequence

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.engine import Row
from firehose_loader.statements import Statement
from firehose_loader.warehouse.snowflake import SnowflakeWarehouse
from firehose_loader.warehouse.snowflake_session import SnowflakeSession

_ANSWERS: dict[str, list[Row]] = {
    "merge_insert": [(1,)],
    "merge_extent": [(None, None)],
    "drops_committed": [(0,)],
}


class RehearsedSession(SnowflakeSession):
    """A session with nobody."""

    def __init__(self) -> None:
        super().__init__(None, None)
        self._type_no: object = 0

    def _carry_out(self, ready: Statement, values: list[object], table: str | None) -> list[Row]:  # noqa: ARG002 - nothing is sent
        match ready.name:
            case "merge_seen":
                self._type_no = values[ready.parameters.index("type_no")]
            case "merge_counts":
                return [(0, self._type_no, "inserted", 1)]
            case "merge_unjudged":  # as if the event were there already, to tell how it is compared
                return [(self._type_no, 0)]
            case _:
                return list(_ANSWERS.get(ready.name, ()))
        return []

    def close(self) -> None:
        """There is nothing to end."""


def rehearsed(
    config: Config, target: SnowflakeTarget
) -> tuple[SnowflakeWarehouse, Sequence[Statement]]:
    """Return a warehouse that is none, and a list to which every statement is added."""
    session = RehearsedSession()
    seen = session.watch()
    return SnowflakeWarehouse(config, target, session), seen
