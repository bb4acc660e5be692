"""How the tables of the event types, their columns and the views are named."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from firehose_loader.config.values import Model

Case = Literal["snake", "upper", "camel", "pascal"]
HOLES = {"table": "{event_type}", "column": "{column}", "view": "{view}"}
"""What stands for the loader's own name in each template."""
_LONGEST = 100


class Names(Model):
    """Other names than the loader's own, for warehouses that have a convention."""

    table: str = Field(
        "{event_type}",
        description="Name of the table of an event type, such as `stg_{event_type}`. What stands"
        " around the braces is kept as it is written.",
    )
    column: str = Field(
        "{column}", description="Name of a column of these tables, such as `dd_{column}`."
    )
    view: str = Field("{view}", description="Name of a view, such as `{view}_v`.")
    table_case: Case | None = Field(
        None,
        description="How event types and views are written in these: `snake` (`email_open`),"
        " `upper` (`EMAIL_OPEN`), `camel` (`emailOpen`) or `pascal` (`EmailOpen`). Without it,"
        " snake case in DuckDB, and the whole name in capitals in Snowflake.",
    )
    column_case: Case | None = Field(None, description="The same for columns.")

    @field_validator("table", "column", "view")
    @classmethod
    def _one_hole(cls, value: str, info: ValidationInfo) -> str:
        hole = HOLES[str(info.field_name)]
        around = value.replace(hole, "", 1)
        if value.count(hole) != 1 or {"{", "}"} & set(around):
            raise ValueError(f"must have {hole} in it once, and no other braces")
        if value.startswith("_"):
            raise ValueError("names that begin with _ are the loader's own; begin with a letter")
        if len(around) > _LONGEST or not around.isprintable():
            raise ValueError(f"at most {_LONGEST} printable characters may stand around {hole}")
        return value
