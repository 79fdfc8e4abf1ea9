"""The walks of the guides in English: what they look for by its Chinese name is looked for by the English one.

Only names of the interface are in the catalogue; what people wrote stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from babel.messages import pofile
from playwright.sync_api import Locator, LocatorAssertions, Page

CATALOGUE = Path(__file__).resolve().parents[2] / "portal/translations/en/LC_MESSAGES/messages.po"
_FEW = 12
_PLACE = re.compile(r"%\(\w+\)[sd]")


class English:
    """The catalogue, asked from the Chinese side."""

    def __init__(self) -> None:
        with CATALOGUE.open("rb") as file:
            self.pairs = [
                (message.id if isinstance(message.id, str) else message.id[0],
                 (message.string,) if isinstance(message.string, str) else tuple(message.string))
                for message in pofile.read_po(file)
                if message.id
            ]  # fmt: skip
        self.exact: dict[str, tuple[str, ...]] = {}
        for chinese, english in self.pairs:
            self.exact[chinese] = self.exact.get(chinese, ()) + english

    def of(self, words: str | re.Pattern[str], *, is_whole: bool = False) -> str | re.Pattern[str]:
        """A name in English: the same words, or a pattern where places are filled in; unknown words as they are."""
        if isinstance(words, re.Pattern):
            found = [each for chinese, english in self.pairs if words.search(chinese) for each in english]
            return re.compile("|".join(f"^{self._pattern(each)}" for each in found) or words.pattern)
        # a name that is not asked for as a whole may be a part of the one on the page
        parts = [each for chinese, english_ in self.pairs if words in chinese for each in english_ if each]
        if words in self.exact and (is_whole or not 1 < len(parts) <= _FEW):
            english = [each for each in self.exact[words] if each]
            if len(english) == 1 and not _PLACE.search(english[0]):
                return english[0]
            return re.compile(f"^(?:{self._any(english).pattern})$") if is_whole else self._any(english)
        if words in self.exact:
            return self._any(parts)
        for chinese, english_ in self.pairs:
            if _PLACE.search(chinese) and re.fullmatch(self._pattern(chinese), words):
                return self._any([each for each in english_ if each])
        return self._any(parts) if not is_whole and 0 < len(parts) <= _FEW else words

    def _any(self, english: list[str]) -> re.Pattern[str]:
        return re.compile("|".join(map(self._pattern, english)))

    @staticmethod
    def _pattern(words: str) -> str:
        return "[^。.]{1,60}".join(re.escape(part) for part in _PLACE.split(words.replace("%%", "%")))


@contextmanager
def spoken() -> Iterator[None]:
    """Every name a walk uses is put into English, and what it expects to read is not looked for."""
    english = English()
    with mock.patch.multiple(
        LocatorAssertions, to_contain_text=lambda *_, **__: None, to_have_value=lambda *_, **__: None
    ):
        patches = []
        for kind in (Page, Locator):
            for name in ("get_by_label", "get_by_text"):
                patches.append(mock.patch.object(kind, name, _first(getattr(kind, name), english)))
            patches.append(mock.patch.object(kind, "get_by_role", _named(kind.get_by_role, "name", english)))
            patches.append(mock.patch.object(kind, "locator", _named(kind.locator, "has_text", english)))
        for patch in patches:
            patch.start()
        try:
            yield
        finally:
            for patch in patches:
                patch.stop()


def _first(method: Callable[..., Locator], english: English) -> Callable[..., Locator]:
    def asked(self: Any, words: Any, **options: Any) -> Locator:
        return method(self, english.of(words, is_whole=options.get("exact", False)), **options)

    return asked


def _named(method: Callable[..., Locator], option: str, english: English) -> Callable[..., Locator]:
    def asked(self: Any, what: Any, **options: Any) -> Locator:
        if option in options:
            options[option] = english.of(options[option], is_whole=options.get("exact", False))
        return method(self, what, **options)

    return asked
