"""Land marketing event drops in a warehouse, exactly once."""

__version__ = "0.1.0"
