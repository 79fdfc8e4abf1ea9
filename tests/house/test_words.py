"""One thing, one word; and nothing in the project that is not about the project."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_module_is_named_for_what_it_is_made_of():
    bad = re.compile(r"(utils?|helpers?|managers?|handlers?|common|misc)\.py$")
    assert [str(f) for f in tracked("portal/*.py") if bad.search(f.name)] == []


def test_no_function_begins_with_get():
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in tracked("portal/*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*def get_", line)
    ]
    assert found == []


@pytest.mark.parametrize("pattern", [r"(?<![\w.])/(work|root|home|Users)/", r"pypi\.org|npmjs|deb\.debian"])
def test_no_path_of_a_machine_and_no_registry(pattern):
    bad = re.compile(pattern)
    found = [
        str(file.relative_to(ROOT))
        for file in tracked()
        if file.suffix in {".py", ".html", ".md", ".toml", ".txt", ".js", ".css", ".json", ""}
        and "test_words" not in file.name
        if bad.search(file.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_no_template_trusts_what_it_prints():
    found = [
        str(f)
        for f in tracked("templates/*.html")
        if re.search(r"\|\s*safe\b|autoescape false", f.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_inline_style_and_no_inline_script():
    for file in tracked("templates/*.html"):
        words = file.read_text(encoding="utf-8")
        if file.name == "summary.html" and file.parent.name == "reports":
            continue  # a file of its own, read without the site
        assert 'style="' not in words, file
        assert not re.search(r"<script(?![^>]*src=)", words), file


def test_every_requirement_is_pinned():
    for name in ("requirements.txt", "tests/requirements.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.fullmatch(r"[A-Za-z0-9_.\-\[\]]+==[0-9][\w.]*", line), line


def test_no_module_has_outgrown_its_room():
    long = {
        str(f.relative_to(ROOT)): n
        for f in tracked("portal/*.py")
        if (n := len(f.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert long == {}
