"""What every warehouse has, whatever its kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from firehose_loader.config.values import Duration, Model
from firehose_loader.config.warehouses.names import Names

_LONGEST_NAME = 255
_SHORTEST = timedelta(minutes=1)


def _schema_name(value: str) -> str:
    if not value.strip() or len(value) > _LONGEST_NAME or "\0" in value:
        raise ValueError(f"must be a name of 1 to {_LONGEST_NAME} characters")
    return value


class BaseTarget(Model):
    """Where the events go."""

    url: str = Field(
        min_length=1,
        description="`duckdb:///path`, a plain path that ends in `.duckdb`, `duckdb://:memory:`, or"
        " `snowflake://user@account/database/schema?warehouse=..&role=..`.",
    )
    schema_name: Annotated[str, AfterValidator(_schema_name)] = Field(
        "dotdigital", alias="schema", description="Schema that holds every table of the loader."
    )
    names: Names = Field(
        default_factory=lambda: Names.model_validate({}),
        description="Other names for tables, columns and views.",
    )
    manage_tables: bool = Field(
        default=True,
        description="Make and change tables and views. `false`: somebody else does; a run says what"
        " is missing, with the statements that make it, and unknown fields go to `_rescued`.",
    )
    leave_out: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Columns that the tables do not have: event type = list of columns, `*` for all"
        " event types. Nothing of them is stored.",
    )
    land_only: bool = Field(
        default=False,
        description="Put rows as they are into one table, `landed_rows`, with ledger and quarantine"
        " beside it; merge none into the tables of event types.",
    )
    lock_timeout: float = Field(
        10, ge=0, description="Seconds to wait for a database or a table that another one holds."
    )

    lease_seconds: float = Field(
        300,
        ge=0,
        description="Seconds for which a run claims its sources; it renews that while it lives, so"
        " that those of a killed one are free after so long. 0: runs claim nothing.",
    )

    merge_every: Duration | None = Field(
        None,
        description="How often runs load, such as `6h`, counted from midnight UTC; runs in between"
        " list their sources and leave the warehouse asleep. Without it, every run loads.",
    )

    @property
    def is_published(self) -> bool:
        """Whether files beside the tables follow what is loaded."""
        return False

    @field_validator("merge_every")
    @classmethod
    def _some_time(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < _SHORTEST:
            raise ValueError("must be a minute or longer; leave it out to have every run load")
        return value

    @model_validator(mode="after")
    def _lands_or_merges(self) -> Self:
        if self.land_only and self.leave_out:
            raise ValueError("land_only keeps whole rows: remove leave_out, or land_only")
        return self

    @property
    def advice(self) -> str | None:
        """What works and should be done better."""
        return None
