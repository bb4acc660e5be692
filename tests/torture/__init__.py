"""Attacks on the real command line, as often as stated, and a page of what came of them."""

from tests.torture import endurance, hostile, kills, machine, secret

ATTACKS = (
    *kills.ATTACKS,
    *machine.ATTACKS,
    *hostile.ATTACKS,
    *secret.ATTACKS,
    *endurance.ATTACKS,
)
