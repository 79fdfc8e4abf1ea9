"""The worked cases that stand beside the repository, when they are there (in continuous integration they must be)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

_FILE = Path(__file__).parents[3] / "shared" / "rules" / "cases.json"


def vectors(name: str) -> Any:
    """One list of the shared cases; skips the test when the file is absent, fails it in continuous integration."""
    if not _FILE.exists():
        if os.environ.get("CI"):
            pytest.fail(f"the shared cases are missing: {_FILE.name}")
        pytest.skip("the shared cases are not beside this repository")
    return json.loads(_FILE.read_text("utf-8"))[name]
