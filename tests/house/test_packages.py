"""The check of what the project stands on finds what it is there to find; and every exception of the lint has a reason."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from tests.house import packages
from tests.house.packages import Package, faults, is_allowed, known_vulnerabilities

ROOT = Path(__file__).resolve().parents[2]
GOOD = "bleach==6.4.0\nFlask==3.1.3  # why\npsycopg[binary]==3.3.9\n-r other.txt\n"
HERE = [Package("bleach", "6.4.0", "Apache-2.0"), Package("flask", "3.1.3", "BSD-3-Clause")]


def told(text=GOOD, here=HERE):
    return list(faults({"requirements.txt": text}, here))


def test_what_is_right_is_right():
    assert told() == []
    assert told(here=[*HERE, Package("pip", "23", ""), Package("psycopg-binary", "3.3.9", "LGPL-3.0-only")]) == []


@pytest.mark.parametrize(
    ("text", "here", "words"),
    [
        (GOOD.replace("bleach==6.4.0", "bleach==6.3.0"), HERE[1:], "bleach must be pinned at 6.4.0"),
        (GOOD.replace("bleach==6.4.0\n", ""), HERE[1:], "bleach must be pinned at 6.4.0, and is not listed"),
        (GOOD + "click>=8", HERE, "'click>=8' is not pinned"),
        (GOOD + "click", HERE, "'click' is not pinned"),
        (GOOD + "click==8.*", HERE, "is not pinned"),
        (GOOD + "flask==3.0", HERE, "flask is pinned twice"),
        (GOOD, [*HERE, Package("requests", "2", "MIT")], "requests 2 is installed and not listed"),
        (GOOD, [HERE[0], Package("flask", "3.1.4", "MIT")], "installed as 3.1.4 and listed as 3.1.3"),
        (GOOD, [HERE[0], Package("flask", "3.1.3", "AGPL-3.0-only")], "its licence 'AGPL-3.0-only' is not on the list"),
        (GOOD, [HERE[0], Package("flask", "3.1.3", "")], "its licence '' is not on the list"),
    ],
)
def test_each_fault_is_told(text, here, words):
    assert any(words in line for line in told(text, here)), told(text, here)


@pytest.mark.parametrize(
    ("licence", "is_right"),
    [
        ("MIT", True), ("MIT AND PSF-2.0", True), ("GPL-3.0-only OR MIT", True), ("MIT AND GPL-3.0-only", False),
        ("Apache-2.0 OR BSD-3-Clause", True), ("", False), ("Proprietary", False), ("GPL-2.0-only", False),
    ],
)  # fmt: skip
def test_expressions_of_licences(licence, is_right):
    assert is_allowed(licence) is is_right


def test_the_licence_of_everything_installed_is_read():
    assert [package for package in packages.installed() if not package.licence] == []


def program(folder: Path, status: int, out: str = "", err: str = "") -> str:
    file = folder / "pip-audit"
    file.write_text(f"#!/bin/sh\necho '{out}'\necho '{err}' >&2\nexit {status}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def test_vulnerabilities_fail_and_a_silent_service_does_not(tmp_path):
    assert known_vulnerabilities(None) == ("Known vulnerabilities: not looked up, pip-audit is not installed.", False)
    assert known_vulnerabilities(program(tmp_path, 0)) == ("Known vulnerabilities: none.", False)
    words, is_fault = known_vulnerabilities(
        program(tmp_path, 1, "bleach 6.4.0 X-1", "Found 1 known vulnerability in 1")
    )
    assert is_fault
    assert "bleach 6.4.0 X-1" in words
    words, is_fault = known_vulnerabilities(program(tmp_path, 1, "", "ConnectionError: no route"))
    assert not is_fault
    assert words == "Known vulnerabilities: not reached (ConnectionError: no route)."


def test_every_exception_of_the_security_lint_has_its_reason():
    bare = [
        f"{file.relative_to(ROOT)}:{number}"
        for folder in ("portal", "migrations", "deploy")
        for file in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"# noqa: [A-Z0-9, ]*\bS\d+", line) and not re.search(r"# noqa: [A-Z0-9, ]+ — \w", line)
    ]
    assert bare == []
