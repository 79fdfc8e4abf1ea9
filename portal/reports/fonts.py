"""Free Chinese fonts for PDF: found by file name, and only the characters a document uses turned into TrueType.

Debian's Noto CJK has PostScript outlines in collections of 65,535 glyphs; each glyph that is needed is drawn once
through cu2qu and kept for the life of the process. A character that a face lacks is taken from the next face.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from portal.reports.line_breaking import NEVER_FIRST, NEVER_LAST

EM = 1000
_MAX_ERROR = 1.0  # a thousandth of the type size: finer than any printer shows
_MAX_GLYPHS = 60_000


class Role(Enum):
    """What a face is for; the value is the name of the font in the PDF."""

    BODY = "Song"
    TITLE = "SongBold"
    HEADING = "Hei"
    KAI = "Kai"


_SONG = (
    "notoserifcjk-regular.ttc", "notoserifcjksc-regular.otf", "notoserifsc-regular.otf", "notoserifsc-regular.ttf",
    "sourcehanserif-regular.ttc", "sourcehanserifsc-regular.otf", "sourcehanserifcn-regular.otf",
    "notoserifsc[wght].ttf", "notoserifsc-variablefont_wght.ttf", "fandolsong-regular.otf", "uming.ttc", "gbsn00lp.ttf",
)  # fmt: skip
_SONG_BOLD = (
    "notoserifcjk-bold.ttc", "notoserifcjksc-bold.otf", "notoserifsc-bold.otf", "notoserifsc-bold.ttf",
    "sourcehanserif-bold.ttc", "sourcehanserifsc-bold.otf", "sourcehanserifcn-bold.otf", "fandolsong-bold.otf",
)  # fmt: skip
_HEI = (
    "notosanscjk-medium.ttc", "notosanscjk-bold.ttc", "notosanscjksc-medium.otf", "notosanscjksc-bold.otf",
    "notosanssc-medium.otf", "notosanssc-medium.ttf", "notosanssc-bold.otf", "notosanssc-bold.ttf",
    "sourcehansans-medium.ttc", "sourcehansanssc-medium.otf", "sourcehansanscn-medium.otf", "fandolhei-bold.otf",
    "wqy-zenhei.ttc", "wqy-microhei.ttc",
)  # fmt: skip
_KAI = ("ukai.ttc", "gkai00mp.ttf", "fandolkai-regular.otf", "lxgwwenkai-regular.ttf", "lxgwwenkaigb-regular.ttf")
_SANS = (
    "notosanscjk-regular.ttc", "notosanscjksc-regular.otf", "notosanssc-regular.otf", "notosanssc[wght].ttf",
    "sourcehansans-regular.ttc", "sourcehansanssc-regular.otf", "droidsansfallbackfull.ttf",
)  # fmt: skip
_SYMBOLS = ("dejavusans.ttf", "notoemoji-regular.ttf", "notosanssymbols2-regular.ttf", "symbola.ttf", "unifont.otf")

_ORDER = {
    Role.BODY: (_SONG, _SANS, _HEI, _KAI, _SYMBOLS),
    Role.TITLE: (_SONG_BOLD, _SONG, _HEI, _SANS, _KAI, _SYMBOLS),
    Role.HEADING: (_HEI, _SANS, _SONG_BOLD, _SONG, _KAI, _SYMBOLS),
    Role.KAI: (_KAI, _SONG, _SANS, _HEI, _SYMBOLS),
}
_CHINESE = frozenset((*_SONG, *_SONG_BOLD, *_HEI, *_KAI, *_SANS))

# An outline and its width.
Drawn = tuple[Any, int]

# What each font file has drawn so far; None for a character it lacks.
_DRAWN: dict[Path, dict[str, Drawn | None]] = {}

# AR PL UKai sets its commas and stops in the middle of the square, as in Taiwan; ours stand in the corner.
_PUNCTUATION = NEVER_FIRST | NEVER_LAST

# One process draws with one pen: font files are read lazily through one handle, which threads cannot share.
_PEN = Lock()


@dataclass(frozen=True, slots=True)
class Subset:
    """A TrueType font in memory: its file, the glyph and the width (thousandths of the size) of every character."""

    name: str
    file: bytes
    glyphs: dict[str, int]
    widths: dict[str, int]


def folders() -> tuple[Path, ...]:
    """Where this kind of system keeps its fonts."""
    home = Path.home()
    if sys.platform == "win32":
        return (Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", home / "AppData/Local/Microsoft/Windows/Fonts")
    if sys.platform == "darwin":
        return (Path("/Library/Fonts"), Path("/System/Library/Fonts"), home / "Library/Fonts")
    shared = os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":")
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local/share"))
    return (*(Path(place) / "fonts" for place in shared if place), data / "fonts", home / ".fonts")


@cache
def installed() -> dict[str, Path]:
    """The fonts we know how to use that are on this machine, by lower-case file name."""
    known = {name for lists in _ORDER.values() for names in lists for name in names}
    found: dict[str, Path] = {}
    for folder in folders():
        for place, _, files in os.walk(folder):
            for file in files:
                if file.lower() in known:
                    found.setdefault(file.lower(), Path(place) / file)
    return found


def has_chinese() -> bool:
    """True when at least one Chinese font can be embedded."""
    return any(name in _CHINESE for name in installed())


class _Face:
    """One font read from an open file; draws its glyphs as quadratic outlines on an em of 1000."""

    def __init__(self, file: BinaryIO) -> None:
        self._font = _simplified(file)
        self._characters: dict[int, str] = self._font.getBestCmap() or {}
        self._outlines = self._font.getGlyphSet()
        self._scale = EM / self._font["head"].unitsPerEm
        self._is_cubic = "glyf" not in self._font

    def glyph(self, character: str) -> Drawn | None:
        """The outline and the width of a character; None when the face lacks it."""
        name = self._characters.get(ord(character))
        if name is None:
            return None
        target = TTGlyphPen(None)
        pen = Cu2QuPen(target, _MAX_ERROR, reverse_direction=True) if self._is_cubic else target
        source = self._outlines[name]
        source.draw(_Whole(pen, (self._scale, 0, 0, self._scale, 0, 0), self._outlines))
        return _bounded(target.glyph()), round(source.width * self._scale)


class _Whole(TransformPen):  # type: ignore[misc]
    """Scales what is drawn and draws the parts of a composed glyph out."""

    def __init__(self, pen: Any, scaling: tuple[float, ...], outlines: Any) -> None:
        super().__init__(pen, scaling)
        self.outlines = outlines

    def addComponent(self, name: str, transformation: tuple[float, ...]) -> None:  # noqa: N802
        inner = _Whole(self._outPen, self._transformation.transform(transformation), self.outlines)
        self.outlines[name].draw(inner)


def _simplified(file: BinaryIO) -> TTFont:
    """The font in a file; of a collection, the face for simplified Chinese."""
    first = TTFont(file, fontNumber=0, lazy=True)
    for number in range(getattr(first.reader, "numFonts", 1)):
        font = TTFont(file, fontNumber=number, lazy=True) if number else first
        family = str(font["name"].getDebugName(1) or "")
        if family.endswith((" SC", " CN")) and "Mono" not in family:
            return font
    return first


def _draw(path: Path, characters: list[str]) -> dict[str, Drawn | None]:
    """Each character as the font at `path` draws it. Draws what was not drawn before, then lets go of the file:

    an open collection takes 60 MB, and a server seldom needs it again.
    """
    known = _DRAWN.setdefault(path, {})
    unknown = [character for character in characters if character not in known]
    if unknown:
        try:
            with path.open("rb") as file:
                face = _Face(file)
                known.update({character: face.glyph(character) for character in unknown})
                del face
        except Exception:  # a broken font file must cost the reader a typeface, not the report
            known.update(dict.fromkeys(unknown))
        gc.collect()
    return known


def _bounded(outline: Any) -> Any:
    """The outline with its bounds: a renderer shifts a glyph whose left edge and left bearing differ."""
    outline.recalcBounds(None)
    return outline


def _box() -> Any:
    """What stands for a character that no face has."""
    pen = TTGlyphPen(None)
    for left, bottom, right, top in ((80, -40, 920, 800), (130, 10, 870, 750)):
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        pen.moveTo(corners[0])
        for corner in corners[1:] if left == 80 else reversed(corners[1:]):
            pen.lineTo(corner)
        pen.closePath()
    return _bounded(pen.glyph())


def subset(role: Role, characters: Iterable[str]) -> Subset:
    """A TrueType font that holds the characters given, each from the first face of the role that has it."""
    wanted = sorted(set(characters))[:_MAX_GLYPHS]
    found: dict[str, Drawn] = {}
    paths = _paths(role)
    with _PEN:
        for path in paths:
            missing = [character for character in wanted if character not in found]
            if not missing:
                break
            if path.name.lower() == "ukai.ttc" and role is Role.KAI and path != paths[-1]:
                missing = [character for character in missing if character not in _PUNCTUATION]
            drawn = _draw(path, missing)
            found.update((character, glyph) for character in missing if (glyph := drawn[character]))
        box = (_box(), EM)
        glyphs = [box, *(found.get(character, box) for character in wanted)]
        file = _compiled(glyphs)
    numbers = {character: number for number, character in enumerate(wanted, 1)}
    widths = {character: glyphs[number][1] for character, number in numbers.items()}
    return Subset(role.value, file, numbers, widths)


def _paths(role: Role) -> list[Path]:
    """The fonts of this machine that may serve a role, the best first."""
    return [installed()[name] for names in _ORDER[role] for name in names if name in installed()]


def _compiled(glyphs: list[Drawn]) -> bytes:
    """The TrueType file of the glyphs; the first is shown for what is missing."""
    names = [".notdef", *(f"g{number}" for number in range(1, len(glyphs)))]
    builder = FontBuilder(EM, isTTF=True)
    # A font states when it was made: of all the bytes of a report the only ones that would know the clock.
    builder.font.recalcTimestamp = False
    builder.updateHead(created=0, modified=0)
    builder.setupGlyphOrder(names)
    builder.setupGlyf({name: outline for name, (outline, _) in zip(names, glyphs, strict=True)})
    builder.setupHorizontalMetrics(
        {name: (width, getattr(outline, "xMin", 0)) for name, (outline, width) in zip(names, glyphs, strict=True)}
    )
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupPost(keepGlyphNames=False)
    target = BytesIO()
    builder.save(target)
    return target.getvalue()
