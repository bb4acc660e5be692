"""Try everything that a run will need, changing nothing, and tell what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from firehose_loader.checks.machine import examine_machine
from firehose_loader.checks.places import examine_source, examine_warehouse
from firehose_loader.checks.policy import Policy, policy
from firehose_loader.checks.probe import Probe, State
from firehose_loader.config import Config

__all__ = ["Policy", "Probe", "State", "examine", "policy"]


def examine(config: Config) -> Iterator[Probe]:
    """Try this machine, the warehouse and every source, one thing after the other."""
    yield from examine_machine(config)
    yield from examine_warehouse(config)
    for source in config.source:
        yield from examine_source(source)
