"""What holds for every source before and after loading: where to look, what becomes of drops."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from firehose_loader.config.values import Duration, Model

_DATES = ("yyyy", "mm", "dd", "hh")


def _cadence(value: object) -> object:
    if isinstance(value, str) and value in CADENCES:
        return CADENCES[value]
    if isinstance(value, timedelta) and value in CADENCES.values():
        return value
    raise ValueError(f"write one of {', '.join(map(repr, CADENCES))}")


CADENCES = {
    "15min": timedelta(minutes=15),
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
}
"""What the feed can be set to."""
Cadence = Annotated[
    timedelta,
    BeforeValidator(_cadence, json_schema_input_type=Literal["15min", "hourly", "daily"]),
]


class FollowedSource(Model):
    """The part of a source that tells where to look, and what becomes of what was loaded."""

    cadence: Cadence | None = Field(
        None,
        description="How often the feed delivers: `15min`, `hourly` or `daily`; what is missing or"
        " late is told by `status` and `check`.",
    )
    grace: Duration | None = Field(
        None,
        description="How late a drop may be, such as `20m`; without it, the source's own past"
        " tells.",
    )
    prefix_template: str | None = Field(
        None,
        alias="prefix",
        min_length=1,
        description="Where new drops lie below the URL, with `{yyyy}`, `{mm}`, `{dd}`, `{hh}` and"
        " `{account_id}`: only that is listed.",
    )
    look_back: Duration = Field(
        timedelta(days=3), description="How far back `prefix` looks, such as `36h` or `3d`."
    )
    account_ids: tuple[str, ...] = Field((), description="The accounts in `prefix`.")
    after: Literal["keep", "archive", "delete"] = Field(
        "keep", description="What becomes of a drop at its source once it is loaded."
    )
    archive: str | None = Field(
        None,
        min_length=1,
        description='Where `after = "archive"` moves drops to, with `{key}`, `{name}`, `{drop_id}`,'
        " `{yyyy}`, `{mm}`, `{dd}` and `{hh}`.",
    )
    after_days: float = Field(
        0, ge=0, description="Days that a drop stays where it is after it was loaded."
    )

    @model_validator(mode="after")
    def _followed(self) -> Self:
        if self.prefix_template is not None:
            _check_fields("prefix", self.prefix_template, (*_DATES, "account_id"))
            if ("{account_id}" in self.prefix_template) != bool(self.account_ids):
                raise ValueError("{account_id} in prefix and account_ids go together")
        if (self.after == "archive") != (self.archive is not None):
            raise ValueError('after = "archive" and archive, which says where to, go together')
        if self.archive is not None:
            _check_archive(self.archive)
        return self


def _check_archive(template: str) -> None:
    _check_fields("archive", template, (*_DATES, "key", "name", "drop_id"))
    if not any(field in template for field in ("{key}", "{name}", "{drop_id}")):
        raise ValueError("archive needs {key}, {name} or {drop_id}: each drop gets its own place")
    if not re.match(r"/*[^/{]+/", template):
        raise ValueError(
            "archive must begin with a folder of its own, such as done/{key}: what lies there is"
            " never loaded"
        )
    if ".." in template.split("/"):
        raise ValueError("archive must not lead out of a folder by ..")


def _check_fields(name: str, template: str, known: tuple[str, ...]) -> None:
    rest = re.sub(rf"\{{(?:{'|'.join(known)})\}}", "", template)
    if "{" in rest or "}" in rest:
        listed = ", ".join(f"{{{field}}}" for field in known)
        raise ValueError(f"{name} = {template!r}: in braces may stand {listed}")
