"""Typefaces a PDF page can be set in: an embedded subset of a free font, or the reader's own STSong-Light."""

from __future__ import annotations

from typing import Any, Protocol

from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from portal.reports import fonts
from portal.reports.fonts import Role, Subset

_BLOCK = 100  # the most a bfchar block may hold
_BUILT_IN = "STSong-Light"


class Typeface(Protocol):
    """What the setting of a line needs to know."""

    resource: str

    def advances(self, text: str) -> list[float]:
        """The width of each character, in ems."""
        ...

    def shown(self, text: str) -> str:
        """The text as the operand of Tj."""
        ...


class Embedded:
    """A composite font with two-byte glyph numbers: one string shows one line, whatever characters it holds."""

    def __init__(self, subset: Subset) -> None:
        self.resource = f"/{subset.name}"
        self._subset = subset
        self._ems = {character: width / fonts.EM for character, width in subset.widths.items()}
        self._codes = {character: f"{number:04x}" for character, number in subset.glyphs.items()}

    def advances(self, text: str) -> list[float]:
        ems = self._ems
        return [ems.get(character, 1.0) for character in text]

    def shown(self, text: str) -> str:
        codes = self._codes
        return f"<{''.join([codes.get(character, '0000') for character in text])}>"

    def install(self, document: Any) -> None:
        """Writes the font into a reportlab document and names it among the fonts every page may use."""
        name = self._subset.name
        tagged = f"PORTAL+{name}"
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": "/FontDescriptor",
                "FontName": f"/{tagged}",
                "Flags": 4,
                "FontBBox": pdfdoc.PDFArray([-200, -300, 1200, 1000]),
                "ItalicAngle": 0,
                "Ascent": 880,
                "Descent": -120,
                "CapHeight": 733,
                "StemV": 80,
                "FontFile2": _stream(document, self._subset.file, f"file:{name}", {"Length1": len(self._subset.file)}),
            }
        )
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": f"/{tagged}",
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": document.Reference(descriptor, f"descriptor:{name}"),
                "CIDToGIDMap": "/Identity",
                "DW": fonts.EM,
                "W": _widths(self._subset),
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": f"/{tagged}",
                "Encoding": "/Identity-H",
                "DescendantFonts": pdfdoc.PDFArray([document.Reference(descendant, f"descendant:{name}")]),
                "ToUnicode": _stream(document, _to_unicode(self._subset), f"unicode:{name}", {}),
            }
        )
        document.idToObject["BasicFonts"].dict[name] = document.Reference(font, f"font:{name}")


class BuiltIn:
    """Adobe's STSong-Light, which readers bring with them: what is left when the machine has no Chinese font."""

    def __init__(self, document: Any) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(_BUILT_IN))
        self._font = pdfmetrics.getFont(_BUILT_IN)
        self.resource: str = document.getInternalFontName(_BUILT_IN)

    def advances(self, text: str) -> list[float]:
        widths = self._font.unicodeWidths
        return [widths.get(character, fonts.EM) / fonts.EM for character in text]

    def shown(self, text: str) -> str:
        # Its encoding knows no character beyond U+FFFF; 〓 is what printers set for a sort they do not have.
        plain = "".join(character if ord(character) < 0x10000 else "〓" for character in text)
        return f"<{plain.encode('utf-16-be', 'replace').hex()}>"


def typefaces(document: Any, characters: dict[Role, set[str]]) -> dict[Role, Typeface]:
    """A typeface for each role, written into the document, that has every character the role needs."""
    if not fonts.has_chinese():
        built_in = BuiltIn(document)
        return dict.fromkeys(Role, built_in)
    chosen: dict[Role, Typeface] = {}
    for role in Role:
        face = Embedded(fonts.subset(role, characters.get(role, set())))
        face.install(document)
        chosen[role] = face
    return chosen


def _stream(document: Any, content: bytes, name: str, entries: dict[str, int]) -> Any:
    stream = pdfdoc.PDFStream(content=content)
    for key, value in entries.items():
        stream.dictionary[key] = value
    stream.filters = [pdfdoc.PDFZCompress]
    return document.Reference(stream, name)


def _widths(subset: Subset) -> Any:
    """Runs of glyphs that are not one em wide: [first [width …] …]."""
    runs: list[tuple[int, list[int]]] = []
    for character, number in subset.glyphs.items():
        width = subset.widths[character]
        if width == fonts.EM:
            continue
        if runs and runs[-1][0] + len(runs[-1][1]) == number:
            runs[-1][1].append(width)
        else:
            runs.append((number, [width]))
    return pdfdoc.PDFArray([item for first, widths in runs for item in (first, pdfdoc.PDFArray(widths))])


def _to_unicode(subset: Subset) -> bytes:
    """The character map by which a reader finds and copies the words."""
    pairs = [
        f"<{number:04x}> <{character.encode('utf-16-be', 'replace').hex()}>"
        for character, number in subset.glyphs.items()
    ]
    blocks = [pairs[at : at + _BLOCK] for at in range(0, len(pairs), _BLOCK)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{body}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
