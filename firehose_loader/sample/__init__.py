"""Seeded, realistic drops, for trying out a feed before it is switched on."""
