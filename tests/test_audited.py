"""An audit that looked nothing up is none."""

from __future__ import annotations

import json

from tests.audited import UNAUDITED, WEAK, judged

SOUND = {"name": "sound", "version": "1", "vulns": []}
SKIPPED = {"name": "skipped", "skip_reason": "Dependency not found on PyPI"}
BAD = {"name": "bad", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}


def report(*dependencies: object) -> str:
    return json.dumps({"dependencies": dependencies})


def test_packages_that_were_all_looked_up_pass() -> None:
    code, words = judged(report(SOUND, SOUND), "")

    assert (code, words) == (0, "2 pinned packages were looked up; none has a known weakness")


def test_a_package_with_a_known_weakness_is_told_with_its_cure() -> None:
    code, words = judged(report(SOUND, BAD, SKIPPED), "")

    assert code == WEAK
    assert "bad 2: CVE-1 (mended in 3)" in words


def test_packages_that_could_not_be_looked_up_do_not_pass() -> None:
    code, words = judged(report(SOUND, SKIPPED), "")

    assert code == UNAUDITED
    assert "NOT AUDITED: 1 of 2 pinned packages were looked up" in words


def test_an_audit_that_broke_off_does_not_pass() -> None:
    code, words = judged("", "ConnectionError: no route\n")

    assert code == UNAUDITED
    assert "ConnectionError: no route" in words
