"""Where the development corpus is, and what a test does when it is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def shared(*parts: str) -> Path:
    """A file of the corpus; without it the test is skipped, on the build server it fails."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"the corpus is missing: {path.name}")
        pytest.skip("the corpus is not here")
    return path


def seed(number: str) -> str:
    """The text of one of the five real documents."""
    return next(shared("seeds").glob(f"{number}_*.txt")).read_text(encoding="utf-8")
