"""What the guides show and say is there: every picture, every page and control on it, every name they print in bold."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from babel.messages import pofile

from tests.browser.guide_pictures import PICTURES, WALKS, Album
from tests.browser.spoken import spoken

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "guides"
LANGUAGES = ("zh", "en")


def pictures_in(file: Path) -> list[str]:
    """The pictures a guide shows: those in its own language."""
    return re.findall(rf"\.\./pictures/{file.parent.name}/([a-z-]+)\.png", file.read_text(encoding="utf-8"))


@pytest.fixture
def site(app):
    """What the address serves: the album fills it with the samples."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("guide", WALKS)
def test_everything_a_picture_shows_can_be_reached(app, seal, chromium, address, guide):
    album = Album(app, seal, chromium, address, is_taking=bool(os.environ.get("PORTAL_TAKE_PICTURES")))
    try:
        WALKS[guide](album)
    finally:
        for context in chromium.contexts:
            context.close()
    assert album.faults == []
    for language in LANGUAGES:
        assert pictures_in(GUIDES / language / f"{guide}.md") == album.reached


@pytest.mark.skipif(not os.environ.get("PORTAL_TAKE_PICTURES"), reason="walks again only to take the English pictures")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("guide", WALKS)
def test_the_same_pictures_are_taken_in_english(app, seal, chromium, address, guide):
    album = Album(app, seal, chromium, address, is_taking=True, language="en")
    try:
        with spoken():
            WALKS[guide](album)
    finally:
        for context in chromium.contexts:
            context.close()
    assert pictures_in(GUIDES / "en" / f"{guide}.md") == album.reached


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_named_and_small(language):
    named = {name for file in (GUIDES / language).glob("*.md") for name in pictures_in(file)}
    kept = {file.stem: file.stat().st_size for file in (PICTURES / language).glob("*.png")}
    assert named == set(kept)
    assert [name for name, size in kept.items() if size > 120_000] == []
    assert sum(kept.values()) < 1_200_000


def _pattern(words: str) -> re.Pattern[str]:
    """What a sentence of the catalogue looks like on the page, its places filled in."""
    parts = re.split(r"%\(\w+\)[sd]", words.replace("%%", "%"))
    return re.compile("[^。.]{1,20}".join(re.escape(part) for part in parts))


@pytest.fixture(scope="module")
def catalogue() -> list[tuple[str, str]]:
    """Every sentence of the pages: Chinese and English."""
    with (ROOT / "portal/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        read = pofile.read_po(file)
    pairs = []
    for message in read:
        if message.id:
            chinese = message.id if isinstance(message.id, str) else message.id[0]
            english = [message.string] if isinstance(message.string, str) else message.string
            pairs += [(chinese, each) for each in english]
    return pairs


@pytest.mark.parametrize("guide", WALKS)
def test_bold_names_are_those_of_the_pages_in_both_languages(catalogue, guide):
    """Bold is kept for names on the pages. The English guide names the same things, one for one."""
    bold = {
        language: re.findall(r"\*\*(.+?)\*\*", (GUIDES / language / f"{guide}.md").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }
    found = [(chinese, english, _pattern(chinese), _pattern(english)) for chinese, english in catalogue]
    unknown = [words for words in bold["zh"] if not any(pattern.fullmatch(words) for _, _, pattern, _ in found)]
    unknown += [words for words in bold["en"] if not any(pattern.fullmatch(words) for _, _, _, pattern in found)]
    assert unknown == []
    strangers = [
        (chinese, english)
        for chinese, english in zip(bold["zh"], bold["en"], strict=True)
        if not any(one.fullmatch(chinese) and other.fullmatch(english) for _, _, one, other in found)
    ]
    assert strangers == []
