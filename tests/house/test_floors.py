"""The house has floors, and the build fails when somebody takes the lift."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_module_imports_only_floors_below():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("portal/drafts/numerals.py", "import flask"),
        ("portal/reports/summary.py", "import sqlalchemy"),
        ("portal/services/audit.py", "from portal import web"),
        ("portal/models/audit.py", "from portal.services import audit"),
        ("portal/helpers.py", ""),
    ],
)
def test_a_wrong_import_fails_the_build(tmp_path, file, line):
    copy = tmp_path / "house"
    shutil.copytree(ROOT / "portal", copy / "portal", ignore=shutil.ignore_patterns("__pycache__", "*.po", "*.mo"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    target = copy / file
    words = target.read_text(encoding="utf-8") if target.exists() else ""
    target.write_text(f"{words}\n{line}\n", encoding="utf-8")
    done = lint(copy)
    assert done.returncode != 0, done.stdout
