"""The one place that finds the data shipped with the package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def bundled(name: str) -> Traversable:
    """Return the shipped ``schemas`` or ``sql`` folder, from a wheel or a checkout."""
    packaged = files("firehose_loader") / "_bundled" / name
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parent.parent / name
