"""The interface is complete in English: every sentence of the pages has its translation."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = (
    "Refusal",
    "NotValid",
    "NotThere",
    "AlreadyDone",
    "NotAllowed",
    "WindowNotOpen",
    "Frozen",
    "TooMany",
    "Unreadable",
    "WrittenElsewhere",
    "NoKey",
    "received_within:3",
    "one_line:3",
)


def catalogue():
    with (ROOT / "portal/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="en")


def test_every_sentence_has_its_translation(tmp_path):
    pot = tmp_path / "messages.pot"
    keywords = [part for word in KEYWORDS for part in ("-k", word)]
    subprocess.run(
        [str(Path(sys.executable).parent / "pybabel"), "-q", "extract", "-F", "portal/translations/babel.cfg", *keywords,
         "-o", str(pot), "--no-location", "."],
        cwd=ROOT, check=True, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    with pot.open("rb") as file:
        wanted = {message.id for message in read_po(file) if message.id}
    english = {message.id: message.string for message in catalogue() if message.id}
    assert sorted(wanted - {key for key, value in english.items() if value}) == []


def test_places_are_the_same_in_both_languages():
    place = re.compile(r"%\((\w+)\)s")
    for message in catalogue():
        if message.id and message.string:
            assert set(place.findall(message.id)) == set(place.findall(message.string)), message.id
