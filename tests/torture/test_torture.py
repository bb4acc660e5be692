"""A few tries of the attacks that are cheap, and the form of the page that all tries make."""

from __future__ import annotations

import pytest

from tests.torture import ATTACKS, hostile, kills, machine, secret
from tests.torture.attack import Attack, Plan
from tests.torture.page import PAGE, faults

SHORT = (
    (kills.ATTACKS[0], 0.016),
    (machine.ATTACKS[0], 0.25),
    (machine.ATTACKS[1], 0.3),
    (machine.ATTACKS[3], 1 / 6),
    (machine.ATTACKS[4], 1 / 4),
    (hostile.ATTACKS[0], 0.3),
    (hostile.ATTACKS[1], 0.1),
    (secret.ATTACKS[0], 0.03),
)


@pytest.mark.parametrize(("attack", "share"), SHORT, ids=[attack.name for attack, _ in SHORT])
def test_what_must_hold_under_attack_holds(attack: Attack, share: float) -> None:
    outcome = attack.run(Plan(seed=7, share=share))

    assert not outcome.wrong
    assert outcome.tries > 0


def test_the_page_is_what_make_torture_writes_and_all_held() -> None:
    page = PAGE.read_text("utf-8")

    assert faults(page, ATTACKS) == []
    assert faults(page.replace("| held", "| **broken** 1 times", 1), ATTACKS)
    assert faults(page.replace("| SIGKILL", "| sigkill", 1), ATTACKS)
